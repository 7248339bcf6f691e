"""No secret comes out, whatever fails: every log, page, command, message and stored byte is searched.

The real commands talk to chats, feeds, a mail server and a database that refuse, break off, hang, send
elsewhere, or repeat the secret they were given. Services at fixed addresses are asked through a proxy that is
not there.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.partners.chat_standin import Answer, ChatStandIn
from tests.partners.ports import HOST, free_port, is_listening, wait_until
from tests.partners.smtp_sink import SmtpSink
from tests.test_promises import channel_of, item, settings_of
from tests.test_roles import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

# {s} is the secret, {h} host and port of a service that answers as told, {c} of one that is not there.
CHATS = {
    "cut": "json://ana:{s}@{h}/cut",
    "refused": "json://{h}/refused/{s}",
    "broken": "json://{h}/broken?+X-Key={s}",
    "moved": "json://{h}/moved/{s}",
    "silent": "json://{h}/silent/{s}",
    "gone": "json://{c}/{s}",
    "ntfy": "ntfy://tk_{s}@{h}/busy",
    "gotify": "gotify://{h}/{s}",
    "mattermost": "mmost://{h}/{s}",
    "rocket": "rocket://bot:{s}@{h}/%23alerts",
    "matrix": "matrix://{s}@{h}/%23alerts:chat.example",
    "discord": "discord://123456/{s}",
    "gotifys": "gotifys://push.example/{s}",
    "jsons": "jsons://ana:{s}@hook.example/path",
    "matrixs": "matrixs://{s}@matrix.example/%23alerts:matrix.example",
    "ntfys": "ntfys://tk_{s}@push.example/alerts",
    "rockets": "rockets://bot:{s}@team.example/%23alerts",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/{s}",
    "telegram": "tgram://123456789:{s}/12345",
    "workflows": "workflows://flow.example:443/{s}/4jdfa3JFxyz/",
    "zulip": "zulip://bot@team/{s}/alerts",
    "unknown": "nochat://{s}@{h}/x",
    "short": "slack://{s}",
    "armed": "jsons://ana:{s}@hook.example/path?verify=no",
}
FEEDS = {
    "login": ("login", "ana:{s}"),
    "cookie": ("cookie", "session={s}"),
    "wanderer": ("cookie", "session={s}"),
    "proxy": ("proxy", "http://ana:{s}@{c}"),
}
PROGRAM = {"program": "http://{h}/program/{s}", "signing": "whsec_{s}"}  # its address, and the key
POLLED = {"/feed-login", "/feed-cookie", "/feed-wanderer"}
OTHERS = ("smtp", "database", "misspelt")
COMMANDS = (
    ("check",),
    ("feeds",),
    ("feeds", "test"),
    ("deliveries",),
    ("deliveries", "--json"),
    ("audit",),
    ("events",),
    ("send-test", "refused"),
    ("send-test", "slack"),
)


def _secret(name: str) -> str:
    long = "Z" + hashlib.sha256(name.encode()).hexdigest()
    return long[: 24 if name == "slack" else 32]


SECRETS = {name: _secret(name) for name in (*CHATS, *FEEDS, *PROGRAM, *OTHERS)}


class Searched:
    """Everything that was seen, by where it was seen."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Take the folder of the user, and the environment of the commands."""
        self.folder = folder
        self.environment = environment
        self.port = int(environment["AVIZOR_PORT"])
        self.seen: dict[str, str] = {}

    def run(self, *words: str, **more: str) -> str:
        """Run a command to its end, and keep what it said."""
        done = subprocess.run(
            [sys.executable, "-c", "from service.cli import app; app()", *words],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.seen[" ".join(words) + " ".join(more)] = said = done.stdout + done.stderr
        return said

    def visit(self, path: str = "/") -> None:
        """Keep a page and every page of ours that it leads to."""
        try:
            with urlopen(f"http://{HOST}:{self.port}{path}", timeout=20) as answer:
                page = answer.read().decode()
        except HTTPError as refused:
            with refused:
                page = refused.read().decode()
        self.seen[path] = page
        for link in re.findall(r'href="(/[^"#]*)', page):
            if link not in self.seen:
                self.visit(link)

    def keep_files(self) -> None:
        """Keep every byte of the data folder and the log."""
        for path in [*(self.folder / "data").glob("**/*"), self.folder / "log"]:
            if path.is_file():
                self.seen[path.name] = path.read_bytes().decode("latin-1")

    def leaks(self) -> list[str]:
        """Say which secret was seen where."""
        return [
            f"{name} in {where}"
            for where, said in self.seen.items()
            for name, secret in SECRETS.items()
            if secret.casefold() in said.casefold()
        ]


@contextmanager
def _house(folder: Path) -> Iterator[tuple[Searched, ChatStandIn]]:
    with ChatStandIn() as standin, SmtpSink(folder / "mail", login=("ana", "another password")) as sink:
        here, nowhere = f"{HOST}:{standin.port}", f"{HOST}:{free_port()}"
        environment = settings_of(folder, f"sqlite:///{folder / 'data' / 'a.db'}", sink.port)
        environment |= {
            "AVIZOR_SMTP_URL": f"smtp://ana:{SECRETS['smtp']}@{HOST}:{sink.port}",
            "AVIZOR_PRIVATE_FEEDS": HOST,
            "AVIZOR_GROUPING_WINDOW": "0",
            "AVIZOR_PORT": str(free_port()),
            "HTTPS_PROXY": f"http://{nowhere}",
            "HTTP_PROXY": "",
        }
        for name, form in {**CHATS, **PROGRAM, **{name: form for name, (_, form) in FEEDS.items()}}.items():
            environment[f"{name.upper()}_SECRET"] = form.format(s=SECRETS[name], h=here, c=nowhere)
        _answer(standin)
        _write_files(folder, here)
        (folder / "data").mkdir()
        yield Searched(folder, environment), standin


def _answer(standin: ChatStandIn) -> None:
    elsewhere = f"http://{HOST}:{standin.port}/elsewhere?session={SECRETS['wanderer']}"
    standin.answer = Answer(429, f"slow down, tk_{SECRETS['ntfy']}", {"Retry-After": "9"})
    standin.by_path = {
        "/feed-wanderer": Answer(302, "", {"Location": elsewhere}),
        "/elsewhere": Answer(200, "{}"),
        "/feed-login": Answer(403, f"nobody logs in with ana:{SECRETS['login']}"),
        "/feed-cookie": Answer(500, f"your session {SECRETS['cookie']} is over"),
        "/message": Answer(404, f"no application has the token {SECRETS['gotify']}"),
        "/hooks/": Answer(400, f"no hook {SECRETS['mattermost']}"),
        "/api/v1/": Answer(401, f"bot:{SECRETS['rocket']} is unknown"),
        "/_matrix/": Answer(401, json.dumps({"errcode": "M_UNKNOWN_TOKEN", "error": SECRETS["matrix"]})),
        "/cut": Answer(0),
        "/program/": Answer(403, f"{SECRETS['program']} does not know whsec_{SECRETS['signing']}"),
        "/refused": Answer(401, f"no such key: {SECRETS['refused']}"),
        "/broken": Answer(500, f"Traceback: X-Key={SECRETS['broken']}"),
        "/moved": Answer(302, "", {"Location": f"http://{HOST}:1/{SECRETS['moved']}"}),
        "/silent": Answer(-1),
    }


def _write_files(folder: Path, here: str) -> None:
    (folder / "feeds").mkdir()
    (folder / "feeds" / "diario.xml").write_text(channel_of(item(1, "Huelga en el puerto")))
    feeds = [
        f"  - {{url: 'http://{here}/feed-{name}', title: {name}, outlet: {name}, language: es, "
        f"{key}: '${{{name.upper()}_SECRET}}'}}\n"
        for name, (key, _) in FEEDS.items()
    ]
    (folder / "watchlists" / "feeds").mkdir()
    pack = "title: Local\nabout: One.\nfeeds:\n" + "".join(feeds)
    (folder / "watchlists" / "feeds" / "local.yaml").write_text(pack)
    channels = "".join(f"  {name}: {{chat: '${{{name.upper()}_SECRET}}'}}\n" for name in CHATS)
    channels += "  program: {webhook: '${PROGRAM_SECRET}', secret: '${SIGNING_SECRET}'}\n"
    told = "".join(f"  - {{to: {name}, watchlists: all}}\n" for name in (*CHATS, "program"))
    text = f"channels:\n{channels}subscriptions:\n{told}"
    (folder / "watchlists" / "channels.yaml").write_text(text)


@pytest.mark.promise("P20", size="33 secrets, each through the failure of what it opens")
def test_no_secret_comes_out_whatever_fails(tmp_path: Path) -> None:
    with _house(tmp_path) as (searched, standin):
        searched.run("poll", "--from", str(tmp_path / "feeds"))
        with running(searched.environment, "all", tmp_path / "log"):
            wait_until(lambda: is_listening(searched.port), "the pages")
            wait_until(lambda: _asked_for(standin) >= POLLED, "every feed to be asked")
            for path in ("/", "/health", "/metrics"):
                searched.visit(path)
        for words in COMMANDS:
            searched.run(*words)
        lost = f"postgresql://ana:{SECRETS['database']}@{HOST}:{free_port()}/avizor"
        searched.run("audit", AVIZOR_DATABASE_URL=lost)
        searched.run("poll", AVIZOR_SMTP_URL=f"smtp://ana:{SECRETS['misspelt']}@{HOST}:port")
        searched.keep_files()
        asked = " ".join(f"{one.path} {one.headers}" for one in standin.requests)
    assert searched.leaks() == []
    assert len(SECRETS) == 33
    used = (
        "refused",
        "broken",
        "moved",
        "silent",
        "ntfy",
        "gotify",
        "mattermost",
        "matrix",
        "cookie",
        "program",
    )
    for name in used:
        assert SECRETS[name] in asked, "each was used"
    assert len(searched.seen) > 20, "pages were found"
    assert _tried(searched.seen["deliveries --json"]) == len(CHATS) + 2, "each was tried"
    for said in ("401", "500", "429", "AVIZOR_SMTP_URL", "nochat"):
        assert any(said in text for text in searched.seen.values()), said


def _asked_for(standin: ChatStandIn) -> set[str]:
    return {request.path for request in standin.requests}


def _tried(deliveries: str) -> int:
    return len(re.findall(r'"attempts": [1-9]', deliveries))
