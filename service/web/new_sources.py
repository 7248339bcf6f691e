"""What is said of feeds that were found and may be added. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from service.domain import FeedGroup, TextField
from service.errors import FileRefused, sentences
from service.marking import mark, spans_in
from service.watchlists import FeedFacts
from service.web.forms import one_of
from service.web.phrases import GROUPS, language_tag, safe_link
from service.web.present import Text, why_here
from service.web.times import find_moment
from service.wiring import USUAL_PACK
from service.wording import retell

if TYPE_CHECKING:
    from service.domain import ParsedEntry
    from service.errors import AvizorError
    from service.web.forms import Fields
    from service.web.present import Why
    from service.web.times import Local, Moment
    from service.wiring import Caught, Import, Known, Offer
    from service.wording import Wording

_ENTRIES, _CAUGHT = 6, 6
_NAMES = ("url", "title", "outlet", "country", "language", "group", "owner")
_MORE = _NAMES[2:]
_OFFERED, _LISTED = 500, 100  # feeds of a file
_LONGEST = 300  # characters of a fact


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry of a feed that was tried."""

    title: str
    link: str
    at: Moment | None


@dataclass(frozen=True, slots=True)
class CaughtEntry:
    """An entry that a watchlist would have matched, its matched words marked, and why."""

    watchlist: str
    headline: Text
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A feed that may be added, as its form shows it; what was tried of it where it was."""

    facts: FeedFacts
    pack: str
    watchlist: str = ""
    about: str = ""
    note: str = ""
    there: str = ""
    entries: tuple[NewEntry, ...] = ()
    caught: tuple[CaughtEntry, ...] = ()
    caught_said: str = ""


def choice_of(offer: Offer, pack: str, local: Local) -> Choice:
    """Tell a feed that was found and tried."""
    words, parsed = local.words, offer.found.feed.entries
    newest = sorted(parsed, key=_time_of, reverse=True)
    titles = {(one.entry.title, one.entry.happened_at) for one in offer.caught}
    caught = words.count(
        len(titles),
        "The watchlists would have matched {number} of them.",
        "The watchlists would have matched {number} of them.",
    )
    about = [words.count(len(parsed), "{number} entry", "{number} entries")]
    about += [words.say("in {language}", language=offer.facts.language)] if offer.facts.language else []
    about += [words.say("readers' comments")] if offer.found.is_of_comments else []
    return Choice(
        facts=offer.facts,
        pack=offer.there.pack if offer.there else pack,
        about=", ".join(about),
        note=retell(offer.found.trial.words, words),
        there=words.say("line {line} of {file}", line=offer.there.line, file=offer.there.file)
        if offer.there
        else "",
        entries=tuple(_entry(one, local) for one in newest[:_ENTRIES]),
        caught=tuple(_caught(one, local) for one in offer.caught[:_CAUGHT]),
        caught_said=caught if titles else words.say("The watchlists would have matched none of them."),
    )


def _time_of(entry: ParsedEntry) -> float:
    return entry.published_at.timestamp() if entry.published_at else 0.0


def _entry(entry: ParsedEntry, local: Local) -> NewEntry:
    title = entry.title or local.words.say("(no headline)")
    return NewEntry(title, safe_link(entry.url), find_moment(entry.published_at, local))


def _caught(one: Caught, local: Local) -> CaughtEntry:
    spans = spans_in(one.match.evidence, TextField.TITLE)
    headline = Text(tuple(mark(one.entry.title, spans)), language_tag(one.entry.language))
    why, _ = why_here(one.match.evidence, one.watchlist.id, local.words)
    return CaughtEntry(one.watchlist.title, headline, why)


# ------------------------------------------------------------------------------------------- OPML


@dataclass(frozen=True, slots=True)
class Row:
    """A feed of a file: where it stands, or why it is not taken; of a new one what is known of it.

    `value` is what the form of new feeds sends of it, and `is_chosen` whether it is ticked there.
    """

    title: str
    url: str
    said: str = ""
    value: str = ""
    is_chosen: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file holds; of each part so many are shown, and the rest is counted.

    With a `fault` it is the form again that could not be written: its new feeds alone, as they were ticked.
    """

    new: tuple[Row, ...]
    new_more: int = 0
    known: tuple[Row, ...] = ()
    known_all: int = 0
    refused: tuple[Row, ...] = ()
    refused_all: int = 0
    pack: str = USUAL_PACK
    watchlist: str = ""
    fault: str = ""


