"""What the editor of watchlists offers while somebody types: our JSON Schema, and the names known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from service.watchlists import shared_blocks_of, watchlist_schema
from service.web.visitor import Role
from service.wording import later

if TYPE_CHECKING:
    from service.web.desk import Desk

OFFERED = "x-avizor"  # beside the schema: what no schema knows
_OPERATORS = {
    "AND": later("both sides must stand there"),
    "OR": later("one of both sides is enough"),
    "NOT": later("what follows must not stand there"),
    "NEAR/5": later("at most five words apart, in either order"),
    "ONEAR/5": later("at most five words apart, in this order"),
    "NOT NEAR/5": later("at least once with no such word close by"),
    "ATLEAST/3 ": later("at least three times"),
    "title:": later("in the headline only"),
    "text:": later("in the text only"),
    "name:": later("as a name: with a capital letter"),
    "case:": later("with exactly these capitals"),
    "accents:": later("with exactly these accents"),
    "forms:": later("every form of the word"),
    "lang:": later("articles in this language"),
    "country:": later("articles of outlets of this country"),
    "source:": later("articles of this outlet"),
    "group:": later("articles of this kind of outlet"),
}
_MOST_OUTLETS = 2_000


class EditingWords:
    """What is offered, over one view."""

    def __init__(self, desk: Desk) -> None:
        """Take what the pages share."""
        self._desk = desk
        self._view = desk.view

    def router(self) -> APIRouter:
        """Name the address."""
        router = APIRouter()
        self._desk.show(router, "/watchlists/schema.json", self.schema, Role.EDITOR)
        return router

    def schema(self, request: Request) -> Response:
        """Give the schema of a watchlist, with operators, shared blocks and outlets beside it."""
        words = self._desk.local(request).words
        feeds = self._view.store.feeds.list_all()
        packs = {pack for feed in feeds for pack in feed.source.packs}
        outlets = sorted({_as_written(feed.source.outlet) for feed in feeds if feed.source.outlet})
        shared = (shared_blocks_of(one.source) for one in self._view.watchlists())
        offered = {
            "operators": [(name, words.say(help_)) for name, help_ in _OPERATORS.items()],
            "shared": sorted({block for blocks in shared for block in blocks}),
            "outlets": outlets[:_MOST_OUTLETS],
        }
        return JSONResponse(
            {**watchlist_schema(packs), OFFERED: offered}, headers={"Cache-Control": "private, max-age=60"}
        )


def _as_written(outlet: str) -> str:
    """Give an outlet as an expression names it: in quotes where it is more than one word."""
    return outlet if outlet.isalnum() else f'"{outlet.replace(chr(34), "")}"'
