"""From bytes to text: one decision for all parsers, made from what the bytes are.

A byte order mark wins, then UTF-16/32 seen from its zero bytes, then UTF-8 if the bytes are
valid UTF-8 (no other encoding looks like it by chance), then what the document and the server
declare, then a guess where the bytes are those of another script than the Latin one, then UTF-8
with each foreign byte read as windows-1252. A declaration that is wrong is told in a note and
harms nothing. UTF-7 is never used: it hides markup from every check.
"""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
)

# What publishers write, and the superset that reads their bytes as browsers do
# (https://encoding.spec.whatwg.org/#names-and-labels).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_SEVEN_BIT = ("iso2022", "hz")
# Python's names of the codecs that turn bytes of a document into text; it has others, such as
# base64 or unicode_escape. The Unicode ones are known by their bytes, never by a declaration.
_FOR_DOCUMENTS = re.compile(
    r"ascii|cp\d+|iso8859-\d+|koi8-\w|kz1048|mac-\w+|tis-620|gb18030|gbk|gb2312|hz|big5\w*|johab"
    r"|euc_\w+|shift_jis\w*|iso2022_\w+",
    re.ASCII,
)
_FOREIGN = re.compile("[\udc80-\udcff]")

# What is guessed between: the scripts whose publishers leave the declaration out, with the letters that
# a text in them is made of, and their least share of all that is outside ASCII. The Latin ones are not
# among them: windows-1252 is their default. Small letters tell the two Cyrillic encodings apart, kana and
# Hangul the East Asian ones, because each reads the bytes of the others as some rare characters.
_KANA, _HANGUL, _HAN = "[\u3041-\u30fe]", "[\uac00-\ud7a3]", "[\u4e00-\u9fff]"
_CYRILLIC, _THAI, _GREEK = "[\u0430-\u045f]", "[\u0e01-\u0e5b]", "[\u03ac-\u03ce]"
_HEBREW, _ARABIC = "[\u05d0-\u05ea]", "[\u0621-\u06d2]"
_GUESSES = {
    codec: (re.compile(letters), share)
    for codec, letters, share in (
        ("euc_jp", _KANA, 0.2), ("cp932", _KANA, 0.2), ("cp949", _HANGUL, 0.8),
        ("gb18030", _HAN, 0.6), ("big5", _HAN, 0.6),
        ("koi8_r", _CYRILLIC, 0.6), ("cp1251", _CYRILLIC, 0.6), ("tis_620", _THAI, 0.9),
        ("cp1253", _GREEK, 0.6), ("cp1255", _HEBREW, 0.8), ("cp1256", _ARABIC, 0.8),
    )
}  # fmt: skip
_OUTSIDE = re.compile("[^\x00-\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
# A high byte with another one right or next but one after it. Latin letters outside ASCII stand alone in
# their words, those of the scripts above stand together.
_TOGETHER = re.compile(rb"[\x80-\xff](?=[\x00-\xff]?[\x80-\xff])")
_TAG = re.compile(rb"<[^<>]*>")
_LEAST_HIGH, _LEAST_TOGETHER = 8, 0.7  # measured: Portuguese, French, Czech 0.3 to 0.4; the others 0.9
_SAMPLE = 65_536

_BEFORE = "\ufeff\u200b\0 \t\r\n"  # what stands before a document and is no part of it
_XML_DECLARATION = re.compile(r"\A<\?xml\s[^<>]*>")
_XML_ENCODING = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']\s*([\w.:-]+)")
_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE | re.ASCII)
_MAX_MIXED = 1_000  # foreign bytes up to which a document counts as UTF-8 with mistakes in it
_HEAD = 1_024


class Decoded(NamedTuple):
    """The text without byte order marks and XML declaration, and what had to be overruled."""

    text: str
    notes: tuple[str, ...] = ()


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Turn a body into text. Never raises; bytes nobody can read become U+FFFD."""
    text, *notes = _read(body, content_type)
    text = _XML_DECLARATION.sub("", text.lstrip(_BEFORE), count=1)
    return Decoded(text.lstrip(_BEFORE), tuple(notes))


def _read(body: bytes, content_type: str) -> tuple[str, ...]:
    """Give the text, then notes."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _by_mark(body, codec)
    declared = _declared(body, content_type)
    seven_bit = next((codec for codec in declared.values() if codec.startswith(_SEVEN_BIT)), "")
    if seven_bit:
        return (body.decode(seven_bit, "replace"),)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _by_declaration(body, declared.values())
    if declared and not body.isascii():
        return text, f"the text is declared as {next(iter(declared))} but is UTF-8; it was read as UTF-8"
    return (text,)


def _by_mark(body: bytes, codec: str) -> tuple[str, ...]:
    try:
        return (body.decode(codec),)
    except UnicodeDecodeError:
        if codec == "utf-8":
            return _by_declaration(body, ())
        return body.decode(codec, "replace"), f"parts of the text are not valid {codec.upper()}"


def _declared(body: bytes, content_type: str) -> dict[str, str]:
    """Give codecs by the labels that document and server use, the document's first, UTF-8 left out."""
    document = _XML_ENCODING.search(body[:_HEAD])
    server = _HTTP_CHARSET.search(content_type)
    labels = [document.group(1).decode("ascii", "replace")] if document else []
    labels += [server.group(1)] if server else []
    return {label: codec for label in labels if (codec := _codec(label))}


def _codec(label: str) -> str:
    """Give Python's name for a label, widened to its superset, "" for what is unknown or refused."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    return _SUPERSETS.get(name, name) if _FOR_DOCUMENTS.fullmatch(name) else ""


def _by_declaration(body: bytes, declared: Iterable[str]) -> tuple[str, ...]:
    for codec in declared:
        try:
            return (body.decode(codec),)
        except UnicodeDecodeError:
            continue
    return _mixed(body)


def _mixed(body: bytes) -> tuple[str, ...]:
    guess = _guessed(body)
    if guess:
        return body.decode(guess, "replace"), f"the text is not UTF-8; by its letters it was read as {guess}"
    text = body.decode("utf-8", "surrogateescape")
    foreign = sum(1 for _ in islice(_FOREIGN.finditer(text), _MAX_MIXED + 1))
    if foreign > _MAX_MIXED:
        return body.decode("cp1252", "replace"), "the text is not UTF-8; it was read as windows-1252"
    note = f"{foreign} bytes of the text are not UTF-8; they were read as windows-1252"
    return _FOREIGN.sub(_as_windows_1252, text), note


def _as_windows_1252(byte: re.Match[str]) -> str:
    return byte.group().encode("ascii", "surrogateescape").decode("cp1252", "replace")


def _guessed(body: bytes) -> str:
    """Give the codec of an undeclared text in another script; "" where the letters do not prove one."""
    sample = _TAG.sub(b" ", body[: body.rfind(b"<", 0, _SAMPLE) + 1] or body[:_SAMPLE])
    high = len(_HIGH.findall(sample))
    foreign = len(_FOREIGN.findall(sample.decode("utf-8", "surrogateescape")))
    if high < _LEAST_HIGH or 2 * foreign < high or len(_TOGETHER.findall(sample)) < _LEAST_TOGETHER * high:
        return ""
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=list(_GUESSES), preemptive_behaviour=False)
    return next((_codec(one.encoding) for one in found if _is_proved(one.encoding, str(one))), "")


def _is_proved(codec: str, text: str) -> bool:
    """Tell whether a text is made of the letters that its encoding is used for."""
    letters, share = _GUESSES[codec]
    return len(letters.findall(text)) >= share * len(_OUTSIDE.findall(text))
