"""What made an answer, and what no longer holds when that is checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """What made an answer, enough to check it again later (`pincite verify`).

    `trimmed` is the evidence that didn't fit the model's context; `withheld` lists sentences that try to instruct a
    language model; each as `paper:start-end`. `stopped`: the user stopped the answer before its end. `reranker` names
    the cross-encoder that ordered the hits, None if there was none; `languages` the model that read the papers again
    for a question in another language; `checker` what gave the verdicts; `papers` how many were to be read.
    `temperature` and `reply_tokens` are the settings of the language model, None if none wrote or one was passed in.
    `calibration` is what `pincite calibrate` fitted to the library, None where the shipped setting decided what to
    decline.
    `searches` is what was searched for in addition to the question: its parts if it asks two things, and what a model
    planned. `repairs` are the sentences that went back to
    the model because the check doubted them: each as it was, why, and what happened to it. `disputed` are the sentences
    of other papers that contradict one of the answer.
    `seal` is a hash of all the rest: it shows that a receipt was damaged or edited, but anyone can make a new one.
    """

    made_at: str = ""
    pincite: str = ""
    question: str = ""
    searched: str = ""
    model: str = ""
    prompt_sha256: str | None = None
    library: str = ""
    reranker: str | None = None
    languages: str | None = None
    checker: str = ""
    papers: int | None = None
    calibration: str | None = None
    temperature: float | None = None
    reply_tokens: int | None = None
    retrieved: tuple[tuple[str, float], ...] = ()
    trimmed: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    stopped: bool = False
    searches: tuple[str, ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()
    quotes: tuple[Mapping[str, Any], ...] = ()
    disputed: tuple[Mapping[str, Any], ...] = ()
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost: float | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a receipt that doesn't hold (any more): `code` for programs, `message` for people.

    `number` is the citation's number in the answer, None if it concerns the whole receipt.
    """

    code: str
    message: str
    number: int | None = None
