"""What made an answer, written down so that it can be checked again without a language model."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rag.config import Config
from rag.library import Library
from rag.types import Citation, Evidence, Hit, Receipt, Sentence, to_json
from rag.version import version
from rag.write.generative import Usage


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
    withheld: Sequence[Evidence] = (),
    stopped: bool = False,
) -> Receipt:
    """Return the receipt of an answer: sentences, quotes and hashes of abstracts, never whole abstracts."""
    made = Receipt(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        pincite=version(),
        question=question,
        searched=searched,
        model=model,
        prompt_sha256=usage.prompt_sha256 if usage else None,
        library=library.fingerprint,
        reranker=library.reranker,
        retrieved=tuple((hit.paper_id, round(hit.score, 6)) for hit in hits),
        trimmed=_places(usage.trimmed) if usage else (),
        withheld=_places(withheld),
        stopped=stopped,
        quotes=tuple(_quote(sentence, citation) for sentence in sentences for citation in sentence.citations),
        tokens=_tokens(usage),
        cost=_cost(_tokens(usage), config),
        seconds=dict(watch.seconds),
    )
    return replace(made, seal=seal(to_json(made)))


def _places(evidence: Sequence[Evidence]) -> tuple[str, ...]:
    return tuple(f"{item.paper.id}:{item.start}-{item.end}" for item in evidence)


def seal(plain: Mapping[str, Any]) -> str:
    """Return the hash over all of a receipt but its seal."""
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
        "verdict": citation.verdict.value,
        "support": round(citation.support, 4),
    }


def _tokens(usage: Usage | None) -> dict[str, int]:
    counted = (("prompt", usage.prompt_tokens), ("completion", usage.completion_tokens)) if usage else ()
    return {name: count for name, count in counted if count is not None}


def _cost(tokens: Mapping[str, int], config: Config) -> float | None:
    """Return what the tokens cost at the configured prices for a million, None where either is not known."""
    if config.prompt_price is None or config.completion_price is None or len(tokens) < 2:
        return None
    return (tokens["prompt"] * config.prompt_price + tokens["completion"] * config.completion_price) / 1_000_000
