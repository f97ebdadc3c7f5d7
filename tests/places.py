"""Where the files are that tests read."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "eval" / "data" / "library.jsonl"
SHARED = ROOT.parent / "shared"
SEEDS = SHARED / "seeds"

needs_shared = pytest.mark.skipif(
    not (SEEDS.is_dir() and (SHARED / "benchmarks").is_dir()),
    reason="the saved pages and the public sets are not beside this checkout",
)
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the five saved pages are not beside this checkout")
