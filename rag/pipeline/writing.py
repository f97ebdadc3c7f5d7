"""Writing an answer: drafts are checked as they come, and what the check doubts goes back to the model once."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag import verify
from rag.errors import ModelError
from rag.pipeline.english_lines import checked
from rag.pipeline.repairs import Checked, doubts_of, numbered, repaired
from rag.types import Draft, Evidence, Issue, Sentence, Step
from rag.views.counts import counted
from rag.write.generative import GenerativeWriter
from rag.write.writer import Task, Usage, Writer


@dataclass
class CheckedWriting:
    """An answer's sentences as they come to be: `checked` as drafted, `sentences` as shown."""

    writer: Writer
    checker: verify.BoundedChecker
    stop: threading.Event
    checked: list[Checked] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    repairs: list[Mapping[str, Any]] = field(default_factory=list)
    usage: Usage | None = None
    failed: list[Issue] = field(default_factory=list)  # what couldn't be repaired

    @property
    def issues(self) -> list[Issue]:
        """What the reader should know of the checks."""
        return [*self.failed, *(issue for one in self.checked for issue in one.issues)]

    def again(self) -> CheckedWriting:
        """Return the start of another attempt."""
        return replace(self, checked=[], failed=[])

    def write(self, task: Task) -> Generator[Sentence, None, bool]:
        """Check each draft as it comes; return whether all came before a stop.

        What is written already stays, and isn't repeated.
        """
        numbers = {
            pin.paper.id: pin.number
            for sentence in self.sentences
            for pin in (*sentence.citations, *sentence.agreement.contradicting)
        }
        said = {sentence.text for sentence in self.sentences}
        drafts = self.writer.write(task)
        try:
            for draft in _judged_at_once(drafts, task.evidence, self.checker):
                if self.stop.is_set():
                    return False
                if isinstance(draft, Usage):
                    self.usage = draft
                    continue
                given = dict(numbers)
                sentence, issues = checked(draft, task.evidence, self.checker, given)
                if self.stop.is_set():  # in the middle of it, perhaps
                    return False
                self.checked.append(Checked(draft, sentence, issues))
                if sentence is not None and sentence.text not in said:
                    numbers = given  # a sentence that isn't shown takes no number
                    said.add(sentence.text)
                    self.sentences.append(sentence)
                    yield sentence
            return True
        finally:
            if isinstance(drafts, Generator):
                drafts.close()

    def repair(self, evidence: Sequence[Evidence], left: float) -> Generator[Step | Sentence, None, bool]:
        """Give the sentences that the check doubts back to the model, once; return whether it wasn't stopped.

        `left` is the time for it in seconds. Trouble with it leaves the sentences as they are.
        """
        doubts = doubts_of(self.checked)
        if not (isinstance(self.writer, GenerativeWriter) and doubts and left > 1):
            return True
        yield Step("check", f"asking {self.writer.name} about {counted(len(doubts), 'doubted sentence')}")
        try:
            repairs = self.writer.repair(doubts, left)
        except ModelError as error:
            if not self.stop.is_set():
                self.failed.append(Issue("repair_failed", f"The doubted sentences stay as they were: {error}"))
            return not self.stop.is_set()
        self.checked, self.repairs = repaired(
            self.checked, repairs, evidence, lambda draft, numbers: checked(draft, evidence, self.checker, numbers)
        )
        shown = {sentence.text for sentence in self.sentences}
        kept = {one.sentence.text: one.sentence for one in self.checked if one.sentence is not None}
        self.sentences = numbered(list(kept.values()))
        yield from (sentence for sentence in self.sentences if sentence.text not in shown)
        return True


def _judged_at_once(
    drafts: Iterator[Draft | Usage], evidence: Sequence[Evidence], checker: verify.BoundedChecker
) -> Iterator[Draft | Usage]:
    """Have a checker that can judge many sentences in one call do so, once all are written."""
    if not checker.judges_many:
        yield from drafts
        return
    written = list(drafts)
    texts = {item.number: item.text for item in evidence}
    claims: list[tuple[str, tuple[str, ...]]] = []
    for draft in (one for one in written if isinstance(one, Draft)):
        cited = tuple(dict.fromkeys(texts[n] for n in draft.numbers if n in texts))
        said = draft.english or draft.text
        claims += [(said, cited)] if cited else []
        claims += [(said, (text,)) for text in cited] if len(cited) > 1 else []
    checker.check_many(claims)
    yield from written
