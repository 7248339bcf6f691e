"""What operators ask and do about readers: `avizor routes`, `readers`, `mutes`, `deliveries`, `feedback`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from service.cli import app, show
from service.domain import Mute, recipient
from service.errors import NotFound
from service.signup import Wishes
from service.store import Store, Verdict
from service.tokens import Token
from tests.partners.smtp_sink import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from tests.partners.smtp_sink import SmtpSink

PORT = "title: Port\nlanguages: [es]\nmatch:\n  any: [puerto]\nmajor: [sismo]\n"
CHILE = "title: Chile\nlanguages: [es]\nmatch:\n  any: [Santiago]\n"
CHANNELS = """\
channels:
  desk:
    mail: [ana@desk.example, luis@desk.example]
    timezone: America/Lima
  room:
    chat: ${ROOM_URL}
subscriptions:
  - to: desk
    watchlists: [port]
    quiet: 22:00-07:00
    budget: 8
  - to: room
    watchlists: [chile]
    when: weekdays 07:00
"""
STRIKE = "Huelga indefinida paraliza el puerto"
NIGHT = "2030-12-24T03:00-05:00"
# Not now: where the readers are it may be night. Near to it: mutes and letters go by the real clock.
NOON = datetime.now(UTC).replace(hour=17, minute=0, second=0, microsecond=0)
MORNING = "2030-12-24T12:00:00+00:00"


def link(title: str) -> str:
    """Give the address of an article."""
    return f"https://d.example/{title.replace(' ', '-')}"


@dataclass
class Desk:
    """An operator's folder, and the commands as typed there."""

    folder: Path
    smtp_port: int
    runner: CliRunner = field(default_factory=CliRunner)

    def poll(self, *titles: str, at: datetime = NOON) -> None:
        """Poll a feed file of these headlines, and send what is due."""
        date = format_datetime(at - timedelta(minutes=5))
        items = "".join(
            f"<item><title>{title}</title><link>{link(title)}</link><guid>{title}</guid>"
            f"<pubDate>{date}</pubDate></item>"
            for title in titles
        )
        document = f"<rss version='2.0'><channel><title>D</title><link>https://d.example/</link>{items}</channel></rss>"
        (self.folder / "feeds").mkdir(exist_ok=True)
        (self.folder / "feeds" / "d.xml").write_text(document, encoding="utf-8")
        self.poll_again(at)

    def poll_again(self, at: datetime = NOON) -> None:
        """Poll the same file at a time, and do what is due."""
        self.done("poll", "--from", str(self.folder / "feeds"), "--as-of", at.isoformat())

    def type(self, *words: str) -> Result:
        """Type a command."""
        environment = {
            "AVIZOR_WATCHLISTS": str(self.folder / "watchlists"),
            "AVIZOR_DATA_DIR": str(self.folder / "data"),
            "AVIZOR_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "AVIZOR_MAIL_FROM": "alerts@avizor.example",
            "AVIZOR_TIMEZONE": "America/Lima",
            "AVIZOR_PUBLIC_URL": "https://avizor.example",
            "ROOM_URL": "json://127.0.0.1:9/secret-of-the-room",
        }
        return self.runner.invoke(app, list(words), env=environment)

    def done(self, *words: str) -> str:
        """Type a command that does what it says; gives what it prints."""
        result = self.type(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def refused(self, *words: str, code: int = 3) -> str:
        """Type a command that is refused; gives what it says."""
        result = self.type(*words)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    def ask(self, *words: str) -> Any:  # noqa: ANN401 -- whatever JSON the command gives
        """Type a command with --json."""
        return json.loads(self.done(*words, "--json"))

    def open(self) -> Store:
        """Open the store beside the commands."""
        return Store(f"sqlite:///{self.folder / 'data' / 'avizor.db'}")

    def subscribe(self, address: str, wishes: Wishes, *, confirm: bool = True) -> str:
        """Have somebody subscribe by the form, and confirm by the link; gives the reader's id."""
        store, now = self.open(), datetime.now(UTC)
        try:
            store.signups.take_form("subscribe", address, wishes, origin="here", most=10, now=now)
            self.poll_again()
            reader = next(one for one in store.readers.list_all() if one.address == address)
            if confirm:
                store.readers.confirm(reader.id, now)
            return reader.id
        finally:
            store.close()

    def leave(self, address: str) -> None:
        """Have somebody leave by the link of a message."""
        store, now = self.open(), datetime.now(UTC)
        name = store.readers.signer.subject(recipient("", address))
        [first, *_] = store.reading.list_deliveries(target=address)
        store.readers.leave(Token(name, first.id, now), now)
        store.close()

    @property
    def event(self) -> str:
        """Give the id of the latest event."""
        return str(self.ask("events")[0]["event"]["id"])


@pytest.fixture
def desk(tmp_path: Path, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(show.out, "width", 250)
    folder = tmp_path / "watchlists"
    folder.mkdir()
    for name, text in (("port", PORT), ("chile", CHILE), ("channels", CHANNELS)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    desk = Desk(tmp_path, smtp_sink.port)
    desk.poll(STRIKE)
    return desk


def brief(routes: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """Give of each route who, what and when."""
    return [(one["reader"], one["outcome"], one["due_at"]) for one in routes]


# --------------------------------------------------------------------------------------------- routes


def test_routes_say_who_would_be_told_of_an_event_at_night_and_who_not(desk: Desk) -> None:
    assert brief(desk.ask("routes", "--at", NIGHT, desk.event[:6])) == [
        ("a…@desk.example", "later", MORNING),
        ("l…@desk.example", "later", MORNING),
        ("room", "not-wanted", None),
    ]
    table = desk.done("routes", "--at", NIGHT, desk.event)
    assert "2030-12-24 07:00 America/Lima" in table
    assert "quiet hours 22:00-07:00" in table
    assert "port: immediate" in table
    assert "wants only chile" in table
    assert f"port at 2030-12-24 03:00 America/Lima, 1 independent outlet: {STRIKE}" in table


@pytest.mark.slow
def test_routes_show_no_whole_address_and_no_secret(desk: Desk) -> None:
    for words in (("routes", desk.event), ("routes", desk.event, "--json")):
        said = desk.done(*words)
        assert "a…@desk.example" in said
        assert "ana@" not in said
        assert "secret-of-the-room" not in said


def test_a_time_without_an_offset_is_of_the_zone_in_the_settings(desk: Desk) -> None:
    at = ("--at", "2030-12-24T12:00")
    found = desk.ask("routes", *at, "--headline", STRIKE, "--watchlist", "port")
    assert {one["due_at"] for one in found} == {"2030-12-24T17:02:00+00:00", None}
    assert found[0]["why"] == "at once: it waits a moment for more outlets"
    major = desk.ask("routes", *at, "--headline", STRIKE, "--watchlist", "port", "--major")
    assert (major[0]["why"], major[0]["due_at"]) == ("at once", "2030-12-24T17:00:00+00:00")


def test_a_headline_is_major_where_its_watchlist_says_so_or_the_asker(desk: Desk) -> None:
    at = ("--at", NIGHT, "--watchlist", "port")
    for words in (("--headline", "Sismo en el puerto"), ("--headline", STRIKE, "--major")):
        found = desk.ask("routes", *at, *words)
        assert brief(found)[0] == ("a…@desk.example", "at-once", "2030-12-24T08:00:00+00:00")
        assert found[0]["why"] == "a major event, which breaks the quiet hours 22:00-07:00"


def test_a_headline_that_its_watchlist_does_not_match_is_routed_and_named(desk: Desk) -> None:
    result = desk.type("routes", "--headline", "Receta", "--watchlist", "chile", "--at", NIGHT)
    assert "Chile does not match this headline" in result.stderr
    assert "digest, weekdays 07:00" in result.stdout
    assert "2030-12-25 07:00 UTC" in result.stdout


@pytest.mark.slow
def test_over_the_limit_of_the_day_a_route_says_when_it_comes(desk: Desk) -> None:
    words = ["amarillo", "blanco", "celeste", "dorado", "escarlata", "fucsia", "gris"]
    desk.poll(*(f"{word.title()} {word} en el puerto {word}" for word in words))
    told = [one for one in desk.ask("deliveries") if one["held"] is None and one["target"].startswith("ana")]
    assert len(told) == 6
    at = (NOON + timedelta(minutes=1)).isoformat()
    found = desk.ask("routes", "--headline", "Otro puerto", "--watchlist", "port", "--at", at)
    assert found[0]["held"] == "budget"
    assert found[0]["why"] == "over the limit of 8 a day; what is over comes daily 18:00"
    large = desk.ask(
        "routes", "--headline", "Otro puerto", "--watchlist", "port", "--at", at, "--outlets", "3"
    )
    assert large[0]["outcome"] == "at-once"


@pytest.mark.slow
def test_readers_who_subscribed_have_routes_in_their_own_zone_and_those_who_left_are_named(
    desk: Desk,
) -> None:
    desk.subscribe("eva@home.example", Wishes(("port",), when="daily 06:00", timezone="Asia/Tokyo"))
    desk.leave("luis@desk.example")
    found = desk.ask("routes", "--at", NIGHT, desk.event)
    by_reader = {one["reader"]: one for one in found}
    assert by_reader["e…@home.example"]["timezone"] == "Asia/Tokyo"
    assert by_reader["e…@home.example"]["due_at"] == "2030-12-24T21:00:00+00:00"
    assert by_reader["l…@desk.example"]["outcome"] == "left"
    assert by_reader["l…@desk.example"]["why"] == "its reader has left"


def test_a_channel_without_its_secret_says_so_in_its_route(desk: Desk) -> None:
    file = desk.folder / "watchlists" / "channels.yaml"
    file.write_text(CHANNELS.replace("ROOM_URL", "UNSET_URL"), encoding="utf-8")
    found = desk.ask("routes", "--headline", "Santiago", "--watchlist", "chile", "--at", NIGHT)
    assert "UNSET_URL" in found[0]["why"]


def test_where_nobody_is_subscribed_routes_say_so(desk: Desk) -> None:
    (desk.folder / "watchlists" / "channels.yaml").unlink()
    assert "Nobody is subscribed." in desk.done("routes", desk.event)


@pytest.mark.slow
def test_routes_need_an_event_or_a_headline_of_a_watchlist(desk: Desk) -> None:
    for words in (
        (),
        ("e", "--headline", "x", "--watchlist", "port"),
        ("--headline", "x"),
        ("e", "--watchlist", "p"),
    ):
        assert "name an event, or give both" in desk.refused("routes", *words, code=2)
    assert "there is no watchlist ports" in desk.refused("routes", "--headline", "x", "--watchlist", "ports")
    assert "there is no event zz" in desk.refused("routes", "zz")
    for at in ("tomorrow", "0001-01-01", "9999-12-31"):
        assert at in desk.refused("routes", desk.event, "--at", at, code=2)


@pytest.mark.slow
def test_the_beginning_of_several_events_is_refused_with_their_ids(desk: Desk) -> None:
    desk.poll(
        "Fuerte sismo derrumba almacenes del puerto", "Ministra inaugura feria gastronómica junto al puerto"
    )
    ids = sorted(one["event"]["id"] for one in desk.ask("events"))
    assert "there is no event %" in desk.refused("routes", "%")
    store = desk.open()
    try:
        assert store.reading.find_event(ids[1]).event.id == ids[1]
        with pytest.raises(NotFound, match=f"several events begin with .*{ids[0]}, {ids[1]}, {ids[2]}"):
            store.reading.find_event("")
    finally:
        store.close()


# -------------------------------------------------------------------------------------------- readers


def test_readers_are_listed_with_what_they_asked_for_and_no_whole_address(desk: Desk) -> None:
    eva = desk.subscribe("eva@home.example", Wishes(("port",), when="daily 06:00", timezone="Asia/Tokyo"))
    desk.subscribe("leo@home.example", Wishes(), confirm=False)
    table = desk.done("readers")
    assert "eva@" not in table
    assert table.splitlines()[-1] == "2 readers; 0 addresses have left."
    first, second = sorted(desk.ask("readers"), key=lambda one: str(one["reader"]))
    assert (first["id"], first["reader"], first["state"]) == (eva, "e…@home.example", "confirmed")
    assert (first["watchlists"], first["when"], first["timezone"]) == (["port"], "daily 06:00", "Asia/Tokyo")
    assert (second["reader"], second["state"], second["confirmed_at"]) == ("l…@home.example", "asked", None)


@pytest.mark.slow
def test_a_reader_who_is_removed_gets_nothing_more_and_is_forgotten(desk: Desk) -> None:
    eva = desk.subscribe("eva@home.example", Wishes(("port",)))
    desk.poll("Crece el puerto")
    assert "e…@home.example gets nothing more" in desk.done("readers", "remove", eva)
    assert desk.ask("readers") == []
    assert [one for one in desk.ask("deliveries") if one["target"] == "eva@home.example"] == []
    assert "1 address has left" in desk.done("readers")
    assert "there is no reader" in desk.refused("readers", "remove", eva)
    assert desk.type("audit").exit_code == 0


@pytest.mark.slow
def test_who_left_and_subscribed_again_is_no_longer_counted_as_left(desk: Desk) -> None:
    desk.leave("luis@desk.example")
    assert desk.done("readers").endswith("0 readers; 1 address has left.\n")
    desk.subscribe("luis@desk.example", Wishes(("chile",)))
    assert desk.done("readers").endswith("1 reader; 0 addresses have left.\n")
    routes = {one["reader"]: one for one in desk.ask("routes", "--at", NIGHT, desk.event)}
    assert routes["l…@desk.example"]["why"] == "wants only chile"


def test_a_reader_whose_id_begins_with_a_hyphen_is_no_option(desk: Desk) -> None:
    assert "there is no reader -x" in desk.refused("readers", "remove", "-x")


@pytest.mark.slow
def test_who_has_not_confirmed_needs_no_removing(desk: Desk) -> None:
    leo = desk.subscribe("leo@home.example", Wishes(), confirm=False)
    assert "has not confirmed, gets nothing" in desk.refused("readers", "remove", leo)


@pytest.mark.slow
def test_who_comes_back_is_not_told_again_of_an_event_and_its_next_report_is_stored(desk: Desk) -> None:
    desk.leave("luis@desk.example")
    desk.done("readers", "allow", "luis@desk.example", "--yes")
    desk.poll("Huelga indefinida paraliza todo el puerto")
    [event] = desk.ask("events")
    assert event["event"]["reports"] == 2
    assert [one["target"] for one in event["deliveries"]].count("luis@desk.example") == 1
    assert desk.type("audit").exit_code == 0


@pytest.mark.slow
def test_who_left_is_written_again_only_if_the_operator_says_that_they_wish_it(desk: Desk) -> None:
    desk.leave("luis@desk.example")
    desk.poll("Crece el puerto")
    said = desk.refused("readers", "allow", "luis@desk.example")
    assert "repeat this with --yes" in said
    assert "luis@" not in said
    assert (
        desk.done("readers", "allow", "LUIS@desk.example", "--yes")
        == "L…@desk.example may be written again.\n"
    )
    desk.poll("Otra noticia del puerto chico", "Crece el puerto")
    assert desk.ask("deliveries", "--reader", "luis@desk.example")
    assert desk.type("audit").exit_code == 0
    assert "has not left" in desk.refused("readers", "allow", "luis@desk.example", "--yes")


# ---------------------------------------------------------------------------------------------- mutes


@pytest.mark.slow
def test_an_event_is_muted_for_all_until_a_time_by_somebody(desk: Desk) -> None:
    said = desk.done("mutes", "add", "--event", desk.event[:6], "--until", "2031-01-01", "--by", "Ana")
    assert said == f"Nobody is told of event {desk.event} until 2031-01-01 00:00.\n"
    [mute] = desk.ask("mutes")
    assert (mute["event_id"], mute["for"], mute["by"]) == (desk.event, "everybody", "Ana")
    assert mute["until_at"] == "2031-01-01T05:00:00+00:00"
    routes = desk.ask("routes", "--at", NIGHT, desk.event)
    assert {one["outcome"] for one in routes} == {"muted", "not-wanted"}
    assert routes[0]["why"] == "muted until 2031-01-01 00:00 America/Lima by Ana"
    assert (routes[0]["muted_by"], routes[0]["due_at"]) == ("Ana", None)


@pytest.mark.slow
def test_what_comes_while_a_watchlist_is_muted_is_stored_and_not_told(desk: Desk) -> None:
    desk.done("mutes", "add", "--watchlist", "port", "--for", "24h", "--by", "Ana")
    desk.poll("Crece el puerto chico")
    muted = desk.ask("deliveries", "--held", "muted")
    assert {one["state"] for one in muted} == {"cancelled"}
    assert len(muted) == 2
    assert "Its alert is not sent: muted." in desk.done("why-not", link("Crece el puerto chico"))
    assert desk.type("audit").exit_code == 0


def test_a_mute_is_ended_by_its_number(desk: Desk) -> None:
    desk.done("mutes", "add", "--watchlist", "port", "--for", "7d", "--by", "Ana")
    number = str(desk.ask("mutes")[0]["number"])
    assert "watchlist port" in desk.done("mutes")
    assert desk.done("mutes", "end", number) == f"Mute {number} has ended.\n"
    assert "Nothing is muted." in desk.done("mutes")
    assert "there is no mute" in desk.refused("mutes", "end", number)


def test_a_mute_of_a_reader_is_listed_without_saying_whose(desk: Desk) -> None:
    store = desk.open()
    name = store.readers.signer.subject(recipient("", "ana@desk.example"))
    now = datetime.now(UTC)
    store.mutes.add(Mute(name, "", "port", now + timedelta(days=1), "its reader"), now)
    store.close()
    assert desk.ask("mutes")[0]["for"] == "one reader"
    assert name not in desk.done("mutes")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--watchlist", "port", "--for", "1d"), 2, "--by"),
        (("--watchlist", "port", "--by", "Ana"), 2, "say until when, or how long"),
        (("--watchlist", "port", "--for", "1d", "--until", "2031-01-01", "--by", "Ana"), 2, "say until when"),
        (("--for", "1d", "--by", "Ana"), 2, "name an event or a watchlist"),
        (("--watchlist", "port", "--event", "e", "--for", "1d", "--by", "Ana"), 2, "name an event or"),
        (("--watchlist", "port", "--for", "1d", "--by", " "), 2, "say whose wish it is"),
        (("--watchlist", "port", "--for", "soon", "--by", "Ana"), 2, "soon is no span"),
        (("--watchlist", "port", "--until", "2020-01-01", "--by", "Ana"), 3, "would have ended already"),
        (("--watchlist", "ports", "--for", "1d", "--by", "Ana"), 3, "there is no watchlist ports"),
        (("--event", "zz", "--for", "1d", "--by", "Ana"), 3, "there is no event zz"),
    ],
)
def test_a_mute_needs_one_thing_one_end_and_an_author(
    desk: Desk, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in desk.refused("mutes", "add", *words, code=code)
    assert desk.ask("mutes") == []


# ----------------------------------------------------------------------------------------- deliveries


@pytest.mark.slow
def test_deliveries_are_picked_by_reader_reason_and_state(desk: Desk) -> None:
    def count(*words: str) -> int:
        return len(desk.ask("deliveries", *words))

    assert count() == 2
    assert count("--reader", "ANA@desk.example") == count("--reader", "luis@desk.example") == 1
    assert count("--reason", "new-event") == count("--state", "delivered") == 2
    assert count("--reason", "update") == count("--held", "budget") == count("--state", "failed") == 0
    assert "1 of 2" in desk.type("deliveries", "--reason", "new-event", "--limit", "1").stderr


@pytest.mark.slow
def test_each_attempt_has_the_words_of_the_server(desk: Desk, smtp_sink: SmtpSink) -> None:
    smtp_sink.mode = Mode.RCPT_550
    desk.poll("Crece el puerto chico")
    refused = desk.ask("deliveries", "--state", "failed")
    assert len(refused) == 2
    [attempt] = refused[0]["tries"]
    assert (attempt["outcome"], attempt["code"] // 100) == ("permanent", 5)
    assert attempt["words"]


@pytest.mark.slow
def test_what_is_held_says_why_and_until_when(desk: Desk) -> None:
    night = (NOON + timedelta(days=1)).replace(hour=8)
    desk.poll("Crece el puerto chico", at=night)
    assert "new-event, quiet-hours" in desk.done("deliveries")
    said = desk.done("why-not", link("Crece el puerto chico"))
    assert "Its alert waits to be sent: it came in quiet hours." in said
    assert f"held until {night:%Y-%m-%d} 07:00: new-event; it came in quiet hours" in said


# ------------------------------------------------------------------------------------------- feedback


def test_feedback_is_counted_by_line_and_term(desk: Desk) -> None:
    assert "No reader has said anything of an alert yet." in desk.done("feedback")
    store = desk.open()
    first, second = store.reading.list_deliveries()
    store.feedback.give(first.id, Verdict.USEFUL, datetime.now(UTC))
    store.feedback.give(second.id, Verdict.NOISE, datetime.now(UTC))
    store.close()
    terms = [{"term": "puerto", "line": 4, "useful": 1, "noise": 1}]
    assert desk.ask("feedback") == desk.ask("feedback", "--watchlist", "port") == {"port": terms}
    assert desk.ask("feedback", "--watchlist", "chile") == {}
    assert desk.done("feedback").splitlines()[1].split() == ["port", "4", "1", "1", "puerto"]
    assert "there is no watchlist ports" in desk.refused("feedback", "--watchlist", "ports")
