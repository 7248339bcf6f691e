"""An alert as its reader finds it: in a real mailbox by IMAP, and in a real Matrix room."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.partners.cut_proxy import Cut, CutProxy
from tests.test_chain import MONDAY, NEWS, WATCHLIST, Desk, Item

if TYPE_CHECKING:
    from pathlib import Path

    from tests.partners.mailbox import MailServer
    from tests.partners.synapse import SynapseServer

pytestmark = pytest.mark.real


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "port.yaml").write_text(WATCHLIST)
    (tmp_path / "feeds").mkdir()
    return Desk(tmp_path, {"AVIZOR_DATA_DIR": str(tmp_path / "data")})


def test_an_alert_is_read_back_from_a_real_mailbox(desk: Desk, mail_server: MailServer) -> None:
    desk.environment |= {
        "AVIZOR_SMTP_URL": f"smtp://127.0.0.1:{mail_server.smtp_port}",
        "AVIZOR_MAIL_FROM": "Avizor <alerts@avizor.example>",
        "AVIZOR_ALERT_TO": "alert-reader@dest.example",
    }
    desk.feed(NEWS, Item("秘鲁 puerto de Chancay, ñandú y eleição"))
    desk.poll()
    mails = {str(mail["Subject"]): mail for mail in mail_server.wait_for("alert-reader@dest.example", 2)}
    assert set(mails) == {
        "[Port] Huelga en el puerto de Chancay",
        "[Port] 秘鲁 puerto de Chancay, ñandú y eleição",
    }
    mail = mails["[Port] Huelga en el puerto de Chancay"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@avizor.example>")
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "puerto de Chancay</" in html.get_content()
    assert "https://diario.example/" in text.get_content()
    assert desk.ask("audit")["delivered"] == 2


@pytest.mark.promise("P2", size="1 alert, Postfix and Dovecot")
def test_a_line_cut_after_the_dot_repeats_one_message_id_and_the_mailbox_shows_it_once(
    desk: Desk, mail_server: MailServer
) -> None:
    desk.environment |= {
        "AVIZOR_MAIL_FROM": "alerts@avizor.example",
        "AVIZOR_ALERT_TO": "cut-reader@dest.example",
    }
    desk.feed(NEWS)
    with CutProxy(mail_server.smtp_port, Cut.AFTER_DOT) as proxy:
        desk.environment["AVIZOR_SMTP_URL"] = f"smtp://127.0.0.1:{proxy.port}"
        desk.poll()
    [waiting] = desk.ask("deliveries")
    assert waiting["state"] == "ambiguous"
    desk.environment["AVIZOR_SMTP_URL"] = f"smtp://127.0.0.1:{mail_server.smtp_port}"
    desk.poll(MONDAY.replace(hour=14))
    [delivered] = desk.ask("deliveries")
    assert (delivered["state"], delivered["attempts"]) == ("delivered", 2)
    mail_server.wait_until_handed_over()
    assert len(mail_server.messages("cut-reader@dest.example")) == 1


@pytest.mark.promise("P2", size="5 alerts, Synapse")
def test_an_alert_is_read_back_from_a_real_matrix_room(desk: Desk, synapse: SynapseServer) -> None:
    bot, reader = synapse.register("alertbot", "botpass"), synapse.register("alertreader", "readerpass")
    room = synapse.create_room(reader, bot)
    host = synapse.url.removeprefix("http://")
    desk.channels(
        "channels:\n  room:\n    chat: ${ROOM_URL}\nsubscriptions:\n  - {to: room, watchlists: all}\n"
    )
    desk.environment["ROOM_URL"] = f"matrix://{bot.token}@{host}/{room}"
    titles = [
        f"{word} en el puerto de Chancay" for word in ("Huelga", "Incendio", "Visita", "Multa", "Récord")
    ]
    desk.feed(*(Item(title) for title in titles))
    desk.poll()
    texts = synapse.messages(reader, room)
    for title in titles:
        assert sum(title.split()[0] in text for text in texts) == 1, texts
    report = desk.ask("audit")
    assert (report["delivered"], report["lost"], report["duplicated"]) == (5, [], [])
    assert bot.token not in desk.run("deliveries").output


@pytest.mark.promise("P22", size="1 poll in a network namespace with nothing in it")
def test_a_poll_of_feed_files_talks_to_nobody(desk: Desk) -> None:
    """In a network namespace without any interface, the whole chain works: nothing phones home."""
    desk.feed(NEWS)
    program = "from service.cli import app; app()"
    words = ["poll", "--from", str(desk.folder / "feeds"), "--as-of", MONDAY.isoformat()]
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", program, *words],
        env={**os.environ, **desk.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 new, 1 matched" in done.stdout
