"""Reads text: words, plain text out of markup, canonical addresses, fingerprints. Pure."""

from __future__ import annotations

from service.text.address import canonical_url
from service.text.folding import fold, normal
from service.text.hook_key import hook_key
from service.text.inflections import inflections
from service.text.mail_addresses import address_fault, partly_hidden
from service.text.named_secrets import fill_in, has_loose_dollar, names_in
from service.text.near_hosts import is_loopback, is_near
from service.text.plain import clip, plain_text
from service.text.prints import digest, fingerprint
from service.text.reading import Reading, Tag, Word, is_han, read, vocabulary, word_spans, words
from service.text.secret_addresses import hide_keys, hide_keys_in
from service.text.stems import STEMMED, Forms, Stem, stems, stems_in
from service.text.wrapped import unwrapped

__all__ = [
    "STEMMED",
    "Forms",
    "Reading",
    "Stem",
    "Tag",
    "Word",
    "address_fault",
    "canonical_url",
    "clip",
    "digest",
    "fill_in",
    "fingerprint",
    "fold",
    "has_loose_dollar",
    "hide_keys",
    "hide_keys_in",
    "hook_key",
    "inflections",
    "is_han",
    "is_loopback",
    "is_near",
    "names_in",
    "normal",
    "partly_hidden",
    "plain_text",
    "read",
    "stems",
    "stems_in",
    "unwrapped",
    "vocabulary",
    "word_spans",
    "words",
]
