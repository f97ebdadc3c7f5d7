"""Measure `pincite watch run`: 100 papers are planted that turn 20 of 100 claims. How many are found, how many false?

    python -m bench.watching [--half dev|test] [--seed N] [--out FILE]

The questions of one half of `eval/data/questions.jsonl` are watched over the demo library, without a language model,
until 100 claims are followed. Then 100 papers are added, written by this program from the library's own sentences, each
reworded by the true edits of `training/contrasts.py`:

    16 turn a claim: 8 say it with another figure, 8 the other way round, both by that module's false edits
     4 are notices that retract the paper that a claim rests on
    40 repeat a claim
    40 say something else in much the same words, by the edits that leave a claim unsettled: another thing or group,
       a stronger claim, two sentences glued together. Exchanged sides are left out: most of them do contradict

A claim is turned where the run reports it as disputed, with another figure, retracted or with lost support. Everything
was developed on `dev`; `test` is what is reported. The built-in checker was trained on contrasts of the same generator,
though not on these abstracts.
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

from rag.config import Config
from rag.library import Library
from rag.pipeline.receipt_changes import Change
from rag.text.sentences import split_sentences
from rag.types import Paper
from rag.watched_questions import Followed, Watch, WatchedClaim, ask_again, first_answer
from training import contrasts
from training.contrasts import CONTRADICTED, UNSETTLED, Nouns, Passage
from training.written import Abstract

LIBRARY, QUESTIONS = Path("eval/data/library.jsonl"), Path("eval/data/questions.jsonl")
KINDS = ("finding", "figure", "method", "paraphrase", "definition", "comparison", "synthesis", "dispute")
CLAIMS = 100
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
    options = parser.parse_args()
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
    nouns = Nouns([_abstract(paper) for paper in papers.values()])
    claims = [claim for one in watched for claim in one.claims]
    rests_on = Counter(side.paper for claim in claims for side in claim.supporting)
    random.shuffle(claims)
    taken: set[str] = set()
    for kind, count in COUNTS.items():
        made = 0
        for claim in (one for one in claims if one.text not in taken):
            record = _record(kind, claim, papers, nouns, rests_on, random) if made < count else None
            if record is not None:
                made += 1
                taken.add(claim.text)
                yield Planted(kind, claim.text, record)
        if made < count:
            raise SystemExit(f"only {made} of {count} papers of the kind {kind} can be made: choose another seed")


def _record(
    kind: str, claim: WatchedClaim, papers: Mapping[str, Paper], nouns: Nouns, rests_on: Counter[str], random: Random
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
    passage = Passage(abstract, abstract.sentences.index(claim.text), nouns, random)
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
    reworded, done = contrasts._reworded(passage, passage.sentence, random.choice((1, 2)))
    if kind == "repeated":
        return reworded if done else None
    edits = {
        "figure": (contrasts._other_figure,),
        "turned": (contrasts._turned, contrasts._denied),
        "unsettled": tuple(
            edit
            for edit, (verdict, _) in contrasts._FALSE.items()
            if verdict == UNSETTLED and edit is not contrasts._sides
        ),
    }[kind]
    assert kind == "unsettled" or all(contrasts._FALSE[edit][0] == CONTRADICTED for edit in edits)
    return _edited(passage, reworded, random.sample(edits, len(edits)))


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
