"""A reader subscribes a chat: the form, the code in the chat, the alerts, and the end of them."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from apprise.plugins.matrix import NotifyMatrix
from hypothesis import given
from hypothesis import strategies as st

from service import loop
from service.fetch import AddressPolicy
from service.notify import CHAT_KINDS, Sender, build_chat_address
from service.pipeline import Delivering
from service.signup import CODE_TRIES, FORMS_FROM_ONE_PLACE, LETTERS_TO_A_DOMAIN, Wishes
from service.store import AskedChat, Store
from service.tokens import Token
from service.web import Chats
from tests.partners.chat_services import BOT, DISCORD, MATTERMOST, NTFY_SECRET, SLACK, TEAMS, ChatServices
from tests.partners.chat_standin import ChatStandIn, redirected
from tests.partners.readers import OURS, House, Site
from tests.test_subscribing import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx import Response

    from service.domain import Delivery
    from service.fetch.address import Lookup

SERVER = "push.example"
NTFY = {"server": f"https://{SERVER}", "topic": "alerts-x7Kq2mPw9", "token": NTFY_SECRET}
WANTED = {"watchlists": ["chancay-port"], "days": "immediate", "timezone": "America/Lima", "language": "en"}
CODE = re.compile(r"Your code is (\d{3} \d{3})\.")


@dataclass
class Talk:
    """A house whose readers may add chats, the chat services, and what names lead to. Nothing leaves it."""

    house: House
    services: ChatServices
    standin: ChatStandIn
    names: dict[str, str] = field(default_factory=lambda: {SERVER: "198.51.100.7"})
    policy: AddressPolicy = field(default_factory=lambda: AddressPolicy(allow=("198.51.100.0/24",)))

    @cached_property
    def site(self) -> Site:
        """Give the pages."""
        return Site(replace(self.house.view, chats=Chats(BOT, self.is_allowed)))

    def is_allowed(self, host: str, port: int, lookup: Lookup | None = None) -> bool:
        """Judge as the service does, by the names known here; the stand-in is where every request ends up."""
        if (host, port) == self.standin.server_address:
            return True
        return self.policy.is_allowed(host, port, lookup or self._look_up)

    def _look_up(self, host: str, port: int, *_: object) -> list[tuple[Any, ...]]:
        if host not in self.names and not re.fullmatch(r"[\d.]+", host):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (self.names.get(host, host), port))]

    def ask(self, kind: str = "ntfy", fields: dict[str, str] = NTFY, **wanted: Any) -> Response:  # noqa: ANN401 -- what a form has
        """Send the form of a kind, and have it looked at."""
        answer = self.site.send(f"/subscribe/chat/{kind}", {**WANTED, **fields, **wanted})
        self.house.admitting.admit_due()
        return answer

    def deliver(self) -> list[str]:
        """Send what is due; gives the texts that came into chats by it."""
        before = len(self.services.arrived)
        sender = Sender(None, is_allowed=self.is_allowed, bot=BOT)
        delivering = Delivering(self.house.shift, sender.send, at_once=4)
        loop.run(delivering.deliver_due())
        delivering.close()
        return [one.text for one in self.services.arrived[before:]]

    def code(self) -> str:
        """Send what is due, which is one code."""
        [text] = self.deliver()
        [code] = CODE.findall(text)
        return str(code)

    def subscribe(self, kind: str = "ntfy", fields: dict[str, str] = NTFY, **wanted: Any) -> str:  # noqa: ANN401 -- the same
        """Subscribe a chat wholly; gives the path by which it is changed."""
        page = path_of(self.ask(kind, fields, **wanted))
        done = self.site.send(page, {"code": self.code()})
        assert done.status_code == 200, done.text
        [path] = re.findall(r'href="(/change/[^"]+)"', done.text)
        return str(path)

    def chats(self) -> list[Delivery]:
        """Give all deliveries to chats, the newest first."""
        return [one for one in self.house.store.reading.list_deliveries(limit=999) if not one.target]


def path_of(answer: Response) -> str:
    """Give the path of the page of the code, to which a form leads."""
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture(autouse=True)
def _matrix_is_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the half second by which Apprise spares a Matrix server between any two requests."""
    monkeypatch.setattr(NotifyMatrix, "request_rate_per_sec", 0)


