"""What tests of messages are made of: invented news as entries, alerts and digests, and any strings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from service.domain import (
    Entry,
    Event,
    Evidence,
    FeedGroup,
    HeldReason,
    JoinReason,
    Lineage,
    NotifyReason,
    TextField,
)
from service.group import Carried
from service.notify import Alert, DigestItem, ReaderLinks, ReaderView

BASE = "https://alerts.example"
LIMA = "America/Lima"
DESK = ReaderView(timezone=LIMA, base_url=BASE, channel_id="desk")
NOBODY = ReaderView()
NOW = datetime(2026, 11, 3, 11, 12, tzinfo=UTC)
LINKS = ReaderLinks(
    change="https://alerts.example/r/change",
    leave="https://alerts.example/r/leave",
    mute="https://alerts.example/r/mute",
    useful="https://alerts.example/r/useful",
    noise="https://alerts.example/r/noise",
)
ANA = ReaderView(LIMA, base_url=BASE, confirmed_at=NOW - timedelta(days=20), links=LINKS)
SUMMARY = (
    "El tribunal leyó ayer el fallo. La orden devuelve la vigilancia del Puerto Viejo al regulador, "
    "dijo Cosmo. El ministerio calla."
)
TITLE = "Ordenan vigilar otra vez el Puerto Viejo"


def make_entry(number: int = 1, **changes: object) -> Entry:
    entry = Entry(
        id=number,
        feed_id=number,
        url=f"https://diario{number}.example/nota/{number}?a=1&b=2",
        canonical_url="",
        title=TITLE,
        summary=SUMMARY,
        language="es",
        published_at=NOW + timedelta(minutes=number),
        first_seen_at=NOW + timedelta(minutes=9 + number),
        outlet=f"Diario {number}",
        country="PE",
    )
    return replace(entry, **changes)  # type: ignore[arg-type] # tests name real fields


def found_at(word: str, field: TextField, term: str = "", line: int = 9) -> Evidence:
    text = TITLE if field is TextField.TITLE else SUMMARY
    start = text.index(word)
    return Evidence(term or word.lower(), field, start, start + len(word), line)


EVIDENCE = (
    found_at("Puerto Viejo", TextField.TEXT),
    found_at("Cosmo", TextField.TEXT, line=12),
    found_at("Puerto Viejo", TextField.TITLE),
)


def carry(entry: Entry) -> Carried:
    return Carried(entry, Lineage())


def _with_reports(changes: dict[str, object]) -> dict[str, object]:
    reports = changes.get("reports")
    return changes if reports is None else changes | {"reports": tuple(map(carry, reports))}  # type: ignore[call-overload] # entries


def make_alert(**changes: object) -> Alert:
    alert = Alert(
        "port", "Old Port", "e1", make_entry(), EVIDENCE, NotifyReason.NEW_EVENT, (carry(make_entry()),)
    )
    return replace(alert, **_with_reports(changes))  # type: ignore[arg-type] # tests name real fields


def make_item(number: int = 1, title: str = "Old Port", **changes: object) -> DigestItem:
    event = Event(f"e{number}", "port", TITLE, NOW, NOW)
    item = DigestItem(title, event, (carry(make_entry(number)),), EVIDENCE, held=HeldReason.DIGEST)
    return replace(item, **_with_reports(changes))  # type: ignore[arg-type] # tests name real fields


class _Checker(HTMLParser):
    """Refuses what a mail must not hold; collects links and the text that is shown."""

    allowed = frozenset("html head meta title style body div table tr td a b br span".split())  # noqa: SIM905 -- short words

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.shown = ""
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.allowed, tag
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        assert not [name for name in names if name.startswith("on") or name == "src"]
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag == "html":
            self.language = dict(attrs)["lang"] or ""
        if tag == "br":
            self.shown += "\n"
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.shown += data


def check_html(html: str) -> _Checker:
    """Read the HTML of a message as a mail program would, and refuse what it must not hold."""
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert not checker.open
    assert len(html.encode()) < 30_000
    assert "@import" not in html
    assert "url(" not in html
    assert all(link.startswith(("https://", "http://")) for link in checker.links)
    return checker


# ------------------------------------------------------------------------------------- any strings

ANY_TEXT = st.one_of(
    st.text(st.characters(), max_size=80),
    st.text("<>&\"'/ ascript=onerror:\u202e\x00\n", max_size=200),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</title></style><script>",
            "javascript:alert(1)",
            "https://x.example/" + "&" * 2_000,
            "'" * 20_000,
            "palabra. " * 3_000,
            "\ud800 \U0001f600" * 500,
        ]
    ),
)
ANY_TIME = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=-3))))
ANY_ENTRY = st.builds(
    Entry,
    id=st.integers(0, 9),
    feed_id=st.just(1),
    url=ANY_TEXT | st.just("https://ok.example/nota"),
    canonical_url=ANY_TEXT,
    title=ANY_TEXT,
    summary=ANY_TEXT,
    language=ANY_TEXT,
    published_at=st.none() | ANY_TIME,
    first_seen_at=ANY_TIME,
    outlet=ANY_TEXT,
    country=ANY_TEXT,
    group=st.sampled_from(FeedGroup),
    owner=ANY_TEXT,
)
ANY_EVIDENCE = st.builds(
    Evidence,
    term=ANY_TEXT,
    field=st.sampled_from(TextField),
    start=st.integers(-10, 30_000),
    end=st.integers(-10, 30_000),
    line=st.integers(),
)
EVIDENCES = st.lists(ANY_EVIDENCE, max_size=6).map(tuple)
ANY_LINEAGE = st.builds(Lineage, copy_of=st.integers(0, 9), credit=st.sampled_from(["", "efe"]))
ANY_CARRIED = st.builds(Carried, ANY_ENTRY, ANY_LINEAGE)
ENTRIES = st.lists(ANY_CARRIED, max_size=4).map(tuple)
ANY_ALERT = st.builds(
    Alert,
    watchlist_id=ANY_TEXT,
    watchlist_title=ANY_TEXT,
    event_id=ANY_TEXT,
    entry=ANY_ENTRY,
    evidence=EVIDENCES,
    reason=st.sampled_from(NotifyReason),
    reports=ENTRIES,
    join_reason=st.sampled_from(JoinReason),
    news=st.lists(ANY_TEXT, max_size=6).map(tuple),
    also=st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=12).map(tuple),
    at=st.none() | ANY_TIME,
    held=st.none() | st.sampled_from(HeldReason),
)
ANY_LINKS = st.builds(
    ReaderLinks, change=ANY_TEXT, leave=ANY_TEXT, mute=ANY_TEXT, useful=ANY_TEXT, noise=ANY_TEXT
)
ANY_ZONE = st.sampled_from(["UTC", LIMA, "Pacific/Kiritimati", "no/where", "", "/etc/passwd", "\x00"])
ANY_VIEW = st.builds(
    ReaderView,
    timezone=ANY_ZONE,
    language=st.sampled_from(["en", "es", "pt", "xx", "<b>"]),
    base_url=st.just(BASE),
    channel_id=ANY_TEXT,
    confirmed_at=st.none() | ANY_TIME,
    links=ANY_LINKS | st.just(LINKS),
)
MANY = settings(suppress_health_check=list(HealthCheck))


ANY_ITEM = st.builds(
    DigestItem,
    watchlist_title=ANY_TEXT,
    event=st.builds(Event, ANY_TEXT, ANY_TEXT, ANY_TEXT, st.just(NOW), st.just(NOW)),
    reports=st.lists(ANY_CARRIED, min_size=1, max_size=3).map(tuple),
    evidence=EVIDENCES,
    news=st.lists(ANY_TEXT, max_size=3).map(tuple),
    reason=st.sampled_from([NotifyReason.NEW_EVENT, NotifyReason.FRESH_REPORT, NotifyReason.UPDATE]),
    held=st.none() | st.sampled_from(HeldReason),
)
