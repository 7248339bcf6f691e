"""Seven chat services as their documentation has them: paths, tokens, limits, and what they answer.

Each takes a message only under the secrets written here, and no longer one than the service does.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.partners.chat_standin import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.partners.chat_standin import Request

SLACK_SECRET = "sLaCkSeCrEt0123456789abc"
DISCORD_SECRET = "diScOrd-_SeCrEt0123456789"
TEAMS_SECRET = "tEaMs-_SeCrEt0123456789"
MATTERMOST_SECRET = "abcdefghijklmnopqrstuv7890"
NTFY_SECRET = "tk_nTfYsEcReT0123456789"
MATRIX_SECRET = "syt_mAtRiX_SeCrEt_0123"
TELEGRAM_SECRET = "123456789:AAtElEgRaM-_SeCrEt0123456789abcde"

BOT = {
    "telegram_token": TELEGRAM_SECRET,
    "matrix_server": "https://matrix.example",
    "matrix_token": MATRIX_SECRET,
}
SLACK = f"https://hooks.slack.com/services/T0123/B0456/{SLACK_SECRET}"
DISCORD = f"https://discord.com/api/webhooks/123456789012345678/{DISCORD_SECRET}"
MATTERMOST = f"https://team.example/hooks/{MATTERMOST_SECRET}"
INVOKE = "/triggers/manual/paths/invoke"
SIGNED = f"sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={TEAMS_SECRET}"
OLD_TEAMS = "https://prod-12.westus.logic.azure.com:443/workflows/643e69f83c8944"
NEW_TEAMS = "https://default0c09.58.environment.api.powerplatform.com:443/powerautomate/automations/direct"
TEAMS = f"{OLD_TEAMS}{INVOKE}?api-version=2016-06-01&{SIGNED}"

_TELEGRAM_LIMIT = 4_096  # units of UTF-16, once the markup is read
_DISCORD_LIMIT = 2_000  # characters
_SLACK_LIMIT = 40_000
_TEAMS_LIMIT = 28_000  # bytes of the request
_MATTERMOST_LIMIT = 4_000  # characters, of older servers; newer ones take four times that
_NTFY_LIMIT = 4_096  # bytes; of more it makes a file
_MATRIX_LIMIT = 65_536 - 2_000  # bytes of the event, of which the server writes some


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a service took: which service, where in it, the text, and what it makes of it.

    `made` are the signs that it reads as markup, and whom and what it pings, shows or asks for because of it.
    """

    service: str
    place: str
    text: str
    made: tuple[str, ...] = ()


@dataclass
class ChatServices:
    """Answers every request, and keeps the messages that were taken."""

    arrived: list[Arrival] = field(default_factory=list)

    def answer(self, asked: Request) -> Answer:
        """Answer as the service at this path does; 404 where there is none."""
        parts = urlsplit(asked.path)
        for method, shape, serve in _PATHS:
            found = re.fullmatch(shape, parts.path)
            if found and method == asked.method:
                answer, arrival = serve(asked, found, parse_qs(parts.query))
                self.arrived += [arrival] if arrival else []
                return answer
        return Answer(404, "no such path")


_Served = tuple[Answer, Arrival | None]
_BARE_LINK = re.compile(r"https?://[^\s<>()\[\]|]+")


def _found(shape: str, text: str) -> tuple[str, ...]:
    return tuple(one.group() for one in re.finditer(shape, text, re.IGNORECASE | re.MULTILINE))


def _of_markdown(text: str, ping: str) -> tuple[str, ...]:
    """Give what Markdown makes of a text: signs that are not escaped and stand in no bare link."""
    plain = _BARE_LINK.sub("", re.sub(r"\\[!-/:-@\[-`{-~]", "", text))
    return _found(rf"[*_`~|\[\]<]|^\s*[#>+-]|{ping}", plain)


