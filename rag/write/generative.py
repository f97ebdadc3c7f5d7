"""An answer written by a language model, sentence by sentence, each with the numbers that it claims as evidence."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag import prompts
from rag.errors import ModelContextError, ModelReplyError, ModelTimeoutError
from rag.models.boundary import boundary, name_of
from rag.models.chat import REPLY_TOKENS, ChatModel, Message, Reply
from rag.models.json_reply import json_objects
from rag.text.question_form import SEVERAL, QuestionReading
from rag.text.words import term_set
from rag.types import Draft, Evidence
from rag.views.printable import whole_characters
from rag.write.context_window import estimated_tokens, fit, shown
from rag.write.handles import handles, paper_called, papers_named, without_years
from rag.write.reply import ReplyReader
from rag.write.reply_values import numbers_of
from rag.write.writer import FIX, LONGEST_SENTENCE, Doubt, Repair, Task, Usage

# The most sentences, so that a model that can't stop is stopped. The question's form advises a suitable number.
_MOST, _MOST_OF_SEVERAL = 8, 16
# Each time the server finds the prompt too long, half of the evidence is dropped.
_SHRINKS = 3
_MOST_NAMED = 3  # papers that a sentence may cite by their names


class GenerativeWriter:
    """Writes with a language model. `texts` are the prompts; a reply may take `reply_tokens` of the model's context."""

    def __init__(self, model: ChatModel, texts: prompts.Prompts, reply_tokens: int = REPLY_TOKENS) -> None:
        self.name = name_of(model)
        self._model = model
        self._texts = texts
        self._reply_tokens = reply_tokens
        self._asked: _Asked | None = None

    def write(self, task: Task) -> Generator[Draft | Usage, None, None]:
        """Yield what `write_with_model` does; see `Writer.write`. Raises a `ModelError`."""
        # It answers in the language of the question.
        asked = QuestionReading(task.asked)
        question = asked if asked.foreign else task.reading
        history = list(task.history)
        if history and task.asked != question.text:
            # How a follow-up was understood may be wrong, so its own words are given too.
            history.append({"role": "user", "content": task.asked})
        with boundary(self.name, ModelReplyError, FIX):
            for part in write_with_model(
                question, task.evidence, self._model, history, task.timeout, self._texts, self._reply_tokens
            ):
                if isinstance(part, Usage):
                    gone = {item.number for item in part.trimmed}
                    kept = [item for item in task.evidence if item.number not in gone]
                    self._asked = _Asked(_Request(question, history, self._texts), kept)
                yield part

    def repair(self, doubts: Sequence[Doubt], timeout: float) -> list[Repair]:
        """Give doubted sentences back to the model, once, with the reasons. Raises a `ModelError`."""
        if self._asked is None:
            return []
        request, kept = self._asked.request, self._asked.kept
        by_number = {item.number: item for item in kept}
        lines = "\n".join(prompts.quoted(_as_json(doubt, by_number)) for doubt in doubts)
        written = json.dumps({"reply": {"sentences": [_sentence(doubt.draft) for doubt in doubts]}}, ensure_ascii=False)
        turns = [
            *request.messages(kept),
            Message("assistant", written),
            Message("user", self._texts["repair_sentences"].render(doubts=lines) + request.english),
        ]
        with boundary(self.name, ModelReplyError, FIX):
            wanted = _repair_schema(doubts, list(by_number), english=bool(request.english))
            text = _whole(self._model, turns, wanted, timeout)
        named = _Names(kept)
        said = _numbered([value for value in json_objects(text) if isinstance(value.get("text"), str)], doubts)
        return [repair for value in said if (repair := _repair(value, named)) is not None]


def write_with_model(
    question: QuestionReading,
    evidence: Sequence[Evidence],
    model: ChatModel,
    history: Sequence[Mapping[str, str]] = (),
    timeout: float = 120.0,
    texts: prompts.Prompts | None = None,
    reply_tokens: int = REPLY_TOKENS,
) -> Generator[Draft | Usage, None, None]:
    """Yield a `Usage`, the sentences as they arrive, and the whole `Usage` at the end.

    `history` is for understanding the question only. Raises a `ModelError`, also after sentences: then the answer
    is not whole. Yields no sentence where the model says that it can't answer.
    """
    deadline = time.monotonic() + timeout
    request = _Request(question, history, texts or prompts.shipped())
    room = model.context(timeout) - reply_tokens - request.tokens
    for tries_left in reversed(range(_SHRINKS)):
        kept, trimmed = fit(evidence, room)
        if not kept:
            fix = "use one with a larger context, or lower PINCITE_REPLY_TOKENS"
            raise ModelContextError(f"{model.name} has no room for a single sentence of evidence: {fix}")
        begun = False
        with contextlib.closing(_once(request, kept, trimmed, model, deadline)) as parts:
            try:
                for part in parts:
                    begun = begun or isinstance(part, Draft)
                    yield part
                return
            except ModelContextError:
                if begun or not tries_left:
                    raise
        room = estimated_tokens(shown(kept)) // 2


