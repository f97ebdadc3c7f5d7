"""Crossref and OpenAlex with a few invented works, served on loopback in the shape of their replies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from on_loopback import on_loopback

SICI = "10.1002/1097-0258(19980815)17:15,16<1661::aid-sim968>3.0.co;2-2"
# DOI, title, family name of the first author, year, and what was published about it.
WORKS: list[tuple[str, str, str, int, str]] = [
    ("10.1234/barley", "Water and barley in a dry spring", "Fell", 2020, "retraction"),
    ("10.1234/roofs", "Tin roofs in hail and how they dent", "Ng", 2021, ""),
    ("10.1234/roofs-again", "Tin roofs in hail and how they dent", "Okafor", 2021, ""),
    ("10.1234/cats", "Rest in barn cats over a winter", "Moor", 2019, ""),
    ("10.1234/cats-2", "Rest in barn cats over a winter", "Moor", 2020, ""),
    ("10.1234/eels", "Eels that rest in cold rivers", "Quill", 1999, ""),
    (SICI, "Counting moths by lamp and by net", "Silva", 1998, ""),
]


class Service:
    """What the server was asked, and how it answers: `failing` is how many requests it answers before it fails."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.failing: int | None = None

    def reply(self, path: str, given: dict[str, str]) -> Any:
        """Return the JSON of a reply, None for a work that isn't known."""
        openalex = path.startswith("/openalex")
        shown = _openalex if openalex else _crossref
        _, _, tail = path.partition("/works/")
        if tail:
            one = next((work for work in WORKS if work[0] == unquote(tail).removeprefix("doi:")), None)
            return None if one is None else shown(one) if openalex else {"status": "ok", "message": shown(one)}
        if "filter" in given:
            names = given["filter"].replace("doi:", "").replace("|", ",").split(",")
            found = [shown(work) for work in WORKS if work[0] in names]
        else:
            words = (given.get("query.bibliographic") or given["search"]).lower()
            found = [shown(work) for work in WORKS if work[1].lower() in words]
        if openalex:
            return {"meta": {"count": len(found)}, "results": found}
        return {"status": "ok", "message-type": "work-list", "message": {"items": found, "total-results": len(found)}}


def _crossref(work: tuple[str, str, str, int, str]) -> dict[str, Any]:
    doi, title, family, year, update = work
    notices = [{"type": update, "label": update.title(), "DOI": f"{doi}-r", "source": "retraction-watch"}]
    return {
        "DOI": doi.upper(), "title": [title], "author": [{"given": "Ada", "family": family, "sequence": "first"}],
        "issued": {"date-parts": [[year, 4]]}, "type": "journal-article", "prefix": "10.1234", "reference-count": 3,
    } | ({"updated-by": notices} if update else {})  # fmt: skip


def _openalex(work: tuple[str, str, str, int, str]) -> dict[str, Any]:
    doi, title, family, year, update = work
    return {
        "id": "https://openalex.org/W1", "doi": f"https://doi.org/{doi}", "title": title, "publication_year": year,
        "is_retracted": bool(update), "authorships": [{"author": {"display_name": f"Ada {family}"}}],
    }  # fmt: skip


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """Serve both on loopback; yield the host's address, with `/crossref` and `/openalex` below it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(address.query).items()}
            service.asked.append((address.path, given))
            failed = service.failing is not None and len(service.asked) > service.failing
            found = None if failed else service.reply(address.path, given)
            body = json.dumps(found).encode()
            self.send_response(500 if failed else 404 if found is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with on_loopback(Handler) as address:
        yield address
