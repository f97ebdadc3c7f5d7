"""One turn to repair: sentences that the check doubts go back to the model, which corrects, re-cites or confirms them.

The model is believed no more than before. What it corrects or cites again is checked again. What it confirms needs a
quote that is in the evidence, and then is kept with a mark; where that evidence contradicts it, no quote helps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag.text.invented_content import without_foreign
from rag.types import Agreement, Citation, Draft, Evidence, Issue, Sentence, Verdict
from rag.verify.agreement import citation_of
from rag.write.writer import Doubt, Repair

_SHORTEST_QUOTE = 3  # words; fewer occur in any text
_MARKED = 0.5
Check = Callable[[Draft, dict[str, int]], tuple[Sentence | None, tuple[Issue, ...]]]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence as it was written, what the check made of it, and what the reader should know of that."""

    draft: Draft
    sentence: Sentence | None
    issues: tuple[Issue, ...] = ()

    @property
    def doubted(self) -> bool:
        """Whether the check didn't let it pass unchanged."""
        return self.sentence is None or self.sentence.verdict is not Verdict.SUPPORTED

    @property
    def contradicted(self) -> bool:
        """Whether the evidence says the opposite."""
        verdict = Verdict.UNKNOWN if self.sentence is None else self.sentence.verdict
        return verdict is Verdict.CONTRADICTED or any(i.code == "contradicted_sentence" for i in self.issues)


def doubts_of(checked: Sequence[Checked]) -> list[Doubt]:
    """Return what goes back to the model, each under its place in the answer."""
    return [
        Doubt(place, one.draft, " ".join(issue.message for issue in one.issues) or "the check does not support it")
        for place, one in enumerate(checked, 1)
        if one.doubted
    ]


def repaired(
    checked: Sequence[Checked], repairs: Sequence[Repair], evidence: Sequence[Evidence], check: Check
) -> tuple[list[Checked], list[Mapping[str, Any]]]:
    """Return the sentences with what happened to the doubted ones, and what a receipt holds of that.

    A receipt repeats no address and no markup that only the model wrote.
    """
    held = [item.text for item in evidence]

    def plain(text: str) -> str:
        return without_foreign(text, held)[0]

    said = {repair.doubt: repair for repair in reversed(repairs)}
    kept = list(checked)
    record: list[Mapping[str, Any]] = []
    for doubt in doubts_of(checked):
        before = checked[doubt.number - 1]
        after, outcome = _outcome(before, said.get(doubt.number), evidence, check)
        kept[doubt.number - 1] = after
        repair = said.get(doubt.number)
        record.append({
            "sentence": plain(doubt.draft.text), "evidence": list(doubt.draft.numbers),
            "why": doubt.why, "outcome": outcome,
            "became": plain(repair.draft.text) if repair else "",
            "became_evidence": list(repair.draft.numbers) if repair else [],
            "quote": plain(repair.quote) if repair else "",
        })  # fmt: skip
    return kept, record


def _outcome(before: Checked, repair: Repair | None, evidence: Sequence[Evidence], check: Check) -> tuple[Checked, str]:
    if repair is None:
        return before, "given up"
    if repair.draft == before.draft or repair.draft == replace(before.draft, numbers=()):
        return _confirmed(before, repair, evidence)
    sentence, issues = check(repair.draft, {})
    again = Checked(repair.draft, sentence, issues)
    # A correction that is doubted too isn't better than what it would replace, unless nothing of that is left.
    if again.doubted and (again.sentence is None or again.contradicted or before.sentence is not None):
        return before, "refused"
    how = "recited" if repair.draft.text == before.draft.text else "corrected"
    message = f"The model {'cited' if how == 'recited' else 'wrote'} this again after the check doubted it."
    text = repair.draft.text if sentence is None else sentence.text
    return replace(again, issues=(*issues, Issue("repaired_sentence", message, text))), how


def _confirmed(before: Checked, repair: Repair, evidence: Sequence[Evidence]) -> tuple[Checked, str]:
    cited = [item for item in evidence if item.number in before.draft.numbers]
    if before.contradicted or not any(_stands_in(repair.quote, item.text) for item in cited):
        return before, "refused"
    message = f"Marked: the check doubts it, the model confirms it by “{repair.quote}”."
    text, _ = without_foreign(before.draft.text, [item.text for item in cited])
    issue = Issue("confirmed_sentence", message, text)
    if before.sentence is not None:
        return replace(before, issues=(*before.issues, issue)), "confirmed"
    pins = tuple(citation_of(item, Verdict.PARTIAL, _MARKED, {}) for item in cited)
    sentence = Sentence(issue.sentence or "", pins, Verdict.PARTIAL, _MARKED, english=before.draft.english)
    return Checked(before.draft, sentence, (issue,)), "confirmed"


def _stands_in(quote: str, text: str) -> bool:
    wanted = _plain(quote)
    return len(wanted.split()) >= _SHORTEST_QUOTE and wanted in _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold().strip(" .\"'“”‘’")


def numbered(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences with their papers numbered again, in the order of first citation."""
    numbers: dict[str, int] = {}

    def renumbered(pin: Citation) -> Citation:
        return replace(pin, number=numbers.setdefault(pin.paper.id, len(numbers) + 1))

    def of(sentence: Sentence) -> Sentence:
        citations = tuple(map(renumbered, sentence.citations))
        against = tuple(map(renumbered, sentence.agreement.contradicting))
        agreement: Agreement = replace(sentence.agreement, contradicting=against)
        return replace(sentence, citations=citations, agreement=agreement)

    return [of(sentence) for sentence in sentences]
