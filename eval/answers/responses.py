"""What a system answered, in one form for every system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.types import Answer, Paper, Reason, Status


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that the system was given to answer from: a whole abstract, or a piece of one. `id` is its paper's.

    `key` is the name that the system's own marks give it. Without a text it isn't one: a mark on it leads nowhere.
    """

    id: str
    text: str
    title: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class PinnedQuote:
    """A quote that a sentence is pinned to: `passage` is the 1-based number of the passage that it is claimed to be in.

    `start` and `end` are its offsets there, None where the system reports none.
    """

    passage: int
    quote: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer without its marks, its marks (1-based passage numbers, each once), its pins."""

    text: str
    marks: tuple[int, ...] = ()
    pins: tuple[PinnedQuote, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to one case. Mark n points at `passages[n - 1]`; `retrieved` are paper ids, best first.

    What a system doesn't report is None. `error` is set if it failed: such an answer is unscored, not wrong.
    `confidence` in [0, 1] is the system's own.
    """

    case: str
    text: str
    claims: tuple[Claim, ...] = ()
    passages: tuple[Passage, ...] = ()
    retrieved: tuple[str, ...] = ()
    declined: bool = False
    reason: str | None = None
    confidence: float | None = None
    seconds: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost: float | None = None
    model: str | None = None
    issues: tuple[str, ...] = ()
    error: str | None = None

    @property
    def answered(self) -> bool:
        """Whether it says something: neither declined nor failed, and not empty, nor marks and signs alone."""
        said = [claim.text for claim in self.claims] or [self.text]
        return not (self.declined or self.error) and any(letter.isalnum() for text in said for letter in text)


def from_answer(
    case: str,
    answer: Answer,
    read: Sequence[Paper],
    ranked: Sequence[str],
    *,
    seconds: float | None = None,
) -> Response:
    """Convert an answer of Pincite: cited papers become passages by number, followed by the others that were read.

    `read` are the papers that the answer was written from, `ranked` the ids of all that were found, best first. A
    model that failed is an error, not a refusal.
    """
    cited = {paper.id for paper in answer.papers}
    papers = (*answer.papers, *(paper for paper in read if paper.id not in cited))
    failed = answer.reason is Reason.MODEL_UNAVAILABLE
    tokens = answer.receipt.tokens
    return Response(
        case=case,
        text=answer.text,
        claims=tuple(
            Claim(
                sentence.text,
                tuple(dict.fromkeys(c.number for c in sentence.citations)),
                tuple(
                    PinnedQuote(c.number, c.quote, c.start, c.end) for c in sentence.citations if c.quote
                ),  # a record is quoted nowhere
            )
            for sentence in answer.sentences
        ),
        passages=tuple(Passage(paper.id, paper.abstract, paper.title) for paper in papers),
        retrieved=tuple(ranked),
        declined=answer.status is Status.DECLINED and not failed,
        reason=answer.reason.value if answer.reason else None,
        confidence=answer.confidence,
        seconds=seconds,
        prompt_tokens=tokens.get("prompt"),
        completion_tokens=tokens.get("completion"),
        cost=answer.receipt.cost,
        model=answer.written_by,
        issues=tuple(issue.code for issue in answer.issues),
        error="; ".join(issue.message for issue in answer.issues) or "the model was not available" if failed else None,
    )
