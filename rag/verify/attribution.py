"""From a writer's unverified sentence to one with pins: keep, re-cite, mark or drop.

Every change and removal is reported in the issues.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.text.invented_content import without_foreign
from rag.text.mentions import unmentioned
from rag.text.reading import read
from rag.text.words import term_set
from rag.types import Citation, Draft, Evidence, Issue, Role, Sentence, Support, Verdict
from rag.verify.agreement import PLAINLY, agreement_of, citation_of
from rag.verify.checker import Checker
from rag.verify.edits import near_copy

CANDIDATES = 8  # other retrieved sentences that are tried before a claim is dropped
# From this score a further sentence completes the cited ones. Any sentence of a paper moves the score a little, so at
# the checker's own cut false claims were completed as often as right ones (docs/lab/verification.md).
COMPLETED = 0.4
_COMMON = re.compile(r"[A-Z]{2,3}s?")
_BRACKETED = re.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_AUTHOR_YEAR = re.compile(
    r"\s*[(\[](?:(?:see|cf\.?|e\.g\.,?)\s+)?(?:[^()\[\]]*?\b[A-Z][^\W\d_]+[^()\[\]]*?,?\s*(?:19|20)\d\d[a-z]?\s*;?\s*)+[)\]]"
)
_AIM_WORDING = re.compile(
    r"\b(?:aim|aims|aimed|seek|sought|ask|asks|investigat\w*|explor\w*|examin\w*|stud(?:y|ies|ied)|whether|goal|"
    r"objective|purpose|hypothesi\w*|propos\w*|set out)\b",
    re.IGNORECASE,
)


def check(
    draft: Draft, evidence: Sequence[Evidence], checker: Checker, numbers: dict[str, int]
) -> tuple[Sentence | None, tuple[Issue, ...]]:
    """Verify one sentence of a draft against the numbered evidence.

    Returns the sentence with its pins, None where nothing supports it, and what the reader should know. `numbers` maps
    paper ids to citation numbers and grows in the order of first citation.
    """
    issues: list[Issue] = []
    draft = _without_foreign_text(draft, evidence, issues)
    text = _without_foreign_citations(draft.text, evidence, issues)
    cited = _resolve(draft, evidence, issues)
    if not term_set(text):
        issues.append(Issue("unsupported_sentence", "A sentence without content was dropped.", draft.text))
        return None, tuple(issues)
    if strange := _unmentioned_names(text, evidence):
        message = f"Dropped: none of the papers found mentions {', '.join(strange)}."
        issues.append(Issue("unsupported_sentence", message, text))
        return None, tuple(issues)
    kept, judged = _supported(text, cited, evidence, checker, issues)
    if not kept:
        return None, tuple(issues)
    judged = _mark_unmentioned(text, kept, judged, issues)
    judged = _mark_aims(text, kept, judged, issues)
    # Several sentences support it together, so each gets the verdict on all.
    citations = tuple(citation_of(item, judged.verdict, judged.score, numbers) for item in kept)
    _warn_of_notices(citations, text, issues)
    agreement = agreement_of(text, citations, evidence, checker, numbers)
    return Sentence(text, citations, judged.verdict, judged.score, agreement), tuple(issues)


def _without_foreign_text(draft: Draft, evidence: Sequence[Evidence], issues: list[Issue]) -> Draft:
    """Remove addresses, markup and pictures that no cited sentence contains; the issue doesn't repeat them."""
    text, taken = without_foreign(draft.text, [item.text for item in evidence if item.number in draft.numbers])
    if taken:
        message = f"Removed, as no cited sentence contains it: {', '.join(taken)}."
        issues.append(Issue("foreign_text", message, text))
    return replace(draft, text=text)


def _without_foreign_citations(text: str, evidence: Sequence[Evidence], issues: list[Issue]) -> str:
    """Remove citations that the writer put into the prose: they refer to nothing that was retrieved."""

    def remove(match: re.Match[str]) -> str:
        mark = match.group().strip()
        # "[0, 1]" may be an interval that the abstract itself writes, and "Fell [2016]" a year.
        if any(mark in item.text for item in evidence) and not re.fullmatch(r"\[\d{1,3}\]", mark):
            return match.group()
        issues.append(Issue("foreign_citation", f"Removed {mark} from the text: no retrieved paper.", text))
        return ""

    cleaned = text
    for pattern in (_BRACKETED, _AUTHOR_YEAR):
        cleaned = pattern.sub(remove, cleaned)
    return text.strip() if cleaned == text else re.sub(r"\s+([.,;:!?])", r"\1", cleaned).strip()


