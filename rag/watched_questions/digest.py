"""The changes that were found, as Markdown for a mail or a page, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rag.serialization import to_json
from rag.views.counts import counted
from rag.views.documents import Json, escaped
from rag.watched_questions.asking import WatchRun
from rag.watched_questions.claim_changes import Followed, Side


def sides_of(claim: Followed) -> Iterator[tuple[str, Side]]:
    """Yield each paper that changed a claim, with what it does."""
    for side in claim.retracted:
        yield "retracted", side
    for side in claim.lost:
        yield "no longer supports it", side
    for side in claim.against:
        yield "gives another figure" if side.figure else "disputes it", side
    for side in claim.won:
        yield "supports it", side


def line_of(claim: Followed, what: str, side: Side, paper: str) -> str:
    """Return what a paper does to a claim, with its sentence unless that is the claim itself."""
    said = f": “{side.quote}”" if side.quote and side.quote != claim.text else ""
    return f"{what}: {side.title or '(untitled)'} {paper}{said}"


def words_of(claim: Followed) -> str:
    """Return the changes of a claim for people."""
    return ", ".join(change.words for change in claim.changes)


def markdown(runs: Sequence[WatchRun], library: str, at: datetime) -> str:
    """Return what changed in all watched questions as Markdown."""
    parts = [f"# What changed in {escaped(library)}", f"{at:%Y-%m-%d}: {summary(runs)}"]
    for run in (one for one in runs if one.changed or one.problem):
        parts.append(f"## {escaped(run.watch.question)}")
        if run.problem:
            parts.append(f"Not asked: {escaped(run.problem)}")
        parts += ["\n".join(_claim(claim)) for claim in run.changed]
    return "\n\n".join(parts) + "\n"


def _claim(claim: Followed) -> Iterator[str]:
    yield f"- **{words_of(claim)}**: {escaped(claim.text)}"
    for what, side in sides_of(claim):
        yield f"  - {escaped(line_of(claim, what, side, f'({side.paper})'))}"


def summary(runs: Sequence[WatchRun]) -> str:
    """Return how many questions and claims changed, in one line."""
    changed = [run for run in runs if run.changed]
    claims = sum(len(run.changed) for run in runs)
    failed = sum(bool(run.problem) for run in runs)
    rest = f", {failed} couldn't be asked" if failed else ""
    if not changed:
        return f"nothing changed in {counted(len(runs), 'question')}{rest}."
    of = f"{counted(len(changed), 'question')} of {len(runs)}"
    return f"{counted(claims, 'claim')} changed in {of}{rest}."


def run_document(runs: Sequence[WatchRun]) -> Json:
    """Return what changed as JSON: every question, with every claim that is followed."""
    return {
        "changed": sum(len(run.changed) for run in runs),
        "questions": [
            {
                "id": run.watch.id,
                "question": run.watch.question,
                "asked": run.asked,
                "problem": run.problem or None,
                "claims": to_json(run.claims),
            }
            for run in runs
        ],
    }
