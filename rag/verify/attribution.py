"""From a writer's sentence, in which nothing is believed yet, to one with pins: keep, re-cite, mark or drop.

Whatever is changed or taken away stands in the issues.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.text.foreign import without_foreign
from rag.text.mentions import unmentioned
from rag.text.reading import read
from rag.text.words import term_set
from rag.types import Citation, Draft, Evidence, Issue, Role, Sentence, Support, Verdict
from rag.verify.agreement import PLAINLY, agreement_of, citation_of
from rag.verify.checker import Checker
from rag.verify.edits import near_copy

CANDIDATES = 8  # other retrieved sentences that are tried before a claim is dropped
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

    Returns the sentence with its pins, None where nothing carries it, and what the reader should know. `numbers` maps
    paper ids to citation numbers and grows in the order of first citation.
    """
    issues: list[Issue] = []
    draft = _in_words_of_its_own(draft, evidence, issues)
    text = _without_foreign_citations(draft.text, evidence, issues)
    cited = _resolve(draft, evidence, issues)
    if not term_set(text):
        issues.append(Issue("unsupported_sentence", "A sentence that says nothing was dropped.", draft.text))
        return None, tuple(issues)
    if strange := _names_of_nobody(text, evidence):
        message = f"Dropped: none of the papers found mentions {', '.join(strange)}."
        issues.append(Issue("unsupported_sentence", message, text))
        return None, tuple(issues)
    kept, judged = _carried(text, cited, evidence, checker, issues)
    if not kept:
        return None, tuple(issues)
    judged = _mind_the_names(text, kept, judged, issues)
    judged = _mind_the_role(text, kept, judged, issues)
    # Several sentences support it together: none is marked for what another one supports.
    citations = tuple(citation_of(item, judged.verdict, judged.score, numbers) for item in kept)
    _warn_of_notices(citations, text, issues)
    agreement = agreement_of(text, citations, evidence, checker, numbers)
    return Sentence(text, citations, judged.verdict, judged.score, agreement), tuple(issues)


def _in_words_of_its_own(draft: Draft, evidence: Sequence[Evidence], issues: list[Issue]) -> Draft:
    """Take out addresses, markup and pictures that no cited sentence holds; the issue doesn't repeat them."""
    text, taken = without_foreign(draft.text, [item.text for item in evidence if item.number in draft.numbers])
    if taken:
        message = f"Removed, as no cited sentence holds it: {', '.join(taken)}."
        issues.append(Issue("foreign_text", message, text))
    return replace(draft, text=text)


def _without_foreign_citations(text: str, evidence: Sequence[Evidence], issues: list[Issue]) -> str:
    """Take out citations that the writer put into the prose: they point at nothing that was retrieved."""

    def remove(match: re.Match[str]) -> str:
        mark = match.group().strip()
        # "[0, 1]" may be an interval that the abstract itself writes, and "Fell [2016]" a year.
        if any(mark in item.text for item in evidence) and not re.fullmatch(r"\[\d{1,3}\]", mark):
            return match.group()
        issues.append(Issue("foreign_citation", f"{mark} in the text pointed at no retrieved paper: removed.", text))
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
            message = f"[{number}] names no evidence: there are {len(evidence)} numbered sentences. Removed."
            issues.append(Issue("invented_number", message, draft.text))
    if not draft.numbers:
        issues.append(Issue("uncited_sentence", "The sentence came without a citation.", draft.text))
    return [by_number[n] for n in dict.fromkeys(draft.numbers) if n in by_number]


def _carried(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker, issues: list[Issue]
) -> tuple[list[Evidence], Support]:
    """Return the evidence that carries the text, nothing where none does."""
    judged = checker.check(text, [item.text for item in cited]) if cited else Support(0.0, Verdict.UNSUPPORTED, "")
    if judged.verdict is Verdict.SUPPORTED:
        return _relevant(text, cited, checker, issues), judged
    if judged.verdict is Verdict.CONTRADICTED:
        return _refuted(text, cited, judged, issues)
    return _mended(text, cited, judged, evidence, checker, issues) or _unmended(text, cited, judged, issues)


def _refuted(text: str, cited: list[Evidence], judged: Support, issues: list[Issue]) -> tuple[list[Evidence], Support]:
    """Drop an altered copy, and mark what says it in words of its own: there a contradiction is often none.

    No other citation is looked for: a vaguer sentence would carry the falsehood.
    """
    if any(near_copy(read(text), read(item.text)) for item in cited):
        issues.append(Issue("contradicted_sentence", f"Dropped: {judged.why}.", text))
        return [], judged
    message = f"Marked: the cited evidence may say otherwise: {judged.why}."
    issues.append(Issue("contradicted_sentence", message, text))
    return cited, replace(judged, verdict=Verdict.UNSUPPORTED)


