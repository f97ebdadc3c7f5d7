"""Scores the answers of any system, ours or another's: from an answers file to a run file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from eval.answers.responses import Response
from eval.judges.judged import Judge
from eval.questions import Case
from eval.runs.run import execute
from rag.errors import InputError


def score(
    cases: Sequence[Case],
    responses: Mapping[str, Response],
    judge: Judge,
    header: Mapping[str, object],
    path: Path,
    *,
    resume: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Score the answers to these cases into a run file; return how many scores an earlier run had left.

    A question without an answer is unscored: the file marks it as failed. Raises `InputError` if the answers
    match none of the cases.
    """
    if not any(case.id in responses for case in cases):
        named = next(iter(responses), "none at all")
        raise InputError(f"no answer to any of the {len(cases)} questions ({named!r} isn't one of them): check the ids")

    def given(case: Case) -> Response:
        return responses.get(case.id) or Response(case.id, "", error="the answers file has no answer to this question")

    return execute(cases, given, judge, header, path, resume=resume, progress=progress)
