"""Minimal pairs: an honest rewording must pass, the same sentence with one thing changed must not.

`minimal_pairs.jsonl` was there while the guards were written; `unseen_pairs.jsonl` and `fresh_pairs.jsonl` were
written before the guards were, or were changed, and not looked at until then. Figures: docs/lab/verification.md.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.types import Verdict
from rag.verify import support

HERE = Path(__file__).parent
KEPT = {"verbatim", "trimmed", "reordered"}


def rates(name: str) -> dict[str, float]:
    """Return how often honest pairs of each sort were accepted, and dishonest ones rejected."""
    outcomes: dict[str, list[bool]] = {"kept": [], "paraphrase": [], "dishonest": []}
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        accepted = support(pair["sentence"], pair["evidence"]).verdict is Verdict.SUPPORTED
        sort = "kept" if pair["kind"] in KEPT else pair["kind"] if pair["honest"] else "dishonest"
        outcomes[sort].append(accepted if pair["honest"] else not accepted)
    return {sort: sum(found) / len(found) for sort, found in outcomes.items()}


@pytest.mark.parametrize(
    ("name", "kept", "rejected"),
    [
        ("minimal_pairs.jsonl", 0.97, 0.95),
        ("unseen_pairs.jsonl", 0.97, 0.95),
        # One of 15 is only partial: both sides and both adjectives exchanged, which is hard to tell from a swap.
        ("fresh_pairs.jsonl", 0.93, 0.9),
    ],
)
def test_honest_sentences_pass_and_changed_ones_do_not(name, kept, rejected):
    found = rates(name)
    assert found["kept"] >= kept
    assert found["paraphrase"] >= 0.8
    assert found["dishonest"] >= rejected
