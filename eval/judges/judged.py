"""What the judge finds of every sentence of an answer: all that the metrics need, with no question asked twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from eval.answers.declined_in_prose import declines
from eval.answers.responses import Claim, Passage, Response
from eval.judges.claims import claims_of
from eval.judges.error_kinds import error_kind
from eval.judges.nuggets import NuggetsFound, find_nuggets
from eval.questions import Case
from rag.text.words import terms
from rag.types import Support, Verdict

# Sentences about the answer itself, which no paper could support.
_ABOUT_THE_ANSWER = re.compile(
    r"^(?:here (?:is|are)|below|the following|let me|i hope|i (?:found|will|can|have)|sources?\b|references?\b|"
    r"(?:this|the) (?:answer|summary|list)\b|no language model)",
    re.IGNORECASE,
)


class Judge(Protocol):
    """What judges a sentence against texts: every `rag.verify.Checker` does."""

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge `sentence` against all of `evidence` together."""
        ...


@runtime_checkable
class SupportJudge(Judge, Protocol):
    """A judge that says faster whether it supports a sentence than how far."""

    def supports(self, sentence: str, evidence: Sequence[str]) -> bool | None:
        """Return whether `check` would find the sentence supported; None where it would give no verdict."""
        ...


def supports(judge: Judge, sentence: str, evidence: Sequence[str]) -> bool | None:
    """Return whether a judge finds a sentence supported, by its faster way if it has one; None without a verdict."""
    if isinstance(judge, SupportJudge):
        return judge.supports(sentence, evidence)
    verdict = judge.check(sentence, evidence).verdict
    return None if verdict is Verdict.UNKNOWN else verdict is Verdict.SUPPORTED


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A check-worthy sentence with what the judge found.

    `together` is its support by all cited passages, None where no mark resolves. `precise` has for each mark whether
    it is needed and supports (None if the judge gave no verdict), `pinned` is the support by the quotes alone.
    `elsewhere` is the retrieved paper that supports what the cited ones don't, `grounded` whether anything retrieved
    does. `error` is the kind of error of a sentence that is not supported by what it cites. `parts` are the claims of a
    sentence that makes several, each judged by itself.
    """

    claim: Claim
    together: Support | None
    precise: tuple[bool | None, ...]
    pinned: Support | None
    grounded: bool | None
    elsewhere: str | None
    error: str | None
    parts: tuple[JudgedClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One question with its answer, its judged sentences and the nuggets found in it: what every metric scores."""

    case: Case
    response: Response
    claims: tuple[JudgedClaim, ...]
    nuggets: NuggetsFound | None = None


def check_worthy(claim: Claim) -> bool:
    """Whether a sentence asserts something that a paper could support (check-worthiness: Hassan et al., KDD 2017).

    Questions, headings ("In short:"), refusals, sentences about the answer itself and those of fewer than two content
    words ("Yes, they do.") don't. A sentence that cites is check-worthy whatever it says.
    """
    if claim.marks:
        return True
    text = claim.text.strip()
    if text.endswith(("?", ":")) or len(terms(text)) < 2:
        return False
    return not (_ABOUT_THE_ANSWER.match(text) or declines(text, surely=True))


def judge_response(case: Case, response: Response, judge: Judge) -> Judged:
    """Judge every check-worthy sentence of an answer. A declined, empty or failed answer has none."""
    if not response.answered:
        return Judged(case, response, ())
    asked = _Asked(judge)
    nuggets = find_nuggets(case, response, asked.support)
    stating = nuggets.answering if nuggets else (0.0,) * len(response.claims)
    # What states a fact asserts something, even as a heading or a question.
    worthy = [claim for claim, states in zip(response.claims, stating, strict=True) if states or check_worthy(claim)]
    claims = tuple(_judge_sentence(claim, response.passages, asked) for claim in worthy)
    return Judged(case, response, claims, nuggets)


def judge_usefulness(case: Case, response: Response, judge: Judge) -> Judged:
    """Judge only which nuggets an answer states, not its citations."""
    return Judged(case, response, (), find_nuggets(case, response, _Asked(judge).support))


