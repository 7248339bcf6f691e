"""Everything a grouper knows, as bytes: written down with the matches, so that a restart changes nothing.

Numbers come back to the last digit, mappings in their order. Bytes of another version of Avizor are not read:
what they hold was made by other rules.
"""

from __future__ import annotations

import base64
import json
import zlib
from array import array
from collections import Counter
from typing import Any

from service.group.grouper import Grouper
from service.group.live import LiveEvent
from service.group.meaning import Bridge
from service.group.rarity import Rarity

FORMAT = 1  # to be raised with every change of what is remembered or of how it is made


def dump_grouper(grouper: Grouper) -> bytes:
    """Write down what a grouper knows."""
    rarity = grouper.rarity
    state = {
        "format": FORMAT,
        "placed": grouper.placed,
        "clock": grouper.clock if grouper.placed else None,
        "apart": sorted(sorted(pair) for pair in grouper.apart),
        "rarity": [rarity.reports, rarity.since_aged, rarity.counts, sorted(rarity.topic)],
        "bridge": [_packed(grouper.bridge.total), grouper.bridge.count],
        "events": [_event(event) for event in grouper.index],
    }
    return zlib.compress(json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def load_grouper(data: bytes) -> Grouper | None:
    """Give a grouper that knows what was written down; None where these are not bytes of this version."""
    try:
        state = json.loads(zlib.decompress(data))
    except (zlib.error, ValueError):
        return None
    if state["format"] != FORMAT:
        return None
    grouper = Grouper()
    grouper.placed = state["placed"]
    grouper.clock = grouper.clock if state["clock"] is None else state["clock"]
    grouper.apart = {frozenset(pair) for pair in state["apart"]}
    reports, since_aged, counts, topic = state["rarity"]
    grouper.rarity = Rarity(reports, since_aged, counts, set(topic))
    total, count = state["bridge"]
    grouper.bridge = Bridge(_unpacked(total), count)
    for values in state["events"]:
        event, posted, keys = _read_event(values)
        grouper.index.post(event, posted, keys)
    return grouper


def _event(event: LiveEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "times": [event.first, event.last, event.touched],
        "reports": event.reports,
        "terms": event.terms,
        "square": event.square,
        "names": event.names,
        "mentioned": sorted(event.mentioned),
        "years": sorted(event.years),
        "languages": sorted(event.languages),
        "posted": list(event.posted),
        "keys": list(event.keys),
        "meaning": [_packed(event.meaning), event.meant],
    }


def _read_event(values: dict[str, Any]) -> tuple[LiveEvent, list[str], list[str]]:
    first, last, touched = values["times"]
    meaning, meant = values["meaning"]
    event = LiveEvent(
        id=values["id"],
        first=first,
        last=last,
        touched=touched,
        reports=values["reports"],
        terms=values["terms"],
        square=values["square"],
        names=Counter(values["names"]),
        mentioned=set(values["mentioned"]),
        years=set(values["years"]),
        languages=set(values["languages"]),
        meaning=_unpacked(meaning),
        meant=meant,
    )
    return event, values["posted"], values["keys"]


def _packed(numbers: array[float]) -> str:
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str) -> array[float]:
    numbers = array("d")
    numbers.frombytes(base64.b64decode(text))
    return numbers
