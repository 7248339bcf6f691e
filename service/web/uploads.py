"""A form that carries a file: its parts as they came, read by hand so that nothing in it is obeyed.

A part that is no field of a form is left out; nothing is nested, and no part is decoded otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from service.web.forms import one_of, read_fields

if TYPE_CHECKING:
    from service.web.forms import Fields

_BOUNDARY = re.compile(r"multipart/form-data\s*;.*?\bboundary=\"?([^\s\";]{1,70})", re.IGNORECASE)
_NAME = re.compile(rb"content-disposition:\s*form-data\s*;.*?\bname=\"([^\"]{1,100})\"", re.IGNORECASE)
_MOST_PARTS = 20


def read_parts(content_type: str, body: bytes) -> Fields:
    """Read the fields of a form in either coding; `bytes_of` gives those of a file again."""
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        return read_fields(body)
    mark = b"\r\n--" + boundary[1].encode("utf-8", "replace")
    found: dict[str, list[str]] = {}
    for part in (b"\r\n" + body).split(mark, _MOST_PARTS + 1)[1 : _MOST_PARTS + 1]:
        head, empty, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head) if empty else None
        if name is not None:
            texts = found.setdefault(name[1].decode("utf-8", "replace"), [])
            texts.append(content.decode("utf-8", "surrogateescape"))
    return found


def bytes_of(fields: Fields, name: str) -> bytes:
    """Give a part of a form as it came."""
    return one_of(fields, name).encode("utf-8", "surrogateescape")
