"""Which language a page is shown in: the one picked in its address, else before, else the browser's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Match

from service.wording import LANGUAGES

if TYPE_CHECKING:
    from fastapi import Request

LANGUAGE_FIELD = "language"  # of an address
LANGUAGE_COOKIE = "avizor_language"  # what was picked last; it holds nothing else


def picked_language(request: Request) -> str:
    """Give the language that is asked for in the address; empty where none that we speak is."""
    picked = request.query_params.get(LANGUAGE_FIELD, "")
    return picked if picked in LANGUAGES else ""


def language_of(request: Request) -> str:
    """Give the language of a page."""
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    return picked_language(request) or (kept if kept in LANGUAGES else browser_language(request))


def browser_language(request: Request) -> str:
    """Give the first language of the browser that we speak; English where there is none."""
    for part in request.headers.get("accept-language", "").split(","):
        language = part.partition(";")[0].strip().lower().partition("-")[0]
        if language in LANGUAGES:
            return language
    return "en"


def page_in(language: str, request: Request) -> str:
    """Give the address of a page in another language.

    Of what a form answered, which cannot be asked for again, that is the page on which it stands: the one
    above its address.
    """
    if request.method in {"GET", "HEAD"}:
        return f"?{request.url.include_query_params(**{LANGUAGE_FIELD: language}).query}"
    path = request.url.path
    while path and not _can_be_read(path, request):
        path = path.rpartition("/")[0]
    return f"{path or '/'}?{LANGUAGE_FIELD}={language}"


def _can_be_read(path: str, request: Request) -> bool:
    asked = {"type": "http", "method": "GET", "path": path, "root_path": ""}
    return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
