"""What happens when someone asks: the question is written down, answered as it is shown, and kept."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from rag.chat import footnotes, render
from rag.chat.conversations import Conversations, State, Turn
from rag.chat.shelf import Shelf
from rag.config import Config
from rag.errors import InputError, PinciteError
from rag.export import answer_markdown, citation_keys, exported
from rag.pipeline import stream_answer
from rag.types import Answer, Paper, Sentence, Step

log = logging.getLogger("pincite")

# Earlier turns that a question may refer to; more would only fill a model's context.
REMEMBERED = 6
MARKDOWN, PANDOC = "markdown", "pandoc"
ENDINGS = {MARKDOWN: "md", PANDOC: "md", "bibtex": "bib", "ris": "ris", "csl-json": "json"}


@dataclass(frozen=True)
class Shown:
    """What the page shows of a conversation: finished HTML of the earlier turns and of the latest."""

    conversation: str
    past: str
    current: str
    busy: bool


class Desk:
    """Answers questions, one conversation after the other; several people may ask at once."""

    def __init__(self, shelf: Shelf, conversations: Conversations, config: Config) -> None:
        self.shelf = shelf
        self.conversations = conversations
        self.config = config
        self._said: dict[int, list[Sentence]] = {}

    def ask(
        self, owner: str, conversation: str, question: str, library: str, model: str, only: str | None = None
    ) -> Generator[Shown, None, None]:
        """Answer a question, showing each step and sentence; closing the generator stops it and keeps what was said."""
        library = library or self.shelf.names[0]
        if not conversation or self.conversations.get(conversation, owner) is None:
            conversation = self.conversations.begin(owner, question)
        earlier = self.conversations.turns(conversation)
        past = "".join(self._render(turn) for turn in earlier)
        turn = self.conversations.ask(conversation, question, library)
        self._said[turn.id] = []
        try:
            for progress in self._answer(turn, earlier, model, only):
                html = render.turn(turn, said=self._said[turn.id], progress=progress)
                yield Shown(conversation, past, html, busy=True)
        finally:
            self.conversations.stop(turn, self._said.pop(turn.id, []))
        yield Shown(conversation, past, self._render(self._latest(conversation, turn)), busy=False)

    def _answer(self, turn: Turn, earlier: list[Turn], model: str, only: str | None) -> Iterator[str]:
        """Answer a turn and write the answer down; yield what is being done."""
        said = self._said[turn.id]
        history = [line for t in earlier[-REMEMBERED:] if t.answer is not None for line in _exchange(t.answer)]
        doing = "starting"
        try:
            library = self.shelf.get(turn.library)
            papers = (only,) if only else None
            for event in stream_answer(
                turn.question, library, history=history, model=model or None, config=self.config, papers=papers
            ):
                if isinstance(event, Answer):
                    self.conversations.finish(turn, event)
                    return
                if isinstance(event, Step):
                    doing = event.message
                else:
                    said.append(event)
                yield doing
        except PinciteError as error:
            self.conversations.fail(turn, str(error))
        except Exception:  # the person who asked must be told that it failed, whatever it was; the log tells what
            log.exception("the question %r failed", turn.question)
            self.conversations.fail(turn, "Something went wrong here that Pincite did not foresee; its log tells more.")

    def stop(self, owner: str, conversation: str) -> str:
        """Stop the latest turn, keep what was said, and return it rendered."""
        if self.conversations.get(conversation, owner) is None:
            return ""
        latest = self.conversations.turns(conversation)[-1]
        self.conversations.stop(latest, self._said.get(latest.id, []))
        return self._render(self._latest(conversation, latest))

    def open(self, owner: str, conversation: str) -> Shown:
        """Show a conversation that was kept; the welcome where the owner has none of this id."""
        turns = self.conversations.turns(conversation) if self.conversations.get(conversation, owner) else []
        if not turns:
            return Shown("", "", "", busy=False)
        *earlier, latest = (self._render(turn) for turn in turns)
        return Shown(conversation, "".join(earlier), latest, busy=False)

    def export(self, owner: str, conversation: str, form: str) -> tuple[str, str]:
        """Return a conversation, or what it cites, as a file's name and text."""
        found = self.conversations.get(conversation, owner)
        if found is None or form not in ENDINGS:
            raise InputError(f"there is nothing to export as {form!r} here: open a conversation of yours")
        answers = [turn.answer for turn in self.conversations.turns(conversation) if turn.answer is not None]
        papers: dict[str, Paper] = {paper.id: paper for answer in answers for paper in answer.papers}
        if form == MARKDOWN:
            text = footnotes.footnoted(found.title, answers)
        elif form == PANDOC:
            keys = citation_keys(list(papers.values()))
            text = "\n".join(answer_markdown(answer, keys) for answer in answers)
        else:
            text = exported(list(papers.values()), form, citation_keys(list(papers.values())))
        return f"{footnotes.file_name(found.title)}.{ENDINGS[form]}", text

    def _latest(self, conversation: str, turn: Turn) -> Turn:
        return next(t for t in self.conversations.turns(conversation) if t.id == turn.id)

    def _render(self, turn: Turn) -> str:
        """Render a turn that is kept, with what has happened to its library since."""
        said = self._said.get(turn.id) if turn.state is State.RUNNING else turn.said
        progress = "being answered in another tab" if turn.state is State.RUNNING else ""
        return render.turn(turn, said=said or (), progress=progress, outdated=self._outdated(turn))

    def _outdated(self, turn: Turn) -> bool:
        if turn.answer is None or turn.library not in self.shelf.names:
            return False
        return turn.answer.receipt.library != self.shelf.get(turn.library).fingerprint


def _exchange(answer: Answer) -> tuple[dict[str, str], dict[str, str]]:
    return {"role": "user", "content": answer.question}, {"role": "assistant", "content": answer.text}
