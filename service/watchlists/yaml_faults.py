"""What the YAML reader cannot read, said in words that show the mend.

Looks at the line of the fault, since the reader's own words ("expected <block end>") help nobody
who does not program. Decides only about words; finds no faults itself.
"""

from __future__ import annotations

import re

from service.watchlists.keys import GROUP

GROUPS = tuple(GROUP)
INDENT_GROUP = "It belongs under match: put two spaces before it, and before each line that belongs to it."

_LEAD = r"^\s*(?:-\s+|(?:[\w-]+:\s+))*"  # list dashes and keys before a value
_QUOTED_AND_ON = re.compile(
    _LEAD + r"(?P<item>(?P<quote>[\"'])(?:(?!(?P=quote)).)*(?P=quote)\s*[^\s,#:\]}].*)$"
)
_BRACKET_AND_ON = re.compile(_LEAD + r"(?P<item>[\[{].*[\]}]\s*[^\s,#:].*)$")
_SPECIAL = re.compile(_LEAD + r"(?P<item>(?P<sign>[*&!@%`|>,\]}]).*)$")
_COLON = re.compile(_LEAD + r"(?P<item>[^\s'\"].*:\s.*)$")
_READS_AS = {
    "*": "a reference to another place of the file",
    "&": "a name for this place of the file",
    "!": "a type",
    "%": "an instruction to itself",
    "@": "a sign kept for later",
    "`": "a sign kept for later",
    "|": "the beginning of a block of text",
    ">": "the beginning of a block of text",
    ",": "the end of a value in a list",
    "]": "the end of a list",
    "}": "the end of a mapping",
}
# What the signs are meant for in an expression, where quotes alone do not help.
_IN_EXPRESSIONS = {
    "*": ("In an expression write the first letters instead, as in candidat*.",),
    "&": ("In an expression write AND instead.",),
    "|": ("In an expression write OR instead.",),
    "!": ("In an expression write NOT instead.",),
}
_AT_THE_EDGE = re.compile(rf"^(?P<key>{'|'.join(GROUPS)}):(?:\s|$)", re.MULTILINE)
_NEXT_VALUE = re.compile(r"^\s*(?:-\s|[\w-]+:(?:\s|$)|#|$)", re.MULTILINE)
UNCLOSED = (
    "this quote is never closed.",
    "Write the closing quote where the quoted words end; one that is meant as a letter is doubled.",
)
# Words of the library, the first that fits -> message and mend.
_SAID_OTHERWISE = (
    ("escape", "a backslash in double quotes begins an escape.", "Use single quotes around the text."),
    ("quoted scalar", *UNCLOSED),
    (
        "sequence entries are not allowed",
        "a list begins behind something else on its line.",
        "Begin each item on a line of its own.",
    ),
    ("cannot start any token", "this sign cannot begin a text.", "Put the whole text in quotes."),
    ("scanning an a", "YAML reads a leading * or & itself.", "Put the whole text in quotes."),
    ("flow", "the bracket opened here is not closed.", "Close it, and put commas between the values."),
    (
        "could not find expected ':'",
        "this line is neither a key with its colon nor an item of a list.",
        "Write `key: value`, or begin the line with a dash if it is one item of a list.",
    ),
    (
        "block",
        "this line does not stand in line with the ones before it.",
        "Indent it with spaces exactly like its neighbours.",
    ),
)


def swallows_lines(quoted: str) -> bool:
    """Tell whether a quoted text runs over what begins an item, a key or a comment on a later line."""
    _, _, later = quoted.partition("\n")
    return bool(later) and _NEXT_VALUE.search(later) is not None


def group_at_the_edge(text: str) -> tuple[int, str, str] | None:
    """Give offset, message and mend for an `any:` that lost its indent, which is blamed on later lines."""
    match = _AT_THE_EDGE.search(text)
    if match is None:
        return None
    return match.start(), f"{match['key']}: stands at the left edge, where match: ends.", INDENT_GROUP


def in_quotes(text: str) -> str:
    """Write a text as one YAML string in single quotes."""
    return "'" + text.strip().replace("'", "''") + "'"


def special_sign(sign: str, item: str) -> tuple[str, str]:
    """Give message and mend for a text that begins with a sign YAML keeps for itself."""
    message = f"YAML reads a leading {sign} as {_READS_AS[sign]}."
    mend = f"Put the whole text in quotes: {in_quotes(_without_comment(item))}."
    return message, " ".join([mend, *_IN_EXPRESSIONS.get(sign, ())])


def explain_fault(line: str, column: int, problem: str, context: str) -> tuple[int, str, str]:
    """Give the column, the message and the mend for a fault reported at a column of this line.

    `problem` and `context` are the library's words; they decide only where the line does not.
    """
    match = _QUOTED_AND_ON.match(line) or _BRACKET_AND_ON.match(line)
    if match:
        opening = "a quoted text" if match["item"][0] in "\"'" else "a bracketed list"
        mend = f"Put the whole item in quotes: {in_quotes(_without_comment(match['item']))}."
        return match.start("item") + 1, f"the item begins with {opening} and goes on after it.", mend
    match = _SPECIAL.match(line)
    if match:
        return match.start("item") + 1, *special_sign(match["sign"], match["item"])
    return column, *_from_words(line, problem, context)


def _from_words(line: str, problem: str, context: str) -> tuple[str, str]:
    if "mapping values are not allowed" in problem:
        match = _COLON.match(line)
        example = f": {in_quotes(_without_comment(match['item']))}" if match else ""
        return (
            "a colon followed by a space makes a key of this text.",
            f"Put the whole text in quotes{example}.",
        )
    for words, message, mend in _SAID_OTHERWISE:
        if words in problem or words in context:
            return message, mend
    return f"this cannot be read as YAML ({problem}).", "Compare the line with the examples in the manual."


def _without_comment(text: str) -> str:
    return re.sub(r"\s+#.*$", "", text)
