"""From raw strings to entries: identity first, then duplicates and the cap, then cleaning.

Nothing here raises because of what an item holds: a bad value costs itself, never its item, and
a bad item never costs the rest. What was dropped is told in the notes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from service.domain import ParsedEntry, ParsedFeed, PublisherHints
from service.parse.characters import are_doubly_encoded, read_back, readable
from service.parse.dates import parse_date
from service.parse.identity import entry_key
from service.parse.repair import CUT
from service.text import clip, plain_text, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from service.parse.raw import RawEntry, RawFeed

MAX_ENTRIES = 2_000
MAX_TITLE, MAX_SUMMARY, MAX_AUTHOR, MAX_URL = 1_000, 5_000, 200, 2_048
_RAW_SHARE = 8  # markup read for each character shown: more of it is not text
_TITLE_FROM_SUMMARY = 120
_CUT_SIGNS = "…. []"  # that publishers put after a beginning
_LONGEST_TTL = timedelta(days=7)  # a typo must not silence a feed

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_BARE_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_PLAINLY_WEB = re.compile(r"https?://[a-z0-9.-]*[a-z0-9](?:/|\Z)", re.IGNORECASE | re.ASCII)
_INVISIBLE = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_MAIL_AUTHOR = re.compile(r"\S+@\S+\s*\((.+)\)")
_MAIL = re.compile(r"[(<]?\S+@\S+[)>]?")
_SMALL = ("https:", "http:")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = 24
_HOUR = re.compile(r"1?[0-9]|2[0-4]|0[0-9]", re.ASCII)
_MINUTES = re.compile(r"[0-9]{1,9}", re.ASCII)
_DATES = ("published", "created", "updated")
_NEVER = datetime.min.replace(tzinfo=UTC)

_SAID = {
    "nameless": ("1 item has no id, link, title or text and was left out",
                 "{} items have no id, link, title or text and were left out"),
    "repeated": ("1 item repeats the id of another and was left out",
                 "{} items repeat the id of another and were left out"),
    "over": ("1 item more than are read at once was left out, the oldest",
             "{} items more than are read at once were left out, the oldest"),
    "link": ("1 item has a link that is no web address; it is shown without",
             "{} items have a link that is no web address; they are shown without"),
    "date": ("1 item has a date that cannot be believed", "{} items have a date that cannot be believed"),
    "doubled": ("1 headline was encoded to UTF-8 twice; read back",
                "{} headlines were encoded to UTF-8 twice; read back"),
}  # fmt: skip


def finish(raw: RawFeed, *, parser: str, notes: Iterable[str] = ()) -> ParsedFeed:
    """Make the parsed feed: keys, duplicates out, the newest 2,000 at most, plain text, dates, links."""
    notes = tuple(notes)
    seen = Counter({"over": raw.unread})
    kept = _newest(_identified(raw.entries, seen), seen)
    home, language = _home(raw), _language(raw.first("language"))
    entries = [_entry(key, entry, home, language, seen) for key, entry in kept.items()]
    if are_doubly_encoded(entry.title for entry in entries):
        entries = [_read_back(entry, seen) for entry in entries]
    return ParsedFeed(
        title=_plain(raw.first("title"), MAX_TITLE),
        entries=tuple(entries),
        language=language,
        parser=parser,
        hints=_hints(raw),
        notes=(*notes, *_told(seen)),
        is_cut=CUT in notes,
    )


def _told(seen: Counter[str]) -> list[str]:
    return [
        one if seen[what] == 1 else many.format(seen[what])
        for what, (one, many) in _SAID.items()
        if seen[what]
    ]


# ------------------------------------------------------------------------------- which entries


def _identified(entries: Iterable[RawEntry], seen: Counter[str]) -> dict[str, RawEntry]:
    """Give the entries by key in the order of the document, the first of equal keys."""
    found: dict[str, RawEntry] = {}
    for entry in entries:
        key = entry_key(entry)
        if not key:
            seen["nameless"] += 1
        elif found.setdefault(key, entry) is not entry:
            seen["repeated"] += 1
    return found


def _newest(entries: dict[str, RawEntry], seen: Counter[str]) -> dict[str, RawEntry]:
    """Cut to the cap: the newest dates stay, undated items last; the order of the document is kept."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    seen["over"] += len(entries) - MAX_ENTRIES
    ages = {key: _date(entry) or _NEVER for key, entry in entries.items()}
    newest = set(sorted(ages, key=ages.__getitem__, reverse=True)[:MAX_ENTRIES])
    return {key: entry for key, entry in entries.items() if key in newest}


# -------------------------------------------------------------------------------- what they say


def _entry(key: str, raw: RawEntry, home: str, language: str, seen: Counter[str]) -> ParsedEntry:
    """Clean one item; `home` and `language` are those of the document, for an item without its own."""
    url, date = _url(raw, home), _date(raw)
    seen["link"] += bool(not url and raw.page())
    seen["date"] += bool(date is None and raw.first(*_DATES))
    summary = _text(raw)
    title = _plain(raw.first("title", "media_title"), MAX_TITLE)
    return ParsedEntry(
        key=key,
        url=url,
        title=title or clip(summary, _TITLE_FROM_SUMMARY) or url,
        summary=summary,
        published_at=date,
        language=_language(raw.first("language")) or language,
        author=_author(raw.first("author")),
    )


