"""What a form asks for, what is wrong with it, and how many letters strangers can be made to get."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import EVERY_DAY, Cadence, ChannelKind, QuietHours, Timetable, Updates, recipient
from service.signup import (
    LETTERS_IN_ALL,
    LETTERS_TO_A_DOMAIN,
    Admission,
    Letters,
    Subscriber,
    Wishes,
    admit,
    chat_name,
    is_of_reader,
    mailbox_of,
    read_address,
    read_wishes,
    reader_id_of,
    timezones,
)
from service.text import address_fault
from service.wording import LANGUAGES, wording_for

NOW = datetime(2026, 11, 22, 14, 40, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KNOWN = ("chancay-port", "amazon-rail")
FILLED = {
    "watchlists": ["amazon-rail", "chancay-port", "amazon-rail"],
    "days": ["weekdays"],
    "hours": [" 07:00  18:00 "],
    "timezone": ["America/Lima"],
    "language": ["es"],
    "quiet": ["22:00-07:00"],
    "wake": ["nothing"],
    "budget": ["8"],
    "together": ["12:00  19:30"],
    "updates": ["milestones"],
}
WISHES = Wishes(
    ("amazon-rail", "chancay-port"),
    "weekdays 07:00 18:00",
    "America/Lima",
    "es",
    "22:00-07:00",
    "nothing",
    8,
    "daily 12:00 19:30",
    updates="milestones",
)


def _wrong(**fields: str) -> list[str]:
    given = FILLED | {name: [value] for name, value in fields.items()}
    return [fault.field for fault in read_wishes(given, KNOWN)[1]]


def test_a_form_becomes_the_wishes_that_it_says() -> None:
    assert read_wishes(FILLED, KNOWN) == (WISHES, ())


def test_a_form_with_nothing_but_a_watchlist_asks_for_alerts_at_once() -> None:
    assert read_wishes({"watchlists": ["amazon-rail"]}, KNOWN) == (Wishes(("amazon-rail",)), ())
    assert read_wishes({"watchlists": ["amazon-rail"], "days": ["daily"]}, KNOWN)[0].when == "daily 07:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("watchlists", "no-such-list"),
        ("timezone", "Mars/Olympus"),
        ("language", "../es"),
        ("wake", "everything"),
        ("updates", "{{7*7}}"),
        ("hours", "25:00"),
        ("hours", "07:00; DROP TABLE reader"),
        ("quiet", "22-7"),
        ("quiet", "07:00-07:00"),
        ("together", "noon"),
        ("together", "25:00"),
        ("budget", "-1"),
        ("budget", "٨"),
        ("budget", "10000"),
    ],
)
def test_a_wrong_field_is_named_and_left_at_its_default(field: str, value: str) -> None:
    assert _wrong(**{field: value}) == [field]


def test_hours_are_not_looked_at_where_alerts_come_at_once() -> None:
    assert _wrong(days="immediate", hours="never") == []


def test_a_budget_is_cut_to_what_is_sensible() -> None:
    assert read_wishes(FILLED | {"budget": ["9999"]}, KNOWN)[0].budget == 1_000


@given(st.dictionaries(st.sampled_from(sorted(FILLED)), st.lists(st.text(), max_size=3)))
def test_whatever_a_form_holds_becomes_a_subscription_that_works(fields: dict[str, list[str]]) -> None:
    wishes, faults = read_wishes(fields, KNOWN)
    assert set(wishes.watchlists) <= set(KNOWN)
    assert bool(wishes.watchlists) is ("watchlists" not in {fault.field for fault in faults})
    assert wishes.timezone in timezones()
    assert Wishes.of_values(json.loads(json.dumps(wishes.as_values()))) == wishes
    assert wishes.subscription("name", "channel").watchlists == frozenset(wishes.watchlists)


@given(st.text(), st.sampled_from(sorted(LANGUAGES)))
def test_an_address_passes_or_its_fault_is_said_in_every_language(address: str, language: str) -> None:
    read, faults = read_address({"address": [address]})
    assert read == address.strip()
    assert bool(faults) is (not read or address_fault(read) is not None)
    say = wording_for(language).say
    for fault in faults:
        assert fault.field == "address"
        assert (say(fault.message) == fault.message) is (language == "en")
        assert (say(fault.mend) == fault.mend) is (language == "en")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "No mail address is given."),
        ("ana@a.example, eva@b.example", "exactly one @"),
        ("ana.example.org", "exactly one @"),
        (f"ana@{'a.' * 130}example", "at most 254 characters"),
        ("ana@bücher.example", "letters that mail servers do not all take"),
        ("ana\r\nBcc: x@b.example", "no plain mail address"),
        ('"ana maria"@example.org', "no plain mail address"),
        ("<ana@example.org>", "no plain mail address"),
        ("ána@example.org", "no plain mail address"),
    ],
)
def test_s107_s108_an_address_that_is_none_is_refused_in_words(address: str, said: str) -> None:
    [fault] = read_address({"address": [address]})[1]
    assert said in fault.message


def test_what_was_sent_is_shown_in_the_fault_and_cut() -> None:
    [fault] = read_wishes(FILLED | {"timezone": ["x{given}" * 99]}, KNOWN)[1]
    shown = wording_for("es").say(fault.message, given=fault.given)
    assert shown == f"Aquí no se puede elegir {('x{given}' * 99)[:60]}."


def test_the_zones_are_those_of_the_system() -> None:
    assert timezones() == available_timezones()


# ------------------------------------------------------------------------------------- subscriptions


def test_wishes_for_alerts_at_once_become_a_subscription_with_quiet_hours_and_a_budget() -> None:
    one = replace(WISHES, when="immediate", wake="major", updates="").subscription("name", "reader-1")
    assert (one.id, one.channel_id, one.watchlists) == ("name", "reader-1", frozenset(KNOWN))
    assert (one.cadence, one.quiet, one.budget) == (Cadence.IMMEDIATE, QuietHours(22 * 60, 7 * 60), 8)
    assert one.timetable == Timetable((12 * 60, 19 * 60 + 30), EVERY_DAY)
    assert (one.wakes_for_major, one.updates) == (True, None)


def test_a_digest_needs_neither_quiet_hours_nor_a_budget() -> None:
    one = WISHES.subscription("name", "reader-1")
    assert (one.cadence, one.quiet, one.budget) == (Cadence.DIGEST, None, 0)
    assert one.timetable == Timetable((7 * 60, 18 * 60), frozenset(range(5)))
    assert (one.wakes_for_major, one.updates) == (False, Updates.MILESTONES)


def _reader(kind: str = "mail", address: str = "ana@example.org") -> Subscriber:
    return Subscriber("r1", "f00d", address, WISHES, NOW, NOW, kind)


def test_a_reader_has_a_channel_of_their_own_in_their_zone_and_language() -> None:
    channel = _reader().channel
    assert (channel.id, channel.kind, channel.targets) == (
        *("reader-r1", ChannelKind.MAIL),
        ("ana@example.org",),
    )
    assert (channel.timezone, channel.language, channel.confirmed_at) == ("America/Lima", "es", NOW)


def test_a_chat_of_a_reader_has_its_secret_address_and_no_target() -> None:
    channel = _reader("chat", "ntfys://secret").channel
    assert (channel.kind, channel.targets, channel.address) == (ChannelKind.CHAT, ("",), "ntfys://secret")
    assert "secret" not in repr(_reader("chat", "ntfys://secret"))


def test_who_reads_in_a_chat_is_named_by_its_channel_and_the_channel_by_its_reader() -> None:
    channel = _reader("chat", "ntfys://secret").channel
    assert chat_name("r1") == recipient(channel.id, "")
    assert reader_id_of(channel.id) == "r1"
    assert (is_of_reader(channel.id), is_of_reader("desk")) == (True, False)
    assert channel.by_reader


def test_a_link_of_a_chat_never_gets_too_old_and_its_code_soon_does() -> None:
    mail, chat = _reader(), _reader("chat", "ntfys://secret")
    assert [one.is_old(NOW, NOW + 30 * DAY) for one in (mail, chat)] == [False, False]
    assert [one.is_old(NOW, NOW + 31 * DAY) for one in (mail, chat)] == [True, False]
    assert (mail.expires_at, chat.expires_at) == (NOW + 7 * DAY, NOW + HOUR)


def test_a_subscription_has_another_name_as_soon_as_it_says_something_else() -> None:
    other = replace(_reader(), wishes=replace(WISHES, budget=9))
    assert _reader().subscription.id == _reader().subscription.id != other.subscription.id
    assert _reader().subscription.channel_id == "reader-r1"


# -------------------------------------------------------------------------------------------- limits


@pytest.mark.parametrize(
    "written",
    ["ana@example.org", "ANA@Example.ORG", "ana+news@example.org", "a.n.a@example.org", "a.na+@example.org"],
)
def test_s109_one_mailbox_is_counted_once_however_it_is_written(written: str) -> None:
    assert mailbox_of(written) == ("ana@example.org", "example.org")


def test_other_mailboxes_are_counted_apart() -> None:
    assert mailbox_of("ana@example.org") != mailbox_of("ana@example.com") != mailbox_of("eva@example.com")


def _letters(last: timedelta | None = None, domain: int = 0, in_all: int = 0) -> Letters:
    return Letters(None if last is None else NOW - last, domain, in_all)


@pytest.mark.parametrize(
    ("letters", "asked", "verdict"),
    [
        (_letters(), timedelta(0), Admission.WRITE),
        (_letters(DAY - timedelta(seconds=1)), timedelta(0), Admission.NEVER),
        (_letters(DAY), timedelta(0), Admission.WRITE),
        (_letters(domain=LETTERS_TO_A_DOMAIN - 1, in_all=LETTERS_IN_ALL - 1), timedelta(0), Admission.WRITE),
        (_letters(domain=LETTERS_TO_A_DOMAIN), timedelta(0), Admission.LATER),
        (_letters(in_all=LETTERS_IN_ALL), DAY, Admission.LATER),
        (_letters(in_all=LETTERS_IN_ALL), DAY + timedelta(seconds=1), Admission.NEVER),
        (_letters(HOUR, domain=LETTERS_TO_A_DOMAIN), timedelta(0), Admission.NEVER),
    ],
)
def test_a_mailbox_gets_one_letter_a_day_and_nobody_is_flooded(
    letters: Letters, asked: timedelta, verdict: Admission
) -> None:
    assert admit(letters, NOW - asked, NOW) is verdict
