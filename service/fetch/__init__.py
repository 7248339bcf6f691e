"""The only door to the network for feeds: a `Feed` in, a `FetchResult` out, and never an exception.

    client   one fetch: the requests of a redirect chain, and what each answer means
    access   what a feed wants to see, filled in with secrets for one fetch
    address  which addresses may be connected to, decided on the address really used
    trail    where a chain of redirects started, where it is, and what may be sent there
    hub      what is sent to a WebSub hub and what its answer means
    links    the Link header: which hub tells of changes, and under what name
    turns    one request at a time per host, so many overall
    head     what the head of an answer says: validators, cache times, Retry-After
    asking   one JSON document of a service that the operator has named
    posting  one document posted to a program that the operator has named
    inflate  compressed bodies, piece by piece, under a cap
    faults   every way a fetch fails, with words for the operator and a mend

This room decides nothing about when a feed is asked again (`schedule`) or what its bytes mean (`parse`).
"""

from service.fetch.access import no_secret
from service.fetch.address import AddressPolicy
from service.fetch.asking import Asking
from service.fetch.client import Fetcher, FetchLimits
from service.fetch.posting import Posting

__all__ = ["AddressPolicy", "Asking", "FetchLimits", "Fetcher", "Posting", "no_secret"]
