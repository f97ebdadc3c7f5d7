"""Receipts: a record of what made an answer, which can be checked later.

A receipt may come from anyone. It is read as data; nothing in it names a file or is run.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from rag import verify
from rag.config import Config, version
from rag.errors import InputError, LibraryError
from rag.library import Library
from rag.question.library_contents import counts
from rag.question.metadata import says
from rag.serialization import to_json
from rag.types import Citation, Evidence, Finding, Hit, Paper, Receipt, Sentence, Support, Verdict
from rag.write.writer import Usage

LARGEST = 10_000_000  # bytes; a real receipt has a few thousand
MOST_QUOTES = 1_000
LONGEST_TEXT = 20_000  # characters
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELDS: dict[str, type] = {
    "sentence": str, "number": int, "paper": str, "title": str, "abstract_sha256": str, "start": int, "end": int,
    "quote": str, "verdict": str,
}  # fmt: skip
_OF_DISPUTE = {name: _FIELDS[name] for name in ("sentence", "paper", "title", "start", "end", "quote")}
_DAMAGED = "the receipt is damaged, ask again for a new one"
_EXPECTED = "name the file that `ask --receipt` wrote"
# A verdict that claims more than the checker finds does not hold; one that claims less does no harm.
_CLAIM = {Verdict.SUPPORTED: 2, Verdict.PARTIAL: 1}


class Stopwatch:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage, added to what it took before."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - started, 4)


def receipt(
    question: str,
    searched: str,
    model: str,
    library: Library,
    hits: Sequence[Hit],
    sentences: Sequence[Sentence],
    usage: Usage | None,
    watch: Stopwatch,
    config: Config,
    *,
    checker: str,
    papers: int | None = None,
    configured: bool = False,
    withheld: Sequence[Evidence] = (),
    stopped: bool = False,
    searches: Sequence[str] = (),
    tokens: Mapping[str, int] | None = None,
    repairs: Sequence[Mapping[str, Any]] = (),
    calibration: str | None = None,
) -> Receipt:
    """Return the receipt of an answer: sentences, quotes and hashes of abstracts, never whole abstracts.

    `tokens` is what all calls of the model took, where they were counted. `configured`: the settings of language models
    applied to the one that wrote, which wasn't passed in.
    """
    counted = dict(tokens) if tokens is not None else _tokens(usage)
    made = Receipt(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        pincite=version(),
        question=question,
        searched=searched,
        model=model,
        prompt_sha256=usage.prompt_sha256 if usage else None,
        library=library.fingerprint,
        reranker=library.reranker,
        languages=library.languages_for(searched),
        checker=checker,
        papers=papers,
        calibration=calibration,
        temperature=config.temperature if configured else None,
        reply_tokens=config.reply_tokens if configured else None,
        retrieved=tuple((hit.paper_id, round(hit.score, 6)) for hit in hits),
        trimmed=_places(usage.trimmed) if usage else (),
        withheld=_places(withheld),
        stopped=stopped,
        searches=tuple(searches),
        repairs=tuple(repairs),
        quotes=tuple(_quote(sentence, citation) for sentence in sentences for citation in sentence.citations),
        disputed=tuple(_against(sentence, pin) for sentence in sentences for pin in sentence.agreement.contradicting),
        tokens=counted,
        cost=_cost(counted, config),
        seconds=dict(watch.seconds),
    )
    return replace(made, seal=seal(to_json(made)))


def _places(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(f"{item.paper.id}:{item.start}-{item.end}" for item in evidence)


def seal(plain: Mapping[str, Any]) -> str:
    """Return the hash of everything in a receipt except its seal."""
    rest = {name: value for name, value in plain.items() if name != "seal"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def abstract_sha256(abstract: str) -> str:
    """Return the hash by which a receipt knows an abstract again."""
    return hashlib.sha256(abstract.encode()).hexdigest()


def _quote(sentence: Sentence, citation: Citation) -> dict[str, object]:
    return {
        "sentence": sentence.text,
        "number": citation.number,
        "paper": citation.paper.id,
        "title": citation.paper.title,
        "abstract_sha256": abstract_sha256(citation.paper.abstract),
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "record": citation.record,
        "retracted": citation.paper.retracted,
        "verdict": citation.verdict.value,
        "support": round(citation.support, 4),
        **({"english": sentence.english} if sentence.english else {}),
    }


def _against(sentence: Sentence, pin: Citation) -> dict[str, object]:
    return {
        "sentence": sentence.text, "paper": pin.paper.id, "title": pin.paper.title, "start": pin.start, "end": pin.end,
        "quote": pin.quote,
    }  # fmt: skip


def _tokens(usage: Usage | None) -> dict[str, int]:
    counted = (("prompt", usage.prompt_tokens), ("completion", usage.completion_tokens)) if usage else ()
    return {name: count for name, count in counted if count is not None}


def _cost(tokens: Mapping[str, int], config: Config) -> float | None:
    """Return what the tokens cost at the configured prices per million, None if either is unknown."""
    if config.prompt_price is None or config.completion_price is None or len(tokens) < 2:
        return None
    return (tokens["prompt"] * config.prompt_price + tokens["completion"] * config.completion_price) / 1_000_000


Quote = Mapping[str, Any]


def read_receipt(path: Path) -> dict[str, Any]:
    """Return the receipt in a file. Raises `InputError` for a file without one, naming what is wrong."""
    plain = _json(path)
    if isinstance(plain, dict) and isinstance(plain.get("receipt"), dict):
        plain = plain["receipt"]  # a whole answer, as `ask --json` prints it
    if not isinstance(plain, dict) or not isinstance(plain.get("quotes"), list):
        raise InputError(f"{path}: isn't a receipt, it has no list `quotes`: {_EXPECTED}")
    if len(plain["quotes"]) > MOST_QUOTES:
        raise InputError(f"{path}: has {len(plain['quotes']):,} quotes, more than any answer has ({MOST_QUOTES:,})")
    against = plain.get("disputed", [])
    if not isinstance(against, list) or len(against) > MOST_QUOTES:
        raise InputError(f"{path}: `disputed` isn't a list of at most {MOST_QUOTES:,}: {_DAMAGED}")
    for what, items, named in (("quote", plain["quotes"], _FIELDS), ("dispute", against, _OF_DISPUTE)):
        for position, item in enumerate(items, 1):
            if fault := _fault(item, named):
                raise InputError(f"{path}: {what} {position}: {fault}: {_DAMAGED}")
    return plain


def _json(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path}: has more than {LARGEST:,} bytes, too many for a receipt")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}): {_EXPECTED}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: isn't JSON ({error}): {_EXPECTED}") from error


def check_receipt(plain: Mapping[str, Any], library: Library, checker: verify.Checker | None = None) -> list[Finding]:
    """Return everything in a receipt that doesn't hold against this library, nothing if all does.

    Each abstract must be the one that was cited, each quote must be at its offsets, and the checker (the built-in
    one by default) must reach each verdict again from the quotes alone.
    """
    findings = []
    if plain.get("seal") != seal(plain):
        findings.append(Finding("altered_receipt", "The receipt was altered: its seal doesn't match."))
    papers: dict[str, Paper | None] = {}
    for quote in plain["quotes"]:
        if quote["paper"] not in papers:
            papers[quote["paper"]] = _paper(library, quote["paper"])
            findings += _check_paper(quote, papers[quote["paper"]])
        if (paper := papers[quote["paper"]]) is not None:
            findings += _check_record(quote, paper) if _is_of_record(quote) else _check_place(quote, paper)
    bounded = verify.BoundedChecker(checker or verify.BuiltinChecker(library.embedder))
    return [*findings, *_check_verdicts(plain["quotes"], bounded)]


def _is_of_record(quote: Quote) -> bool:
    """Return whether it cites a paper's record rather than its abstract."""
    return bool(quote.get("record")) and not quote["quote"]


