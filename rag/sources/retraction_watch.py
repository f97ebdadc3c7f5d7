"""The Retraction Watch data, a CSV that Crossref publishes: retractions, corrections and concerns by DOI and PMID.

https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/. It is read line by line and sent nowhere.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rag.errors import SourceError
from rag.sources import identifiers
from rag.sources.enrichment import Known
from rag.sources.notice_fields import update_kind
from rag.types import Notice, Paper

NAME = "Retraction Watch"
_COLUMNS = (
    "OriginalPaperDOI",
    "OriginalPaperPubMedID",
    "RetractionNature",
    "RetractionDate",
    "RetractionDOI",
    "Reason",
)
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_REINSTATED = "reinstatement"


def read_retractions(file: Path, papers: Sequence[Paper]) -> list[tuple[Paper, Known]]:
    """Return what the data says about these papers, matched by DOI or PMID. Raises `SourceError` for another file."""
    by_name = {name: paper for paper in papers for name in (f"doi:{paper.doi}", f"pmid:{paper.pmid}")}
    found: dict[str, list[tuple[str, str, Notice | None]]] = {}
    for row in _rows(file):
        names = (f"doi:{identifiers.doi(row['OriginalPaperDOI'])}", f"pmid:{_pmid(row['OriginalPaperPubMedID'])}")
        paper = next((by_name[name] for name in names if name in by_name and not name.endswith(":None")), None)
        if paper is not None:
            found.setdefault(paper.id, []).append(_event(row))
    known = {paper_id: _standing(events) for paper_id, events in found.items()}
    return [(paper, Known(NAME, notices=known[paper.id])) for paper in papers if known.get(paper.id)]


def _rows(file: Path) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
            table = csv.DictReader(opened, restval="")
            if missing := [name for name in _COLUMNS if name not in (table.fieldnames or ())]:
                raise SourceError(file, f"isn't the Retraction Watch data: it has no column {missing[0]}")
            yield from table
    except OSError as error:
        raise SourceError(file, f"can't be read: {error.strerror or error}") from error
    except csv.Error as error:
        raise SourceError(file, f"isn't a table ({error}): download it again") from error


def _event(row: dict[str, str]) -> tuple[str, str, Notice | None]:
    """Return the date, the kind and the notice of a row; one that reinstates a paper has no notice."""
    date = (
        "-".join((match[3], match[1].zfill(2), match[2].zfill(2)))
        if (match := _DATE.match(row["RetractionDate"]))
        else ""
    )
    nature = row["RetractionNature"].strip()
    kind = _REINSTATED if nature.lower() == _REINSTATED else update_kind(nature) or ""
    reasons = "; ".join(filter(None, (reason.strip(" +") for reason in row["Reason"].split(";"))))
    said = " ".join(filter(None, (nature, f"of {date}" if date else "", identifiers.doi(row["RetractionDOI"]) or "")))
    text = f"{said}, according to {NAME}{f': {reasons}' if reasons else ''}"
    return date, kind, None if kind in ("", _REINSTATED) else Notice(kind, text)


def _standing(events: Iterable[tuple[str, str, Notice | None]]) -> tuple[Notice, ...]:
    """Return the latest notice of each kind; a paper that was reinstated later is retracted no more."""
    standing: dict[str, Notice] = {}
    for _, kind, notice in sorted(events, key=lambda event: event[0]):
        if kind == _REINSTATED:
            standing.pop("retraction", None)
        elif notice is not None:
            standing[kind] = notice
    return tuple(standing.values())


def _pmid(text: str) -> str | None:
    return identifiers.pmid(text) if text.strip("0 ") else None
