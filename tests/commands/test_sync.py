"""sync and update from the command line."""

import json
from dataclasses import replace

import pytest
from metadata_on_loopback import Service, serving
from zotero_on_loopback import ABSTRACTS, Zotero

import rag.sources.enrichment_services
import rag.sources.fetch


def test_sync_follows_zotero_and_reports_what_left(run):
    zotero = Zotero()
    with zotero.serve() as address:
        code, out, err = run("sync", "zotero", "--from", address)
        assert (code, "3 added" in out) == (0, True)
        assert f"read from {address}" in err
        zotero.items.pop()
        code, out, _ = run("sync", "zotero", "--from", address)
    assert code == 0
    assert "2 unchanged" in out
    assert "removed with their last record: 1 paper" in out


def test_sync_prints_one_json_document(run, tmp_path):
    folder = Zotero().write(tmp_path / "Zotero")
    code, out, _ = run("sync", "zotero", "--from", folder, "--json")
    assert (code, len(json.loads(out)["added"]), json.loads(out)["removed"]) == (0, 3, [])


@pytest.mark.parametrize(
    ("place", "code", "message"), [("nowhere", 2, "no such file"), ("http://127.0.0.1:9/api", 1, "start Zotero")]
)
def test_a_zotero_that_cannot_be_read_makes_no_library(run, tmp_path, place, code, message):
    assert (run("sync", "zotero", "--from", place)[0], (tmp_path / "library").exists()) == (code, False)
    assert message in run("sync", "zotero", "--from", place)[2]


LIBRARY = [
    {"title": "Water and barley in a dry spring", "abstract": ABSTRACTS[0], "doi": "10.1234/barley",
     "authors": ["Fell, Ada"]},
    {"title": "Tin roofs in hail and how they dent", "abstract": ABSTRACTS[1], "authors": ["Ng, Ada"]},
    {"title": "Rest in barn cats over a winter", "abstract": ABSTRACTS[2], "authors": ["Moor, Tess"], "year": 2019,
     "doi": "10.1234/cats"},
]  # fmt: skip


@pytest.fixture
def service(monkeypatch):
    known = Service()
    with serving(known) as host:
        at_hand = {
            name: replace(one, url=f"{host}/{name}", delay_seconds=0)
            for name, one in rag.sources.fetch.SERVICES.items()
        }
        monkeypatch.setattr(rag.sources.enrichment_services, "SERVICES", at_hand)
        yield known


def test_update_shows_first_and_fills_in_with_yes(run, write_jsonl, service):
    run("add", write_jsonl("papers.jsonl", LIBRARY))
    _, before, _ = run("papers", "--json")
    code, out, _ = run("update", "--metadata")
    assert code == 0
    assert "doi: 10.1234/roofs (Crossref)" in out
    assert "year: 2020 (Crossref)" in out
    assert "retraction: Retraction by 10.1234/barley-r, according to Crossref (Crossref)" in out
    assert "2 of 3 papers would change" in out
    assert run("papers", "--json")[1] == before
    code, out, _ = run("update", "--metadata", "--yes")
    assert (code, "2 of 3 papers changed" in out) == (0, True)
    assert json.loads(run("show", "10.1234/barley", "--json")[1])["retracted"]
    papers = json.loads(run("papers", "--json")[1])["papers"]
    assert [paper["id"] for paper in papers] == [paper["id"] for paper in json.loads(before)["papers"]]
    assert [(paper["doi"], paper["year"]) for paper in papers] == [
        ("10.1234/barley", 2020), ("10.1234/roofs", 2021), ("10.1234/cats", 2019),
    ]  # fmt: skip
    assert [paper["abstract"] for paper in papers] == list(ABSTRACTS)
    assert "Nothing to fill in for 3 papers" in run("update", "--metadata", "--yes")[1]
    assert run("doctor")[0] == 0
    answer = run("ask", "How much more grain did moist barley plots give?")[1]
    assert "retracted" in answer


def test_update_keeps_what_was_filled_in_before(run, write_jsonl, service, tmp_path):
    run("add", write_jsonl("papers.jsonl", LIBRARY))
    run("update", "--metadata", "--from", "openalex", "--yes")
    rag_watch = tmp_path / "rw.csv"
    rag_watch.write_text(
        "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,RetractionDate,RetractionDOI,Reason\n"
        "10.1234/roofs,0,Expression of concern,1/2/2024 0:00,,+Data;\n",
        encoding="utf-8",
    )
    asked = len(service.asked)
    code, out, _ = run("update", "--metadata", "--retractions", rag_watch, "--yes")
    assert (code, "1 of 3 papers changed" in out, len(service.asked)) == (0, True, asked)
    run("add", write_jsonl("papers.jsonl", LIBRARY))
    roofs = json.loads(run("show", "10.1234/roofs", "--json")[1])
    assert (roofs["year"], [notice["kind"] for notice in roofs["notices"]]) == (2021, ["concern"])


def test_update_shows_what_came_before_a_failure_and_says_so(run, write_jsonl, service):
    run("add", write_jsonl("papers.jsonl", LIBRARY))
    service.failing = 1
    code, out, err = run("update", "--metadata", "--from", "crossref", "--json")
    assert code == 1
    assert [change["field"] for change in json.loads(out)["changes"]] == ["year", "retraction"]
    assert "Crossref: answered with HTTP status 500" in err
