"""Every command with `--json`, held to the published JSON Schema."""

import argparse
import json

import jsonschema
import pytest
from zotero_on_loopback import Zotero

import rag.sources.arxiv_fetch
from rag.__main__ import build_parser, main
from rag.types import Origin, Record
from rag.views.documents import json_schema

BARLEY = "We watered barley plots through a dry spring. Moist plots gave 37% more grain than dry plots."
PAPERS = [
    {"title": "Soil moisture and barley yield", "abstract": BARLEY, "year": 2020, "doi": "10.1000/barley"},
    {"title": "Soil moisture and the yields of barley", "abstract": f"{BARLEY} A year later too.",
     "doi": "10.1000/barley"},
    {"title": "Tin roofs", "abstract": "Hail dents roofs of tin. A thicker sheet cut dents by half."},
    {"title": "No abstract here"},
]  # fmt: skip
MANUSCRIPT = "Moist plots gave 37% more grain [@barley]. A thicker sheet cut dents by half.\n"
BIB = "@article{barley, title={Soil moisture and barley yield}, doi={10.1000/barley}}\n"
QUESTION = "How much more grain did moist barley plots give?"
RETRACTIONS = (
    "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,RetractionDate,RetractionDOI,Reason\n"
    "10.1000/barley,0,Retraction,1/2/2024 0:00,,+Data;\n"
)
# In an order in which each finds what it needs, with the type of what it prints.
CALLS = [
    ("texts papers.jsonl -o texts.jsonl", "texts"), ("add papers.jsonl", "report"), ("fetch arxiv ti:mice", "report"),
    ("sync zotero --from Zotero", "report"), ("watch folder --once", "report"), ("merges", "merges"),
    ("split 10.1000/barley", "split"), ("edit 10.1000/barley --title Barley", "paper"), ("papers", "papers"),
    ("show 10.1000/barley", "paper"), ("search barley", "hits"), ("stats", "statistics"), ("doctor", "examination"),
    ("calibrate --undo", "calibration"), ("export --format bibtex", "export"), ("watch add QUESTION", "watch_added"),
    ("ask QUESTION --receipt before.json", "answer"), ("verify before.json", "verification"),
    ("update --metadata --retractions retractions.csv --yes", "update"), ("watch run", "watch_run"),
    ("watch list", "watches"), ("watch remove QUESTION", "watch_removed"),
    ("ask QUESTION --receipt after.json", "answer"), ("answers diff before.json after.json", "answer_changes"),
    ("check paper.md --bib refs.bib", "manuscript"), ("backup all.pincite", "backup"),
    ("restore all.pincite", "restored"), ("remove arxiv:2301.00001", "removed"), ("models", "models"),
]  # fmt: skip
ELSEWHERE = {"models get"}  # fetched from a hub on loopback in test_models.py


@pytest.fixture
def desk(run, tmp_path, monkeypatch, write_jsonl):
    """A folder with everything that the calls name, where `library` is the library."""

    def fetched(query, ids, limit):
        yield Record("Mice in mazes", "Mice ran. They learned.", Origin("arXiv", 1), arxiv_id="2301.00001")

    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", fetched)
    monkeypatch.setenv("PINCITE_LIBRARY", "library")
    monkeypatch.chdir(tmp_path)
    write_jsonl("papers.jsonl", PAPERS)
    (tmp_path / "folder").mkdir()
    Zotero().write(tmp_path / "Zotero")
    for name, text in {"paper.md": MANUSCRIPT, "refs.bib": BIB, "retractions.csv": RETRACTIONS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "folder" / "more.jsonl").write_text(json.dumps(PAPERS[2]), encoding="utf-8")


def test_every_document_has_its_type_and_keeps_to_the_schema(desk, capsys):
    validator = jsonschema.Draft202012Validator(json_schema())
    for call, kind in CALLS:
        words = [QUESTION if word == "QUESTION" else word for word in call.split()]
        main([*words, "--json"])
        said = capsys.readouterr()
        printed = json.loads(said.out) if said.out else said.err
        assert isinstance(printed, dict), f"{call}: {printed}"
        assert (printed["schema"], printed["type"]) == (1, kind), call
        validator.validate(printed)


def test_no_command_with_json_is_left_out():
    (commands,) = [each for each in build_parser()._actions if isinstance(each, argparse._SubParsersAction)]
    with_json = {
        name for name, parser in commands.choices.items()
        if "--json" in parser.format_help() and name not in ("chat", "serve", "mcp", "eval")
    }  # fmt: skip
    called = {name for name in with_json if any(f"{call} ".startswith(f"{name} ") for call, _ in CALLS)}
    assert with_json == called


def test_every_kind_of_document_is_described_once_and_named():
    schema = json_schema()
    named = [each["$ref"].removeprefix("#/$defs/") for each in schema["oneOf"]]
    typed = [name for name, about in schema["$defs"].items() if "type" in about.get("properties", {})
             and "const" in about["properties"]["type"]]  # fmt: skip
    assert sorted(named) == sorted(typed) == sorted(set(named))
    assert all(schema["$defs"][name]["properties"]["type"]["const"] == name for name in named)
    assert {kind for _, kind in CALLS} <= set(named)
