"""A report as SARIF 2.1.0, which editors and continuous integration show next to the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from rag.config import version
from rag.manuscript.findings import Outcome, Pinned, Report, Uncited
from rag.manuscript.passages import ManuscriptSentence

UNCITED = "uncited"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Nothing but a retraction is an error: the checker may be wrong, and the full text may say what the abstract doesn't.
_LEVELS = {Outcome.RETRACTED: "error", Outcome.CONTRADICTED: "warning"}
_RULES = {
    Outcome.PARTLY: "The abstract supports a part of the sentence, or it isn't clear.",
    Outcome.CONTRADICTED: "The abstract may say otherwise.",
    Outcome.NOT_IN_ABSTRACT: "The abstract doesn't say it. The full text may.",
    Outcome.NOT_IN_LIBRARY: "The abstract of a cited paper isn't here, so its citation can't be checked.",
    Outcome.RETRACTED: "The cited paper was retracted.",
    Outcome.UNKNOWN: "The sentence couldn't be judged.",
}


def report_sarif(report: Report) -> dict[str, Any]:
    """Return everything but the supported sentences as SARIF."""
    file = report.manuscript.file
    rules = [*_RULES.items(), (UNCITED, "Papers of the library support this sentence, and it cites none.")]
    results = [_pinned(one, file) for one in report.pinned if one.outcome in _RULES]
    driver = {
        "name": "Pincite",
        "version": version(),
        "rules": [
            {
                "id": str(rule),
                "shortDescription": {"text": text},
                "defaultConfiguration": {"level": _LEVELS.get(Outcome(rule), "note") if rule != UNCITED else "note"},
            }
            for rule, text in rules
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [*results, *(_uncited(one, file) for one in report.uncited)],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def message_of(one: Pinned) -> str:
    """Return what to say about a sentence that cites, in plain text."""
    parts = [f"{one.outcome.words.capitalize()}: {one.why}." if one.why else f"{one.outcome.words.capitalize()}."]
    for cited in one.cited:
        if cited.paper is not None and cited.pin is not None and cited.outcome is not Outcome.SUPPORTED:
            parts.append(f"Nearest in “{cited.paper.title}”: “{cited.pin.quote}”")
    parts += [f"“{pin.paper.title}” supports it: “{pin.quote}”" for pin in one.instead]
    return " ".join(parts)


def message_of_uncited(one: Uncited) -> str:
    """Return which papers support a sentence that cites none, in plain text."""
    return " ".join(f"Cites nothing; “{pin.paper.title}” supports it: “{pin.quote}”" for pin in one.support)


def _pinned(one: Pinned, file: str) -> dict[str, Any]:
    return _result(one.outcome.value, _LEVELS.get(one.outcome, "note"), message_of(one), one.passage, file)


def _uncited(one: Uncited, file: str) -> dict[str, Any]:
    return _result(UNCITED, "note", message_of_uncited(one), one.passage, file)


def _result(rule: str, level: str, message: str, passage: ManuscriptSentence, file: str) -> dict[str, Any]:
    there = PurePath(file).parent / passage.file if passage.file else PurePath(file)
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(there.as_posix())}}
    location: dict[str, Any] = {"physicalLocation": place}
    if passage.line:
        place["region"] = {
            "startLine": passage.line,
            "startColumn": passage.column,
            "endLine": passage.end_line,
            "endColumn": passage.end_column,
        }
    else:
        location["logicalLocations"] = [{"name": passage.place}]
    return {"ruleId": rule, "level": level, "message": {"text": message}, "locations": [location]}