def _resolve(draft: Draft, evidence: Sequence[Evidence], issues: list[Issue]) -> list[Evidence]:
    """Find the evidence that the draft's numbers name, once each."""
    by_number = {item.number: item for item in evidence}
    for number in dict.fromkeys(draft.numbers):
        if number not in by_number:
            message = f"Removed the citation [{number}]: the evidence has only {len(evidence)} numbered sentences."
            issues.append(Issue("invented_number", message, draft.text))
    if not draft.numbers:
        issues.append(Issue("uncited_sentence", "The sentence had no citation.", draft.text))
    return [by_number[n] for n in dict.fromkeys(draft.numbers) if n in by_number]


def _supported(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker, issues: list[Issue]
) -> tuple[list[Evidence], Support]:
    """Return the evidence that supports the text, empty where none does."""
    judged = checker.check(text, [item.text for item in cited]) if cited else Support(0.0, Verdict.UNSUPPORTED, "")
    if judged.verdict is Verdict.SUPPORTED:
        return _relevant(text, cited, checker, issues), judged
    if judged.verdict is Verdict.CONTRADICTED:
        return _refuted(text, cited, judged, issues)
    return _repaired(text, cited, judged, evidence, checker, issues) or _unmet(text, cited, judged, issues)


def _refuted(text: str, cited: list[Evidence], judged: Support, issues: list[Issue]) -> tuple[list[Evidence], Support]:
    """Drop an altered copy, and mark a free paraphrase, where a reported contradiction is often a false alarm.

    No other citation is looked for: a vaguer sentence would seem to support the falsehood.
    """
    if any(near_copy(read(text), read(item.text)) for item in cited):
        issues.append(Issue("contradicted_sentence", f"Dropped: {judged.why}.", text))
        return [], judged
    message = f"Marked: the cited evidence may say otherwise: {judged.why}."
    issues.append(Issue("contradicted_sentence", message, text))
    return cited, replace(judged, verdict=Verdict.UNSUPPORTED)


def _repaired(
    text: str,
    cited: list[Evidence],
    judged: Support,
    evidence: Sequence[Evidence],
    checker: Checker,
    issues: list[Issue],
) -> tuple[list[Evidence], Support] | None:
    """Return evidence that supports the text, with one sentence added or another instead; None if there is none."""
    # Only a partial verdict can be completed: no further sentence corrects a wrong figure or another's name.
    partial = judged.verdict is Verdict.PARTIAL
    completed, complete = _with_neighbour(text, cited, evidence, checker) if partial else ([], judged)
    if completed:
        added = f"“{completed[-1].text}”"
        issues.append(Issue("recited", f"The cited sentence supports only part of it; {added} was added.", text))
        return completed, complete
    other, better = _elsewhere(text, cited, evidence, checker, copies_only=partial)
    if other is None:
        return None
    named = f"“{other.paper.title}”"
    said = "The cited evidence does not support it" if cited else "It cited no evidence that exists"
    issues.append(Issue("recited", f"{said}; {named} does, and is cited instead.", text))
    return [other], better


def _unmet(text: str, cited: list[Evidence], judged: Support, issues: list[Issue]) -> tuple[list[Evidence], Support]:
    """Mark what is partly supported or could not be judged, and drop the rest."""
    if judged.verdict in (Verdict.PARTIAL, Verdict.UNKNOWN):
        state = "supports only part of it" if judged.verdict is Verdict.PARTIAL else "could not be judged"
        issues.append(Issue("unsupported_sentence", f"Marked: the cited evidence {state}: {judged.why}.", text))
        return cited, judged
    reason = judged.why or "no retrieved sentence supports it"
    issues.append(Issue("unsupported_sentence", f"Dropped: {reason}.", text))
    return [], judged


