"""Pictures of a page, taken and judged: all there, of the right width, not blank, each another one."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Locator, Page

_HEAD, _LEAST = 8, 1_000  # bytes before the first chunk; and those by which a row differs from what is beside
# What Chromium says where it had no frame at hand: asked again, it takes the very same picture.
NOT_NOW, TRIES = "Unable to capture screenshot", 5


def keep_picture(
    shown: Page | Locator, name: str, *, place: str = "TEST_PICTURES", whole: bool = False
) -> None:
    """Keep a picture, of the `whole` page or what is in sight, where the environment names a folder."""
    if folder := os.environ.get(place):
        how = {"full_page": True} if whole else {}
        take_picture(shown, Path(folder) / f"{name}.png", **how)


def take_picture(shown: Page | Locator, path: Path, **how: bool) -> None:
    """Take a picture, asking again where the browser has none at hand.

    Raises:
        playwright.sync_api.Error: It had none TRIES times, or failed for another reason.
    """
    from playwright.sync_api import Error  # half a second that only a test with a browser needs

    for left in reversed(range(TRIES)):
        try:
            shown.screenshot(path=path, **how)  # type: ignore[arg-type]
        except Error as error:
            if not left or NOT_NOW not in str(error):
                raise
        else:
            return


def judge_pictures(folder: Path, name: str, widths: Iterable[int]) -> list[str]:
    """Give what is wrong with the pictures of a page: by day and by night, at each width."""
    found, seen = [], set()
    for width in widths:
        for scheme in ("light", "dark"):
            path = folder / f"{name}-{width}-{scheme}.png"
            if not path.exists():
                found.append(f"{path.name} was not taken")
                continue
            picture = path.read_bytes()
            wide, rows = _open(picture)
            if wide != width:
                found.append(f"{path.name} is {wide} pixels wide")
            if len(rows) - rows.count(0) < _LEAST:
                found.append(f"{path.name} is blank")
            if picture in seen:
                found.append(f"{path.name} is the same as another one")
            seen.add(picture)
    return found


def _open(picture: bytes) -> tuple[int, bytes]:
    """Give the width of a PNG, and its rows as they are stored: by what differs from the pixels beside."""
    at, parts, width = _HEAD, [], 0
    while at < len(picture):
        size, kind = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width = struct.unpack(">I", body[:4])[0]
        elif kind == b"IDAT":
            parts.append(body)
        at += size + 12
    return width, zlib.decompress(b"".join(parts))
