"""Zotero's local API, while Zotero is open: https://www.zotero.org/support/dev/web_api/v3/basics on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from rag.config import is_loopback, split_address
from rag.errors import FetchError, InputError, SourceError
from rag.serialization import parse_json
from rag.sources import web
from rag.sources.jsonrecord import JsonObject, first, table, tables
from rag.sources.zotero_contents import Contents, ZoteroCollection

ADDRESS = "http://127.0.0.1:23119/api"
PAGE = 500
# Bytes of all items, or of all collections, of a library.
MOST_BYTES = 2**30


class NotRunningError(FetchError):
    """Nothing answers at the address: Zotero isn't open."""


def is_address(place: str) -> bool:
    """Return whether a place is an address and not a folder."""
    return place.startswith(("http://", "https://"))


def read(address: str, group: int | None = None) -> Contents:
    """Read all items and collections of the user's library, or of a group.

    Raises `NotRunningError` where Zotero isn't open, `FetchError` where it refuses or its answer can't be used,
    `SourceError` for an unknown group, `InputError` for an address on another machine.
    """
    split_address("--from", address, ADDRESS)
    if not is_loopback(address):
        raise InputError(f"{address}: isn't on this machine: Zotero's local API is at {ADDRESS}")
    library = "users/0" if group is None else f"groups/{group}"
    base = f"{address.rstrip('/').removesuffix('/api')}/api/{library}"
    with web.client(address, {"Zotero-API-Version": "3"}) as client:
        items = [_item(one) for one in _all(client, f"{base}/items/top")]
        collections = [table(one.get("data")) | {"key": one["key"]} for one in _all(client, f"{base}/collections")]
    known = {one["key"]: ZoteroCollection(first(one, "name"), first(one, "parentCollection")) for one in collections}
    return Contents(items, known)


def _item(given: JsonObject) -> JsonObject:
    return table(given.get("data")) | {"key": given["key"]}


def _all(client: httpx.Client, url: str) -> list[JsonObject]:
    """Return every object of a list. Raises `FetchError` where the list changed while it was read."""
    pages = list(_pages(client, url))
    found = {str(one["key"]): one for page, _ in pages for one in page if one.get("key")}
    if len(found) != (total := pages[-1][1]):
        raise FetchError(f"Zotero lists {total:,} objects and gave {len(found):,}: it is being changed: run it again")
    return [*found.values()]


def _pages(client: httpx.Client, url: str) -> Iterator[tuple[list[JsonObject], int]]:
    start, left = 0, MOST_BYTES
    while True:
        asked = {"format": "json", "limit": str(PAGE), "start": str(start), "sort": "dateAdded", "direction": "asc"}
        reply = _asked(client, url, asked)
        left -= len(reply.content)
        if left < 0:
            raise FetchError(f"Zotero sent more than {MOST_BYTES:,} bytes: read a collection's export instead")
        page = tables(_parsed(reply))
        count = reply.headers.get("Total-Results", "")
        total = int(count[:9]) if count.isdecimal() else start + len(page)
        yield page, total
        start += len(page)
        if not page or start >= total:
            return


def _asked(client: httpx.Client, url: str, parameters: dict[str, str]) -> httpx.Response:
    try:
        reply = web.get(client, "Zotero", url, parameters)
    except web.UnreachedError as error:
        raise NotRunningError(f"{url}: nothing answers there") from error
    if reply.status_code == 403:
        fix = "switch on “Allow other applications on this computer to communicate with Zotero” in its settings"
        raise FetchError(f"Zotero's local API is off: {fix} (Advanced), or close Zotero to have its database read")
    if reply.status_code == 404:
        raise SourceError(url, "Zotero has no such library: give the number in the group's address on zotero.org")
    if not reply.is_success:
        raise FetchError(f"{url}: answered with HTTP status {reply.status_code}: update Zotero to version 7 or later")
    return reply


def _parsed(reply: httpx.Response) -> Any:
    try:
        return parse_json(reply.content)
    except ValueError as error:
        raise FetchError(f"{reply.url.copy_with(query=None)}: its answer isn't JSON: is this Zotero?") from error
