"""Handle a question: store it, answer it in its own thread, and store the answer."""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.bibliography.citation_keys import citation_keys
from rag.bibliography.evidence_table import evidence_table, shown_answer, table_csv
from rag.bibliography.export import exported
from rag.bibliography.markdown import answer_markdown, cited_papers
from rag.chat import feedback, markdown, render
from rag.chat.components import said
from rag.chat.conversations import Conversations
from rag.chat.libraries import Shelf
from rag.chat.running_answer import Writing
from rag.chat.running_numbers import extended, of_answer, of_sentences, papers_of, renumbered
from rag.chat.share import shared
from rag.chat.stars_and_notes import Marks, read_marks
from rag.chat.turns import State, Turn, Within
from rag.config import Config
from rag.errors import InputError, PinciteError
from rag.models import NOTHING_LEAVES, available
from rag.models.boundary import name_of
from rag.pipeline import EXTRACTIVE, stream_answer
from rag.pipeline.next_questions import next_questions
from rag.pipeline.overrides import AS_CONFIGURED, Overrides
from rag.serialization import from_json, to_json
from rag.types import Answer, Paper
from rag.verify import leaving
from rag.verify.registry import BUILTIN, is_folder

log = logging.getLogger("pincite")

# Earlier turns that a question may refer to (more would only fill a model's context), and that are shown above it by
# default, so that a question late in a long conversation takes no longer than the first.
REMEMBERED = 6
# Answers that language models write at the same time. Without one the processor does the work, and with more at once
# all would end later. Other questions wait in line.
AT_ONCE = 8
CORES = os.cpu_count() or 2
# Seconds that a reader gets with a new answer before the processor looks for questions to ask next: until then, the
# browser needs it to show that answer.
PAUSE = 1.0
UNKEPT = "The answer couldn't be saved: the disk is full or write-protected. Free some space, then ask again."
MARKDOWN, PANDOC, SHARE = "markdown", "pandoc", "html"
ENDINGS = {SHARE: "html", MARKDOWN: "md", PANDOC: "md", "bibtex": "bib", "ris": "ris", "csl-json": "json"}


@dataclass(frozen=True)
class Shown:
    """What the page shows of a conversation: finished HTML of the earlier turns and of the latest.

    `library` is the one that was asked last. For a missing conversation, everything is empty.
    """

    conversation: str = ""
    past: str = ""
    current: str = ""
    library: str = ""