@pytest.fixture
def talk(emptied_store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    with ChatStandIn() as standin, redirected(standin, monkeypatch):
        services = ChatServices()
        standin.services = services.answer
        yield Talk(House(emptied_store), services, standin)


# ------------------------------------------------------------------------------------ the whole way


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("ntfy", NTFY),
        ("matrix", {"room": "#sala:example.org"}),
        ("telegram", {"chat": "@our_alerts", "thread": "5"}),
        ("slack", {"webhook": SLACK}),
        ("discord", {"webhook": DISCORD}),
        ("teams", {"webhook": TEAMS}),
        ("mattermost", {"webhook": MATTERMOST.replace("team.example", SERVER)}),
    ],
)
def test_a_chat_is_told_from_its_code_on_until_somebody_in_it_ends_that(
    talk: Talk, kind: str, fields: dict[str, str]
) -> None:
    talk.names |= dict.fromkeys(
        ("hooks.slack.com", "discord.com", "prod-12.westus.logic.azure.com"), "198.51.100.8"
    )
    page = path_of(talk.ask(kind, fields))
    talk.house.report("El puerto de Chancay abre")
    code = talk.code()
    assert talk.deliver() == []
    done = talk.site.send(page, {"code": code})
    assert "You are subscribed" in done.text
    assert "does not expire" in done.text
    talk.house.report("Huelga en el puerto de Chancay", outlet="Otro")
    [alert] = talk.deliver()
    assert "Huelga en el puerto" in alert
    assert talk.house.store.audit.run().is_clean
    [change] = re.findall(r'href="(/change/[^"]+)"', done.text)
    assert read_page(talk.site.get(change)).checked == {"chancay-port"}
    [leave] = re.findall(r"alerts[.\\]*example(/leave/[\w\\.-]+)", alert)
    talk.house.report("Incendio en el puerto de Chancay", outlet="Tercero")
    assert talk.site.press(leave.replace("\\", "")).status_code == 200
    assert talk.deliver() == []
    assert {one.state.value for one in talk.chats()} == {"delivered", "cancelled"}
    kept = talk.house.everything()
    assert not any(text in kept for text in (*fields.values(), *BOT.values()) if len(text) > 1)
    assert talk.house.store.audit.run().is_clean


@pytest.mark.slow
def test_before_the_code_is_typed_nothing_but_one_code_is_posted(talk: Talk) -> None:
    talk.ask()
    assert len(talk.deliver()) == 1
    talk.house.report("El puerto de Chancay abre")
    assert talk.deliver() == []
    assert talk.house.store.readers.list_active() == []
    assert talk.house.shift.roll().subscriptions == ()


@pytest.mark.slow
def test_the_code_stands_in_the_chat_and_nowhere_else(talk: Talk) -> None:
    talk.ask()
    code = talk.code()
    [posted] = talk.chats()
    kept = talk.house.everything()
    assert posted.notification.title == "Your Avizor code: ••••••"
    assert code not in kept
    assert code.replace(" ", "") not in kept


# ------------------------------------------------------------------------------------------ the code


@pytest.mark.slow
def test_a_code_is_read_however_it_is_typed(talk: Talk) -> None:
    page = path_of(talk.ask())
    code = talk.code()
    assert talk.site.send(page, {"code": f" {code.replace(' ', '-')}. "}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("code", ["", "0", "000000 1", "１２３４５６", "x" * 9_999, "\x00"])
def test_another_code_is_a_fault_at_its_field_and_begins_nothing(talk: Talk, code: str) -> None:
    page = path_of(talk.ask())
    shown = read_page(talk.site.send(page, {"code": code}), 400)
    assert shown.faults["code"].startswith("This is not the code, or it is used up.")
    assert talk.house.store.readers.list_active() == []


@pytest.mark.slow
def test_after_five_wrong_codes_the_right_one_is_used_up(talk: Talk) -> None:
    page = path_of(talk.ask())
    code = talk.code()
    wrong = f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06d}"
    first = [talk.site.send(page, {"code": wrong}).status_code for _ in range(CODE_TRIES)]
    assert first == [400] * CODE_TRIES
    assert talk.site.send(page, {"code": code}).status_code == 400
    assert talk.house.store.readers.list_active() == []


