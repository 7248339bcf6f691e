"""Readers who subscribe: a store with news, the steps around them, and their pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from httpx import ASGITransport, AsyncClient
from sqlmodel import SQLModel

from service import loop
from service.domain import Evidence, Match, Notification, NotifyReason, PlannedDelivery, TextField
from service.notify import Roll
from service.pipeline import Admitting, Desk, Shift
from service.pipeline.telling import Telling
from service.signup import Subscriber, Wishes
from service.store import RenderedDelivery
from service.web import Health, View
from service.wiring.files import Files
from service.wiring.parts import sync_store
from tests.partners.newsroom import NOW, Newsroom, Written, source
from tests.partners.visits import app_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from httpx import Response

    from service.store import Store
    from service.tokens import Token

BASE = "https://alerts.example"
ANA = "ana@example.org"
WISHES = Wishes(("chancay-port", "amazon-rail"), timezone="America/Lima", language="en")
OURS = {"sec-fetch-site": "same-origin"}
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {
    "address": ANA,
    "watchlists": ["chancay-port", "amazon-rail"],
    "days": "immediate",
    "timezone": "America/Lima",
    "language": "en",
    "wake": "major",
}
_MAX_ROWS = 10_000


@dataclass
class House:
    """A store with watchlists and the steps that work on it. `now` is the time, `roll` what files say."""

    store: Store
    now: datetime = NOW
    roll: Roll = field(default_factory=lambda: Roll({}))
    shift: Shift = field(init=False)
    admitting: Admitting = field(init=False)
    room: Newsroom = field(init=False)
    base: str = field(init=False)
    outlets: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Put the watchlists in force."""
        self.room = Newsroom(self.store)
        self.move(BASE)

    def move(self, base: str) -> None:
        """Have links lead to another address from now on."""
        self.base = base
        titles = {one.id: one.title for one in self.store.readers.list_offered()}
        desk = Desk(lambda entry, feed: [], titles, self.roll)
        self.shift = Shift(self.store, desk, lambda: self.now, "w", timedelta(minutes=5), base)
        self.admitting = Admitting(self.shift)

    def start(self) -> None:
        """Note what files say, as each start of the service does."""
        roll = self.shift.desk.roll
        files = Files((), (), tuple(roll.channels.values()), roll.subscriptions, ())
        watchlists = [(one.id, one.title, one.about, "1") for one in self.store.readers.list_offered()]
        sync_store(self.store, files, [], self.now)
        self.store.sync_watchlists(watchlists, now=self.now)

    @property
    def view(self) -> View:
        """Give what the pages look at."""
        well = Health(ok=True, checks={})
        clock = self.shift.clock
        return View(
            self.store, lambda: (), lambda: well, "UTC", clock, public_host="alerts.example", can_mail=True
        )

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def ask(
        self, address: str = ANA, wishes: Wishes = WISHES, *, kind: str = "subscribe", origin: str = "o"
    ) -> int:
        """Send a form and have it looked at; returns how many letters there were."""
        assert self.store.signups.take_form(kind, address, wishes, origin=origin, most=99_999, now=self.now)
        return self.admitting.admit_due()

    def letters(self) -> list[tuple[str, str]]:
        """Give to whom letters were written, and their texts, the oldest first."""
        found = self.store.reading.list_deliveries(limit=_MAX_ROWS)
        mine = [one for one in found if one.channel_id == "letters"]
        whole = [self.store.reading.get_delivery(one.id) for one in reversed(mine)]
        return [(one.target, one.notification.text) for one in whole]

    def last_link(self, address: str = "") -> str:
        """Give the path of the link in the last letter, or the last one to an address."""
        text = [said for to, said in self.letters() if address in {"", to}][-1]
        [path] = re.findall(rf"{self.base}(/\S+)", text)
        return str(path)

    def token(self, path: str) -> Token:
        """Open the token of a path."""
        token = self.store.readers.signer.open(path.rpartition("/")[2])
        assert token is not None
        return token

    def subscribe(self, address: str = ANA, wishes: Wishes = WISHES) -> Subscriber:
        """Have somebody subscribe and confirm."""
        assert self.ask(address, wishes) == 1
        confirmed = self.store.readers.confirm(self.token(self.last_link(address)).about, self.now)
        assert confirmed is not None
        return confirmed

    def report(
        self, headline: str, watchlist_id: str = "chancay-port", *, also: str = "", outlet: str = "Diario"
    ) -> None:
        """Have an article matched (for `also` another watchlist), grouped and told, as the service does."""
        if outlet not in self.outlets:
            self.outlets.add(outlet)
            self.room.open_feeds(source(outlet))
        [entry] = self.room.poll(outlet, Written(outlet, headline, at=self.now), at=self.now)
        with self.store.batch(self.now) as batch:
            evidence = (Evidence("puerto", TextField.TITLE, 3, 9, 9),)
            matches = [Match(entry, one, "1", evidence) for one in (watchlist_id, also) if one]
            grouped = self.shift.grouping.group(batch, matches, list)
            Telling(self.shift).store(batch, grouped, self.now)
        self.shift.grouping.committed()

    def queue(
        self,
        to: Subscriber,
        number: int,
        reason: NotifyReason = NotifyReason.NEW_EVENT,
        *,
        first: int = 0,
    ) -> None:
        """Store so many due deliveries for a reader, with numbers from the first on."""
        planned = [
            PlannedDelivery(
                f"q{one}", "s", to.channel.id, to.address, reason, f"e{one}", "chancay-port", 1, self.now
            )
            for one in range(first, first + number)
        ]
        said = Notification("Subject", f"Text {self.store.readers.signer.blank}", "")
        with self.store.batch(self.now) as batch:
            batch.save_deliveries(RenderedDelivery(one, said, f"<{one.id}@a.example>") for one in planned)

    def link(self, page: str, delivery_id: str) -> str:
        """Give the path of a page that the message of a delivery links to."""
        delivery = self.store.reading.get_delivery(delivery_id)
        channel = self.shift.roll().channels[delivery.channel_id]
        filled = self.shift.readership.fill(delivery, channel)
        return f"/{page}/{filled.leave_url.rpartition('/')[2]}"

    def states(self) -> dict[str, str]:
        """Give the state of every delivery that is no letter, and why it is held, by its id."""
        found = self.store.reading.list_deliveries(limit=_MAX_ROWS)
        return {
            one.id: f"{one.state.value} {one.held.value if one.held else ''}".strip()
            for one in found
            if one.channel_id != "letters"
        }

    def everything(self) -> str:
        """Give all that the database holds, as one text."""
        with self.store._database.read() as session:
            rows = [
                row
                for table in SQLModel.metadata.sorted_tables
                for row in session.connection().execute(table.select())
            ]
        return "\n".join(str(tuple(row)) for row in rows)  # a row itself shortens what is long


class Site:
    """The pages of readers, asked without a socket."""

    def __init__(self, view: View) -> None:
        """Make the application."""
        self._app = app_of(view)

    def ask(self, method: str, path: str, **request: Any) -> Response:  # noqa: ANN401 -- what the library takes
        """Ask once; `ip` is where from."""
        return loop.run(self.ask_once(method, path, **request))

    async def ask_once(
        self,
        method: str,
        path: str,
        *,
        ip: str = "203.0.113.9",
        **request: Any,  # noqa: ANN401 -- the same
    ) -> Response:
        """Ask within a loop that runs."""
        transport = ASGITransport(self._app, raise_app_exceptions=False, client=(ip, 40_000))
        async with AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **request)

    def get(self, path: str, **headers: str) -> Response:
        """Open a page."""
        return self.ask(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def send(
        self, path: str, fields: Mapping[str, str | Sequence[str]] | None = None, *, ip: str = "203.0.113.9"
    ) -> Response:
        """Send a form of ours, as a browser does."""
        body = urlencode(fields or {}, doseq=True)
        headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, content=body, headers=headers, ip=ip)

    def press(self, path: str) -> Response:
        """Press the one button of a page."""
        return self.send(path, {"yes": "1"})