def _fault(quote: object, named: Mapping[str, type]) -> str:
    """Return what is wrong with a quote of a receipt that has these fields, empty if nothing is."""
    if not isinstance(quote, dict):
        return "isn't an object"
    also = {"english": str} if "english" in quote else {}
    for name, kind in {**named, **also}.items():
        if not isinstance(quote.get(name), kind) or isinstance(quote.get(name), bool):
            return f"`{name}` is {quote.get(name)!r:.60}, not {'text' if kind is str else 'a whole number'}"
        if kind is str and (len(quote[name]) > LONGEST_TEXT or _LONE_SURROGATE.search(quote[name])):
            return f"`{name}` is {quote[name]!r:.60}, too long or not Unicode text"
    if "verdict" in named and quote["verdict"] not in list(Verdict):
        return f"`verdict` is {quote['verdict']!r:.60}, not one of {', '.join(Verdict)}"
    return ""


def _paper(library: Library, name: str) -> Paper | None:
    try:
        return library.get(name)
    except LibraryError:
        return None


def _check_paper(quote: Quote, paper: Paper | None) -> Iterator[Finding]:
    if paper is None:
        message = f"“{quote['title']:.200}” ({quote['paper']:.200}) is not in this library."
        yield Finding("missing_paper", message, quote["number"])
        return
    if abstract_sha256(paper.abstract) != quote["abstract_sha256"]:
        message = f"The abstract of “{paper.title}” isn't the one that was cited."
        yield Finding("changed_abstract", message, quote["number"])
    if paper.retracted:
        yield Finding("retracted_paper", paper.retraction, quote["number"])


def _check_place(quote: Quote, paper: Paper) -> Iterator[Finding]:
    start, end, text = quote["start"], quote["end"], quote["quote"]
    if text and 0 <= start < end and paper.abstract[start:end] == text:
        return
    found = paper.abstract.find(text) if text.strip() else -1
    now = f"it is at {found}–{found + len(text)} now" if found >= 0 else "it isn't in the abstract"
    message = f"“{text:.200}” is not at {start}–{end} of “{paper.title}”: {now}."
    yield Finding("moved_quote" if found >= 0 else "missing_quote", message, quote["number"])


def _check_record(quote: Quote, paper: Paper) -> Iterator[Finding]:
    if not (says(paper, quote["sentence"]) or counts(paper, quote["sentence"])):
        message = f"“{quote['sentence']:.200}” is not what the record of “{paper.title}” says."
        yield Finding("changed_record", message, quote["number"])


def _check_verdicts(quotes: Sequence[Quote], checker: verify.Checker) -> Iterator[Finding]:
    """Judge each sentence by all of its quotes together, as the answer did."""
    of_abstracts = [quote for quote in quotes if not _is_of_record(quote)]
    # Of a sentence in another language, its line in English was checked.
    for sentence, group in groupby(of_abstracts, key=lambda quote: str(quote.get("english") or quote["sentence"])):
        cited = list(group)
        found = checker.check(sentence, [quote["quote"] for quote in cited])
        for quote in cited:
            claimed = Verdict(quote["verdict"])
            if _CLAIM.get(claimed, 0) > _CLAIM.get(found.verdict, 0):
                yield Finding("verdict_not_reached", _not_reached(sentence, claimed, found), quote["number"])


def _not_reached(sentence: str, claimed: Verdict, found: Support) -> str:
    said = f"“{sentence:.200}” is recorded as {claimed}"
    if found.verdict is Verdict.UNKNOWN:
        return f"{said}, which could not be judged again: {found.why}."
    return f"{said}, but its quotes make it {found.verdict}: {found.why}."
