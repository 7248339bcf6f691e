"""All that a reader is told about kinds of chat: what to make first, what to fill in, what is wrong. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from service.wording import later

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
    """What is wrong and the mend, without a word of what was typed: English, to be said in any language.

    `given` fills the field of that name in the mend: an example.
    """

    message: str
    mend: str
    given: str = ""


EMPTY = Fault(later("This field is empty."), later("Fill it in."))
TOO_LONG = Fault(later("This is far too long."), later("Paste what the service shows, and nothing else."))
NOT_HTTPS = Fault(
    later("The address does not begin with https://."),
    later("Copy the whole address that the service shows."),
)
WITH_LOGIN = Fault(later("The address holds an @ sign."), later("Leave out user name and password."))
WITH_FRAGMENT = Fault(later("The address holds a # sign."), later("Leave out the # and all that follows it."))
WITH_PORT = Fault(
    later("The address names a port."), later("Leave out the colon and the number behind the server's name.")
)
WITH_QUERY = Fault(
    later("The address goes on after a question mark."), later("Leave out the ? and all that follows it.")
)
ODD_PORT = Fault(
    later("No server can have this port."), later("Write a number from 1 to 65535 behind the colon.")
)
ODD_SERVER = Fault(
    later("This name of a server cannot be used."),
    later("Write its name in plain letters, like chat.example.org, or its address, like 203.0.113.7."),
)
CLOSED_SERVER = Fault(
    later("No server that this service may connect to is reached by this name and port."),
    later("Use a server on the open Internet, at the usual port of https."),
)
NOT_OFFERED = Fault(
    later("This kind of chat is not offered here."), later("Choose one of the kinds in the list.")
)
UNFIT_SETTINGS = {
    TELEGRAM_TOKEN: Fault("This is not the token of a Telegram bot.", "Copy it from BotFather."),
    MATRIX_TOKEN: Fault("This is not an access token of Matrix.", "Copy that of the service's own account."),
    MATRIX_SERVER: Fault(
        "This is not the address of a Matrix server.", "Write it like https://matrix.example.org."
    ),
}


def looks_like(field: ChatField) -> Fault:
    """Give the fault of a text that does not look like the field's example."""
    return Fault(field.wrong, later("It looks like this: {given}"), field.example)


def _webhook(hint: str, example: str, wrong: str) -> ChatField:
    return ChatField("webhook", later("Webhook address"), hint, example, wrong, is_secret=True)


_KINDS = (
    ChatKind(
        "matrix",
        "Matrix",
        later("Make a room that anyone may join, or invite the account of this service to it."),
        (
            ChatField(
                "room",
                later("Room"),
                later(
                    "The room's address stands in its settings under General. An internal "
                    "room id will do, too."
                ),
                "#alerts:example.org",
                later("This is not the address of a Matrix room."),
            ),
        ),
        bot=(
            MATRIX_SERVER,
            MATRIX_TOKEN,
        ),
    ),
    ChatKind(
        "telegram",
        "Telegram",
        later(
            "Add the bot of this service to your group or channel; in a channel, make it an administrator."
        ),
        (
            ChatField(
                "chat",
                later("Group or channel"),
                later(
                    "A public name with its @, or the number of the chat, which begins "
                    "with a minus for groups."
                ),
                "@our_alerts",
                later("This is neither the public name nor the number of a Telegram chat."),
            ),
            ChatField(
                "thread",
                later("Topic"),
                later("Only for groups with topics: the number of the topic."),
                "5",
                later("This is not the number of a Telegram topic."),
                is_optional=True,
            ),
        ),
        bot=(TELEGRAM_TOKEN,),
    ),
    ChatKind(
        "slack",
        "Slack",
        later("Make a Slack app with an incoming webhook for your channel."),
        (
            _webhook(
                later("It stands on the page of your app under Incoming Webhooks."),
                "https://hooks.slack.com/services/T0123/B0123/abcdefghijkl",
                later("This is not the address of a Slack webhook."),
            ),
        ),
    ),
    ChatKind(
        "discord",
        "Discord",
        later("Make a webhook in your channel's settings, under Integrations."),
        (
            _webhook(
                later("Copy it with the button under the webhook's name."),
                "https://discord.com/api/webhooks/123456789012345678/abcdefghijkl",
                later("This is not the address of a Discord webhook."),
            ),
        ),
    ),
    ChatKind(
        "teams",
        "Microsoft Teams",
        later(
            "Add the workflow that posts to your channel when a webhook request "
            "comes in; let anyone start it."
        ),
        (
            _webhook(
                later(
                    "The workflow shows it once it is saved. Those of the older connectors "
                    "do not work any more."
                ),
                "https://prod-1.westus.logic.azure.com:443/workflows/0123abcd/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=abcdefghijkl",
                later("This is not the address of a Teams workflow webhook."),
            ),
        ),
    ),
    ChatKind(
        "mattermost",
        "Mattermost",
        later("Make an incoming webhook for your channel, under Integrations."),
        (
            _webhook(
                later("Mattermost shows it when the webhook is made."),
                "https://chat.example.org/hooks/abcdefghijklmnopqrstuvwxyz",
                later("This is not the address of a Mattermost webhook."),
            ),
        ),
    ),
    ChatKind(
        "ntfy",
        "ntfy",
        later("Choose a topic that nobody can guess, and subscribe to it in the ntfy app."),
        (
            ChatField(
                "server",
                later("Server"),
                later("Leave it empty for ntfy.sh."),
                "https://ntfy.example.org",
                later("This is not the address of an ntfy server."),
                is_optional=True,
            ),
            ChatField(
                "topic",
                later("Topic"),
                later("Up to 64 letters, digits, - and _. Whoever knows it can read along."),
                "alerts-x7Kq2mPw9",
                later("This is not an ntfy topic."),
                is_secret=True,
            ),
            ChatField(
                "token",
                later("Access token"),
                later("Only for topics that are protected."),
                "tk_abcdefghijklmnopqrstuvwxyz012",
                later("This is not an access token of ntfy."),
                is_secret=True,
                is_optional=True,
            ),
        ),
    ),
)
CHAT_KINDS = {kind.id: kind for kind in _KINDS}