def _of_keys(asked: dict[str, Any], *known: str) -> tuple[str, ...]:
    return tuple(sorted(asked.keys() - set(known)))


def _slack(asked: Request, found: re.Match[str], _: object) -> _Served:
    if found["secret"] != SLACK_SECRET:
        return Answer(404, "no_service"), None
    text = "\n".join(f"{part.get('title', '')}\n{part['text']}" for part in asked.json["attachments"])
    if len(text) > _SLACK_LIMIT:
        return Answer(400, "msg_too_long"), None
    return Answer(200, "ok"), Arrival("slack", found["place"], text, _made_by_slack(asked.json, text))


def _made_by_slack(asked: dict[str, Any], text: str) -> tuple[str, ...]:
    of_keys = _of_keys(asked, "mrkdwn", "attachments")
    for one in asked["attachments"]:
        of_keys += _of_keys(one, "title", "text", "color", "footer", "ts")
    return of_keys + (("mrkdwn",) if asked["mrkdwn"] else ()) + _found("<[^>]*>?", text)


def _discord(asked: Request, found: re.Match[str], _: object) -> _Served:
    if found["secret"] != DISCORD_SECRET:
        return Answer(401, '{"message": "Invalid Webhook Token", "code": 50027}'), None
    text = asked.json["content"]
    if len(text) > _DISCORD_LIMIT:
        return Answer(400, '{"content": ["Must be 2000 or fewer in length."]}'), None
    return Answer(204, ""), Arrival(
        "discord",
        found["place"],
        text,
        _of_keys(asked.json, "tts", "wait", "content") + _of_markdown(text, "@everyone|@here"),
    )


def _telegram(asked: Request, found: re.Match[str], _: object) -> _Served:
    if found["secret"] != TELEGRAM_SECRET:
        return Answer(401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}'), None
    tags = _found("<[^>]*>?", asked.json["text"])
    text = html.unescape(re.sub(r"<[^>]*>", "", asked.json["text"]))
    if len(text.encode("utf-16-le")) // 2 > _TELEGRAM_LIMIT:
        said = "Bad Request: message is too long"
        return Answer(400, json.dumps({"ok": False, "error_code": 400, "description": said})), None
    place = f"{asked.json['chat_id']} {asked.json.get('message_thread_id', '')}".strip()
    return Answer(200, '{"ok": true, "result": {}}'), Arrival(
        "telegram",
        place,
        text,
        (tags if tags != ("<b>", "</b>") else ())  # those of the title are ours
        + (() if asked.json["disable_web_page_preview"] else ("a preview",))
        + _found(r"(?<!\w)@\w|^/\w", text),
    )


def _teams(asked: Request, found: re.Match[str], query: dict[str, list[str]]) -> _Served:
    signed = {"sp": ["/triggers/manual/run"], "sv": ["1.0"], "sig": [TEAMS_SECRET]}
    if {name: query.get(name) for name in signed} != signed or "api-version" not in query:
        return Answer(401, '{"error": {"code": "DirectApiInvalidAuthorizationScheme"}}'), None
    if len(asked.body.encode()) > _TEAMS_LIMIT:
        return Answer(413, ""), None
    (card,) = asked.json["attachments"]
    text = "\n".join(block["text"] for block in card["content"]["body"])
    if card["content"]["msteams"].get("entities"):
        return Answer(400, "a mention"), None
    place = f"{found['place']} {query['api-version'][0]}"
    kinds = tuple(block["type"] for block in card["content"]["body"] if block["type"] != "TextBlock")
    made = _found(r"[*_`\[\]]|^\s*[#>+-]|<at>", _BARE_LINK.sub("", text))
    return Answer(202, ""), Arrival("teams", place, text, kinds + made)


