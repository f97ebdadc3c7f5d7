"""Ask a watched question for the first time, and again after the library changed.

Asked again, a question first costs two looks: whether the library changed at all, and whether the papers found for it
did. Only then is it answered again, by the model that the settings name. Each claim followed is looked up on its own,
and compared with those papers near it that are new or changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rag.arguments import parse_filters
from rag.config import Config
from rag.errors import ModelError
from rag.library import Library
from rag.models.reader import default_reader
from rag.pipeline import answer
from rag.pipeline.receipt_changes import SAME_CLAIM, Change, Followed, alike, figures_differ, followed, started
from rag.serialization import to_json
from rag.types import Answer, Filters, Reason
from rag.verify import BoundedChecker, BuiltinChecker, load_checker
from rag.watched_questions.claim_changes import Judges, WatchedClaim, claim_of, stand, states_of
from rag.watched_questions.denials import CheckerDenials, ReaderDenials
from rag.watched_questions.storage import Watch, name_of_watch

# Papers found for a question that are compared: more than any answer is written from unless it was asked for.
COMPARED = 15
# Claims of one question that are followed; of more, the oldest are let go.
MOST_CLAIMS = 40
# Papers added last that are remembered, so that those added later are known; the rest may be removed meanwhile.
NEWEST = 50


@dataclass(frozen=True, slots=True)
class WatchRun:
    """A watched question asked again: what happened to each claim; `asked`: it was answered again.

    `watch` is what is to be kept. `problem` says why it couldn't be asked: what happened to its claims is reported all
    the same, and nothing is kept, so that the next run asks it and reports them again.
    """

    watch: Watch
    claims: tuple[Followed, ...] = ()
    asked: bool = False
    problem: str = ""

    @property
    def changed(self) -> tuple[Followed, ...]:
        """The claims that changed."""
        return tuple(one for one in self.claims if one.changes != (Change.NOTHING,))


def first_answer(question: str, filters: Mapping[str, str], library: Library, config: Config) -> tuple[Watch, Answer]:
    """Ask a question and return it as one to watch, with its answer.

    Raises what `answer` raises, and `ModelError` where a language model failed: the claims would be those of another
    writer.
    """
    found = _answered(question, filters, library, config)
    judges = judges_of(library, config)
    now, parsed = _now(), parse_filters(filters)
    receipt = to_json(found.receipt)
    watch = Watch(
        name_of_watch(question, filters), question, dict(filters), now, library.fingerprint,
        tuple(paper.id for paper in library.papers()[-NEWEST:]),
        _found(question, receipt, library, parsed), receipt,
        tuple(stand(claim_of(one), library, parsed, judges) for one in found.sentences[:MOST_CLAIMS]), now,
    )  # fmt: skip
    return watch, found


def ask_again(watch: Watch, library: Library, config: Config) -> WatchRun:
    """Ask a watched question again, and return what changed since it was asked last."""
    if watch.library == library.fingerprint:
        return WatchRun(replace(watch, run_at=_now()), tuple(Followed(claim.text) for claim in watch.claims))
    judges, filters, state = judges_of(library, config), parse_filters(watch.filters), library.fingerprint
    latest = [paper.id for paper in library.papers()]
    new = _since(watch.newest, latest)
    claims = [stand(claim, library, filters, judges, new) for claim in watch.claims]
    report = [followed(before.standing, after.standing) for before, after in zip(watch.claims, claims, strict=True)]
    asked = _found(watch.question, watch.receipt, library, filters) != watch.papers
    if asked:
        try:
            newly = _answered(watch.question, watch.filters, library, config)
        except ModelError as error:
            return WatchRun(watch, tuple(report), problem=str(error))
        said = [claim_of(one) for one in newly.sentences if not _is_known(one.text, claims)]
        report += [started(claim.standing) for claim in said]
        claims += [stand(claim, library, filters, judges) for claim in said]
        receipt = to_json(newly.receipt)
        watch = replace(watch, receipt=receipt, papers=_found(watch.question, receipt, library, filters))
    watch = replace(
        watch, library=state, newest=tuple(latest[-NEWEST:]), claims=tuple(claims[-MOST_CLAIMS:]), run_at=_now()
    )
    run = WatchRun(watch, tuple(report), asked)
    return replace(run, watch=replace(watch, changed_at=watch.run_at, last=run.changed)) if run.changed else run


def _answered(question: str, filters: Mapping[str, Any], library: Library, config: Config) -> Answer:
    found = answer(question, library, config=config, **filters)
    if found.reason is Reason.MODEL_UNAVAILABLE:
        why = (issue.message for issue in found.issues if issue.code.startswith("model"))
        raise ModelError(next(why, found.text))
    return found


def _found(question: str, receipt: Mapping[str, Any], library: Library, filters: Filters) -> dict[str, str]:
    """Return the state of each paper found for a question, and for what else a model searched for."""
    texts = dict.fromkeys([question, str(receipt.get("searched") or question), *receipt.get("searches", ())])
    found: dict[str, str] = {}
    for text in texts:
        found |= states_of(library.find(text, COMPARED, filters))
    return dict(sorted(found.items()))


def _since(newest: Sequence[str], latest: Sequence[str]) -> tuple[str, ...]:
    """Return the papers that were added after those; none where all of those were removed."""
    last = max((place for place, name in enumerate(latest) if name in set(newest)), default=len(latest))
    return tuple(latest[last + 1 :])


def _is_known(text: str, claims: list[WatchedClaim]) -> bool:
    """Return whether a sentence states a claim that is followed already, in whatever words but with its figures."""
    return any(alike(text, one.text) >= SAME_CLAIM and not figures_differ(text, one.text) for one in claims)


def judges_of(library: Library, config: Config) -> Judges:
    """Return who judges papers, by the checker that the settings name."""
    chosen = load_checker(config.checker, config, library.embedder)
    checker = BoundedChecker(chosen)
    reads_itself = not isinstance(chosen, BuiltinChecker)
    return Judges(checker, CheckerDenials(checker) if reads_itself else ReaderDenials(checker, default_reader()))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