def _relevant(text: str, cited: list[Evidence], checker: Checker, issues: list[Issue]) -> list[Evidence]:
    """Leave out citations that support nothing where the others support the sentence without them."""
    kept = list(cited)
    for item in sorted(cited, key=lambda e: checker.check(text, [e.text]).score):
        rest = [other for other in kept if other is not item]
        alone = checker.check(text, [item.text]).verdict
        if not rest or alone in (Verdict.SUPPORTED, Verdict.PARTIAL):
            continue
        if checker.check(text, [other.text for other in rest]).verdict is Verdict.SUPPORTED:
            kept = rest
            message = f"“{item.paper.title}” was cited too, but supports none of it: removed."
            issues.append(Issue("irrelevant_citation", message, text))
    return kept


def _with_neighbour(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker
) -> tuple[list[Evidence], Support]:
    """Look for one more sentence of the cited paper that completes the evidence, such as one that names "it"."""
    papers = {item.paper.id for item in cited}
    wanted = term_set(text).difference(*(term_set(item.text) for item in cited))
    for item in evidence:
        if len(papers) != 1 or item.paper.id not in papers or item in cited or not wanted & term_set(item.text):
            continue
        together = checker.check(text, [*(other.text for other in cited), item.text])
        if together.verdict is Verdict.SUPPORTED and together.score >= COMPLETED:
            return [*cited, item], together
    return [], Support(0.0, Verdict.UNSUPPORTED)


def _elsewhere(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker, *, copies_only: bool
) -> tuple[Evidence | None, Support]:
    """Look for another retrieved sentence that clearly supports the text; None where the cited paper denies it.

    `copies_only`: one in nearly the same words, for a text that its own citation partly supports.
    """
    wanted = term_set(text)
    papers = {item.paper.id for item in cited}
    others = [item for item in evidence if item not in cited and wanted & term_set(item.text)]
    others.sort(key=lambda item: -len(wanted & term_set(item.text)))
    best: tuple[Evidence | None, Support] = (None, Support(0.0, Verdict.UNSUPPORTED))
    for item in others[:CANDIDATES]:
        judged = checker.check(text, [item.text])
        if judged.verdict is Verdict.CONTRADICTED and item.paper.id in papers:
            return None, judged
        plainly = judged.verdict is Verdict.SUPPORTED and judged.score >= max(PLAINLY, best[1].score)
        if plainly and (not copies_only or near_copy(read(text), read(item.text))):
            best = (item, judged)
    return best


def _unmentioned_names(text: str, evidence: Sequence[Evidence]) -> list[str]:
    """Return the proper names ("HealthBench", "GPT-4") that no paper of the evidence mentions.

    Short acronyms don't count: a writer may well say "AI" or "NLP" where the abstracts don't.
    """
    # A form derived from the text but not written there ("text-003" of "text-davinci-003") isn't a name.
    return [name for name in unmentioned(text, evidence) if name in text and not _COMMON.fullmatch(name)]


def _mark_unmentioned(text: str, kept: list[Evidence], judged: Support, issues: list[Issue]) -> Support:
    """Mark a sentence about something that the cited papers don't mention."""
    strange = _unmentioned_names(text, kept)
    if not strange or judged.verdict is not Verdict.SUPPORTED:
        return judged
    why = f"the cited papers don't mention {', '.join(strange)}"
    issues.append(Issue("unsupported_sentence", f"Marked: {why}.", text))
    return Support(min(judged.score, 0.5), Verdict.PARTIAL, why)


def _mark_aims(text: str, kept: list[Evidence], judged: Support, issues: list[Issue]) -> Support:
    """Mark a finding that rests on what a paper only set out to do."""
    if any(item.role is not Role.AIM for item in kept) or _AIM_WORDING.search(text):
        return judged
    issues.append(Issue("aim_as_finding", "Marked: the paper states this as an aim, not as a finding.", text))
    if judged.verdict is not Verdict.SUPPORTED:
        return judged
    return replace(judged, verdict=Verdict.PARTIAL, score=min(judged.score, 0.5))


def _warn_of_notices(citations: Sequence[Citation], text: str, issues: list[Issue]) -> None:
    for paper in dict.fromkeys(c.paper for c in citations):
        if paper.retracted:
            issues.append(Issue("retracted_paper", paper.retraction, text))
        issues += [Issue("noticed_paper", doubt, text) for doubt in paper.doubts]