@pytest.mark.slow
def test_with_one_try_left_the_right_code_is_taken(talk: Talk) -> None:
    page = path_of(talk.ask())
    code = talk.code()
    for _ in range(CODE_TRIES - 1):
        talk.site.send(page, {"code": "12345"})
    assert talk.site.send(page, {"code": code}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(("minutes", "status"), [(60, 200), (61, 400)])
def test_a_code_is_good_for_an_hour(talk: Talk, minutes: int, status: int) -> None:
    page = path_of(talk.ask())
    code = talk.code()
    talk.house.wait(minutes=minutes)
    assert talk.site.send(page, {"code": code}).status_code == status


@pytest.mark.slow
def test_a_code_is_taken_once(talk: Talk) -> None:
    page = path_of(talk.ask())
    code = talk.code()
    assert [talk.site.send(page, {"code": code}).status_code for _ in range(2)] == [200, 400]


def test_a_code_that_could_not_be_posted_in_time_is_never_posted(talk: Talk) -> None:
    talk.names.clear()
    talk.names[SERVER] = "10.0.0.1"
    address = build_chat_address("ntfy", NTFY, bot={})
    talk.house.store.signups.take_form(
        "chat",
        address.url,
        Wishes(("chancay-port",)),
        origin="o",
        most=9,
        now=talk.house.now,
        chat=AskedChat("ntfy", "asked1"),
    )
    talk.house.admitting.admit_due()
    assert talk.deliver() == []
    talk.house.wait(minutes=61)
    assert talk.deliver() == []
    [posted] = talk.chats()
    assert posted.state.value == "expired"
    talk.names[SERVER] = "198.51.100.7"
    talk.house.wait(minutes=61)
    talk.house.admitting.admit_due()
    assert talk.deliver() == []
    assert talk.house.store.readers.list_asked_chats() == []
    assert "reader-asked1" not in talk.house.shift.roll().channels


# ------------------------------------------------------------------------------------ floods, repeats


@pytest.mark.slow
def test_s112_a_chat_gets_one_code_a_day_however_it_is_written(talk: Talk) -> None:
    for number, chat in enumerate(("@our_alerts", "@OUR_alerts", "@Our_Alerts")):
        talk.ask("telegram", {"chat": chat, "thread": str(number + 1)})
    assert len(talk.deliver()) == 1
    talk.house.wait(hours=23, minutes=59)
    talk.ask("telegram", {"chat": "@our_alerts"})
    assert talk.deliver() == []
    talk.house.wait(minutes=1)
    talk.ask("telegram", {"chat": "@our_alerts"})
    assert len(talk.deliver()) == 1


@pytest.mark.slow
def test_s114_a_flood_at_one_server_waits_and_lets_others_through(talk: Talk) -> None:
    readers = talk.house.store.readers
    for number in range(LETTERS_TO_A_DOMAIN + 5):
        url = build_chat_address("ntfy", {"topic": f"topic-{number}"}, bot={}).url
        chat = AskedChat("ntfy", f"asked{number}")
        assert talk.house.store.signups.take_form(
            "chat", url, Wishes(), origin=str(number), most=1, now=talk.house.now, chat=chat
        )
    assert talk.house.admitting.admit_due() == LETTERS_TO_A_DOMAIN
    talk.ask()
    assert len([one for one in readers.list_asked_chats() if SERVER in one.address]) == 1


@pytest.mark.slow
def test_s113_forms_for_chats_from_one_place_are_limited_by_the_hour(talk: Talk) -> None:
    answers = [talk.ask(topic=f"alerts-{number}").status_code for number in range(FORMS_FROM_ONE_PLACE + 1)]
    assert answers == [*[303] * FORMS_FROM_ONE_PLACE, 429]


@pytest.mark.slow
def test_a_chat_that_is_subscribed_again_gets_what_is_asked_for_now_and_is_told_once(talk: Talk) -> None:
    first = talk.subscribe()
    talk.house.wait(hours=25)
    talk.subscribe(watchlists=["amazon-rail"])
    [reader] = talk.house.store.readers.list_active()
    assert reader.wishes.watchlists == ("amazon-rail",)
    talk.house.report("El tren en Chancay", also="amazon-rail")
    assert len(talk.deliver()) == 1
    assert "Amazon railway" in talk.site.get(first).text
    assert talk.house.store.audit.run().is_clean


@pytest.mark.slow
def test_s131_a_chat_that_comes_back_is_told_of_no_event_twice(talk: Talk) -> None:
    path = talk.subscribe()
    talk.house.report("El puerto de Chancay abre")
    assert len(talk.deliver()) == 1
    assert talk.site.press(path.replace("change", "leave")).status_code == 200
    talk.house.wait(hours=25)
    talk.subscribe()
    talk.house.report("El puerto de Chancay abre", outlet="Otro")
    assert talk.deliver() == []
    talk.house.report("Terremoto sacude Lima esta noche", outlet="Tercero")
    assert len(talk.deliver()) == 1
    assert talk.house.store.audit.run().is_clean


# ------------------------------------------------------------------------------- what links may and not


@pytest.mark.slow
def test_the_link_to_the_page_of_a_code_opens_nothing_else(talk: Talk) -> None:
    talk.subscribe()
    talk.house.wait(hours=25)
    token = path_of(talk.ask()).partition("?")[0].rpartition("/")[2]
    assert talk.site.get(f"/change/{token}").status_code == 410
    assert talk.site.get(f"/change/{token}/data.json").status_code == 410
    assert talk.site.send(f"/change/{token}", {**WANTED, "budget": "1"}).status_code == 410
    assert talk.site.press(f"/confirm/{token}").status_code == 410
    talk.site.press(f"/leave/{token}")
    [reader] = talk.house.store.readers.list_active()
    assert reader.wishes.budget == 0


@pytest.mark.slow
def test_the_link_of_a_chat_never_gets_too_old_and_that_of_mail_does(talk: Talk) -> None:
    of_chat = talk.subscribe()
    talk.house.wait(minutes=1)
    mail = talk.house.subscribe()
    token = talk.house.store.readers.signer.seal(Token(mail.subject, mail.id, talk.house.now))
    talk.house.wait(days=400)
    assert talk.site.get(of_chat).status_code == 200
    assert talk.site.get(f"/change/{token}").status_code == 410
    assert talk.site.send(of_chat, {**WANTED, "budget": "3"}).status_code == 200
    assert [one.wishes.budget for one in talk.house.store.readers.list_active()] == [3, 0]


@pytest.mark.slow
def test_what_is_kept_of_a_chat_is_given_without_its_secrets(talk: Talk) -> None:
    path = talk.subscribe("telegram", {"chat": "@our_alerts"})
    talk.house.subscribe()
    talk.house.report("El puerto de Chancay abre")
    talk.deliver()
    kept = talk.site.get(f"{path}/data.json")
    assert kept.json()["address"] == "Telegram @our_alerts"
    assert [one["state"] for one in kept.json()["deliveries"]] == ["delivered"]
    assert BOT["telegram_token"] not in kept.text


# ------------------------------------------------------------------------------------- fields, S125 S126


def _is_kept(talk: Talk) -> bool:
    return bool(
        talk.house.store.signups.list_requests(limit=9) or talk.house.store.readers.list_asked_chats()
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "field_id", "text"),
    [
        ("ntfy", "topic", "news?template=/etc/passwd"),
        ("ntfy", "topic", "news&attach=/etc/passwd"),
        ("ntfy", "topic", "one,two"),
        ("ntfy", "topic", "one%2Ctwo"),
        ("ntfy", "topic", "../admin"),
        ("ntfy", "token", "tk_a@evil.example"),
        ("ntfy", "server", "https://push.example?verify=no"),
        ("ntfy", "server", "https://me:pw@push.example"),
        ("ntfy", "server", "file:///etc/passwd"),
        ("matrix", "room", "#a:b.example?discovery=yes"),
        ("telegram", "chat", "@our_alerts/@another_one"),
        ("slack", "webhook", "json://10.0.0.1/"),
        ("discord", "webhook", "https://discord.com/api/webhooks/1/abcdefgh?wait=1#x"),
        ("mattermost", "webhook", MATTERMOST + "?template=/etc/passwd"),
        ("teams", "webhook", "https://evil.example/workflows/1/triggers/manual/paths/invoke?sig=abcdefgh"),
    ],
)
def test_s125_what_would_change_an_address_is_a_fault_at_its_field(
    talk: Talk, kind: str, field_id: str, text: str
) -> None:
    fields = (NTFY if kind == "ntfy" else {}) | {field_id: text}
    answer = talk.site.send(f"/subscribe/chat/{kind}", WANTED | fields)
    page = read_page(answer, 400)
    assert list(page.faults) == [field_id]
    is_secret = next(one.is_secret for one in CHAT_KINDS[kind].fields if one.id == field_id)
    assert page.values[field_id] == ("" if is_secret else text)
    assert NTFY_SECRET not in answer.text
    assert not _is_kept(talk)


