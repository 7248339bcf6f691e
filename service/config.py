"""Settings: read once, from the environment and `.env`; secrets also from files named by `NAME_FILE`."""

from __future__ import annotations

import os
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from service.errors import SecretMissing, SettingsError
from service.text import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "AVIZOR_"
LEAST_SECRET = 16  # characters
_OF_PROVIDER = ("oidc_client_id", "oidc_client_secret")
_WHO_OF_THERE = "mail addresses, @domains or names of groups, by commas."


class Settings(BaseModel):
    """Everything that can be set. Each field is the environment variable `AVIZOR_<NAME>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path("data"), description="Folder of the database and its lock.")
    database_url: str = Field(
        default="",
        repr=False,
        description="sqlite:///FILE or postgresql://…; empty: SQLite in the data folder.",
    )
    watchlists: Path = Field(
        default=Path("watchlists"), description="Folder of watchlists, feed packs and channels."
    )
    host: str = Field(default="127.0.0.1", description="Address the pages are served on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port the pages are served on.")
    public_url: str = Field(
        default="", description="Address at which readers reach the pages; links start with it."
    )
    contact: str = Field(
        default="", description="Mail or web address of the operator, shown to publishers in the User-Agent."
    )
    smtp_url: str = Field(
        default="", repr=False, description="smtp://user:password@host:587; how alerts by mail are sent."
    )
    mail_from: str = Field(default="", description="Sender of alerts, like: Avizor <alerts@example.org>.")
    alert_to: str = Field(
        default="", description="Mail address that gets every alert; for more, use channels.yaml."
    )
    alert_url: str = Field(
        default="", repr=False, description="Chat address (Apprise) that gets every alert."
    )
    operator_to: str = Field(
        default="",
        description="Mail address that is told when a source fails, moves, falls silent or recovers.",
    )
    operator_url: str = Field(
        default="", repr=False, description="Chat address (Apprise) that is told the same of sources."
    )
    operator_secret: str = Field(
        default="",
        repr=False,
        description="Secret by which the operator signs in to the pages, of 16 characters or more.",
    )
    anonymous_readers: bool = Field(
        default=False, description="true lets people look at the pages who have not signed in."
    )
    trusted_network: bool = Field(
        default=False,
        description="true says that whoever reaches the pages by AVIZOR_HOST may do everything there.",
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses of proxies before the pages, by commas; they say where visitors come from.",
    )
    oidc_issuer: str = Field(
        default="", description="Address of an OpenID provider that people may sign in at."
    )
    oidc_client_id: str = Field(default="", description="What that provider calls this service.")
    oidc_client_secret: str = Field(default="", repr=False, description="The secret it gave to this service.")
    oidc_operators: str = Field(default="", description=f"Who of there is operator: {_WHO_OF_THERE}")
    oidc_editors: str = Field(default="", description=f"Who of there is editor: {_WHO_OF_THERE}")
    oidc_readers: str = Field(
        default="", description=f"Who of there may read; empty: all who can sign in there. {_WHO_OF_THERE}"
    )
    telegram_token: str = Field(
        default="",
        repr=False,
        description="Token of the Telegram bot that posts to the chats of readers, from BotFather.",
    )
    matrix_server: str = Field(
        default="",
        description="Address of the Matrix server of the account that posts to the rooms of readers.",
    )
    matrix_token: str = Field(default="", repr=False, description="Access token of that Matrix account.")
    timezone: str = Field(
        default="UTC", description="IANA time zone of the pages and of the four channels above."
    )
    parallel_fetches: int = Field(default=64, ge=1, le=500, description="Feeds fetched at the same time.")
    parallel_sends: int = Field(default=8, ge=1, le=64, description="Messages sent at the same time.")
    lease_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="After this long, work of a process that died is taken over.",
    )
    grouping_window: int = Field(
        default=120,
        ge=0,
        le=3_600,
        description="Seconds that a first alert waits, so that it counts the outlets that follow at once.",
    )
    private_feeds: str = Field(
        default="",
        description="Hosts or networks inside your own network that feeds may be fetched from, by commas.",
    )

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            near = get_close_matches(name, available_timezones(), n=1)
            raise ValueError(f"{name} is no time zone" + (f"; did you mean {near[0]}?" if near else ""))
        return name

    @field_validator("operator_secret")
    @classmethod
    def _long_enough(cls, secret: str) -> str:
        if secret and len(secret) < LEAST_SECRET:
            raise ValueError(f"it has {len(secret)} characters, and {LEAST_SECRET} are the least")
        return secret

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, address: str) -> str:
        if address and not _is_web_address(address):
            raise ValueError("this is no web address, like https://alerts.example.org")
        return address

    @field_validator("trusted_proxies")
    @classmethod
    def _known_networks(cls, places: str) -> str:
        for place in words_of(places):
            try:
                ip_network(place, strict=False)
            except ValueError:
                raise ValueError("one of them is neither an address nor a network") from None
        return places

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, issuer: str) -> str:
        if issuer and not _is_safe_issuer(issuer):
            raise ValueError("write https:// and the name by which the provider calls itself")
        return issuer

    @property
    def is_private(self) -> bool:
        """Tell whether the pages are for this machine alone: nobody has to sign in then."""
        is_public = bool(self.public_url) and not is_loopback(urlsplit(self.public_url).hostname)
        return not is_public and (is_loopback(self.host) or self.trusted_network)

    def check_access(self) -> None:
        """Make sure that pages which others reach are not open to all; raises SettingsError."""
        self._check_provider()
        if self.is_private or self.operator_secret or self.oidc_issuer:
            return
        what = "AVIZOR_PUBLIC_URL" if self.public_url else "AVIZOR_HOST"
        raise SettingsError(
            "others can reach the pages, and nobody would have to sign in",
            resource=what,
            mend="Set AVIZOR_OPERATOR_SECRET to a long secret (openssl rand -base64 24 makes one).",
        )

    def _check_provider(self) -> None:
        """Make sure that all is said of the provider, or nothing; raises SettingsError."""
        needed = {name: str(getattr(self, name)) for name in ("oidc_issuer", *_OF_PROVIDER)}
        missing = next((name for name, value in needed.items() if not value), "")
        if any(needed.values()) and missing:
            about = Settings.model_fields[missing].description
            mend = f"It is: {about} Without a provider, leave all of them empty."
            raise SettingsError("this is missing", resource=PREFIX + missing.upper(), mend=mend)
        if self.oidc_issuer and not self.pages_url:
            mend = "Set it to the address at which readers reach the pages."
            message = "people who sign in at the provider could not come back"
            raise SettingsError(message, resource=f"{PREFIX}PUBLIC_URL", mend=mend)

    @property
    def bot(self) -> Mapping[str, str]:
        """Give what the service posts with to the chats of readers, as kinds of chat name it."""
        names = ("telegram_token", "matrix_server", "matrix_token")
        return {name: getattr(self, name) for name in names}

    @property
    def store_url(self) -> str:
        """Give the database address in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'avizor.db'}"

    @property
    def pages_url(self) -> str:
        """Give the address at which readers reach the pages, where it is known: said, or of this machine."""
        if self.public_url or not is_loopback(self.host) or not self.port:
            return self.public_url.rstrip("/")
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def user_agent(self) -> str:
        """Name program, version and the operator to publishers."""
        return f"Avizor/0.1 ({self._where_to_turn or 'no contact set'})"

    @property
    def _where_to_turn(self) -> str:
        page = self.contact if "://" in self.contact else self.public_url
        if not page:
            return f"+mailto:{self.contact}" if self.contact else ""
        return f"+{page}" if self.contact in {"", page} else f"+{page}; {self.contact}"


