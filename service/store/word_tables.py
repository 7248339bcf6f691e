"""What the index of words is made of, beside `entry_words`, which each engine makes in its own way."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field, SQLModel


class WordFormRow(SQLModel, table=True):
    """A stem, and a word that stands in some entry and has it in one of the languages of `forms:`."""

    __tablename__ = "word_form"

    stem: str = Field(sa_type=Text, primary_key=True)
    word: str = Field(sa_type=Text, primary_key=True)


class IndexedDayRow(SQLModel, table=True):
    """How many indexed entries were published on a day (UTC): their sum is what a search looks through."""

    __tablename__ = "indexed_day"

    day: str = Field(primary_key=True)
    entries: int = 0


WORD_FORM = SQLModel.metadata.tables["word_form"]
INDEXED_DAY = SQLModel.metadata.tables["indexed_day"]