def _mended(
    text: str,
    cited: list[Evidence],
    judged: Support,
    evidence: Sequence[Evidence],
    checker: Checker,
    issues: list[Issue],
) -> tuple[list[Evidence], Support] | None:
    """Return the evidence that carries the text with one sentence added or instead, None where there is none."""
    # Only a partial verdict can be completed: no further sentence mends a wrong figure or another's name.
    partial = judged.verdict is Verdict.PARTIAL
    completed, complete = _with_neighbour(text, cited, evidence, checker) if partial else ([], judged)
    if completed:
        added = f"“{completed[-1].text}”"
        issues.append(Issue("recited", f"The cited sentence leaves a part of it open; {added} was added.", text))
        return completed, complete
    other, better = _elsewhere(text, cited, evidence, checker, copies_only=partial)
    if other is None:
        return None
    named = f"“{other.paper.title}”"
    said = "The cited evidence does not support it" if cited else "It cited nothing that exists"
    issues.append(Issue("recited", f"{said}; {named} does, and is cited instead.", text))
    return [other], better


def _unmended(text: str, cited: list[Evidence], judged: Support, issues: list[Issue]) -> tuple[list[Evidence], Support]:
    """Mark what is supported in part or could not be judged, and drop the rest."""
    if judged.verdict in (Verdict.PARTIAL, Verdict.UNKNOWN):
        state = "supports only a part of it" if judged.verdict is Verdict.PARTIAL else "could not be judged"
        issues.append(Issue("unsupported_sentence", f"Marked: the cited evidence {state}: {judged.why}.", text))
        return cited, judged
    reason = judged.why or "no retrieved sentence supports it"
    issues.append(Issue("unsupported_sentence", f"Dropped: {reason}.", text))
    return [], judged


def _relevant(text: str, cited: list[Evidence], checker: Checker, issues: list[Issue]) -> list[Evidence]:
    """Leave out citations that carry nothing where others carry the sentence without them."""
    kept = list(cited)
    for item in sorted(cited, key=lambda e: checker.check(text, [e.text]).score):
        rest = [other for other in kept if other is not item]
        alone = checker.check(text, [item.text]).verdict
        if not rest or alone in (Verdict.SUPPORTED, Verdict.PARTIAL):
            continue
        if checker.check(text, [other.text for other in rest]).verdict is Verdict.SUPPORTED:
            kept = rest
            message = f"“{item.paper.title}” was cited beside it but carries none of it: removed."
            issues.append(Issue("irrelevant_citation", message, text))
    return kept


def _with_neighbour(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker
) -> tuple[list[Evidence], Support]:
    """Look for one more sentence of the cited paper that completes the evidence: "it" is named in another sentence."""
    papers = {item.paper.id for item in cited}
    wanted = term_set(text).difference(*(term_set(item.text) for item in cited))
    for item in evidence:
        if len(papers) != 1 or item.paper.id not in papers or item in cited or not wanted & term_set(item.text):
            continue
        together = checker.check(text, [*(other.text for other in cited), item.text])
        if together.verdict is Verdict.SUPPORTED:
            return [*cited, item], together
    return [], Support(0.0, Verdict.UNSUPPORTED)


def _elsewhere(
    text: str, cited: list[Evidence], evidence: Sequence[Evidence], checker: Checker, *, copies_only: bool
) -> tuple[Evidence | None, Support]:
    """Look for one other retrieved sentence that plainly supports the text, none where the cited paper denies it.

    `copies_only`: one that says it in nearly the same words, for a text that its own citation supports in part.
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


def _names_of_nobody(text: str, evidence: Sequence[Evidence]) -> list[str]:
    """Return the names of their own ("HealthBench", "GPT-4") that no paper of the evidence mentions.

    Short acronyms are none: a writer may well say "AI" or "NLP" where the abstracts do not.
    """
    # What was read off the text but does not stand there so ("text-003" of "text-davinci-003") is no name.
    return [name for name in unmentioned(text, evidence) if name in text and not _COMMON.fullmatch(name)]


def _mind_the_names(text: str, kept: list[Evidence], judged: Support, issues: list[Issue]) -> Support:
    """Mark a sentence on something that only other papers mention than those cited."""
    strange = _names_of_nobody(text, kept)
    if not strange or judged.verdict is not Verdict.SUPPORTED:
        return judged
    why = f"the cited papers do not mention {', '.join(strange)}"
    issues.append(Issue("unsupported_sentence", f"Marked: {why}.", text))
    return Support(min(judged.score, 0.5), Verdict.PARTIAL, why)


def _mind_the_role(text: str, kept: list[Evidence], judged: Support, issues: list[Issue]) -> Support:
    """Mark a finding that rests on what a paper only set out to do."""
    if any(item.role is not Role.AIM for item in kept) or _AIM_WORDING.search(text):
        return judged
    issues.append(Issue("aim_as_finding", "Marked: the paper names this as its aim, not as a finding.", text))
    if judged.verdict is not Verdict.SUPPORTED:
        return judged
    return replace(judged, verdict=Verdict.PARTIAL, score=min(judged.score, 0.5))


def _warn_of_notices(citations: Sequence[Citation], text: str, issues: list[Issue]) -> None:
    for paper in dict.fromkeys(c.paper for c in citations):
        if paper.retracted:
            issues.append(Issue("retracted_paper", paper.retraction, text))
        issues += [Issue("noticed_paper", doubt, text) for doubt in paper.doubts]