def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a setting that has several, by commas."""
    return tuple(word for part in text.split(",") if (word := part.strip()))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that do not close
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _is_safe_issuer(issuer: str) -> bool:
    if not _is_web_address(issuer):
        return False
    parts = urlsplit(issuer)
    is_safe = parts.scheme == "https" or is_loopback(parts.hostname)
    return is_safe and not (parts.query or parts.fragment or parts.username)


class Environment:
    """The environment as one look-up: process variables first, then `.env`; files by `NAME_FILE`."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """Take the variables as they are; files are read when asked for."""
        self._variables = variables

    @classmethod
    def load(cls, env_file: Path = Path(".env")) -> Environment:
        """Read the process's environment and the file beside it, if there is one."""
        from_file = {name: value or "" for name, value in dotenv_values(env_file).items()}
        return cls({**from_file, **os.environ})

    def secret(self, name: str) -> str:
        """Give the value of `name`, or of the file named by `name_FILE`; raises SecretMissing."""
        value = self._variables.get(name, "")
        path = self._variables.get(f"{name}_FILE", "")
        if value or not path:
            if value:
                return value
            mend = f"Set {name} in the environment or in .env, or {name}_FILE to a file that holds it."
            raise SecretMissing(f"{name} is not set", resource=name, mend=mend)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else "is not UTF-8 text"
            mend = f"Make {name}_FILE name a readable file."
            raise SecretMissing(f"{path}: {reason}", resource=f"{name}_FILE", mend=mend) from fault

    def settings(self) -> Settings:
        """Check and give the settings; raises SettingsError naming the variable and the mend."""
        given = {}
        for variable in self._variables:
            if not variable.startswith(PREFIX) or variable == "AVIZOR_FAILPOINT":
                continue
            name = variable.removeprefix(PREFIX).removesuffix("_FILE").lower()
            if name not in Settings.model_fields:
                raise _unknown(variable)
            if self._variables[variable]:
                given[name] = self.secret(PREFIX + name.upper())
        try:
            return Settings.model_validate(given)
        except ValidationError as fault:
            raise _refused(fault) from None  # the library's message repeats the value, which may be secret


def _unknown(variable: str) -> SettingsError:
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    near = get_close_matches(variable, names, n=1)
    mend = f"Did you mean {near[0]}?" if near else "`.env.example` lists all settings."
    return SettingsError("there is no such setting", resource=variable, mend=mend)


def _refused(fault: ValidationError) -> SettingsError:
    first = fault.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0])
    about = Settings.model_fields[name].description or ""
    return SettingsError(
        first["msg"].removeprefix("Value error, "), resource=PREFIX + name.upper(), mend=f"It is: {about}"
    )
