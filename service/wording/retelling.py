"""What was said in English, in a reader's language: why a source is in trouble, what is wrong in a file.

A reason is stored when a fetch fails, a fault when a file is read, and either is shown in any language. Each
is made of the phrases here and in the modules beside this one, with names and numbers of its own; what is
none of them, such as a server's own words, stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from service.wording.file_faults import FAULT_PARTS, FILE_FAULTS
from service.wording.languages import wording_for
from service.wording.phrasebook import Phrasebook
from service.wording.refusals import REFUSALS
from service.wording.rule_faults import RULE_FAULTS
from service.wording.wording import Wording, later

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOOK = Phrasebook(
    (
        # What a server did.
        later("answered {status}, saying “{words}”"),
        later("answered with an empty page"),
        later("answered 304 Not Modified without having been asked for changes"),
        later("answered {status}"),
        later("the connection broke ({error})"),
        later("its host name was not found"),
        later("no connection within the time limit"),
        later("no connection ({error})"),
        later("no safe connection ({error})"),
        later("the answer breaks the rules of HTTP ({error})"),
        later("the answer broke off ({error})"),
        later("the server hung up without an answer"),
        later("the server fell silent"),
        later("not done within the time limit for the whole fetch"),
        later("redirects too many times"),
        later("redirects without saying where to"),
        later("redirects in a circle"),
        later("redirects to {address}, which is no web address"),
        later("compressed in a way not asked for ({coding})"),
        later("its compression is damaged"),
        later("its compressed body breaks off"),
        later("inflates to more than {number} times its size, as only a trap does"),
        later("larger than {number} KiB"),
        # What it did not do, since we did not ask.
        later("leads to {address} port {port}, {why}"),
        later("an address inside a private network"),
        later("a port on which no web pages are served"),
        later("this is not an address that can be used"),
        later("this is no web address"),
        later("was not asked: {why}"),
        later("{name} is not set"),
        later("Set {name} in the environment or in .env, or {other} to a file that holds it."),
        later("Make {name} name a readable file."),
        later("the {name} of its pack holds a line break or another control character"),
        # What came instead of a feed.
        later("empty answer"),
        later("this is {what} (“{words}”), not a feed"),
        later("this is {what}, not a feed"),
        later("this is XML with the root {name}, not a feed"),
        later("this is JSON data, not a JSON Feed"),
        later("the JSON is broken ({error})"),
        later("nothing in this is a feed"),
        later("the document cannot be read ({error})"),
        later("the document took more than {number} s to read"),
        later("the document took more than {number} s of processor time to read"),
        later("the document takes more than {number} MB to read"),
        later("the reader broke down over the document (exit {number})"),
        later("Too many large documents came at once: this one was not read."),
        later("Avizor could not {verb} what this feed brought ({error})."),
        later("a page for logging in"),
        later("a web page"),
        later("a plain text answer (“{words}”)"),
        later("a plain text answer"),
        later("a table (CSV)"),
        later("binary data"),
        later("a SOAP message"),
        later("a map file"),
        later("a search description"),
        later("a tar archive"),
        later("an SVG image"),
        later("a PDF"),
        later("a PNG image"),
        later("a GIF image"),
        later("a JPEG image"),
        later("a ZIP archive or office document"),
        later("gzip-compressed data inside the answer"),
        later("bzip2-compressed data"),
        later("a 7z archive"),
        later("a rich text document"),
        later("an office document"),
        later("a program"),
        later("an audio file"),
        later("a sound, film or image file"),
        later("a database"),
        later("an OPML list of feeds"),
        later("a sitemap"),
        later("an XML error message"),
        # What ails a source that answers.
        later("Its address {address} leads to {other} for good."),
        later("Its server's clock is {span} ahead of ours."),
        later("Its server's clock is {span} behind ours."),
        later("None of its {number} entries was there at the poll before: some may be missed."),
        later("It answers, but has brought nothing new for {span}; its longest usual silence is {usual}."),
        later(
            "Its server offers no way to ask for changes only (no ETag, no Last-Modified), so that it is "
            "fetched once a day."
        ),
        later("It answers again."),
        later("It brings news again."),
        later("Nothing is missed between two polls any more."),
        later("It is asked at its own address again."),
        later("Its clock is right again."),
        later("It can be asked for changes again."),
        later("{number} days"),
        later("{number} hours"),
        later("{number} minutes"),
        # What to do.
        later("Nothing to do if it passes: it is asked again later, less and less often."),
        later("Nothing to do: it is asked again when the server said, or ever less often."),
        later("Check the address in the feed pack; if it is right, the server is down: it is asked again."),
        later("Check the address in the feed pack."),
        later("If this feed is yours, allow its host or network in the settings (AVIZOR_PRIVATE_FEEDS)."),
        later("The publisher must renew or mend the server's certificate; it is asked again later."),
        later(
            "Open the address in a browser; if it works there, tell the publisher, else it is asked again."
        ),
        later("Open the address in a browser; if it is empty there too, look for the feed's new address."),
        later("Open the address in a browser to see what it wants; correct the feed pack."),
        later("Open the address in a browser and put the one it ends at into the feed pack."),
        later("Write it as http:// or https://, a host name and a path; numbers only as 192.0.2.1."),
        later("Write it as http:// or https://, a host name and a path."),
        later(
            "Ask the publisher to let this reader in, or write into the feed's pack what it wants to see: "
            "login, cookie or user_agent; or take the feed out."
        ),
        later("Look on the publisher's site for the new address and put it into the feed pack."),
        later("It is not asked again: take it out of its feed pack, or put the new address there."),
        later("A cache in front of the server is broken: tell the publisher; it is asked again later."),
        later("Tell the publisher that the server's compression is broken; it is asked again later."),
        later("Tell the publisher that the feed is broken."),
        later("This is no ordinary feed: look for a shorter one on the publisher's site."),
        later("It is asked for again; should it stay so, look for a shorter feed on the publisher's site."),
        later("Other feeds are not touched by it."),
        later("Tell the publisher, or take the feed out of its pack."),
        later("Look for the feed's own address."),
        later("The page names this one: {address}"),
        later("Nothing came back; if it stays so, check the address."),
        later("Wait for the publisher, or check the address."),
        later("Set it to one line."),
        later("The log says more; please report it."),
        later("It is asked again at its usual pace."),
        later("Look whether the disk has room and the database answers."),
        later("Put the new one into the feed pack."),
        later("If many sources say so, set the clock of this machine."),
        later("It is polled twice as often for now; a shorter every: in its pack helps."),
        later("Look whether the outlet has a new feed."),
        later("Write every: into its pack to have it fetched more often."),
        *RULE_FAULTS,
        *REFUSALS,
        *FILE_FAULTS,
    ),
    parts=FAULT_PARTS,
    numbers=("count", "most", "number"),
    phrases_in=(  # the words of others stay
        *("why", "what", "span", "usual", "key", "found", "reads", "opening", "wanted", "trouble"),
        *("terms", "narrow", "pairs", "languages"),
    ),
)
_END = re.compile(r"(?:[.!?](?=\s)|$)\s*")
_LONGEST = 5_000  # characters: what is longer is no message of ours, or one about a text without end
_MOST_TOGETHER = 6  # sentences in which one phrase may lie, as where a headline of several stands in it


def retell(said: str, wording: Wording) -> str:
    """Say what was said in English in this language, sentence by sentence, as far as it is known here."""
    if wording.language == "en" or len(said) > _LONGEST:
        return said
    return _retold(said, wording.language)


@lru_cache(maxsize=2_000)
def _retold(text: str, language: str) -> str:
    pieces = _pieces(text, wording_for(language))
    return "".join(f"{said or written}{gap}" for written, said, gap in pieces)


def _pieces(text: str, wording: Wording) -> Iterator[tuple[str, str, str]]:
    """Give each sentence as it is written, as it is said (nothing where it is unknown), and the gap after it.

    Sentences that are one phrase together only are given as one.
    """
    sentences = [*_sentences(text)]
    while sentences:
        for many in range(1, min(len(sentences), _MOST_TOGETHER) + 1):
            written = "".join(sentence + gap for sentence, gap in sentences[:many])
            gap = sentences[many - 1][1]
            written = written.removesuffix(gap)
            if said := _say(written, wording):
                break
        else:
            (written, gap), many, said = sentences[0], 1, ""
        yield written, said, gap
        del sentences[:many]


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into sentences, none of which ends amid a quotation; with each, the gap after it."""
    start = 0
    for end in _END.finditer(text):
        stop = end.start() + len(end[0].rstrip())
        sentence = text[start:stop]
        if sentence and (sentence.count("“") <= sentence.count("”") or end.end() == len(text)):
            yield sentence, text[stop : end.end()]
            start = end.end()


def _say(text: str, wording: Wording) -> str:
    """Say a sentence that is one phrase, with its full stop or without it; nothing where it is none."""
    bare = text.removesuffix(".")
    said = _BOOK.say(bare, wording)
    said = said + text[len(bare) :] if said else _BOOK.say(text, wording)
    return said[:1].upper() + said[1:] if text[:1].isupper() else said