def _mattermost(asked: Request, found: re.Match[str], _: object) -> _Served:
    if found["secret"] != MATTERMOST_SECRET:
        return Answer(400, '{"id": "web.incoming_webhook.invalid.app_error", "status_code": 400}'), None
    if len(asked.json["text"]) > _MATTERMOST_LIMIT:
        return Answer(400, '{"id": "web.incoming_webhook.text.length.app_error", "status_code": 400}'), None
    return Answer(200, "ok"), Arrival(
        "mattermost",
        found["place"],
        asked.json["text"],
        _of_keys(asked.json, "text", "username") + _of_markdown(asked.json["text"], r"@\w"),
    )


def _ntfy(asked: Request, found: re.Match[str], _: object) -> _Served:
    protected = asked.json["topic"].startswith("protected")
    if protected and asked.headers.get("Authorization") != f"Bearer {NTFY_SECRET}":
        return Answer(403, '{"code": 40301, "http": 403, "error": "forbidden"}'), None
    if len(asked.json["message"].encode()) > _NTFY_LIMIT:
        return Answer(413, '{"code": 41301, "http": 413, "error": "attachment too large"}'), None
    text = f"{asked.json.get('title', '')}\n{asked.json['message']}"
    return Answer(200, '{"event": "message"}'), Arrival(
        "ntfy",
        f"{found['place']} {asked.json['topic']}",
        text,
        _of_keys(asked.json, "topic", "title", "message"),
    )


def _matrix(asked: Request, found: re.Match[str], _: object) -> _Served:
    if asked.headers.get("Authorization") != f"Bearer {MATRIX_SECRET}":
        return Answer(401, '{"errcode": "M_UNKNOWN_TOKEN", "error": "unknown"}'), None
    if "join" in found.groupdict():
        # The room's id is made of what was asked for, so that the message shows where it went.
        return Answer(200, json.dumps({"room_id": "!" + found["join"]})), None
    if "text" not in found.groupdict():
        return Answer(200, '{"user_id": "@bot:matrix.example"}'), None
    event: dict[str, Any] = asked.json
    if len(json.dumps(event, ensure_ascii=False).encode()) > _MATRIX_LIMIT:
        return Answer(413, '{"errcode": "M_TOO_LARGE", "error": "event too large"}'), None
    place = unquote(unquote(found["text"])[1:])
    made = _of_keys(event, "msgtype", "body") + _found("@room", event["body"])
    return Answer(200, '{"event_id": "$1"}'), Arrival(
        "matrix", f"{found['host']} {place}", event["body"], made
    )


_DIRECT = r"/(?P<place>[\w.-]+\.environment\.api\.powerplatform\.com/powerautomate/automations/direct"
_HOST = r"/(?P<place>[^/]+)"
_CLIENT = r"/(?P<host>[^/]+)/_matrix/client/v3"
_PATHS: tuple[tuple[str, str, Callable[[Request, re.Match[str], dict[str, list[str]]], _Served]], ...] = (
    ("POST", r"/hooks\.slack\.com/services/(?P<place>T\w+/B\w+)/(?P<secret>\w+)", _slack),
    ("POST", r"/discord\.com/api/webhooks/(?P<place>\d+)/(?P<secret>[\w-]+)", _discord),
    ("POST", r"/api\.telegram\.org/bot(?P<secret>[^/]+)/sendMessage", _telegram),
    ("POST", rf"/(?P<place>[\w.-]+\.logic\.azure\.com/workflows/\w+){INVOKE}", _teams),
    ("POST", rf"{_DIRECT}(?:/cu/\d+)?/workflows/\w+){INVOKE}", _teams),
    ("POST", rf"{_HOST}/hooks/(?P<secret>\w+)", _mattermost),
    ("POST", rf"{_HOST}/?", _ntfy),
    ("GET", rf"{_CLIENT}/account/whoami", _matrix),
    ("POST", rf"{_CLIENT}/join/(?P<join>[^/]+)", _matrix),
    ("PUT", rf"{_CLIENT}/rooms/(?P<text>[^/]+)/send/m\.room\.message/\w+", _matrix),
)