@pytest.mark.slow
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "0.0.0.0", "inside.example"]
)
@pytest.mark.parametrize("kind", ["ntfy", "mattermost"])
def test_s126_a_chat_inside_a_private_network_is_a_fault_and_nothing_connects_there(
    talk: Talk, kind: str, host: str
) -> None:
    talk.names |= {"localhost": "127.0.0.1", "inside.example": "192.168.1.1"}
    fields = NTFY | {"server": f"https://{host}:8443"}
    if kind == "mattermost":
        fields = {"webhook": MATTERMOST.replace("team.example", host)}
    page = read_page(talk.site.send(f"/subscribe/chat/{kind}", WANTED | fields), 400)
    [fault] = page.faults.values()
    assert fault.startswith("No server that this service may connect to is reached")
    assert not _is_kept(talk)
    assert talk.standin.requests == []


@pytest.mark.slow
@pytest.mark.parametrize("server", ["gone.example", f"{SERVER}:22"])
def test_a_server_that_is_not_there_or_at_no_port_of_the_web_is_the_same_fault(
    talk: Talk, server: str
) -> None:
    talk.policy, talk.names[SERVER] = AddressPolicy(), "93.184.215.14"
    page = read_page(talk.site.send("/subscribe/chat/ntfy", WANTED | NTFY | {"server": server}), 400)
    assert "No server that this service may connect to" in page.faults["server"]
    assert talk.ask().status_code == 303


