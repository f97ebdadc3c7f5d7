"""Sentences in another language, checked by the English line that the model wrote with each.

The checker reads only English, as the abstracts are. An English line that doesn't match its sentence can't be
noticed in general, but different figures in it can.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from rag import verify
from rag.text.invented_content import without_foreign
from rag.text.language import reads_as_english
from rag.types import Draft, Evidence, Issue, Sentence, Verdict

_MARKED = 0.5


def checked(
    draft: Draft, evidence: Sequence[Evidence], checker: verify.Checker, numbers: dict[str, int]
) -> tuple[Sentence | None, tuple[Issue, ...]]:
    """Return what `verify.check` makes of a sentence, or of its line in English where it is in another language."""
    if not draft.english or reads_as_english(draft.text):
        return verify.check(replace(draft, english=""), evidence, checker, numbers)
    found, issues = verify.check(replace(draft, text=draft.english, english=""), evidence, checker, numbers)
    text, _ = without_foreign(draft.text, [item.text for item in evidence if item.number in draft.numbers])
    issues = tuple(replace(issue, sentence=text) if issue.sentence else issue for issue in issues)
    if found is None:
        return None, issues
    sentence = replace(found, text=text, english=found.text)
    strange = _figures(text) - _figures(found.text)
    return _marked(sentence, issues, sorted(strange)) if strange else (sentence, issues)


def _marked(
    sentence: Sentence, issues: tuple[Issue, ...], strange: Sequence[str]
) -> tuple[Sentence, tuple[Issue, ...]]:
    message = f"Marked: it was checked by its line in English, which doesn't contain {', '.join(strange)}."
    issue = Issue("unsupported_sentence", message, sentence.text)
    if sentence.verdict is not Verdict.SUPPORTED:
        return sentence, (*issues, issue)
    support = min(sentence.support, _MARKED)
    pins = tuple(replace(pin, verdict=Verdict.PARTIAL, support=support) for pin in sentence.citations)
    return replace(sentence, citations=pins, verdict=Verdict.PARTIAL, support=support), (*issues, issue)


def _figures(text: str) -> set[str]:
    """Return the runs of digits in a text, in plain digits: "83,5" and "83.5" have the same two."""
    return {"".join(str(unicodedata.digit(sign)) for sign in run) for run in re.findall(r"\d+", text)}


def checked_in_english(sentences: Sequence[Sentence]) -> list[Issue]:
    """Report that sentences were checked by their lines in English, which the model wrote too."""
    if not any(sentence.english for sentence in sentences):
        return []
    message = (
        "The abstracts and the checker are in English: each sentence was checked by the line in English that the model "
        "wrote beside it."
    )
    return [Issue("checked_in_english", message)]
