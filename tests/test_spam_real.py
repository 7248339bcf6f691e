"""What SpamAssassin thinks of the mails that readers get: nothing that counts against them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.partners.mail_form import letters, mail_of
from tests.partners.messages import ANA
from tests.partners.spam import judge_mail
from tests.test_mail_form import LANGUAGES

pytestmark = pytest.mark.real


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", letters())
def test_no_rule_counts_against_a_mail(kind: str, language: str) -> None:
    judged = judge_mail(mail_of(letters(replace(ANA, language=language))[kind], kind))
    print(f"{kind} in {language}: {judged.points} points, {judged.rules}")  # noqa: T201 -- seen with `-s`
    assert judged.rules, "the rules were read"
    assert [rule for rule, points in judged.rules.items() if points > 0] == []
    assert judged.points <= 0


def test_a_mail_that_is_spam_is_called_so() -> None:
    letter = replace(
        letters()["alert"], title="Cheap Viagra!!! Act now", text="Stop these emails. Viagra $$$\n"
    )
    judged = judge_mail(mail_of(letter))
    assert judged.points > 0
    assert "END_FUTURE_EMAILS" in judged.rules