@pytest.mark.slow
def test_s126_a_name_that_comes_to_lead_inside_is_not_connected_to(talk: Talk) -> None:
    talk.subscribe()
    before = len(talk.standin.requests)
    talk.names[SERVER] = "127.0.0.1"
    talk.house.wait(minutes=1)
    talk.house.report("El puerto de Chancay abre")
    assert talk.deliver() == []
    assert len(talk.standin.requests) == before
    alert = talk.chats()[0]
    assert alert.state.value == "pending"
    assert "its name leads to where this service does not connect" in alert.words
    talk.names[SERVER] = "198.51.100.7"
    talk.house.wait(minutes=10)
    assert len(talk.deliver()) == 1


def test_a_server_of_the_operator_s_own_may_be_anywhere(talk: Talk) -> None:
    chats = Chats(BOT | {"matrix_server": "http://127.0.0.1:8008"}, lambda _host, _port: False)
    site = Site(replace(talk.house.view, chats=chats))
    answer = site.send("/subscribe/chat/matrix", WANTED | {"room": "#sala:example.org"})
    assert answer.status_code == 303


@pytest.mark.slow
def test_names_that_nobody_answers_for_do_not_hold_up_the_pages(talk: Talk) -> None:
    under_way, gate = threading.Semaphore(0), threading.Event()

    def is_allowed(_host: str, _port: int) -> bool:
        under_way.release()
        return gate.wait(60)

    site = Site(replace(talk.house.view, chats=Chats(BOT, is_allowed)))

    async def ask_many() -> list[int]:
        body = "&".join(f"{name}={value}" for name, value in {**NTFY, "watchlists": "chancay-port"}.items())
        headers = {**OURS, "content-type": "application/x-www-form-urlencoded"}

        def ask() -> asyncio.Task[Response]:
            return asyncio.create_task(
                site.ask_once("POST", "/subscribe/chat/ntfy", content=body, headers=headers)
            )

        waiting = [ask() for _ in range(4)]
        for _ in waiting:
            await asyncio.to_thread(under_way.acquire)
        refused = (await ask()).status_code
        gate.set()
        return [refused, *(answer.status_code for answer in await asyncio.gather(*waiting))]

    assert loop.run(ask_many()) == [400, 303, 303, 303, 303]


