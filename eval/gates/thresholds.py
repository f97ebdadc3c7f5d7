"""Thresholds on the bounds of intervals: a run that falls below them turns the build red, with the reason.

A gate file is TOML: checks, each with what it measures and its thresholds (docs/evaluation.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from eval.estimates import Estimate
from eval.metrics import BY_NAME
from rag.errors import SourceError
from rag.views.suggestion import suggestion

GATE = Path(__file__).parents[1] / "data" / "gate.toml"
# What a check can measure; at most one of them per check.
SOURCES = ("model", "answers", "run", "mutations", "pairs", "sentences")
# Those of them that are about answers, and so have the metrics of `eval.metrics`.
ANSWERS = ("model", "answers", "run")
# Mutants of each operator: enough for a lower bound of 0.97 if all pass, and for a rate of one half to move little with
# the sentences that happen to be drawn.
MUTANTS = 150


@dataclass(frozen=True, slots=True)
class Threshold:
    """The thresholds of one metric; None sets none.

    The lower bound of the interval is at least `low_at_least`, its upper bound at most `high_at_most`, the value at
    least `value_at_least` and at most `value_at_most`. At most `unscored_at_most` pieces could not be scored. Over the
    questions that the run of `against` scored as well, the value is worse than there by `worse_at_most` at most.
    """

    metric: str
    low_at_least: float | None = None
    high_at_most: float | None = None
    value_at_least: float | None = None
    value_at_most: float | None = None
    unscored_at_most: float = 0
    worse_at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to measure and its thresholds.

    `source` is one of `SOURCES` with what it names: a model to ask now, an answers file to score now, a run file, the
    judge whose mutants are tried, a file of labelled pairs, or one of texts in whole sentences; None is the run that
    the command line names.
    `questions`, `library` and `against`, a stored run to compare with, are paths relative to the gate file. At most
    `mutants` of each operator are judged.
    """

    name: str
    source: tuple[str, str] | None
    split: str
    library: str | None
    thresholds: tuple[Threshold, ...]
    questions: str | None = None
    against: str | None = None
    mutants: int = MUTANTS

    @property
    def asks(self) -> bool:
        """Whether it scores answers that no run holds yet."""
        return self.source is not None and self.source[0] in ("model", "answers")


def read_gate(path: str | Path = GATE) -> tuple[Check, ...]:
    """Read a gate file. Raises `SourceError` if it isn't TOML, or holds anything but checks."""
    try:
        read = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(path, f"{error.strerror}: check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(path, f"not TOML ({error}): see docs/evaluation.md") from error
    tables = read.pop("check", [])
    if read or not isinstance(tables, list) or not tables:
        raise SourceError(path, "no [[check]] in it, or something else as well: see docs/evaluation.md")
    try:
        return tuple(_check(table) for table in tables)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise SourceError(path, f"not a check in the expected layout: {reason} (see docs/evaluation.md)") from error


def _check(table: Mapping[str, Any]) -> Check:
    unknown = sorted(set(table) - {"name", "split", "library", "questions", "against", "mutants", "metrics", *SOURCES})
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    sources = [(name, str(table[name])) for name in SOURCES if name in table]
    if len(sources) > 1:
        raise ValueError(f"{' and '.join(name for name, _ in sources)} in one check: give one of them")
    thresholds = tuple(_threshold(metric, asked) for metric, asked in table["metrics"].items())
    if not thresholds:
        raise ValueError(f"the check {table['name']!r} sets no threshold")
    if "against" not in table and any(t.worse_at_most is not None for t in thresholds):
        raise ValueError(f"the check {table['name']!r} has worse_at_most and nothing to compare with: give against")
    source = sources[0] if sources else None
    if source is None or source[0] in ANSWERS:
        _need_known([t.metric for t in thresholds])
    library, questions, against = (table.get(name) for name in ("library", "questions", "against"))
    mutants = table.get("mutants", MUTANTS)
    if type(mutants) is not int or mutants < 1:  # a bool is an int
        raise ValueError(f"mutants of the check {table['name']!r} is {mutants!r}: give a whole number of 1 or more")
    if "mutants" in table and "mutations" not in table:
        raise ValueError(f"the check {table['name']!r} has mutants and no mutations: name the judge that they are for")
    split = table.get("split", "all")
    return Check(str(table["name"]), source, split, library, thresholds, questions, against, mutants)


def _need_known(names: Sequence[str]) -> None:
    """Raise `ValueError` for a metric that answers don't have."""
    for name in names:
        if name not in BY_NAME:
            raise ValueError(f"unknown metric {name!r}: {suggestion(name, sorted(BY_NAME))}")


def _threshold(metric: str, asked: Mapping[str, Any]) -> Threshold:
    known = {field.name for field in fields(Threshold)} - {"metric"}
    for name, value in asked.items():
        if name not in known:
            raise ValueError(f"unknown threshold {name!r} of {metric}: {suggestion(name, sorted(known))}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} of {metric} is {value!r}: give a number")
    if not set(asked) - {"unscored_at_most"}:
        raise ValueError(f"{metric} has no threshold")
    return Threshold(metric, **asked)


def shortfalls(
    thresholds: Sequence[Threshold], found: Mapping[str, Estimate], unseen: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return why measured estimates miss the thresholds, empty if they don't.

    An unmeasured metric and an unknown bound are reasons too, and so is a metric that its judge can't measure: `unseen`
    has the reason of each.
    """
    return [
        reason
        for threshold in thresholds
        for reason in _reasons(threshold, found.get(threshold.metric), unseen.get(threshold.metric))
    ]


def _reasons(asked: Threshold, found: Estimate | None, unseen: str | None) -> list[str]:
    if unseen:
        return [f"{asked.metric} can't be measured: {unseen}; leave it out, or score with a judge that can"]
    if found is None or found.value is None:
        return [f"{asked.metric} was not measured: nothing to score it on"]
    reasons = [
        f"{asked.metric}: its {bound} is {_number(measured)}, {word} {limit:g}"
        for bound, measured, limit, below, word in (
            ("lower bound", found.low, asked.low_at_least, True, "below"),
            ("upper bound", found.high, asked.high_at_most, False, "above"),
            ("value", found.value, asked.value_at_least, True, "below"),
            ("value", found.value, asked.value_at_most, False, "above"),
        )
        if limit is not None and not _keeps(measured, limit, at_least=below)
    ]
    if found.unscored > asked.unscored_at_most:
        reasons.append(f"{asked.metric}: {found.unscored} could not be scored, above {asked.unscored_at_most:g}")
    return reasons


def _keeps(measured: float | None, limit: float, *, at_least: bool) -> bool:
    if measured is None:
        return False
    # Sums of thirds and sevenths are not exact: a billionth doesn't count.
    return measured >= limit - 1e-9 if at_least else measured <= limit + 1e-9


def _number(measured: float | None) -> str:
    return "not known" if measured is None else f"{measured:.4f}"