class Desk:
    """Answers questions, several at once; each is answered and stored whether or not anyone waits for it."""

    def __init__(
        self, shelf: Shelf, conversations: Conversations, config: Config, overrides: Overrides = AS_CONFIGURED
    ) -> None:
        self.overrides = overrides
        self.shelf = shelf
        self.conversations = conversations
        self.config = config
        self._writing: dict[int, Writing] = {}
        self._unkept: dict[int, Turn] = {}  # turns whose outcome couldn't be stored
        self._opened: set[str] = set()  # conversations with all turns shown
        self._looking: set[threading.Event] = set()  # each stops a search for questions to ask next
        self._models, self._extractive = ThreadPoolExecutor(AT_ONCE), ThreadPoolExecutor(CORES)

    @property
    def writer(self) -> str:
        """What writes unless a reader chooses otherwise."""
        return self.overrides.writes or self.config.model

    def writers(self) -> dict[str, str]:
        """Return what can write now, each with what leaves this machine for it. Takes seconds."""
        own = {self.overrides.writes: self.overrides.leaving} if self.overrides.writes else {}
        return own | {name: leaving for name, leaving in available(self.config) if name not in own}

    @property
    def checked_by(self) -> tuple[str, str]:
        """What checks the answers, empty for the built-in checker, and what leaves this machine for it."""
        own = self.overrides.checker
        if own is not None and not isinstance(own, str):
            return name_of(own), ""
        name = own or self.config.checker
        if name == BUILTIN:
            return "", ""
        goes = leaving(name, self.config)
        shown = Path(name).name if os.sep in name and is_folder(name) else name  # visitors must not see folders
        return shown, "" if goes == NOTHING_LEAVES else goes

    def ask(
        self, owner: str, conversation: str, question: str, library: str, model: str, within: Within | None = None
    ) -> Iterator[Shown]:
        """Answer a question, showing each step and sentence. Closing the iterator stops only the display."""
        if not conversation or self.conversations.get(conversation, owner) is None:
            conversation = self.conversations.begin(owner, question)
        earlier = self.conversations.turns(conversation, REMEMBERED)
        turn = self.conversations.ask(conversation, question, library or self.shelf.names[0], within or Within())
        self._look_no_further()
        writing = self._writing[turn.id] = Writing(conversation, turn)
        line = self._extractive if (model or self.writer) == EXTRACTIVE else self._models
        line.submit(self._write, writing, earlier, model)
        return self._follow(writing, earlier)

    def next_questions(self, owner: str, conversation: str) -> tuple[int, list[str]]:
        """Return the number of the latest turn, and questions to ask next; none while anything is being answered."""
        mine = self.conversations.get(conversation, owner) is not None
        turns = self.conversations.turns(conversation, REMEMBERED) if mine else []
        if not turns or turns[-1].answer is None or self._writing or turns[-1].library not in self.shelf.names:
            return 0, []
        turn, answered = turns[-1], turns[-1].answer
        stop = threading.Event()
        self._looking.add(stop)
        try:
            if stop.wait(PAUSE):
                return 0, []
            library = self.shelf.get(turn.library)
            return turn.number, next_questions(
                answered, library, config=self.config, history=self._history(conversation, turns),
                filters=turn.within.filters, stop=stop,
            )  # fmt: skip
        except PinciteError:  # whatever is wrong, asking will show it
            log.info("no questions to ask next after %r", turn.question, exc_info=True)
            return 0, []
        finally:
            self._looking.discard(stop)

    def _look_no_further(self) -> None:
        """Leave the processor to an answer."""
        for stop in list(self._looking):
            stop.set()

    def open(self, owner: str, conversation: str) -> Iterator[Shown]:
        """Show a stored conversation, and keep it updated while its last question is being answered."""
        mine = self.conversations.get(conversation, owner) is not None
        self._opened.discard(conversation)
        self._settle()
        running = self._running(conversation) if mine else []  # checked first: a turn that isn't running is stored
        turns = self.conversations.turns(conversation, REMEMBERED + 1) if mine else []
        if not running:
            return iter([self._whole(conversation, turns)])
        return self._follow(running[-1], [turn for turn in turns if turn.number < running[-1].turn.number])

    def latest(self, owner: str, conversation: str) -> Turn | None:
        """Return the latest turn of a conversation; None where there is none of this owner's."""
        mine = self.conversations.get(conversation, owner) is not None
        return next(iter(self.conversations.turns(conversation, 1)), None) if mine else None

    def earlier(self, owner: str, conversation: str) -> str:
        """Show all turns of a conversation except the latest."""
        mine = self.conversations.get(conversation, owner) is not None
        if not mine:
            return ""
        self._opened.add(conversation)
        return self._past(self.conversations.turns(conversation)[:-1], self._numbers(conversation))

    def stop(self, owner: str, conversation: str) -> None:
        """Stop the running answer of a conversation; what was written stays."""
        if self.conversations.get(conversation, owner) is not None:
            for writing in self._running(conversation):
                writing.stop.set()
                if not writing.begun:
                    self._end(writing)

    def close(self) -> None:
        """Stop all running answers."""
        self._look_no_further()
        for writing in list(self._writing.values()):
            writing.stop.set()
        for line in (self._models, self._extractive):
            line.shutdown(cancel_futures=True)

    def delete(self, owner: str, conversation: str) -> None:
        """Delete a conversation."""
        self.stop(owner, conversation)
        self.conversations.delete(conversation, owner)

    def _running(self, conversation: str) -> list[Writing]:
        return [writing for writing in list(self._writing.values()) if writing.conversation == conversation]

    def _settle(self) -> None:
        """Store the outcomes that couldn't be stored before, once there is space."""
        for turn in list(self._unkept.values()):
            try:
                self.conversations.fail(turn, turn.problem)
            except InputError:
                return
            self._unkept.pop(turn.id, None)

    def _follow(self, writing: Writing, earlier: Sequence[Turn]) -> Iterator[Shown]:
        """Show an answer below the earlier turns while it is written, and the whole answer at the end."""
        name, turn = writing.conversation, writing.turn
        numbers = self._numbers(name)
        past, opened = self._past(earlier, numbers), False
        for _ in writing.follow():
            if not opened and name in self._opened:  # by a click before or while it is written
                past, opened = self._all_before(turn, name), True
            current = render.turn(
                turn, said=of_sentences(writing.said, numbers), progress=writing.doing, found=writing.found,
                meanwhile=of_answer(writing.meanwhile, numbers) if writing.meanwhile is not None else None,
                elapsed=writing.elapsed,
            )  # fmt: skip
            yield Shown(name, past, current, turn.library)
        if not opened and name in self._opened:  # the answer was whole before it could be followed
            past = self._all_before(turn, name)
        ended = self._unkept.get(turn.id) or self.conversations.turn(name, turn.number)
        yield self._shown(name, past, ended) if ended is not None else Shown()  # deleted meanwhile

    def _whole(self, conversation: str, turns: Sequence[Turn]) -> Shown:
        if not turns:
            return Shown()
        *earlier, latest = turns
        return self._shown(conversation, self._past(earlier, self._numbers(conversation)), latest)

    def _all_before(self, turn: Turn, conversation: str) -> str:
        before = [one for one in self.conversations.turns(conversation) if one.number < turn.number]
        return self._past(before, self._numbers(conversation))

    def _numbers(self, conversation: str) -> dict[str, int]:
        """Return paper → number, over the whole conversation."""
        return extended({}, self.conversations.papers(conversation))

    def _history(self, conversation: str, turns: Iterable[Turn]) -> list[dict[str, Any]]:
        """Return turns as the pipeline takes a conversation."""
        numbers = self._numbers(conversation)
        return [line for turn in turns if turn.answer is not None for line in _exchange(turn.answer, numbers)]

    def _numbered(self, conversation: str, turns: Iterable[Turn]) -> list[Turn]:
        numbers = self._numbers(conversation)
        return [renumbered(turn, numbers) for turn in turns]

    def _past(self, earlier: Sequence[Turn], numbers: Mapping[str, int]) -> str:
        """Render the turns above the latest, below an offer to show earlier ones."""
        hidden = earlier[0].number - 1 if earlier else 0
        return render.page("earlier.html", hidden=hidden) + "".join(
            self._render(turn, numbers, past=True) for turn in earlier
        )

    def _shown(self, conversation: str, past: str, latest: Turn) -> Shown:
        library = latest.library if latest.library in self.shelf.names else ""
        return Shown(conversation, past, self._render(latest, self._numbers(conversation)), library)

    def _write(self, writing: Writing, earlier: Sequence[Turn], model: str) -> None:
        """Answer a turn and store the outcome."""
        writing.begun = True
        try:
            if not writing.stop.is_set():
                self._answer(writing, earlier, model)
        finally:
            self._end(writing)

    def _end(self, writing: Writing) -> None:
        """Close a running answer: one without an answer yet is stored as stopped."""
        try:
            self.conversations.stop(writing.turn, writing.said)
        except InputError:  # a full disk; waiting pages still get the message
            log.exception("the answer to %r couldn't be stored", writing.turn.question)
            self._unkept[writing.turn.id] = replace(writing.turn, state=State.FAILED, problem=UNKEPT)
        finally:
            self._writing.pop(writing.turn.id, None)
            writing.end()

    def _answer(self, writing: Writing, earlier: Sequence[Turn], model: str) -> None:
        turn = writing.turn
        try:
            library = self.shelf.get(turn.library)
            history = self._history(writing.conversation, earlier)
            for event in stream_answer(
                turn.question, library, history=history, config=self.config, stop=writing.stop,
                **self.overrides.written_by(model).named, **turn.within.filters,
            ):  # fmt: skip
                if isinstance(event, Answer):
                    self.conversations.finish(turn, event)
                else:
                    writing.add(event)
        except PinciteError as error:
            self._fail(turn, said(error))
        except Exception:  # any failure must reach the person who asked; the log has the details
            log.exception("the question %r failed", turn.question)
            self._fail(turn, "Something unexpected went wrong; see Pincite's log for details.")

    def _fail(self, turn: Turn, problem: str) -> None:
        try:
            self.conversations.fail(turn, problem)
        except InputError:
            self._unkept[turn.id] = replace(turn, state=State.FAILED, problem=f"{UNKEPT} {problem}")

    def export(self, owner: str, conversation: str, form: str) -> tuple[str, str]:
        """Return a conversation, or what it cites, as a file's name and text."""
        found = self.conversations.get(conversation, owner)
        if found is None or form not in ENDINGS:
            raise InputError(f"nothing to export as {form!r}: open one of your conversations")
        turns = self._numbered(conversation, self.conversations.turns(conversation))
        papers = {paper.id: paper for turn in turns if turn.answer for paper in cited_papers(turn.answer)}
        if form == SHARE:
            text = shared(found.title, turns)
        elif form == MARKDOWN:
            text = markdown.footnoted(found.title, turns)
        elif form == PANDOC:
            keys = self._keys(turns, papers)
            text = "\n".join(answer_markdown(turn.answer, keys, turn.library) for turn in turns if turn.answer)
        else:
            text = exported(list(papers.values()), form, self._keys(turns, papers))
        return f"{markdown.file_name(found.title)}.{ENDINGS[form]}", text

    def table(self, owner: str, conversation: str, number: str, form: str) -> tuple[str, str]:
        """Return the evidence of one answer as a file's name and text: a table as CSV, or its papers as BibTeX."""
        mine = self.conversations.get(conversation, owner) is not None and number.isdecimal()
        turn = self.conversations.turn(conversation, int(number)) if mine else None
        if turn is None or turn.answer is None or form not in ("csv", "bibtex"):
            raise InputError(f"nothing to save as {form!r}: open one of your conversations")
        name = markdown.file_name(turn.question)
        if form == "csv":
            return f"{name}.csv", table_csv(of_answer(turn.answer, self._numbers(conversation)))
        papers = {row.paper.id: row.paper for row in evidence_table(turn.answer)}
        return f"{name}.bib", exported(list(papers.values()), form, self._keys([turn], papers))

    def marks(self, owner: str, library: str) -> Marks:
        """Return what someone marked in a library."""
        name = library or self.shelf.names[0]
        return read_marks(self.conversations.marks(owner, name), self.shelf.get(name))

    def rate(self, owner: str, conversation: str, number: int, form: Mapping[str, Any]) -> None:
        """Keep what its reader says about an answer, with the answer and its receipt."""
        mine = self.conversations.get(conversation, owner) is not None
        turn = self.conversations.turn(conversation, number) if mine else None
        if turn is None or turn.answer is None:
            raise InputError("there is no finished answer of yours to say this about: reload the page")
        shown = of_answer(turn.answer, self._numbers(conversation))
        given = feedback.read(form, shown, self.shelf.get(turn.library))
        self.conversations.rate(turn, json.dumps(to_json(given)))

    def rated(self, owner: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return what was said about answers: as cases of a question set, and with the whole answers."""
        cases, records = [], []
        for name, number, text in self.conversations.rated(owner):
            turns = self.conversations.turns(name)
            turn = next(turn for turn in turns if turn.number == number)
            given = from_json(feedback.Feedback, json.loads(text))
            earlier = [t for t in turns if t.number < number][-REMEMBERED:]
            cases.append(feedback.case(turn, given, earlier))
            records.append(feedback.record(turn, given))
        return [case for case in cases if case is not None], records

    def _keys(self, turns: Sequence[Turn], cited: Mapping[str, Paper]) -> dict[str, str]:
        """Return paper id → citation key, as in an export of the whole library if it is still here."""
        names = dict.fromkeys(turn.library for turn in turns if turn.library in self.shelf.names)
        held = {paper.id: paper for name in names for paper in self.shelf.get(name).papers()}
        return citation_keys([*held.values(), *(paper for paper in cited.values() if paper.id not in held)])

    def _render(self, turn: Turn, numbers: Mapping[str, int], *, past: bool = False) -> str:
        """Render a stored turn, and state whether its library has changed since."""
        turn = self._unkept.get(turn.id, turn)
        progress = "being answered" if turn.state is State.RUNNING else ""
        shown = renumbered(turn, numbers)
        return render.turn(shown, said=shown.said, progress=progress, outdated=self._outdated(turn), past=past)

    def _outdated(self, turn: Turn) -> bool:
        if turn.answer is None or turn.library not in self.shelf.names:
            return False
        return turn.answer.receipt.library != self.shelf.get(turn.library).fingerprint


def _exchange(answer: Answer, numbers: Mapping[str, int]) -> tuple[dict[str, Any], dict[str, Any]]:
    papers = papers_of(shown_answer(answer).sentences) or [hit.paper.id for hit in answer.nearest]
    text = of_answer(answer, numbers).text
    reply = {"role": "assistant", "content": text, "papers": papers, "numbered": list(numbers)}
    return {"role": "user", "content": answer.question}, reply
