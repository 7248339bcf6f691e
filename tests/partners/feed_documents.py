"""Invented feed documents of every kind, for the tests of parsing and of the limited child."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Item:
    """One item as a publisher might think of it."""

    guid: str = ""
    title: str = ""
    link: str = ""
    date: str = ""
    text: str = ""


HARBOUR = Item(
    guid="tag:harbour.example,2026:1",
    title="Harbour of Puerto Claro opens its third pier",
    link="https://harbour.example/third-pier",
    date="Mon, 02 Mar 2026 10:15:00 -0300",
    text="<p>The pier is <b>400 metres</b> long.</p>",
)
STRIKE = Item(
    guid="https://harbour.example/strike",
    title="Dockers of Puerto Claro & Bahía Honda call a strike",
    link="https://harbour.example/strike?from=feed&n=2",
    date="Tue, 03 Mar 2026 08:00:00 GMT",
    text="A strike of two days.",
)
NEWS = (HARBOUR, STRIKE)


def rss(*items: Item, head: str = "", root: str = '<rss version="2.0">', inside: str = "") -> bytes:
    """Write RSS 2.0; `head` goes before the root, `inside` to the end of the channel."""
    written = "".join(map(rss_item, items))
    return (
        f"{head}{root}<channel><title>Harbour news</title><link>https://harbour.example/</link>"
        f"<language>en-GB</language>{written}{inside}</channel></rss>"
    ).encode()


def rss_item(item: Item) -> str:
    """Write one item, leaving out what is empty."""
    parts = {
        "guid": item.guid,
        "title": item.title,
        "link": item.link,
        "pubDate": item.date,
        "description": item.text,
    }
    return f"<item>{''.join(_element(name, text) for name, text in parts.items() if text)}</item>"


def rdf(*items: Item) -> bytes:
    """Write RSS 1.0: the items stand beside the channel and are named by rdf:about."""
    written = "".join(
        f'<item rdf:about="{escape(item.guid)}">{_element("title", item.title)}{_element("link", item.link)}'
        f"{_element('dc:date', item.date)}{_element('description', item.text)}"
        "<dc:creator>Ana Ruiz</dc:creator></item>"
        for item in items
    )
    return (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://harbour.example/"><title>Harbour news</title>'
        f"<link>https://harbour.example/</link><dc:language>en</dc:language></channel>{written}</rdf:RDF>"
    ).encode()


def atom(*items: Item, attributes: str = "", inside: str = "") -> bytes:
    """Write Atom 1.0."""
    written = "".join(
        f"<entry>{_element('id', item.guid)}{_element('title', item.title)}"
        f'<link rel="self" href="https://harbour.example/self"/><link href="{escape(item.link)}"/>'
        f'<published>{item.date}</published><summary type="html">{escape(item.text)}</summary>'
        "<author><name>Ana Ruiz</name></author></entry>"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" {attributes}>'
        '<id>tag:harbour.example,2026:news</id><title>Harbour news</title><link rel="self" href="https://harbour.example/feed"/>'
        f'<link href="https://harbour.example/"/>{written}{inside}</feed>'
    ).encode()


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
