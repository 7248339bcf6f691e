"""Chats that readers add by themselves: a kind and its fields, of which we write the address. Pure.

A reader never types an address that Apprise obeys. Each field must have exactly the shape its service
shows, is taken apart, and every part is quoted again; no option comes from a field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from service.errors import SettingsError
from service.notify.chatform import HTTPS_PORT, FieldFault, Form, Web, find_server_fault, parse_web
from service.notify.chatstyle import server_of
from service.notify.chatwords import (
    CHAT_KINDS,
    MATRIX_SERVER,
    MATRIX_TOKEN,
    NOT_OFFERED,
    TELEGRAM_TOKEN,
    UNFIT_SETTINGS,
    ChatField,
    ChatKind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "CHAT_KINDS",
    "ChatAddress",
    "ChatField",
    "ChatKind",
    "FieldFault",
    "build_chat_address",
    "check_bot",
    "chosen_server",
    "limited_as",
    "offered_kinds",
    "with_bot",
]

_ROOM = re.compile(
    r"#[A-Za-z0-9._=-]{1,200}:[A-Za-z0-9.-]{1,200}|![A-Za-z0-9._=-]{1,200}(?::[A-Za-z0-9.-]{1,200})?"
)
_MATRIX_TOKEN = re.compile(r"[A-Za-z0-9._=-]{8,500}")
_BOT_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_CHAT = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-?[1-9][0-9]{0,15}")
_THREAD = re.compile(r"[1-9][0-9]{0,9}")
_SLACK = re.compile(r"/services/(T[A-Z0-9]{1,30})/(B[A-Z0-9]{1,30})/([A-Za-z0-9]{8,60})")
_DISCORD = re.compile(r"/api/webhooks/([0-9]{1,20})/([A-Za-z0-9_-]{8,100})")
_MATTERMOST = re.compile(r"/hooks/([a-z0-9]{26})")
_WORKFLOW = re.compile(
    r"(?P<direct>/powerautomate/automations/direct(?:/cu/(?P<route>[0-9]{1,6}))?)?"
    r"/workflows/(?P<id>[A-Za-z0-9_-]{1,100})/triggers/manual/paths/invoke"
)
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NTFY_TOKEN = re.compile(r"tk_[A-Za-z0-9]{1,60}")

_SLACK_HOSTS = frozenset({"hooks.slack.com"})
_DISCORD_HOSTS = frozenset({"discord.com", "discordapp.com", "canary.discord.com", "ptb.discord.com"})
_TEAMS_HOSTS = frozenset({".logic.azure.com", ".environment.api.powerplatform.com"})
_TEAMS_PARAMETERS = {
    "api-version": re.compile(r"1|20[0-9]{2}-[0-9]{2}-[0-9]{2}(?:-preview)?"),
    "sp": re.compile(r"/triggers/manual/run"),
    "sv": re.compile(r"1\.0"),
    "sig": re.compile(r"[A-Za-z0-9_-]{8,100}"),
}
_BY_BOT = frozenset({"tgram", "matrix"})
_THE_BOT = "bot"  # stands in a stored address for what the operator has set
_AT_CHOSEN_SERVERS = frozenset({"ntfys", "mmosts", "workflows"})
_SHOWN_OF_A_WORKFLOW = 8
_SHOWN_OF_A_TOPIC = 4


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """A chat as it is stored. `url` holds secrets of the reader's, and none of the operator's; `label` none.

    `host` and `port` are what will be connected to; whether that is allowed is for the caller to ask.
    """

    url: str = field(repr=False)
    host: str
    port: int
    label: str


def offered_kinds(bot: Mapping[str, str]) -> dict[str, ChatKind]:
    """Give the kinds whose bot, where they need one, the operator has set."""
    return {name: kind for name, kind in CHAT_KINDS.items() if all(bot.get(key) for key in kind.bot)}


def check_bot(bot: Mapping[str, str]) -> None:
    """Check the shape of what the operator has set; a service of which nothing is set is not checked.

    Asks no server.

    Raises:
        SettingsError: a token or the address of the Matrix server is none, or one of the two is missing.
    """
    if bot.get(TELEGRAM_TOKEN):
        _bot_token(bot)
    if bot.get(MATRIX_TOKEN) or bot.get(MATRIX_SERVER):
        _matrix_token(bot)
        _matrix_server(bot)


def build_chat_address(kind_id: str, fields: Mapping[str, str], *, bot: Mapping[str, str]) -> ChatAddress:
    """Write the address of a chat from the fields of its kind; other fields are not read.

    Asks no server: whether the chat exists, and whether it is the reader's, is not known here.

    Raises:
        FieldFault: a field, or the kind, cannot be used.
        SettingsError: what the operator has set cannot be used.
    """
    kind = offered_kinds(bot).get(kind_id)
    if kind is None:
        raise FieldFault("kind", NOT_OFFERED)
    return _BUILDERS[kind.id](Form(kind, fields, bot))


def limited_as(url: str) -> tuple[str, str]:
    """Give what limits count of an address that we wrote: the chat, however it is written, and the server.

    Case and a topic of Telegram make no other chat, nor does another login of ntfy.
    """
    parts = urlsplit(url.casefold())
    authority = parts.netloc.rpartition("@")[2]
    chat = parts.path.partition("%3a")[0] if parts.scheme == "tgram" else parts.path
    return f"{parts.scheme}://{authority}{chat}", server_of(url)


def chosen_server(url: str) -> tuple[str, int] | None:
    """Give host and port of the server that a reader chose, out of an address that we wrote.

    None where the service is always at one address, or the operator's own Matrix server is meant.
    """
    parts = urlsplit(url)
    if parts.scheme not in _AT_CHOSEN_SERVERS:
        return None
    return parts.hostname or "", parts.port or HTTPS_PORT


# -------------------------------------------------------------------------- with a bot of the operator


def with_bot(url: str, bot: Mapping[str, str]) -> str:
    """Give the address as Apprise is given it: with the operator's bot, where the chat needs one.

    So a bot that gets another token, or another Matrix server, goes on for all who are told by it.

    Raises:
        SettingsError: what the operator has set cannot be used, or is set no more.
    """
    parts = urlsplit(url)
    if parts.netloc != _THE_BOT or parts.scheme not in _BY_BOT:
        return url
    if parts.scheme == "tgram":
        return urlunsplit(parts._replace(netloc=quote(_bot_token(bot), safe="")))
    server = _matrix_server(bot)
    return urlunsplit(
        parts._replace(
            scheme="matrixs" if server.scheme == "https" else "matrix",
            netloc=f"{quote(_matrix_token(bot), safe='')}@{server.authority}",
        )
    )


def _build_matrix(form: Form) -> ChatAddress:
    room = form.match("room", _ROOM)
    server = _matrix_server(form.bot)
    _matrix_token(form.bot)
    # Without discovery it stays at the operator's server; ids of newer rooms name no server.
    url = _url("matrix", _THE_BOT, room, discovery="no", hsreq="no")
    return ChatAddress(url, server.host, server.port, f"Matrix {room}")


def _build_telegram(form: Form) -> ChatAddress:
    chat, thread = form.match("chat", _CHAT), form.match("thread", _THREAD)
    _bot_token(form.bot)
    place = f"{chat}:{thread}" if thread else chat
    url = _url("tgram", _THE_BOT, place)
    return ChatAddress(url, "api.telegram.org", HTTPS_PORT, f"Telegram {place}")


def _bot_token(bot: Mapping[str, str]) -> str:
    token = bot.get(TELEGRAM_TOKEN, "").strip()
    if not _BOT_TOKEN.fullmatch(token):
        raise _unfit(TELEGRAM_TOKEN)
    return token


def _matrix_token(bot: Mapping[str, str]) -> str:
    token = bot.get(MATRIX_TOKEN, "").strip()
    if not _MATRIX_TOKEN.fullmatch(token):
        raise _unfit(MATRIX_TOKEN)
    return token


def _matrix_server(bot: Mapping[str, str]) -> Web:
    server = parse_web(bot.get(MATRIX_SERVER, "").strip())
    if server is None or find_server_fault(server) or server.path.strip("/") or server.query:
        raise _unfit(MATRIX_SERVER)
    return server


def _unfit(key: str) -> SettingsError:
    fault = UNFIT_SETTINGS[key]
    return SettingsError(fault.message, resource=f"AVIZOR_{key.upper()}", mend=fault.mend)


# ---------------------------------------------------------------------------------------------- webhooks


def _build_slack(form: Form) -> ChatAddress:
    web = form.read_fixed("webhook", _SLACK_HOSTS)
    team, hook, token = _parts(form, web, _SLACK)
    url = _url("slack", quote(team, safe=""), hook, token)
    return ChatAddress(url, web.host, web.port, f"Slack …/{hook}")


def _build_discord(form: Form) -> ChatAddress:
    web = form.read_fixed("webhook", _DISCORD_HOSTS)
    number, token = _parts(form, web, _DISCORD)
    url = _url("discord", quote(number, safe=""), token)
    return ChatAddress(url, "discord.com", web.port, f"Discord …/{number}")


def _build_mattermost(form: Form) -> ChatAddress:
    web = form.read_web("webhook")
    (token,) = _parts(form, web, _MATTERMOST)
    url = _url("mmosts", web.authority, token)
    return ChatAddress(url, web.host, web.port, f"Mattermost {web.authority}")


def _build_teams(form: Form) -> ChatAddress:
    web = form.read_fixed("webhook", _TEAMS_HOSTS, with_query=True)
    direct, route, workflow = _parts(form, web, _WORKFLOW)
    given = _teams_parameters(form, web.query)
    options = {"pa": "yes" if direct else "", "route": route or "", "ver": given.get("api-version", "")}
    url = _url("workflows", web.authority, workflow, given["sig"], **options)
    return ChatAddress(url, web.host, web.port, f"Teams …/{workflow[:_SHOWN_OF_A_WORKFLOW]}")


def _teams_parameters(form: Form, query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    is_known = all(
        name in _TEAMS_PARAMETERS and _TEAMS_PARAMETERS[name].fullmatch(value) for name, value in pairs
    )
    if not is_known or len(given) < len(pairs) or "sig" not in given:
        raise form.wrong("webhook")
    return given


def _build_ntfy(form: Form) -> ChatAddress:
    text = form.read("server") or "ntfy.sh"
    web = form.read_web("server", text=text if "://" in text else f"https://{text}")
    if web.path.strip("/"):
        raise form.wrong("server")
    topic, token = form.match("topic", _TOPIC), form.match("token", _NTFY_TOKEN)
    authority = f"{quote(token, safe='')}@{web.authority}" if token else web.authority
    # Left to guess, Apprise sends to ntfy.sh what is for a server whose name it does not understand.
    url = _url("ntfys", authority, topic, mode="private", auth="token" if token else "")
    shown = topic[: min(_SHOWN_OF_A_TOPIC, len(topic) // _SHOWN_OF_A_TOPIC)]
    return ChatAddress(url, web.host, web.port, f"ntfy {web.authority}/{shown}…")


_BUILDERS: Mapping[str, Callable[[Form], ChatAddress]] = {
    "matrix": _build_matrix,
    "telegram": _build_telegram,
    "slack": _build_slack,
    "discord": _build_discord,
    "teams": _build_teams,
    "mattermost": _build_mattermost,
    "ntfy": _build_ntfy,
}


def _parts(form: Form, web: Web, shape: re.Pattern[str]) -> tuple[str, ...]:
    found = shape.fullmatch(web.path)
    if not found:
        raise form.wrong("webhook")
    return found.groups()


def _url(scheme: str, authority: str, *parts: str, **options: str) -> str:
    path = "/".join(quote(part, safe="") for part in parts)
    query = urlencode({name: value for name, value in options.items() if value})
    return f"{scheme}://{authority}/{path}" + (f"?{query}" if query else "")
