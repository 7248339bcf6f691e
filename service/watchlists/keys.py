"""The keys that files may have, and what each says: for the loader, and for the schema editors read.

A key stands here or nowhere, so that what an editor offers is what the loader takes.
"""

from __future__ import annotations

WATCHLIST = {
    "title": "What the topic is called. The id of the watchlist is the name of the file.",
    "about": "One sentence on the topic, for readers.",
    "languages": "The languages the topic is followed in, in two letters; forms: goes by them.",
    "home": "The countries it happens in, in two capitals: an event that only others tell of is marked so.",
    "feeds": "Feed packs (files of feeds/, without .yaml) and single addresses. Without it: every feed.",
    "terms": "Named building blocks: port: [puerto, megapuerto] is $port in the expressions below.",
    "match": "What an article must have: at least one of any, every one of all, not one of none.",
    "examples": "Headlines that must match, and ones that must not; tried whenever the file is read.",
    "major": "Expressions that make an event a major one.",
    "dates": "Days on which something is due, each like `- 2027-06-01: the trial begins`.",
    "alerts": "How readers of this topic are told.",
}
WATCHLIST_REQUIRED = ("title", "match")

GROUP = {
    "any": "At least one of these must hold.",
    "all": "Every one of these must hold.",
    "none": "Not one of these may hold.",
}

LONG_FORM = {
    "expr": "The expression.",
    "from": "The first day on which it counts, like 2025-01-01.",
    "until": "The last day on which it counts, like 2026-03-11.",
    "note": "Why it stands here, for your colleagues.",
}
LONG_FORM_REQUIRED = ("expr",)

EXAMPLES = {
    "match": "Headlines that must match.",
    "ignore": "Headlines that must not match.",
}
EXAMPLE = {
    "title": "The headline.",
    "text": "The summary or body.",
    "date": "The day on which it was published, like 2026-03-11.",
    "lang": "Its language, in two letters.",
    "country": "The country of its outlet, in two capitals.",
    "source": "The outlet.",
    "group": "What kind of voice stands behind the feed.",
}
EXAMPLE_REQUIRED = ("title",)

ALERTS = {"updates": "What a reader is told of an event after its first report."}

SHARED_TERMS = {
    "title": "What these building blocks are about.",
    "about": "One sentence on them.",
    "terms": "Named building blocks that every watchlist may use, as in $port.",
}
SHARED_TERMS_REQUIRED = ("terms",)

PACK = {
    "title": "What the pack is called. Its id is the name of the file.",
    "about": "One sentence on its feeds.",
    "checked": "When its feeds were last tried, and how they did; `avizor feeds test --write` writes it.",
    "feeds": "The feeds.",
}
PACK_REQUIRED = ("title", "feeds")

FEED = {
    "url": "The address of the feed, http or https, without a name or password in it.",
    "title": "What the feed is called.",
    "outlet": "Who publishes it: source: in expressions.",
    "country": "The country of the outlet, in two capitals: country: in expressions.",
    "language": "The language it is written in, in two letters: lang: in expressions.",
    "group": "What kind of voice stands behind it: group: in expressions.",
    "owner": "Who owns the outlet.",
    "every": "How often it is polled, like 15m, 1h or 1d; 5m to 7d.",
    "user_agent": "The name to ask under, where its server lets no other in.",
    "login": "User and password, as ${NAME}; NAME is set in the environment to user:password.",
    "cookie": "The cookie that lets a subscriber in, as ${NAME}.",
    "proxy": "The http proxy it is reached by, like http://proxy.example:3128, or ${NAME}.",
}
FEED_REQUIRED = ("url", "title", "outlet")

CHANNELS = {
    "channels": "Named destinations: small letters, digits and hyphens.",
    "subscriptions": "Which watchlists go to which channel, and when.",
}
CHANNEL = {
    "mail": "A mail address, or a list of them.",
    "chat": "An Apprise address; it is a secret, so write ${NAME} and set NAME in the environment.",
    "webhook": "A web address that alerts are posted to as JSON, for programs; ${NAME} where it is a secret.",
    "secret": "What posts are signed with: ${NAME} of a whsec_… secret; two while it is changed.",
    "timezone": "The time zone of its digests and quiet hours, like America/Lima; UTC if left out.",
    "language": "The language of its messages: en, es or pt; English if left out.",
}
SUBSCRIPTION = {
    "to": "The name of a channel.",
    "watchlists": "`all`, or the ids of watchlists.",
    "when": "`immediate`, or when digests go out: `daily 07:00`, `weekdays 07:00 18:00`, `monday 07:00`.",
    "quiet": "Hours without a message, like `22:00-07:00`; what comes meanwhile is told when they end.",
    "wake": "What breaks the quiet hours: `major` events, or `nothing`.",
    "budget": "How many alerts may come at once within 24 hours; the others come together.",
    "together": "When those that were over the budget come, as digests do; `daily 18:00` if left out.",
    "updates": "What is told of an event later: `none`, `milestones`, `all`; else what its watchlist says.",
}
SUBSCRIPTION_REQUIRED = ("to", "watchlists")
