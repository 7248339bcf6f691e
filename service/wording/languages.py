"""Which languages we speak, and the catalogue of each, read when it is first asked for."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from service.wording.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "en"  # the language in which texts stand in the program
LANGUAGES: Mapping[str, str] = MappingProxyType({SOURCE: "English", "es": "Español", "pt": "Português"})
# Whose dates and numbers: days before months, and the point for decimals as most of Latin America has it.
_REGIONS = {SOURCE: "en_GB", "es": "es_419", "pt": "pt_BR"}


def wording_for(language: str) -> Wording:
    """Give the wording of a language by its code, such as `es`; that of English where we do not speak it."""
    return _wording(language if language in LANGUAGES else SOURCE)


@cache
def _wording(language: str) -> Wording:
    return Wording(language, Locale.parse(_REGIONS[language]), _translations(language))


def _translations(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with (files(__package__) / "locales" / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
