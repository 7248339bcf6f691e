"""All that a reader is told about kinds of chat: what to make first, what to fill in, what is wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

TELEGRAM_TOKEN = "telegram_token"  # noqa: S105 -- the name of a setting
MATRIX_SERVER = "matrix_server"
MATRIX_TOKEN = "matrix_token"  # noqa: S105 -- the name of a setting


@dataclass(frozen=True, slots=True)
class ChatField:
    """One field of a form. `wrong` is what is said when the text does not look like `example`."""

    id: str
    label: str
    hint: str
    example: str
    wrong: str
    is_secret: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class ChatKind:
    """A kind of chat. `needs` is what the reader makes first, `bot` are the settings of the operator."""

    id: str
    title: str
    needs: str
    fields: tuple[ChatField, ...]
    bot: tuple[str, ...] = ()


class Fault(NamedTuple):
    """What is wrong and the mend, without a word of what was typed."""

    message: str
    mend: str


EMPTY = Fault("This field is empty.", "Fill it in.")
TOO_LONG = Fault("This is far too long.", "Paste what the service shows, and nothing else.")
NOT_HTTPS = Fault(
    "The address does not begin with https://.", "Copy the whole address that the service shows."
)
WITH_LOGIN = Fault("The address holds an @ sign.", "Leave out user name and password.")
WITH_FRAGMENT = Fault("The address holds a # sign.", "Leave out the # and all that follows it.")
WITH_PORT = Fault("The address names a port.", "Leave out the colon and the number behind the server's name.")
WITH_QUERY = Fault("The address goes on after a question mark.", "Leave out the ? and all that follows it.")
ODD_PORT = Fault("No server can have this port.", "Write a number from 1 to 65535 behind the colon.")
ODD_SERVER = Fault(
    "This name of a server cannot be used.",
    "Write its name in plain letters, like chat.example.org, or its address, like 203.0.113.7.",
)
NOT_OFFERED = Fault("This kind of chat is not offered here.", "Choose one of the kinds in the list.")
UNFIT_SETTINGS = {
    TELEGRAM_TOKEN: Fault("This is not the token of a Telegram bot.", "Copy it from BotFather."),
    MATRIX_TOKEN: Fault("This is not an access token of Matrix.", "Copy that of the service's own account."),
    MATRIX_SERVER: Fault(
        "This is not the address of a Matrix server.", "Write it like https://matrix.example.org."
    ),
}


def looks_like(field: ChatField) -> Fault:
    """Give the fault of a text that does not look like the field's example."""
    return Fault(field.wrong, f"It looks like this: {field.example}")


def _webhook(title: str, hint: str, example: str) -> ChatField:
    wrong = f"This is not the address of a {title} webhook."
    return ChatField("webhook", "Webhook address", hint, example, wrong, is_secret=True)


_KINDS = (
    ChatKind(
        "matrix",
        "Matrix",
        "Make a room that anyone may join, or invite the account of this service to it.",
        (
            ChatField(
                "room",
                "Room",
                "The room's address stands in its settings under General. An internal room id will do, too.",
                "#alerts:example.org",
                "This is not the address of a Matrix room.",
            ),
        ),
        bot=(MATRIX_SERVER, MATRIX_TOKEN),
    ),
    ChatKind(
        "telegram",
        "Telegram",
        "Add the bot of this service to your group or channel; in a channel, make it an administrator.",
        (
            ChatField(
                "chat",
                "Group or channel",
                "A public name with its @, or the number of the chat, which begins with a minus for groups.",
                "@our_alerts",
                "This is neither the public name nor the number of a Telegram chat.",
            ),
            ChatField(
                "thread",
                "Topic",
                "Only for groups with topics: the number of the topic.",
                "5",
                "This is not the number of a Telegram topic.",
                is_optional=True,
            ),
        ),
        bot=(TELEGRAM_TOKEN,),
    ),
    ChatKind(
        "slack",
        "Slack",
        "Make a Slack app with an incoming webhook for your channel.",
        (
            _webhook(
                "Slack",
                "It stands on the page of your app under Incoming Webhooks.",
                "https://hooks.slack.com/services/T0123/B0123/abcdefghijkl",
            ),
        ),
    ),
    ChatKind(
        "discord",
        "Discord",
        "Make a webhook in your channel's settings, under Integrations.",
        (
            _webhook(
                "Discord",
                "Copy it with the button under the webhook's name.",
                "https://discord.com/api/webhooks/123456789012345678/abcdefghijkl",
            ),
        ),
    ),
    ChatKind(
        "teams",
        "Microsoft Teams",
        "Add the workflow that posts to your channel when a webhook request comes in; let anyone start it.",
        (
            _webhook(
                "Teams workflow",
                "The workflow shows it once it is saved. Those of the older connectors do not work any more.",
                "https://prod-1.westus.logic.azure.com:443/workflows/0123abcd/triggers/manual/paths/invoke"
                "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijkl",
            ),
        ),
    ),
    ChatKind(
        "mattermost",
        "Mattermost",
        "Make an incoming webhook for your channel, under Integrations.",
        (
            _webhook(
                "Mattermost",
                "Mattermost shows it when the webhook is made.",
                "https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz",
            ),
        ),
    ),
    ChatKind(
        "ntfy",
        "ntfy",
        "Choose a topic that nobody can guess, and subscribe to it in the ntfy app.",
        (
            ChatField(
                "server",
                "Server",
                "Leave it empty for ntfy.sh.",
                "https://ntfy.example.org",
                "This is not the address of an ntfy server.",
                is_optional=True,
            ),
            ChatField(
                "topic",
                "Topic",
                "Up to 64 letters, digits, - and _. Whoever knows it can read along.",
                "alerts-x7Kq2mPw9",
                "This is not an ntfy topic.",
                is_secret=True,
            ),
            ChatField(
                "token",
                "Access token",
                "Only for topics that are protected.",
                "tk_abcdefghijklmnopqrstuvwxyz012",
                "This is not an access token of ntfy.",
                is_secret=True,
                is_optional=True,
            ),
        ),
    ),
)
CHAT_KINDS = {kind.id: kind for kind in _KINDS}