class _Asked:
    """A judge that answers the same question only once: metrics overlap, and a judge may be a slow model."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._judged: dict[tuple[str, tuple[str, ...]], Support] = {}
        self._supported: dict[tuple[str, tuple[str, ...]], bool | None] = {}

    def support(self, text: str, evidence: tuple[str, ...]) -> Support:
        """Judge how far the evidence supports the sentence."""
        asked = (text, evidence)
        if asked not in self._judged:
            self._judged[asked] = self._judge.check(text, list(evidence))
        return self._judged[asked]

    def supports(self, text: str, evidence: tuple[str, ...]) -> bool | None:
        """Whether the evidence supports the sentence; None if the judge gave no verdict."""
        asked = (text, evidence)
        if asked in self._judged:
            verdict = self._judged[asked].verdict
            return None if verdict is Verdict.UNKNOWN else verdict is Verdict.SUPPORTED
        if asked not in self._supported:
            self._supported[asked] = supports(self._judge, text, evidence)
        return self._supported[asked]


def _judge_sentence(claim: Claim, passages: Sequence[Passage], asked: _Asked) -> JudgedClaim:
    """Judge a sentence, and where that doesn't settle it each of its claims.

    What supports a sentence supports its claims. Without a verdict on the sentence, its parts have none either.
    """
    whole = _judge_claim(claim, passages, asked)
    texts = claims_of(claim.text)
    if len(texts) == 1:
        return whole
    if whole.together is not None and whole.together.verdict in (Verdict.SUPPORTED, Verdict.UNKNOWN):
        return replace(whole, parts=tuple(replace(whole, claim=Claim(text, claim.marks)) for text in texts))
    parts = (_judge_claim(Claim(text, claim.marks), passages, asked) for text in texts)
    return replace(whole, parts=tuple(replace(part, grounded=whole.grounded or part.grounded) for part in parts))


def _judge_claim(claim: Claim, passages: Sequence[Passage], asked: _Asked) -> JudgedClaim:
    resolved = [mark for mark in claim.marks if resolves(mark, passages)]
    cited = tuple(passages[mark - 1].text for mark in resolved)
    together = asked.support(claim.text, cited) if cited else None
    supported = asked.supports(claim.text, cited) if cited else False
    others = [p for number, p in enumerate(passages, start=1) if number not in resolved]
    elsewhere = None if supported is not False else _elsewhere(claim, others, asked)
    quotes = tuple(pin.quote for pin in claim.pins)
    return JudgedClaim(
        claim,
        together,
        tuple(_is_precise(claim, mark, resolved, passages, asked) for mark in claim.marks),
        asked.support(claim.text, quotes) if quotes else None,
        True if supported or elsewhere else _grounded(claim, passages, asked),
        elsewhere,
        None if supported is not False else error_kind(claim.text, cited or tuple(p.text for p in passages)),
    )


def resolves(mark: int, passages: Sequence[Passage]) -> bool:
    """Whether a mark leads to a passage with a text."""
    return 1 <= mark <= len(passages) and bool(passages[mark - 1].text)


def _is_precise(
    claim: Claim, mark: int, resolved: Sequence[int], passages: Sequence[Passage], asked: _Asked
) -> bool | None:
    """ALCE's citation precision of one mark (Gao et al. 2023, section 4.3); an invented mark is never precise.

    All its passages together support the sentence, and the mark's own passage either supports it alone or is
    needed: without it the others do not.
    """
    if mark not in resolved:
        return False
    texts = {number: passages[number - 1].text for number in resolved}
    supported = asked.supports(claim.text, tuple(texts.values()))
    if not supported or len(resolved) == 1:
        return supported
    alone = asked.supports(claim.text, (texts[mark],))
    if alone:
        return True
    without = asked.supports(claim.text, tuple(text for number, text in texts.items() if number != mark))
    if alone is None or without is None:
        return None
    return not without


def _elsewhere(claim: Claim, others: Sequence[Passage], asked: _Asked) -> str | None:
    """Return the first other passage that supports the sentence alone."""
    return next((p.id for p in others if asked.supports(claim.text, (p.text,))), None)


def _grounded(claim: Claim, passages: Sequence[Passage], asked: _Asked) -> bool | None:
    """Whether all passages together support a sentence that no part of them supports."""
    return asked.supports(claim.text, tuple(p.text for p in passages)) if passages else False