def imported(judged: Import, local: Local) -> Imported:
    """Tell what a file holds."""
    known = [Row(one.title, one.url, _stands(one, local)) for one in judged.known[:_LISTED]]
    refused = [
        Row(one.title, one.url, _sentence(one.why, "", local.words)) for one in judged.refused[:_LISTED]
    ]
    return Imported(
        tuple(map(_new_row, judged.new[:_OFFERED])),
        max(0, len(judged.new) - _OFFERED),
        tuple(known),
        len(judged.known),
        tuple(refused),
        len(judged.refused),
    )


def _stands(one: Known, local: Local) -> str:
    if one.there is None:
        return local.words.say("a watchlist names its address")
    return local.words.say("line {line} of {file}", line=one.there.line, file=one.there.file)


def _new_row(facts: FeedFacts, *, is_chosen: bool = True) -> Row:
    said = ", ".join(filter(None, (facts.outlet, facts.country, facts.language)))
    more = {name: value for name in _MORE if (value := getattr(facts, name))}
    value = f"{facts.url} {facts.title}" + (f"\t{urlencode(more, errors='replace')}" if more else "")
    return Row(facts.title, facts.url, said, value, is_chosen)


def read_chosen(fields: Fields) -> tuple[FeedFacts, ...]:
    """Read which feeds of a file were chosen, as the page wrote them: address, name and other facts."""
    return tuple(_read_facts(fields, "feed").values())


def _read_facts(fields: Fields, name: str) -> dict[str, FeedFacts]:
    """Read feeds by their address."""
    found = {}
    for one in fields.get(name, ())[:_OFFERED]:
        named, _, asked = one.partition("\t")
        url, _, title = named.partition(" ")
        more = {key: value[:_LONGEST] for key, value in parse_qsl(asked) if key in _MORE}
        if url:
            found[url] = FeedFacts(url, title.strip()[:_LONGEST], **{"outlet": "", **more})
    return found


def offered_again(fields: Fields, fault: str) -> Imported:
    """Give the form of a file's feeds as it was sent, with what is wrong with it."""
    chosen = _read_facts(fields, "feed")
    offered = {**_read_facts(fields, "offered"), **chosen}
    rows = tuple(_new_row(one, is_chosen=one.url in chosen) for one in offered.values())
    return Imported(rows, pack=one_of(fields, "pack"), watchlist=one_of(fields, "watchlist"), fault=fault)


# ------------------------------------------------------------------------------------------- forms


def read_choice(fields: Fields) -> Choice:
    """Read the form of a feed that is to be added."""
    said = {name: one_of(fields, name).strip()[:_LONGEST] for name in _NAMES if name != "url"}
    codes = {"country": said["country"].upper(), "language": said["language"].lower()}
    group = said["group"] if said["group"] in {one.value for one in FeedGroup} else ""
    facts = FeedFacts(one_of(fields, "url").strip(), **{**said, **codes, "group": group})
    return Choice(facts, read_pack_name(fields), one_of(fields, "watchlist"))


def read_pack_name(fields: Fields) -> str:
    """Give the name of a pack as it can be: `My feeds` is `my-feeds`."""
    return "-".join(one_of(fields, "pack").lower().split())


def say_fault(fault: AvizorError, words: Wording) -> str:
    """Say in one line why something was not done, and what to do."""
    if isinstance(fault, FileRefused):
        return " ".join(_sentence(one.message, one.mend, words) for one in fault.problems[:3])
    said = _sentence(fault.message, fault.mend, words)
    return f"{fault.resource}: {said}" if "://" in fault.resource else said


def _sentence(message: str, mend: str, words: Wording) -> str:
    said = sentences(retell(message, words), retell(mend, words))
    said = said if said.endswith((".", "!", "?", "…")) else f"{said}."
    return said[:1].upper() + said[1:]


def list_groups(local: Local) -> list[tuple[str, str]]:
    """Name the kinds of voices, each by its value."""
    return [(group.value, local.words.say(name)) for group, name in GROUPS.items()]
