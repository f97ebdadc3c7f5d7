"""What each guard of the built-in checker is worth: pairs judged with it, and without it.

    PYTHONPATH=$PWD python bench/ablate_guards.py ../shared --cache /tmp/measured
    PYTHONPATH=$PWD python bench/ablate_guards.py ../shared --cache /tmp/measured --guards --sets pairs

The first run measures likeness and has the reader read (minutes), which later runs find in the cache. The claims are
those of `training/`, each held against the sentences that it names. "pairs" are right claims with a false twin that the
shipped reader wasn't trained on, of every sixteenth abstract; "free" are sentences over ten invented abstracts,
"aside" the claims put aside, "fields" and "twins" held out. `--guards` judges once more without each guard.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.models.reader import Odds
from rag.text.reading import Reading
from rag.types import Support, Verdict
from rag.verify import BuiltinChecker, default_checker
from rag.verify.alignment import Likeness, Measured
from rag.verify.builtin import REFERENCES, Comparison, judge, pieces_of
from rag.verify.features import GUARDS, Weights
from rag.verify.guards import Mismatch
from rag.verify.witnesses import ClaimReader
from training.split import put_aside, training_files
from training.written import HERE, read_abstracts, read_claims

# The first file of pairs that the shipped reader wasn't trained on.
UNREAD_FROM = 13


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with its evidence, whether it is right, and whether people say that the evidence contradicts it."""

    claim: str
    evidence: str
    right: bool
    kind: str = ""
    contradicted: bool = False


class Remembering:
    """A likeness that keeps what it measured in a file."""

    def __init__(self, likeness: Likeness, file: Path) -> None:
        self.name, self.weights = likeness.name, likeness.weights
        self.alike_from, self.close_from = likeness.alike_from, likeness.close_from
        self._likeness, self._file = likeness, file
        self._known: dict[tuple[str, ...], Measured] = pickle.loads(file.read_bytes()) if file.exists() else {}
        self._saved = len(self._known)

    def measure(self, claim: Reading, pieces: Sequence[Reading]) -> Measured:
        key = (claim.text, *(piece.text for piece in pieces))
        if key not in self._known:
            self._known[key] = self._likeness.measure(claim, pieces)
            if len(self._known) >= self._saved + 500:
                self.save()
        return self._known[key]

    def save(self) -> None:
        if len(self._known) > self._saved:
            self._file.write_bytes(pickle.dumps(self._known))
            self._saved = len(self._known)


class RememberingReader:
    """A reader that keeps what it judged in a file."""

    def __init__(self, reader: ClaimReader, file: Path) -> None:
        self.name, self._reader, self._file = reader.name, reader, file
        self._known: dict[tuple[str, ...], Odds] = pickle.loads(file.read_bytes()) if file.exists() else {}
        self._saved = len(self._known)

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[Odds]:
        asked = [(claim, *passages) for claim, passages in pairs]
        new = [key for key in asked if key not in self._known]
        self._known |= zip(new, self._reader.judge([(claim, passages) for claim, *passages in new]), strict=True)
        return [self._known[key] for key in asked]

    def save(self) -> None:
        if len(self._known) > self._saved:
            self._file.write_bytes(pickle.dumps(self._known))
            self._saved = len(self._known)


def unread_pairs(shared: Path) -> Iterator[Pair]:
    """Yield the right and false twins of every sixteenth abstract that the shipped reader wasn't trained on."""
    abstracts = read_abstracts(shared)
    for file in sorted((HERE / "claims").glob("pairs-*.txt")):
        for claim in read_claims(file) if int(file.stem.removeprefix("pairs-")) >= UNREAD_FROM else ():
            if hashlib.sha256(f"guards {claim.abstract}".encode()).digest()[0] < 16:
                evidence = " ".join(abstracts[claim.abstract].sentences[place] for place in claim.sentences)
                yield Pair(claim.text, evidence, claim.supported, claim.kind)


def written_pairs(shared: Path, names: Iterable[str], only: Callable[[str], bool] | None = None) -> Iterator[Pair]:
    abstracts = read_abstracts(shared)
    for name in names:
        for claim in (
            one for one in read_claims(HERE / "claims" / f"{name}.txt") if only is None or only(one.abstract)
        ):
            evidence = " ".join(abstracts[claim.abstract].sentences[place] for place in claim.sentences)
            yield Pair(claim.text, evidence, claim.supported, claim.kind)


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def sets_of(shared: Path) -> dict[str, list[Pair]]:
    """Return every set of pairs by its name."""
    minimal = [row for file in sorted(Path("tests/verify").glob("*_pairs.jsonl")) for row in rows_of(file)]
    tune = rows_of(shared / "benchmarks/judge/tune.jsonl")
    hard = rows_of(shared / "findings/hard_pairs.jsonl")
    return {
        "minimal": [Pair(r["sentence"], r["evidence"], r["honest"], r["kind"]) for r in minimal],
        "free": [Pair(r["sentence"], r["evidence"], r["honest"]) for r in rows_of(Path("bench/free_wordings.jsonl"))],
        "hard": [Pair(r["claim"], r["evidence"], r["supported"]) for r in hard],
        "tune": [
            Pair(r["claim"], r["source_text"], r["label"] == "supported", r["origin"], r["label"] == "contradicted")
            for r in tune
        ],
        "claims": list(written_pairs(shared, ["part-1", "part-2", "part-3"])),
        "heldout": list(written_pairs(shared, ["heldout"])),
        "fields": list(written_pairs(shared, ["heldout-fields"])),
        "twins": list(written_pairs(shared, ["heldout-pairs"])),
        "aside": list(written_pairs(shared, (file.stem for file in training_files("claims")), only=put_aside)),
        "pairs": list(unread_pairs(shared)),
    }


