"""A checker that asks the configured language model, and believes it only where it can be held to the evidence."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Sequence

from rag.errors import ModelError
from rag.models.boundary import name_of
from rag.models.chat import ChatModel, Message, Reply
from rag.prompts import Prompts, quoted, shipped
from rag.types import Support, Verdict
from rag.verify.checker import NO_TIME

_REPLY = re.compile(r"QUOTE:[ \t]*(?P<quote>[^\n]*)\nVERDICT:[ \t]*(?P<verdict>\w+)[ \t]*", re.IGNORECASE)
# What each verdict says about support: a model's own figures are no probabilities, so none are asked for.
_SCORES = {Verdict.SUPPORTED: 0.9, Verdict.PARTIAL: 0.5, Verdict.UNSUPPORTED: 0.1, Verdict.CONTRADICTED: 0.05}
_SHORTEST_QUOTE = 2  # words; one word stands in any text


class ModelChecker:
    """Asks a chat model. Whatever is not a verdict with a quote that stands in the evidence is `unknown`."""

    def __init__(
        self, model: ChatModel, timeout: float = 60.0, prompts: Prompts | None = None, deadline: float | None = None
    ) -> None:
        """Take `timeout` seconds for a call at most, none of them after `deadline`, a time of `time.monotonic`."""
        self.name = name_of(model)
        self._model = model
        self._timeout = timeout
        self._deadline = deadline
        self._prompt = (prompts or shipped())["judge_support"]

    def check(self, sentence: str, evidence: Sequence[str]) -> Support:
        """Judge a sentence against all of the evidence together; see `Checker.check`."""
        if not sentence.strip() or not any(text.strip() for text in evidence):
            return Support(0.0, Verdict.UNSUPPORTED, "there is nothing to compare")
        timeout = self._timeout if self._deadline is None else min(self._timeout, self._deadline - time.monotonic())
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

    def _ask(self, prompt: str, timeout: float) -> tuple[str, bool]:
        pieces: list[str] = []
        complete = False
        with contextlib.closing(self._model.stream([Message("user", prompt)], None, timeout)) as stream:
            for piece in stream:
                if isinstance(piece, Reply):
                    complete = piece.complete
                else:
                    pieces.append(piece)
        return "".join(pieces), complete


def read_reply(written: str, evidence: Sequence[str]) -> Support:
    """Read a reply: two lines and nothing else, a known verdict, and a quote of the evidence."""
    match = _REPLY.fullmatch(written.strip())
    if not match:
        return Support(0.0, Verdict.UNKNOWN, "the model's reply was not a quote and a verdict")
    name, quote = match["verdict"].lower(), match["quote"].strip(" \"“”'")
    if name not in {verdict.value for verdict in _SCORES}:
        return Support(0.0, Verdict.UNKNOWN, f"the model's verdict {name!r} is none of those asked for")
    verdict = Verdict(name)
    if verdict is not Verdict.UNSUPPORTED and not _stands_in(quote, evidence):
        return Support(0.0, Verdict.UNKNOWN, "the model's quote does not stand in the evidence")
    return Support(_SCORES[verdict], verdict, f"the model says so, by “{quote}”")


def _stands_in(quote: str, evidence: Sequence[str]) -> bool:
    wanted = _plain(quote)
    return len(wanted.split()) >= _SHORTEST_QUOTE and any(wanted in _plain(text) for text in evidence)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold().strip(" .")
