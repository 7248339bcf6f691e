"""What a page refuses, since it is not there or cannot be done, and what it says of a feed that was tried."""

from __future__ import annotations

from service.wording.wording import later

REFUSALS = (
    # Asked for on a page, and not there.
    later("There is no watchlist of this name in force"),
    later("There is no watchlist of this name"),
    later("There is no such source."),
    later("It may have been taken out of its pack."),
    later("There is no such reader who has confirmed."),
    later("There is no such target that is paused."),
    later("There is no such message that could not be delivered."),
    later("There is no such message any more."),
    later("There is no such span of silence."),
    later("There is no such mute in force."),
    later("there is no event {name}"),
    later("there is no entry {name}"),
    later("several events begin with {name}"),
    later("event {event} has no entry {name}"),
    later("{event} and {other} are one event already"),
    later("{event} and {other} are of two watchlists"),
    later("one of the two events would be without a report"),
    later("an event needs a title"),
    # Said of a feed that was tried.
    later("It holds no entry: there may be none just now."),
    later("Its newest entry is {count} days old."),
    later("Avizor could not read what it brought ({error})."),
    later("Please report it."),
)
