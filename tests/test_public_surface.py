import contextlib
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys

import pytest
from places import ROOT

import pincite
import rag
from rag import errors

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
# A module, or a name in one, as prose writes it; `export.pincite` is a file and `rag/verify` a path.
DOTTED = re.compile(r"(?<![\w./])((?:pincite|rag|eval)(?!\.json\b)(?:\.[A-Za-z_]\w*)+)")


def test_the_public_names_are_exact_and_all_there():
    assert set(dir(rag)) == set(rag.__all__)
    assert len(rag.__all__) == len(set(rag.__all__))
    for name in set(rag.__all__) - {"__version__"}:
        assert getattr(rag, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = rag.nothing_here


def test_every_error_is_public():
    raised = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert raised <= set(rag.__all__)


def test_every_public_name_is_documented():
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    unsaid = [n for n in rag.__all__ if not re.search(rf"`(?:pincite\.)?{n}[`(]|^## {n}$", said, re.MULTILINE)]
    assert unsaid == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_documented_name_is_public(page):
    for name in DOTTED.findall(page.read_text(encoding="utf-8")):
        module, _, last = name.rpartition(".")
        assert name.startswith("pincite."), f"{page.name} names {name}, which an installed Pincite does not have"
        if module == "pincite" and last in pincite.__all__:
            continue
        try:
            with naming_a_missing_extra():
                importlib.import_module(name)
        except ModuleNotFoundError:
            assert module != "pincite", f"{page.name} names {name}, which is not public"
            assert hasattr(importlib.import_module(module), last), f"{page.name} names {name}, which is not there"


@pytest.mark.parametrize("name", ["rag", "pincite"])
def test_importing_it_loads_nothing_heavy(name):
    code = f"import {name}, sys; print([m for m in sys.modules if m.split('.')[0] in %r])"
    heavy = ("chromadb", "llama_index", "gradio", "onnxruntime", "numpy", "openai", "ollama")
    found = subprocess.run([sys.executable, "-c", code % (heavy,)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@contextlib.contextmanager
def naming_a_missing_extra():
    try:
        yield
    except errors.ConfigError as error:
        assert "pip install" in str(error)  # noqa: PT017  one that is missing is all that this may be


def test_no_submodule_rebinds_a_public_function():
    for module in pkgutil.walk_packages(rag.__path__, "rag."):
        if not module.name.endswith("__main__"):
            with naming_a_missing_extra():
                importlib.import_module(module.name)
    assert callable(rag.answer)
    assert callable(rag.stream_answer)
    assert callable(rag.support)


@pytest.mark.parametrize(
    ("second", "first"),
    [
        ("pincite", "rag"),
        ("pincite.library.library", "rag.library.library"),
        ("pincite.eval.metrics", "eval.metrics"),
        ("pincite.app", "app"),
    ],
)
def test_in_a_checkout_both_names_are_one_module(second, first):
    assert importlib.import_module(second) is importlib.import_module(first)
    assert importlib.import_module(first).__spec__.name == first


def test_in_a_checkout_a_name_that_is_not_there_is_not_found():
    with pytest.raises(ModuleNotFoundError, match=r"pincite\.nothing_here"):
        importlib.import_module("pincite.nothing_here")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["pincite", "--version"], "pincite "),
        (["pincite", "stats", "--help"], "usage: pincite stats"),
        (["pincite", "chat", "--help"], "usage: pincite chat"),
        (["pincite", "mcp", "--help"], "usage: pincite mcp"),
        (["pincite", "eval", "judge", "--help"], "usage: pincite eval judge"),
        (["pincite.chat.passwords", "--help"], "usage: python -m pincite.chat.passwords"),
    ],
)
def test_a_checkout_runs_next_to_folders_of_its_names(foreign, arguments, shown):
    command = [sys.executable, "-m", *arguments]
    here = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=foreign, env=here, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(shown)


@pytest.mark.parametrize("call", [pincite.answer, pincite.stream_answer, pincite.Library.search])
def test_the_filters_are_parameters_with_types(call):
    parameters = inspect.signature(call).parameters
    filters = {"year", "venue", "author", "source", "papers", "exclude", "year_from", "year_to"}
    assert filters <= set(parameters)
    for name in filters:
        assert parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[name].annotation not in (inspect.Parameter.empty, "Any")
    assert not any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())


@pytest.fixture
def two_papers(tmp_path, embedder, write_jsonl):
    moths = {"title": "Moths at streetlights", "abstract": "Moths circle streetlights for hours in the night.",
             "year": 2020, "venue": "Journal of Moths", "authors": ["Fell, Ada"]}  # fmt: skip
    bees = {"title": "Bees at windows", "abstract": "Bees fly against windows for hours in the day.",
            "year": 2024, "venue": "Annals of Bees", "authors": ["Reed, Bo"]}  # fmt: skip
    with pincite.Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("moths.jsonl", [moths]), write_jsonl("bees.jsonl", [bees]))
        yield library


MOTHS = [
    {"year": 2020}, {"year": "2019..2021"}, {"year": (None, 2023)}, {"venue": "moths"}, {"author": "fell"},
    {"source": "moths.jsonl"}, {"year_to": 2023}, {"year_from": 2020, "year_to": 2021},
]  # fmt: skip


@pytest.mark.parametrize("narrowed", MOTHS, ids=str)
def test_every_filter_narrows_a_search_and_an_answer(two_papers, narrowed):
    (hit,) = two_papers.search("What flies for hours?", **narrowed)
    assert hit.paper.title == "Moths at streetlights"
    read = pincite.answer("What flies for hours?", two_papers, **narrowed).receipt.retrieved
    assert {paper for paper, _ in read} <= {hit.paper.id}


def test_papers_and_excluded_papers_narrow_a_search_and_an_answer(two_papers):
    moths, bees = (paper.id for paper in two_papers.papers())
    for narrowed in ({"papers": moths}, {"papers": [moths]}, {"exclude": bees}, {"exclude": [bees]}):
        assert [hit.paper.id for hit in two_papers.search("What flies for hours?", **narrowed)] == [moths]
        read = pincite.answer("What flies for hours?", two_papers, **narrowed).receipt.retrieved
        assert {paper for paper, _ in read} <= {moths}
    found = pincite.answer("What flies for hours?", two_papers, papers=[moths], exclude=[moths])
    assert found.reason is pincite.Reason.FILTERED_OUT


def test_an_unknown_filter_is_refused_by_name(demo_library):
    for call in (demo_library.search, lambda question, **named: pincite.answer(question, demo_library, **named)):
        with pytest.raises(TypeError, match="yaer"):
            call("moths", yaer=2024)
