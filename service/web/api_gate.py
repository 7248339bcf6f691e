"""Who may ask the API what, how it refuses (RFC 9457), and how large a body may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException

from service.errors import AvizorError, ExpressionError, NotFound
from service.store import Scope
from service.web import api_models as out
from service.web.forms import MOST_BYTES
from service.web.quota import Cost, TooMuch
from service.web.times import Local
from service.web.visitor import Role

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Message, Receive, Send
    from starlette.types import Scope as Asked

    from service.store import ApiToken
    from service.web.desk import Desk

MOST_OF_DRAFT = 2 * 1024 * 1024  # most letters may take six bytes each in JSON
_NOBODY, _NOT_ALLOWED, _TOO_LARGE, _OTHER_KIND, _TOO_MANY = 401, 403, 413, 415, 429
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": out.Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500)
}
_TITLES = {
    400: "What was sent cannot be read.",
    401: "A token is needed.",
    403: "This may not be done with what was shown.",
    404: "There is no such thing.",
    405: "This cannot be done here.",
    409: "This cannot be done to things as they are.",
    413: "More was sent than any request needs.",
    415: "What changes something is sent as application/json.",
    422: "A value is not as it must be.",
    429: "More was asked for than one may in a minute.",
    500: "Something went wrong here. The log says what happened.",
}


def needing(desk: Desk, scope: Scope, role: Role = Role.READER, cost: Cost = Cost.PAGE) -> list[Any]:
    """Let in who shows a token with a scope, and, to read, a signed-in browser of somebody with a role.

    What is asked for is counted; more than the quota is refused with 429 and a Retry-After.
    """

    def check(request: Request) -> None:
        if scope is Scope.WRITE and not _is_json(request):
            raise HTTPException(_OTHER_KIND)
        if desk.door.access is None:
            return
        token = desk.door.bearer(request)
        if token is not None:
            if not token.scopes & {scope, Scope.WRITE}:
                raise HTTPException(_NOT_ALLOWED)
            desk.door.charge(request, cost, token)
            return
        visitor = desk.visitor(request)
        if scope is Scope.WRITE or not visitor.may(Role.READER):
            raise HTTPException(_NOBODY)
        if not visitor.may(role):
            raise HTTPException(_NOT_ALLOWED if visitor.name else _NOBODY)
        desk.door.charge(request, cost)

    return [Depends(check)]


def may_see_keys(desk: Desk, request: Request, token: str = "") -> bool:
    """Tell whether feeds' addresses are shown with the keys in them: to who may edit, and by an API token.

    A token for feeds alone is no such one; it stands in addresses that others may come to see. `token` is one
    that was shown in an address.
    """
    shown = desk.door.token(request, token) if token else desk.door.bearer(request)
    return _is_of_api(shown) or desk.visitor(request).may(Role.EDITOR)


def asked_by(desk: Desk, request: Request) -> Local:
    """Give when and where the API is asked; it speaks English, and names readers to who may know them."""
    zone = ZoneInfo(desk.view.timezone)
    return Local(desk.view.clock(), zone, sees_readers=may_see_keys(desk, request))


def _is_of_api(token: ApiToken | None) -> bool:
    return token is not None and bool(token.scopes & {Scope.READ, Scope.WRITE})


def _is_json(request: Request) -> bool:
    if request.method == "DELETE":  # no form of another site can send one
        return True
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def answer_faults(app: FastAPI) -> None:
    """Have every fault answered as a problem."""
    app.add_exception_handler(TooMuch, _too_much)
    app.add_exception_handler(NotFound, lambda _, fault: _problem(404, str(fault)))
    app.add_exception_handler(ExpressionError, lambda _, fault: _problem(422, str(fault)))
    app.add_exception_handler(AvizorError, lambda _, fault: _problem(409, str(fault)))
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, lambda *_: _problem(500))


def _problem(status: int, detail: str = "") -> JSONResponse:
    said = out.Problem(title=_TITLES.get(status, "This cannot be answered."), status=status, detail=detail)
    headers = {"WWW-Authenticate": "Bearer"} if status == _NOBODY else None
    return JSONResponse(said.model_dump(), status, headers, media_type="application/problem+json")


def _too_much(_: Request, fault: Exception) -> JSONResponse:
    answer = _problem(_TOO_MANY, str(fault))
    answer.headers["Retry-After"] = str(fault.seconds if isinstance(fault, TooMuch) else 60)
    return answer


def _invalid(_: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, RequestValidationError):
        return _problem(422)
    first = fault.errors()[0]
    is_no_json = first["type"] == "json_invalid"
    place = ".".join(str(part) for part in first["loc"])
    return _problem(400 if is_no_json else 422, f"{place}: {first['msg']}")


def _refused(_: Request, fault: Exception) -> JSONResponse:
    if not isinstance(fault, HTTPException):
        return _problem(400)
    answer = _problem(fault.status_code, str(fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


class Answering:
    """Has every answer kept by nobody, and gives the head of what can be read to who asks for that alone."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Serve."""
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "private, no-store")
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if is_head else scope, receive, answer)


class SmallBodies:
    """Refuses a body of more than a form may have, before it is kept."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application."""
        self._app = app

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Serve, and count what comes in."""
        size, most = 0, MOST_OF_DRAFT if scope.get("path", "").endswith("/draft") else MOST_BYTES

        async def receive_counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise HTTPException(_TOO_LARGE)
            return message

        await self._app(scope, receive_counted, send)