@pytest.mark.slow
@given(
    kind=st.sampled_from(sorted(CHAT_KINDS)),
    texts=st.lists(st.text() | st.text("/:?#@,%&;\\\"'<>{} abc.", max_size=40), min_size=3, max_size=3),
)
def test_s127_whatever_is_typed_the_page_answers_and_shows_it_as_text(
    still: Site, kind: str, texts: list[str]
) -> None:
    names = [one.id for one in CHAT_KINDS[kind].fields]
    marked = [f"<b>{text}" for text in texts]
    page = read_page(
        still.send(f"/subscribe/chat/{kind}", WANTED | dict(zip(names, marked, strict=False))), 400
    )
    assert "b" not in page.tags
    assert set(page.faults) <= set(names)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('still')}/avizor.db")
    yield Site(replace(House(store).view, chats=Chats(BOT, lambda _host, _port: False)))
    store.close()


# -------------------------------------------------------------------------------------------- the pages


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_every_kind_has_its_page_in_every_language(still: Site, language: str) -> None:
    listed = read_page(still.get(f"/subscribe/chat?language={language}"))
    assert listed.language == language
    for kind in CHAT_KINDS.values():
        assert kind.title in listed.text
        page = read_page(still.get(f"/subscribe/chat/{kind.id}?language={language}"))
        assert page.values.keys() >= {one.id for one in kind.fields}
        if language != "en":
            assert kind.needs not in page.text
        empty = read_page(still.send(f"/subscribe/chat/{kind.id}?language={language}", WANTED), 400)
        required = [one.id for one in kind.fields if not one.is_optional]
        assert list(empty.faults) == required[:1]


def test_wrong_wishes_and_wrong_fields_are_named_together(still: Site) -> None:
    page = read_page(still.send("/subscribe/chat/ntfy", {"topic": "a b", "quiet": "late"}), 400)
    assert set(page.faults) == {"topic", "watchlists", "quiet"}


@pytest.mark.slow
def test_kinds_whose_bot_nobody_set_are_not_offered(talk: Talk) -> None:
    site = Site(replace(talk.house.view, chats=Chats({}, talk.is_allowed)))
    listed = read_page(site.get("/subscribe/chat")).text
    assert "Slack" in listed
    assert "Telegram" not in listed
    for answer in (site.get("/subscribe/chat/telegram"), site.send("/subscribe/chat/telegram", WANTED)):
        assert "This kind of chat is not offered here." in read_page(answer, 404).text
    assert site.get("/subscribe/chat/json").status_code == 404


@pytest.mark.slow
def test_without_an_address_for_links_no_chat_can_be_added(talk: Talk) -> None:
    site = Site(talk.house.view)
    assert "cannot write to chats yet" in read_page(site.get("/subscribe/chat"), 503).text
    assert site.send("/subscribe/chat/ntfy", WANTED | NTFY).status_code == 404
    assert "/subscribe/chat" not in site.get("/subscribe").text
    assert "/subscribe/chat" in talk.site.get("/subscribe").text
    no_mail = Site(replace(talk.house.view, can_mail=False, chats=Chats({}, talk.is_allowed)))
    assert "/subscribe/chat" in no_mail.get("/subscribe").text


@pytest.mark.slow
def test_s121_a_form_for_a_chat_that_stood_elsewhere_is_refused(talk: Talk) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert talk.site.ask("POST", "/subscribe/chat/ntfy", headers=headers).status_code == 403
    assert not _is_kept(talk)


def test_the_page_of_a_code_is_in_the_language_of_the_form_and_changes_nothing(talk: Talk) -> None:
    answer = talk.site.send("/subscribe/chat/ntfy?language=es", WANTED | NTFY)
    page = read_page(talk.site.get(path_of(answer)))
    assert (page.language, page.heading) == ("es", "Escriba el código")
    assert talk.site.get("/code/nonsense").status_code == 404


def test_no_secret_of_a_chat_is_in_what_a_program_prints_of_it(talk: Talk) -> None:
    talk.ask()
    shown = repr((talk.house.store.readers.list_asked_chats(), talk.house.shift.roll(), talk.site))
    view = replace(talk.house.view, chats=Chats(BOT, talk.is_allowed))
    talk.site.send("/subscribe/chat/ntfy", WANTED | NTFY | {"topic": "alerts-another"})
    shown += repr((view.chats, talk.house.store.signups.list_requests(limit=9)))
    assert not any(secret in shown for secret in (NTFY_SECRET, NTFY["topic"], *BOT.values()))
