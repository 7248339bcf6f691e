"""The room of the files people write: watchlists, feed packs, channels. YAML in, checked values out.

A file with a fault is refused with every problem found in it and never stops the others.
Reads files of its folder and nothing else, and changes one only where it is told to (`Edit`, `save`);
decides nothing about news.
"""

from __future__ import annotations

from service.watchlists.channels import (
    OPERATOR_CHAT,
    OPERATOR_MAIL,
    OPERATORS,
    SETTINGS_CHAT,
    SETTINGS_MAIL,
    LoadedChannels,
    load_channels,
    read_channels,
)
from service.watchlists.commits import checkout_stamp, commit_file, find_commits
from service.watchlists.draft import draft_watchlist
from service.watchlists.drafts import (
    MOST_CHARACTERS,
    Draft,
    Kept,
    TermPlace,
    add_term,
    list_term_places,
    read_draft,
    read_kept,
    save_draft,
)
from service.watchlists.edits import Edit, save
from service.watchlists.examples import Example, TriedExample
from service.watchlists.feed_packs import (
    FeedPack,
    LoadedFeeds,
    load_feed_packs,
    restore_feed_packs,
    single_feeds,
)
from service.watchlists.folders import CHANNELS_FILE, FEEDS_FOLDER, is_id, list_yaml_files
from service.watchlists.following import follow_pack
from service.watchlists.lint import advise, blocks_of, items_of, line_of_block, nodes_of
from service.watchlists.pack_edits import (
    FeedFacts,
    FeedPlace,
    add_feeds,
    check_facts,
    find_feed,
    list_faults,
    list_feed_places,
    note_check,
    same_feed,
)
from service.watchlists.schema import schema_texts, watchlist_schema
from service.watchlists.shared_terms import shared_blocks_of
from service.watchlists.watching import FolderWatch
from service.watchlists.watchlist import KnownDate, LoadedWatchlists, Watchlist
from service.watchlists.watchlist_files import load_watchlist, load_watchlists, restore_watchlist

__all__ = [
    "CHANNELS_FILE",
    "FEEDS_FOLDER",
    "MOST_CHARACTERS",
    "OPERATORS",
    "OPERATOR_CHAT",
    "OPERATOR_MAIL",
    "SETTINGS_CHAT",
    "SETTINGS_MAIL",
    "Draft",
    "Edit",
    "Example",
    "FeedFacts",
    "FeedPack",
    "FeedPlace",
    "FolderWatch",
    "Kept",
    "KnownDate",
    "LoadedChannels",
    "LoadedFeeds",
    "LoadedWatchlists",
    "TermPlace",
    "TriedExample",
    "Watchlist",
    "add_feeds",
    "add_term",
    "advise",
    "blocks_of",
    "check_facts",
    "checkout_stamp",
    "commit_file",
    "draft_watchlist",
    "find_commits",
    "find_feed",
    "follow_pack",
    "is_id",
    "items_of",
    "line_of_block",
    "list_faults",
    "list_feed_places",
    "list_term_places",
    "list_yaml_files",
    "load_channels",
    "load_feed_packs",
    "load_watchlist",
    "load_watchlists",
    "nodes_of",
    "note_check",
    "read_channels",
    "read_draft",
    "read_kept",
    "restore_feed_packs",
    "restore_watchlist",
    "same_feed",
    "save",
    "save_draft",
    "schema_texts",
    "shared_blocks_of",
    "single_feeds",
    "watchlist_schema",
]
