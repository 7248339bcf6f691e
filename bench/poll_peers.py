"""The pollers that are measured beside ours: how each is given its feeds, and the command that polls once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

READER = """
import sys
from reader import make_reader
reader = make_reader(sys.argv[1])
if sys.argv[2:]:
    [reader.add_feed(url) for url in open(sys.argv[2]).read().split()]
else:
    reader.update_feeds(workers=8, scheduled=False)
"""
RSS_PARSER = """
const Parser = require('rss-parser');
const urls = require('fs').readFileSync(process.argv[2], 'utf8').split('\\n').filter(Boolean);
const parser = new Parser();
let entries = 0;
const loop = async () => { while (urls.length) {
  try { entries += (await parser.parseURL(urls.pop())).items.length } catch (error) {}
} };
Promise.all(Array.from({length: 32}, loop)).then(() => console.log(entries));
"""


@dataclass(frozen=True)
class Peer:
    """A program: `prepare` gives it the feeds in a folder, not measured; `command` polls them all once."""

    name: str
    prepare: Callable[[Path, Sequence[str]], object]
    command: Callable[[Path], list[str]]


def find_peers(node_modules: Path | None) -> tuple[list[Peer], list[str]]:
    """Give the peers that are installed, and what is not, with how to have it."""
    has_node = bool(node_modules and shutil.which("node"))
    known = (
        (_can_import("reader"), Peer("reader, 8 workers", _reader, _poll_reader), "make bench-poll"),
        (_can_import("rss2email"), Peer("rss2email", _rss2email, _poll_rss2email), "make bench-poll"),
        (shutil.which("newsboat"), Peer("newsboat", _newsboat, _poll_newsboat), "apt-get install newsboat"),
        (has_node, _rss_parser(node_modules), "npm install rss-parser; NODE_MODULES=… names its folder"),
    )
    found = [peer for is_there, peer, _ in known if is_there]
    return found, [f"{peer.name} is not installed ({mend})" for is_there, peer, mend in known if not is_there]


def _can_import(name: str) -> bool:
    return (
        subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode
        == 0
    )


def _write_urls(folder: Path, urls: Sequence[str]) -> Path:
    path = folder / "urls"
    path.write_text("\n".join(urls) + "\n", encoding="utf-8")
    return path


def _reader(folder: Path, urls: Sequence[str]) -> None:
    names = _write_urls(folder, urls)
    subprocess.run([sys.executable, "-c", READER, str(folder / "reader.db"), str(names)], check=True)


def _poll_reader(folder: Path) -> list[str]:
    return [sys.executable, "-c", READER, str(folder / "reader.db")]


def _rss2email(folder: Path, urls: Sequence[str]) -> None:
    feeds = "".join(f"[feed.f{number}]\nurl = {url}\n" for number, url in enumerate(urls))
    (folder / "rss2email.cfg").write_text(f"[DEFAULT]\nto = a@b.example\n{feeds}", encoding="utf-8")


def _poll_rss2email(folder: Path) -> list[str]:
    program = "from rss2email.main import run; run()"
    where = ["-c", str(folder / "rss2email.cfg"), "-d", str(folder / "rss2email.json")]
    return [sys.executable, "-c", program, *where, "run", "--no-send"]


def _newsboat(folder: Path, urls: Sequence[str]) -> None:
    _write_urls(folder, urls)
    (folder / "config").write_text("reload-threads 8\n", encoding="utf-8")


def _poll_newsboat(folder: Path) -> list[str]:
    places = {"-u": folder / "urls", "-c": folder / "cache.db", "-C": folder / "config"}
    return ["newsboat", *(str(part) for pair in places.items() for part in pair), "-x", "reload"]


def _rss_parser(node_modules: Path | None) -> Peer:
    def prepare(folder: Path, urls: Sequence[str]) -> None:
        _write_urls(folder, urls)
        (folder / "poll.js").write_text(RSS_PARSER, encoding="utf-8")
        if node_modules is not None and not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(node_modules.absolute())

    return Peer(
        "rss-parser, stores nothing",
        prepare,
        lambda folder: ["node", str(folder / "poll.js"), str(folder / "urls")],
    )
