"""Measure `pincite watch run`: 100 papers are planted that turn 20 of 100 claims. How many are found, how many false?

    python -m bench.watching [--half dev|test] [--seed N] [--out FILE] [--written]

The questions of one half of `eval/data/questions.jsonl` are watched over the demo library, without a language model,
until 100 claims are followed. Then 100 papers are added, written by this program from the library's own sentences, each
reworded by the edits of `training/true_edits.py`:

    16 turn a claim: 8 say it with another figure, 8 the other way round, both by those of `training/false_edits.py`
     4 are notices that retract the paper that a claim rests on
    40 repeat a claim
    40 say something else in much the same words, by the edits that leave a claim unsettled: another thing or group,
       a stronger claim, two sentences glued together. Exchanged sides are left out: most of them do contradict.
       Both kinds keep the claim's figures

A claim is turned where the run reports it as disputed, with another figure, retracted or with lost support. Everything
was developed on `dev`; `test` is what is reported. The built-in checker was trained on contrasts of the same generator,
though not on these abstracts.

`--written` measures papers that no program made instead: `eval/data/watching/turned_claims.jsonl` has 20 abstracts with
a claim, for each one paper that turns it in words of its own, and one that says the same, or the opposite, of another
thing, group, measure or occasion, and turns nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rag.config import Config
from rag.library import Library
from rag.pipeline.receipt_changes import Change, figures_differ, followed
from rag.text.sentences import split_sentences
from rag.types import Filters, Paper
from rag.watched_questions import Followed, Side, Watch, WatchedClaim, ask_again, first_answer
from rag.watched_questions.asking import judges_of
from rag.watched_questions.claim_changes import stand, state_of
from training.contrasts import reworded
from training.false_edits import CONTRADICTED, FALSE, UNSETTLED, denied, other_figure, sides, turned
from training.passages import Passage, Usage
from training.written import HERE, Abstract, read_own

LIBRARY, QUESTIONS = Path("eval/data/library.jsonl"), Path("eval/data/questions.jsonl")
WRITTEN = Path("eval/data/watching/turned_claims.jsonl")
KINDS = ("finding", "figure", "method", "paraphrase", "definition", "comparison", "synthesis", "dispute")
CLAIMS = 100
TRIES = 10  # times that each claim is tried for a kind: edits are drawn by chance, and not each fits each sentence
COUNTS = {"figure": 8, "turned": 8, "retraction": 4, "unsettled": 40, "repeated": 40}
TURNS = ("figure", "turned", "retraction")
TURNED = {Change.RETRACTED, Change.LOST_SUPPORT, Change.NOW_DISPUTED, Change.FIGURE_MOVED}


@dataclass(frozen=True, slots=True)
class Planted:
    """A paper to add, what it does, and the claim that it is made from."""

    kind: str
    claim: str
    record: Mapping[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write each planted paper with what was reported to this file")
    parser.add_argument("--written", action="store_true", help="measure the papers that were written for it")
    options = parser.parse_args()
    if options.written:
        measure_written(read_lines(WRITTEN))
        return
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        library.add(LIBRARY)
        watched = list(watch(library, options.half))
        planted = list(plant(library, watched, Random(options.seed)))
        library.add_records([one.record for one in planted], "planted")
        # A run reports on the claims followed first, in their order; what the new answer adds comes after them.
        found = {
            claim.text: now
            for one in watched
            for claim, now in zip(one.claims, ask_again(one, library, Config()).claims, strict=False)
        }
    print_table(planted, found, {claim.text for one in watched for claim in one.claims})
    print(f"{time.process_time() - started:.0f} seconds of processor time; seed {options.seed}, half {options.half}")
    if options.out:
        lines = [json.dumps(_line(one, found)) for one in planted]
        options.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def measure_written(cases: Sequence[Mapping[str, Any]]) -> None:
    """Print how many claims are turned by the paper written to turn them, and how many by any other."""
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder) / "library") as library:
        library.add_records([{name: case[name] for name in ("title", "abstract")} for case in cases], "first")
        papers, judges = {paper.title: paper for paper in library.papers()}, judges_of(library, Config())
        claims = [stand(_written_claim(case, papers), library, Filters(), judges) for case in cases]
        library.add_records([case[paper] for case in cases for paper in ("turn", "nothing")], "then")
        new = [paper.id for paper in library.papers() if paper.title not in papers]
        found = false = 0
        for case, claim in zip(cases, claims, strict=True):
            now = followed(claim.standing, stand(claim, library, Filters(), judges, new).standing)
            turning = {side.title for side in (*now.against, *now.retracted, *now.lost)}
            right = turning & {case["title"], case["turn"]["title"]}
            found += bool(right)
            false += len(turning - right)
            if not right or turning - right:
                print(f"{case['kind']}, {case['nothing_kind']}: {claim.text} -> {sorted(turning)}")
    print(f"{len(cases)} claims: {found} of {len(cases)} found, {false} false")


def _written_claim(case: Mapping[str, Any], papers: Mapping[str, Paper]) -> WatchedClaim:
    paper = papers[case["title"]]
    side = Side(paper.id, paper.title, case["claim"])
    return WatchedClaim(case["claim"], (side,), read={paper.id: state_of(paper)})


def read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def watch(library: Library, half: str) -> Iterator[Watch]:
    """Watch questions until enough different claims are followed; a claim is followed for one question only."""
    seen: set[str] = set()
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["split"] != half or case["kind"] not in KINDS or len(seen) == CLAIMS:
            continue
        one, _ = first_answer(case["question"], {}, library, Config())
        claims = tuple(claim for claim in one.claims if claim.text not in seen)[: CLAIMS - len(seen)]
        seen |= {claim.text for claim in claims}
        yield Watch(**{name: getattr(one, name) for name in Watch.__slots__} | {"claims": claims})


def plant(library: Library, watched: Sequence[Watch], random: Random) -> Iterator[Planted]:
    """Make the papers, each from a claim of its own."""
    papers = {paper.id: paper for paper in library.papers()}
    ours = [abstract for file in sorted((HERE / "abstracts").glob("*.txt")) for abstract in read_own(file)]
    usage = Usage([*ours, *map(_abstract, papers.values())])
    claims = [claim for one in watched for claim in one.claims]
    rests_on = Counter(side.paper for claim in claims for side in claim.supporting)
    random.shuffle(claims)
    taken: dict[str, str] = {}
    for kind, count in COUNTS.items():
        made = 0
        for attempt, claim in ((attempt, claim) for attempt in range(TRIES) for claim in claims):
            # Where too few claims are left, a second paper repeats one.
            is_free = claim.text not in taken or (attempt > 0 and taken[claim.text] == kind == "repeated")
            if made == count or not is_free:
                continue
            record = _record(kind, claim, papers, usage, rests_on, random)
            if record is not None:
                made += 1
                taken[claim.text] = kind
                yield Planted(kind, claim.text, record)
        if made < count:
            raise SystemExit(f"only {made} of {count} papers of the kind {kind} can be made: choose another seed")


def _record(
    kind: str, claim: WatchedClaim, papers: Mapping[str, Paper], usage: Usage, rests_on: Counter[str], random: Random
) -> Mapping[str, str] | None:
    paper = papers[claim.supporting[0].paper] if claim.supporting else None
    if paper is None:
        return None
    if kind == "retraction":
        alone = len(claim.supporting) == 1 and rests_on[paper.id] == 1
        return {"title": f"Retraction notice: {paper.title}", "abstract": NOTICE} if alone else None
    abstract = _abstract(paper)
    if claim.text not in abstract.sentences:
        return None
    passage = Passage(abstract, (abstract.sentences.index(claim.text),), usage, random)
    sentence = _sentence(kind, passage, random)
    number = random.randrange(10**6)
    return None if sentence is None else {"title": f"A second look, study {number:06d}", "abstract": _around(sentence)}


NOTICE = "This article has been retracted at the request of its authors."


def _around(sentence: str) -> str:
    return (
        "Earlier work reported on this matter, and fresh data allow a second look. "
        f"{sentence} The data and the code of the study are open."
    )


def _sentence(kind: str, passage: Passage, random: Random) -> str | None:
    text, done = reworded(passage, passage.sentence, random.choice((1, 2)))
    if kind == "repeated":
        return text if done and not figures_differ(passage.sentence, text) else None
    edits = {
        "figure": (other_figure,),
        "turned": (turned, denied),
        "unsettled": tuple(edit for edit, (verdict, _) in FALSE.items() if verdict == UNSETTLED and edit is not sides),
    }[kind]
    assert kind == "unsettled" or all(FALSE[edit][0] == CONTRADICTED for edit in edits)
    changed = _edited(passage, text, random.sample(edits, len(edits)))
    # An edit may exchange "two" for "four", too, or part "68.7%" at its point: that is another figure.
    kept = kind != "unsettled" or changed is None or not figures_differ(passage.sentence, changed)
    return changed if kept else None


def _edited(passage: Passage, text: str, edits: Sequence[Callable[[Passage, str], str | None]]) -> str | None:
    for edit in edits:
        changed = edit(passage, text)
        if changed and changed != text and 30 < len(changed) < 420:
            return changed
    return None


def _abstract(paper: Paper) -> Abstract:
    spans = split_sentences(paper.abstract)
    return Abstract(paper.id, paper.title, tuple(paper.abstract[span.start : span.end] for span in spans))


def is_turned(claim: Followed) -> bool:
    """Return whether a run says that a claim doesn't stand as it did."""
    return bool(TURNED & set(claim.changes))


def print_table(planted: Sequence[Planted], found: Mapping[str, Followed], claims: set[str]) -> None:
    """Print what was found of each kind of planted paper, and the claims that were turned by none."""
    print("| planted | papers | reported as turned | as newly supported | as nothing |")
    print("|---|---|---|---|---|")
    for kind, count in COUNTS.items():
        mine = [found[one.claim] for one in planted if one.kind == kind]
        turned = sum(map(is_turned, mine))
        won = sum(Change.NEW_SUPPORT in one.changes for one in mine)
        print(f"| {kind} | {count} | {turned} | {won} | {sum(one.changes == (Change.NOTHING,) for one in mine)} |")
    wanted = {one.claim for one in planted if one.kind in TURNS}
    reported = {text for text in claims if is_turned(found[text])}
    print(f"{len(claims)} claims: {len(reported & wanted)} of {len(wanted)} found, {len(reported - wanted)} false")


def _line(one: Planted, found: Mapping[str, Followed]) -> dict[str, object]:
    said = found[one.claim]
    return {
        "kind": one.kind, "claim": one.claim, "changes": said.changes, "abstract": one.record["abstract"],
        "sides": [side.quote for side in (*said.against, *said.won)],
    }  # fmt: skip


if __name__ == "__main__":
    main()
