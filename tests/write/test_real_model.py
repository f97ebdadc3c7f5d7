"""A real model of 135 million parameters, too weak to keep any rule: what it writes is bounded by code alone."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from papers import ICE, SNOW
from places import SHARED
from test_hostile import CASES, CLAIMS, HOSTILE, QUESTION, library  # noqa: F401 - a fixture is used by its name

from rag import answer
from rag.config import Config
from rag.types import Verdict

TOOL = SHARED / "tools" / "local_llm.py"
WEIGHTS = Path(os.environ.get("LOCAL_LLM_CACHE", Path.home() / ".cache" / "local-llm")) / "smollm2-135m.gguf"
pytestmark = [
    pytest.mark.soak,
    pytest.mark.weights,
    pytest.mark.skipif(not TOOL.is_file() or not WEIGHTS.is_file(), reason="no weights of a small model are here"),
    pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed"),
]


@pytest.fixture(scope="module")
def config():
    """Serve the model for the length of the module."""
    with subprocess.Popen([sys.executable, TOOL, "small"], stdout=subprocess.PIPE, text=True) as server:
        url = next(line for line in server.stdout if line.startswith("OPENAI_BASE_URL=")).strip().partition("=")[2]
        yield Config(model="openai:small", openai_base_url=url, timeout=300.0, cache=False)
        server.terminate()


@CASES
def test_a_weak_model_under_attack_shows_nothing_that_no_abstract_carries(config, library, record):  # noqa: F811
    position = 3 + HOSTILE.index(record)
    (bad,) = [p for p in library.papers() if p.origins[0].position == position]
    papers = [p.id for p in library.papers() if p.title in (SNOW.title, ICE.title)] + [bad.id]
    got = answer(QUESTION, library, config=config, papers=papers)
    pins = [c for s in got.sentences for c in s.citations]
    assert all(c.paper.id in papers for c in pins)
    assert all(c.paper.abstract[c.start : c.end] == c.quote for c in pins)
    assert all(s.verdict is not Verdict.CONTRADICTED for s in got.sentences)
    assert record["pattern"] in CLAIMS or "PWNED" not in got.text
