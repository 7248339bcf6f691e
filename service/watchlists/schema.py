"""JSON Schemas of the files people write, for editors that complete and check while typing.

Made of what the loader itself goes by: its keys, codes, patterns and limits. A schema knows less than
the loader (nothing of expressions, calendars or other files), and refuses nothing that the loader takes.
Draft-07, which YAML editors know best.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from service.domain import Cadence, FeedGroup, Updates
from service.hours import MOST_A_DAY, QUIET, WHEN
from service.match import LANGUAGES
from service.watchlists import keys
from service.watchlists.codes import countries
from service.watchlists.feed_access import NAMED
from service.watchlists.feed_facts import EVERY
from service.watchlists.folders import ID, MAX_ID
from service.watchlists.rules import BLOCK_NAME
from service.watchlists.subscriptions import ALL, WAKE
from service.watchlists.watchlist_files import MAX_TITLE
from service.wording import LANGUAGES as MESSAGE_LANGUAGES

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    Schema = dict[str, object]

WATCHLIST_FILE = "watchlist.schema.json"
TERMS_FILE = "terms.schema.json"
PACK_FILE = "feed-pack.schema.json"
CHANNELS_FILE = "channels.schema.json"

_DRAFT = "http://json-schema.org/draft-07/schema#"
_DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_ADDRESS = r"^[Hh][Tt][Tt][Pp][Ss]?://\S+$"
_EXPRESSION = (
    "Words side by side are a phrase. AND, OR, NOT, NEAR/5, ONEAR/5 in capitals; candidat* for beginnings; "
    "title: text: name: case: forms: before a word or bracket; lang:es country:PE source:andina; $port."
)


def schemas(packs: Iterable[str]) -> dict[str, Schema]:
    """Give every schema by the name of its file; `packs` are the feed packs that exist, to be offered."""
    return {
        WATCHLIST_FILE: _file("A watchlist of Avizor", _watchlist(sorted(packs)), _DEFINITIONS),
        TERMS_FILE: _file("Shared building blocks of Avizor", _shared_terms(), _DEFINITIONS),
        PACK_FILE: _file("A feed pack of Avizor", _pack(), _FACTS),
        CHANNELS_FILE: _file("Channels and subscriptions of Avizor", _channels(), {}),
    }


def watchlist_schema(packs: Iterable[str]) -> Schema:
    """Give the schema of a watchlist alone."""
    return schemas(packs)[WATCHLIST_FILE]


def schema_texts(packs: Iterable[str]) -> dict[str, str]:
    """Give every schema as the text of its file, by name."""
    return {name: json.dumps(schema, indent=1) + "\n" for name, schema in schemas(packs).items()}


def _file(title: str, content: Schema, definitions: Schema) -> Schema:
    found: Schema = {"$schema": _DRAFT, "title": title, **content}
    return {**found, "definitions": definitions} if definitions else found


# -------------------------------------------------------------------------------------------- pieces


def _object(
    described: Mapping[str, str], values: Mapping[str, Schema], required: Iterable[str] = ()
) -> Schema:
    """Give a mapping of exactly the keys the loader knows, each with its description.

    Raises:
        ValueError: a key has no schema, or a schema has no key.
    """
    if described.keys() != values.keys():
        raise ValueError(f"keys and schemas differ: {sorted(described.keys() ^ values.keys())}")
    properties = {key: {"description": text, **values[key]} for key, text in described.items()}
    found: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    needed = list(required)
    return {**found, "required": needed} if needed else found


def _named(name: re.Pattern[str], value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": False, "patternProperties": {_whole(name): value}}


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^(?:{pattern.pattern})$"


def _list(items: Schema, *, least: int = 0, unique: bool = False) -> Schema:
    found: Schema = {"type": "array", "items": items}
    if least:
        found["minItems"] = least
    return {**found, "uniqueItems": True} if unique else found


def _choice(values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values)}


def _text(**limits: object) -> Schema:
    return {"type": "string", "pattern": r"\S", **limits}


def _pattern(pattern: str, said: str, **limits: object) -> Schema:
    """Give a text that fits a pattern; editors that know the key say in words what is wanted."""
    return {"type": "string", "pattern": pattern, "patternErrorMessage": said, **limits}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _id() -> Schema:
    return _pattern(_whole(ID), "Small letters, digits and hyphens.", maxLength=MAX_ID)


_TITLE = _text(maxLength=MAX_TITLE)
_DATE = _pattern(_DAY, "Write it like 2026-03-11.")
_URL = _pattern(_ADDRESS, "Write an address that begins with https:// or http://.")
_FACTS: Schema = {
    "language": _choice(sorted(LANGUAGES)) | {"errorMessage": "Write two letters, as in es, en, pt or zh."},
    "country": _choice(sorted(countries())) | {"errorMessage": "Write two letters, as in PE, CL, US or GB."},
    "group": _choice(FeedGroup),
}
_EXPRESSIONS = _list(_ref("expression"))


def _rule() -> Schema:
    items = _list(_ref("item"), least=1)
    return {**_object(keys.GROUP, dict.fromkeys(keys.GROUP, items)), "minProperties": 1}


def _item() -> Schema:
    """Give an item: an expression, a nested rule where one of its keys stands, or the long form."""
    is_rule: Schema = {"anyOf": [{"required": [group]} for group in keys.GROUP]}
    inner: Schema = {"if": is_rule, "then": _ref("rule"), "else": _ref("long")}
    return {"if": {"type": "object"}, "then": inner, "else": _ref("expression")}


def _long_form() -> Schema:
    values = {"expr": _ref("expression"), "from": _DATE, "until": _DATE, "note": _text()}
    return _object(keys.LONG_FORM, values, keys.LONG_FORM_REQUIRED)


_DEFINITIONS: Schema = {
    **_FACTS,
    "expression": _text(description=_EXPRESSION),
    "item": _item(),
    "rule": _rule(),
    "long": _long_form(),
    "blocks": _named(BLOCK_NAME, _list(_ref("expression"), least=1)),
}

# --------------------------------------------------------------------------------------------- files


def _watchlist(packs: list[str]) -> Schema:
    feed: Schema = {"anyOf": [_choice(packs), _id(), _URL]}
    needed: Schema = {"anyOf": [{"required": ["any"]}, {"required": ["all"]}]}
    values: dict[str, Schema] = {
        "title": _TITLE,
        "about": _text(),
        "languages": _list(_ref("language"), unique=True),
        "home": _list(_ref("country"), unique=True),
        "feeds": _list(feed, unique=True),
        "terms": _ref("blocks"),
        "match": {"allOf": [_ref("rule"), needed]},
        "examples": _object(keys.EXAMPLES, dict.fromkeys(keys.EXAMPLES, _list(_example()))),
        "major": _EXPRESSIONS,
        "dates": _list(_known_date()),
        "alerts": _object(keys.ALERTS, {"updates": _choice(Updates)}),
    }
    return _object(keys.WATCHLIST, values, keys.WATCHLIST_REQUIRED)


def _example() -> Schema:
    values = {
        "title": _text(),
        "text": _text(),
        "date": _DATE,
        "lang": _ref("language"),
        "country": _ref("country"),
        "source": _text(),
        "group": _ref("group"),
    }
    whole = _object(keys.EXAMPLE, values, keys.EXAMPLE_REQUIRED)
    return {"if": {"type": "object"}, "then": whole, "else": _text()}


def _known_date() -> Schema:
    dated: Schema = {"type": "object", "additionalProperties": False, "patternProperties": {_DAY: _text()}}
    return {**dated, "minProperties": 1, "maxProperties": 1}


def _shared_terms() -> Schema:
    values = {"title": _text(), "about": _text(), "terms": _ref("blocks")}
    return _object(keys.SHARED_TERMS, values, keys.SHARED_TERMS_REQUIRED)


def _pack() -> Schema:
    country: Schema = {"anyOf": [_ref("country"), {"enum": ["", None]}]}
    feed: dict[str, Schema] = {
        "url": _URL,
        "title": _text(),
        "outlet": _text(),
        "country": country,
        "language": _ref("language"),
        "group": _ref("group"),
        "owner": _text(),
        "every": _pattern(_whole(EVERY), "Write it like 15m, 1h or 1d."),
        "user_agent": _text(),
        "login": _pattern(_whole(NAMED), "Write ${NAME}, and set NAME in the environment."),
        "cookie": _pattern(_whole(NAMED), "Write ${NAME}, and set NAME in the environment."),
        "proxy": _text(),
    }
    feeds = _list(_object(keys.FEED, feed, keys.FEED_REQUIRED))
    values = {"title": _text(), "about": _text(), "checked": _text(), "feeds": feeds}
    return _object(keys.PACK, values, keys.PACK_REQUIRED)


def _channels() -> Schema:
    address = _pattern(r"^\S+@\S+$", "Write it like desk@example.org.")
    mail: Schema = {"anyOf": [address, _list(address, least=1, unique=True)]}
    channel = _object(
        keys.CHANNEL,
        {
            "mail": mail,
            "chat": _text(),
            "webhook": _text(),
            "secret": {"anyOf": [_text(), _list(_text(), least=1, unique=True)]},
            "timezone": _text(),
            "language": _choice(MESSAGE_LANGUAGES),
        },
    )
    ways = (["mail"], ["chat"], ["webhook", "secret"])
    one_way: Schema = {"oneOf": [{"required": way} for way in ways]}
    watchlists: Schema = {"anyOf": [_choice([ALL]), _list(_id(), least=1, unique=True)]}
    digest = _pattern(_whole(WHEN), "Write immediate, daily 07:00 or weekly monday 07:00.")
    number: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_A_DAY}
    options: dict[str, Schema] = {
        "to": _id(),
        "watchlists": watchlists,
        "when": {"anyOf": [_choice([Cadence.IMMEDIATE]), digest]},
        "quiet": _pattern(_whole(QUIET), "Write it like 22:00-07:00."),
        "wake": _choice(WAKE),
        "budget": {"anyOf": [number, _pattern(r"^\d+$", "Write a number like 8.")]},
        "together": digest,
        "updates": _choice(Updates),
    }
    subscription = _object(keys.SUBSCRIPTION, options, keys.SUBSCRIPTION_REQUIRED)
    named = _named(ID, {**channel, **one_way})
    values: dict[str, Schema] = {"channels": named, "subscriptions": _list(subscription)}
    return {**_object(keys.CHANNELS, values), "type": ["object", "null"]}