def _text(raw: RawEntry) -> str:
    """Give the lead and the body, once where the body begins with the lead or holds it."""
    lead, body = _plain(raw.first("summary"), MAX_SUMMARY), _plain(raw.first("content"), MAX_SUMMARY)
    if not (lead and body):
        return lead or body or _plain(raw.first("media_summary"), MAX_SUMMARY)
    return body if lead.rstrip(_CUT_SIGNS) in body else clip(f"{lead} {body}", MAX_SUMMARY)


def _read_back(entry: ParsedEntry, seen: Counter[str]) -> ParsedEntry:
    title = read_back(entry.title)
    seen["doubled"] += title != entry.title
    return replace(entry, title=title, summary=read_back(entry.summary))


def _plain(markup: str, limit: int) -> str:
    if not markup:
        return ""
    return clip(plain_text(readable(markup[: limit * _RAW_SHARE])), limit)


def _author(markup: str) -> str:
    """Give a name; a mail address is nobody's to keep, so `a@b.example (Name)` is Name."""
    text = _plain(markup, MAX_AUTHOR)
    if "@" not in text:
        return text
    named = _MAIL_AUTHOR.fullmatch(text)
    return named[1].strip() if named else _MAIL.sub("", text).strip()


def _language(tag: str) -> str:
    """Give a language tag in small letters with hyphens (`pt-br`), "" for what is none."""
    if not tag:
        return ""
    plain = tag.strip().replace("_", "-").lower()
    return plain if _LANGUAGE.fullmatch(plain) else ""


def _date(raw: RawEntry) -> datetime | None:
    """Give the first date that can be believed: published, else created, else updated."""
    for name in _DATES:
        if name in raw.values and (date := parse_date(raw.values[name])):
            return date
    return None


# ---------------------------------------------------------------------------------------- links


def _url(raw: RawEntry, home: str) -> str:
    """Give the item's page as an absolute web address, "" when it has none."""
    link = raw.page()
    if link:
        return _web_address(link.href, link.base or raw.base, home)
    return _web_address(raw.guid) if raw.guid_is_link else ""


def _home(raw: RawFeed) -> str:
    """Give what relative links are resolved against: the feed's page, else its own address."""
    page = raw.page()
    hrefs = [page.href] if page else []
    hrefs += [link.href for link in raw.links if "hub" not in link.rel.split()]
    return next((url for url in map(_web_address, hrefs) if url), "")


def _web_address(href: str, *bases: str) -> str:
    """Resolve against the bases, nearest first; "" for what is no http(s) address with a host."""
    seen = href.strip()
    if not seen.isprintable():
        seen = _INVISIBLE.sub("", seen).strip()
    address = unwrapped(seen.replace(" ", "%20"))
    if not _ABSOLUTE.match(address):
        if _BARE_HOST.match(address) and _means_host(address.partition("/")[0], bases):
            address = f"https://{address}"
        for base in () if _ABSOLUTE.match(address) else bases:
            address = _joined(base, address)
    if len(address) > MAX_URL or not _is_web(address):
        return ""
    if address.startswith(_SMALL):
        return address
    scheme, _, rest = address.partition(":")
    return f"{scheme.lower()}:{rest}"


def _means_host(name: str, bases: Iterable[str]) -> bool:
    """Tell whether what a link begins with is a host without its scheme, and no folder of that name."""
    given = [base for base in bases if base]
    return name.startswith("www.") or not given or any(f"//{name}/" in f"{base}/" for base in given)


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


def _is_web(address: str) -> bool:
    if _PLAINLY_WEB.match(address):
        return True
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


# ---------------------------------------------------------------------------------------- hints


def _hints(raw: RawFeed) -> PublisherHints:
    """Read ttl (minutes), skipHours (GMT, 24 is 0) and skipDays (0 is Monday) of RSS 2.0, and the hub."""
    days = (text.strip().lower() for text in raw.skip_days)
    return PublisherHints(
        ttl=_ttl(raw.first("ttl")),
        skip_hours=frozenset(int(text) % _HOURS for text in raw.skip_hours if _HOUR.fullmatch(text)),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
        hub=_linked(raw, "hub"),
        topic=_linked(raw, "self"),
    )


def _linked(raw: RawFeed, rel: str) -> str:
    """Give the first web address a feed links to as `rel`, "" for none; not a character of it is changed.

    Hub and topic are sent back as they stand, so that what is relative is resolved and nothing else.
    """
    links = (link for link in raw.links if rel in link.rel.split())
    addresses = (_joined(link.base or raw.base, link.href) for link in links)
    return next((one for one in addresses if one.isprintable() and len(one) <= MAX_URL and _is_web(one)), "")


def _ttl(minutes: str) -> timedelta | None:
    if not _MINUTES.fullmatch(minutes) or not int(minutes):
        return None
    return min(timedelta(minutes=int(minutes)), _LONGEST_TTL)