def report(pairs: Sequence[Pair], judged: Sequence[Support]) -> str:
    """Return one line: balanced accuracy, right ones supported and called contradicted, wrong ones supported."""
    right = [s.verdict for p, s in zip(pairs, judged, strict=True) if p.right]
    wrong = [s.verdict for p, s in zip(pairs, judged, strict=True) if not p.right]
    kept, passed = right.count(Verdict.SUPPORTED), wrong.count(Verdict.SUPPORTED)
    balanced = (kept / len(right) + 1 - passed / len(wrong)) / 2 if right and wrong else float("nan")
    line = f"{balanced:.3f}  right {kept}/{len(right)}, contradicted {right.count(Verdict.CONTRADICTED)};"
    line += f"  wrong supported {passed}/{len(wrong)}, contradicted {wrong.count(Verdict.CONTRADICTED)}"
    if any(p.contradicted for p in pairs):
        said = [p.contradicted for p, s in zip(pairs, judged, strict=True) if s.verdict is Verdict.CONTRADICTED]
        line += f";  recall {sum(said)}/{sum(p.contradicted for p in pairs)}, precision {sum(said)}/{len(said)}"
    return line


def compared(checker: BuiltinChecker, pair: Pair) -> Comparison | Support:
    """Return what the checker finds before it decides, or its verdict where it compares nothing."""
    claim, pieces = REFERENCES.sub("", pair.claim).strip(), pieces_of(pair.evidence)
    found = checker.check(pair.claim, [pair.evidence])
    told_apart = found.verdict is not Verdict.UNKNOWN and found.score < 1 and found.why != "there is nothing to compare"
    return checker.compare(claim, pieces) if told_apart else found


def judged_without(name: str, comparison: Comparison | Support, weights: Weights) -> Support:
    """Judge as though this guard were not there."""
    if isinstance(comparison, Support):
        return comparison
    found = tuple(fault for fault in comparison.faults if not name or guard_of(fault) != name)
    kinds = {fault.kind for fault in found}
    features = comparison.features | {kind: float(kind in kinds) for kind in GUARDS}
    features |= {f"{kind}_alike": float(comparison.alike and kind in kinds) for kind in GUARDS}
    return judge(replace(comparison, features=features, faults=found), weights)


def guard_of(fault: Mismatch) -> str:
    """Name the guard that found a fault, by its kind and, where several find one kind, by its words."""
    by_words = {
        "number": ("where the evidence has", "miscounted"),
        "negation": ("the other doesn't", "denied_anew"),
        "name": ("where the evidence has", "renamed"),
        "missing_number": ("letters that", "disguised"),
    }
    words, other = by_words.get(fault.kind, ("\0", ""))
    if words in fault.why:
        return other
    if "denies what the evidence says" in fault.why:
        return "denying"
    if fault.kind == "name":
        return "names" if "which names" in fault.why else "rivals"
    same = {"missing_number": "number", "unknown_name": "names"}
    return same.get(fault.kind, fault.kind)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="a file")
    parser.add_argument("--guards", action="store_true", help="judge once more without each of the guards")
    parser.add_argument("--sets", nargs="+", metavar="NAME", help="only these of the sets")
    options = parser.parse_args()
    checker = default_checker()
    likeness = Remembering(checker._likeness, options.cache)
    reader = RememberingReader(checker._reader, options.cache.with_suffix(".reader"))
    checker._likeness, checker._reader = likeness, reader
    sets = sets_of(options.shared)

    for name, pairs in sets.items():
        if options.sets and name not in options.sets:
            continue
        found = [compared(checker, pair) for pair in pairs]
        likeness.save()
        reader.save()
        all_of_them = [judged_without("", comparison, likeness.weights) for comparison in found]
        print(f"{name}\n  {'all guards':<16}{report(pairs, all_of_them)}", flush=True)
        for guard in _NAMES if options.guards else ():
            judged = [judged_without(guard, comparison, likeness.weights) for comparison in found]
            print(f"  {'- ' + guard:<16}{report(pairs, judged)}", flush=True)


_NAMES = (
    "number", "negation", "denying", "direction", "rivals", "cause", "quantifier", "hedge",
    "swap", "owner", "miscounted",
    "denied_anew", "renamed", "names", "version", "disguised", "stitched", "unanswered",
)  # fmt: skip

if __name__ == "__main__":
    main()
