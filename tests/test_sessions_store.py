"""What sessions stand on, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.partners.desk import MONDAY

if TYPE_CHECKING:
    from service.store import Store

GROUNDS = frozenset({"settings"})


def test_a_session_without_an_account_ends_with_what_it_stands_on(emptied_store: Store) -> None:
    accounts = emptied_store.accounts
    kept = accounts.open_session("ana", "OPERATOR", MONDAY, ground="settings")
    assert kept
    found = accounts.find_session(kept, MONDAY, GROUNDS)
    assert found
    assert (found.name, found.role) == ("ana", "OPERATOR")
    assert accounts.find_session(kept, MONDAY, frozenset({"other settings"})) is None
    assert accounts.find_session(kept, MONDAY) is None
    groundless = accounts.open_session("ana", "OPERATOR", MONDAY)
    assert groundless
    assert accounts.find_session(groundless, MONDAY, GROUNDS) is None


def test_what_a_sign_in_elsewhere_was_begun_with_opens_one_session(emptied_store: Store) -> None:
    accounts = emptied_store.accounts
    kept = accounts.open_session("ana", "READER", MONDAY, ground="settings", by="begun")
    assert kept
    accounts.end_session(kept)
    assert accounts.find_session(kept, MONDAY, GROUNDS) is None
    assert accounts.open_session("ana", "READER", MONDAY, ground="settings", by="begun") is None
    assert accounts.open_session("ana", "READER", MONDAY, ground="settings", by="begun anew")
    assert accounts.open_session("eva", "READER", MONDAY, ground="settings")
