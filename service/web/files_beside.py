"""The files beside the pages: kept for good by a browser under an address that changes when they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.staticfiles import StaticFiles

from service.web.templating import asset

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class FilesBeside(StaticFiles):
    """Serves style, scripts and pictures of the pages."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer; only under the address that pages name now may the answer be kept without asking again."""
        answer = await super().get_response(path, scope)
        named = f"/static/{path}?{scope['query_string'].decode('latin-1')}"
        is_kept = answer.status_code in {200, 304} and named == asset(path)
        answer.headers["Cache-Control"] = _FOR_GOOD if is_kept else _ASK_AGAIN
        return answer
