"""A checker that asks the configured language model, and trusts it only where its quote is in the evidence."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from rag.errors import ModelError
from rag.models.boundary import name_of
from rag.models.chat import ChatModel, Message, Reply
from rag.models.json_reply import json_objects
from rag.models.metered import MeteredModel, Spending
from rag.models.thoughts import without_thoughts
from rag.prompts import Prompts, quoted, shipped
from rag.types import Support, Verdict
from rag.verify.checker import NO_TIME, Claim

_REPLY = re.compile(r"QUOTE:[ \t]*(?P<quote>[^\n]*)\nVERDICT:[ \t]*(?P<verdict>\w+)[ \t]*", re.IGNORECASE)
# The score of each verdict: a model's own figures aren't probabilities, so none are asked for.
_SCORES = {Verdict.SUPPORTED: 0.9, Verdict.PARTIAL: 0.5, Verdict.UNSUPPORTED: 0.1, Verdict.CONTRADICTED: 0.05}
_SHORTEST_QUOTE = 2  # words; any single word may be in the evidence by chance


class ModelChecker:
    """Asks a chat model. A reply without a verdict, or whose quote isn't in the evidence, is `unknown`."""

    def __init__(
        self, model: ChatModel, timeout: float = 60.0, prompts: Prompts | None = None, deadline: float | None = None
    ) -> None:
        """Give each call at most `timeout` seconds, and none past `deadline`, a time of `time.monotonic`."""
        self.name = name_of(model)
        self._model = model
        self._timeout = timeout
        self._deadline = deadline
        self._prompt = (prompts or shipped())["judge_support"]
        self._prompt_for_many = (prompts or shipped())["judge_answer"]
        self._known: dict[Claim, Support] = {}

    def metered(self, spending: Spending) -> ModelChecker:
        """Return a checker whose calls count in the spending of an answer."""
        prompts = {"judge_support": self._prompt, "judge_answer": self._prompt_for_many}
        return ModelChecker(MeteredModel(self._model, spending), self._timeout, prompts, self._deadline)

    def check_many(self, claims: Sequence[Claim]) -> None:
        """Judge all sentences of an answer in one call; one that its reply leaves out is judged alone later."""
        wanted = list(dict.fromkeys(claims))
        lines = "\n".join(
            quoted({"claim": number, "sentence": sentence, "evidence": list(texts)})
            for number, (sentence, texts) in enumerate(wanted, 1)
        )
        timeout = self._time_left()
        if len(wanted) < 2 or timeout <= 0:
            return
        with contextlib.suppress(ModelError):
            written, _ = self._ask(self._prompt_for_many.render(claims=lines), timeout, _schema(len(wanted)))
            self._known |= read_verdicts(written, wanted)

    def _time_left(self) -> float:
        return self._timeout if self._deadline is None else min(self._timeout, self._deadline - time.monotonic())

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        if not sentence.strip() or not any(text.strip() for text in evidence):
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        if (known := self._known.get((sentence, tuple(evidence)))) is not None:
            return known
        if sentence in {said for said, _ in self._known}:
            return Support(0.0, Verdict.UNKNOWN, "not asked: the model judged this sentence by what it cites")
        timeout = self._time_left()
        if timeout <= 0:
            return Support(0.0, Verdict.UNKNOWN, NO_TIME)
        texts = "\n".join(quoted(text) for text in evidence)
        prompt = self._prompt.render(sentence=quoted(sentence), evidence=texts)
        try:
            written, complete = self._ask(prompt, timeout)
        except ModelError as error:
            return Support(0.0, Verdict.UNKNOWN, f"the model failed: {error}")
        if not complete:
            return Support(0.0, Verdict.UNKNOWN, "the model's reply was cut off")
        return read_reply(written, evidence)

    def _ask(self, prompt: str, timeout: float, schema: Mapping[str, Any] | None = None) -> tuple[str, bool]:
        pieces: list[str] = []
        complete = False
        with contextlib.closing(self._model.stream([Message("user", prompt)], schema, timeout)) as stream:
            for piece in stream:
                if isinstance(piece, Reply):
                    complete = piece.complete
                else:
                    pieces.append(piece)
        return without_thoughts("".join(pieces)), complete


def _schema(claims: int) -> dict[str, Any]:
    """Return the schema of the verdicts on this many claims, within what OpenAI's strict mode accepts."""
    kinds: dict[str, Any] = {
        "claim": {"type": "integer"}, "quote": {"type": "string"},
        "verdict": {"type": "string", "enum": [verdict.value for verdict in _SCORES]},
    }  # fmt: skip
    one = {"type": "object", "properties": kinds, "required": list(kinds), "additionalProperties": False}
    all_ = {"type": "array", "maxItems": claims, "items": one}
    return {"type": "object", "properties": {"verdicts": all_}, "required": ["verdicts"], "additionalProperties": False}


def read_verdicts(written: str, claims: Sequence[Claim]) -> dict[Claim, Support]:
    """Read a reply on many claims: the verdict on each whose quote is in the claim's evidence."""
    found: dict[Claim, Support] = {}
    for value in json_objects(written):
        number, verdict, quote = value.get("claim"), value.get("verdict"), value.get("quote")
        if type(number) is int and 1 <= number <= len(claims) and isinstance(verdict, str):
            claim = claims[number - 1]
            found[claim] = _judged(verdict.lower(), str(quote or "").strip(" \"“”'"), claim[1])
    return found


def read_reply(written: str, evidence: Sequence[str]) -> Support:
    """Read a reply: two lines and nothing else, a known verdict, and a quote of the evidence."""
    match = _REPLY.fullmatch(written.strip())
    if not match:
        return Support(0.0, Verdict.UNKNOWN, "the model's reply was not a quote and a verdict")
    return _judged(match["verdict"].lower(), match["quote"].strip(" \"“”'"), evidence)


def _judged(name: str, quote: str, evidence: Sequence[str]) -> Support:
    if name not in {verdict.value for verdict in _SCORES}:
        return Support(0.0, Verdict.UNKNOWN, f"the model's verdict {name!r} isn't one of those asked for")
    verdict = Verdict(name)
    if verdict is not Verdict.UNSUPPORTED and not _stands_in(quote, evidence):
        return Support(0.0, Verdict.UNKNOWN, "the model's quote isn't in the evidence")
    return Support(_SCORES[verdict], verdict, f"the model judged so by “{quote}”")


def _stands_in(quote: str, evidence: Sequence[str]) -> bool:
    wanted = _plain(quote)
    return len(wanted.split()) >= _SHORTEST_QUOTE and any(wanted in _plain(text) for text in evidence)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold().strip(" .")