def schema(numbers: Sequence[int], most: int, *, english: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a reply: at least one sentence with at least one of these numbers, or none at all.

    The numbers come after the text that they support: a weak model that must give them first lists whatever is near.
    `english`: each sentence also has a line in English, for the checker.
    It stays within OpenAI's strict mode: an object at the top, every property required, no others.
    """
    some = {"type": "array", "minItems": 1}
    evidence = some | {"items": {"type": "integer", "enum": list(numbers)}}
    line = {"english": {"type": "string"}} if english else {}
    sentence = _object({"text": {"type": "string"}, **line, "evidence": evidence})
    answer = _object({"sentences": some | {"maxItems": most, "items": sentence}, "not_covered": {"type": "string"}})
    return _object({"reply": {"anyOf": [answer, _object({"cannot_answer": {"type": "string"}})]}})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the model was asked, and the evidence that it was shown."""

    request: _Request
    kept: Sequence[Evidence]


def _whole(model: ChatModel, turns: Sequence[Message], wanted: Mapping[str, Any], timeout: float) -> str:
    """Return the text of a reply. Raises a `ModelError`."""
    with contextlib.closing(model.stream(turns, wanted, timeout)) as pieces:
        return "".join(piece for piece in pieces if isinstance(piece, str))


def _repair_schema(doubts: Sequence[Doubt], numbers: Sequence[int], *, english: bool) -> dict[str, Any]:
    item = _object({
        "doubt": {"type": "integer", "enum": [doubt.number for doubt in doubts]},
        "text": {"type": "string"}, **({"english": {"type": "string"}} if english else {}),
        "evidence": {"type": "array", "minItems": 1, "items": {"type": "integer", "enum": list(numbers)}},
        "quote": {"type": "string"},
    })  # fmt: skip
    return _object({"sentences": {"type": "array", "maxItems": len(doubts), "items": item}})


def _as_json(doubt: Doubt, by_number: Mapping[int, Evidence]) -> dict[str, Any]:
    cited = {str(n): by_number[n].text for n in doubt.draft.numbers if n in by_number}
    line = {"english": doubt.draft.english} if doubt.draft.english else {}
    return {"doubt": doubt.number, "text": doubt.draft.text, **line, "why": doubt.why, "cited": cited}


def _sentence(draft: Draft) -> dict[str, Any]:
    line = {"english": draft.english} if draft.english else {}
    return {"text": draft.text, **line, "evidence": list(draft.numbers)}


def _numbered(values: list[dict[str, Any]], doubts: Sequence[Doubt]) -> list[dict[str, Any]]:
    """Return the repairs with the numbers of their doubts, which a model may leave out where it responds to each."""
    if len(values) != len(doubts) or any(numbers_of(value.get("doubt")) for value in values):
        return values
    return [value | {"doubt": doubt.number} for value, doubt in zip(values, doubts, strict=True)]


def _repair(value: Mapping[str, Any], named: _Names) -> Repair | None:
    doubt, text, quote = numbers_of(value.get("doubt")), value.get("text"), value.get("quote")
    if not doubt or not isinstance(text, str) or not 0 < len(text) <= LONGEST_SENTENCE:
        return None
    english = value.get("english")
    line = whole_characters(english).strip() if isinstance(english, str) and english != text else ""
    draft = named.plain(Draft(whole_characters(text).strip(), numbers_of(value.get("evidence")), line))
    return Repair(doubt[0], draft, whole_characters(quote) if isinstance(quote, str) else "")


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _once(
    request: _Request, kept: Sequence[Evidence], trimmed: Sequence[Evidence], model: ChatModel, deadline: float
) -> Generator[Draft | Usage, None, None]:
    usage = Usage(request.sha256, tuple(trimmed))
    yield usage
    left = deadline - time.monotonic()
    if left <= 0:
        raise ModelTimeoutError(f"{model.name} left no time to write: raise PINCITE_TIMEOUT or use a smaller model")
    most = _MOST_OF_SEVERAL if request.form in SEVERAL else _MOST
    wanted = schema([e.number for e in kept], most, english=bool(request.english))
    named = _Names(kept)
    reader = ReplyReader(request.question, named.numbers)
    end = None
    with contextlib.closing(model.stream(request.messages(kept), wanted, left)) as pieces:
        for piece in pieces:
            if isinstance(piece, Reply):
                end = piece
            elif time.monotonic() > deadline:
                raise ModelTimeoutError(f"{model.name} went on past the time allowed: raise PINCITE_TIMEOUT")
            else:
                yield from map(named.plain, reader.feed(piece))
    # Servers give many reasons for stopping, or none; JSON that is closed is complete whatever they say.
    whole = bool(end and end.complete) or reader.is_whole
    yield from map(named.plain, reader.end() if whole else reader.cut_off())
    # What a reply says before its length ends it is checked like any other; else the end is a failure.
    if not whole and not (end and end.too_long and reader.cites):
        raise ModelReplyError(_cut_off(end))
    taken = end or Reply(complete=True)
    yield replace(
        usage, prompt_tokens=taken.prompt_tokens, completion_tokens=taken.completion_tokens, cut_off=not whole,
        cannot_answer=reader.cannot_answer, not_covered=reader.not_covered, unread=reader.unread,
    )  # fmt: skip


class _Names:
    """The names that a model's sentences use for the papers it was shown."""

    def __init__(self, kept: Sequence[Evidence]) -> None:
        self._kept = kept
        self._papers = {item.number: item.paper for item in kept}
        self._handles = handles(dict.fromkeys(item.paper for item in kept))

    def numbers(self, name: str, sentence: str) -> tuple[int, ...]:
        """Return the sentence of each paper named that is nearest in words to what the model wrote."""
        wanted = term_set(sentence)
        found: list[int] = []
        named = papers_named(name, self._handles) if name == sentence else paper_called(name, self._handles)
        for paper in named[:_MOST_NAMED]:
            items = [item for item in self._kept if item.paper.id == paper and wanted & term_set(item.text)]
            found += [max(items, key=lambda item: len(wanted & term_set(item.text))).number] if items else []
        return tuple(found)

    def plain(self, draft: Draft) -> Draft:
        """Return a sentence that names its papers without their years."""
        papers = list(dict.fromkeys(self._papers[n] for n in draft.numbers if n in self._papers))
        text, english = (without_years(said, papers, self._handles) for said in (draft.text, draft.english))
        return replace(draft, text=text, english=english)


def _cut_off(end: Reply | None) -> str:
    why = end.why if end else "the stream ended early"
    if end and end.too_long:
        return "the reply reached its length limit: ask more narrowly, raise PINCITE_REPLY_TOKENS, or use another model"
    return f"the reply is incomplete ({why}): ask again"


class _Request:
    """The prompts of one question, without the evidence yet."""

    def __init__(self, question: QuestionReading, history: Sequence[Mapping[str, str]], texts: prompts.Prompts) -> None:
        self.form = question.form
        self._rules, self._answer, self._form, self._conversation = (
            texts[name] for name in ("answer_rules", "answer", f"form_{self.form}", "conversation")
        )
        self._english = texts["english_line"] if question.foreign else None
        self.question = question.text
        self._turns = prompts.shown_turns(history)

    @property
    def sha256(self) -> str:
        """One hash over all prompt files that this question uses."""
        used = [self._rules, self._answer, self._form] + ([self._conversation] if self._turns else [])
        used += [self._english] if self._english else []
        return hashlib.sha256("".join(prompt.sha256 for prompt in used).encode()).hexdigest()

    @property
    def english(self) -> str:
        """The request for an English line with each sentence; empty for a question in English."""
        return f"\n{self._english.render()}" if self._english else ""

    @property
    def tokens(self) -> int:
        """An estimate of what the prompt takes without evidence."""
        return sum(estimated_tokens(message.content) + 8 for message in self.messages(()))

    def messages(self, evidence: Sequence[Evidence]) -> list[Message]:
        """Return the turns to send: the rules, then question, evidence and question again."""
        user = self._answer.render(
            question=prompts.quoted(self.question),
            evidence=shown(evidence),
            form=self._form.render(),
            conversation=self._conversation.render(turns=self._turns) + "\n" if self._turns else "",
        )
        return [Message("system", self._rules.render()), Message("user", user + self.english)]
