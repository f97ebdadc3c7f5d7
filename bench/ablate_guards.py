"""What each guard of the built-in checker is worth: pairs judged with it, and without it.

    python bench/ablate_guards.py ../shared --cache /tmp/measured
    python bench/ablate_guards.py ../shared --cache /tmp/measured --guards

The first run measures likeness (minutes), which later runs find in the cache. The claims are those of `training/`, each
held against the sentences that it names.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.text.reading import Reading
from rag.types import Support, Verdict
from rag.verify import builtin, default_checker, guards
from rag.verify.alignment import Likeness, Measured
from training.written import HERE, read_abstracts, read_claims


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


def written_pairs(shared: Path, names: Iterable[str]) -> Iterator[Pair]:
    abstracts = read_abstracts(shared)
    for name in names:
        for claim in read_claims(HERE / "claims" / f"{name}.txt"):
            evidence = " ".join(abstracts[claim.abstract][place] for place in claim.sentences)
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
        "hard": [Pair(r["claim"], r["evidence"], r["supported"]) for r in hard],
        "tune": [
            Pair(r["claim"], r["source_text"], r["label"] == "supported", r["origin"], r["label"] == "contradicted")
            for r in tune
        ],
        "claims": list(written_pairs(shared, ["part-1", "part-2", "part-3"])),
        "heldout": list(written_pairs(shared, ["heldout"])),
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


@contextmanager
def without(name: str) -> Iterator[None]:
    """Switch one guard off."""
    module = builtin if hasattr(builtin, name) else guards
    kept, table = getattr(module, name), guards._GUARDS
    guards._GUARDS = tuple(guard for guard in table if guard is not kept)
    setattr(module, name, _silent(kept))
    try:
        yield
    finally:
        setattr(module, name, kept)
        guards._GUARDS = table


def _silent(guard: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *_: None if guard.__name__ == "stitched" else "" if guard.__annotations__["return"] == "str" else ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True, help="a file")
    parser.add_argument("--guards", action="store_true", help="judge once more without each of the guards")
    options = parser.parse_args()
    checker = default_checker()
    likeness = Remembering(checker._likeness, options.cache)
    checker._likeness = likeness
    sets = sets_of(options.shared)

    def judge_all() -> None:
        for name, pairs in sets.items():
            print(f"  {name:<10}{report(pairs, [checker.check(p.claim, [p.evidence]) for p in pairs])}", flush=True)
            likeness.save()

    print("all guards")
    judge_all()
    for name in _NAMES if options.guards else ():
        with without(name):
            print(f"without {name}")
            judge_all()


_NAMES = (
    "_numbers", "_negation", "_direction", "_rivals", "_cause", "_quantifiers", "_exchanged", "miscounted",
    "denied_anew", "renamed", "overstatements", "_names", "_disguised", "stitched",
)  # fmt: skip

if __name__ == "__main__":
    main()
