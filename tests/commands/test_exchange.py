"""export, fetch, merges, split and edit from the command line."""

import json

import pytest
from citeproc import Citation as CslCitation
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

import rag.sources.arxiv_fetch
import rag.sources.fetch
from rag.errors import FetchError
from rag.types import Origin, Record, Rejection

BARLEY = "We watered forty barley plots in a dry spring and weighed the grain. Moist plots gave a third more grain."


def bib(tmp_path, count, name="mine.bib"):
    path = tmp_path / name
    entries = (
        f"@article{{Fell:{2000 + n % 25}_{n}, title={{Barley in season {n} of a trial}}, year={{{2000 + n % 25}}}, "
        f"author={{Fell, Ada and Ng, Bo}}, journal={{Crops & Soil}}, abstract={{{BARLEY} Season {n} of many.}}}}"
        for n in range(count)
    )
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


def resolve(csl):
    """Let citeproc resolve every key; return (keys found, their entries)."""
    source = CiteProcJSON(json.loads(csl))
    bibliography = CitationStylesBibliography(
        CitationStylesStyle("harvard-cite-them-right", validate=False), source, formatter.plain
    )
    missing = []
    for item in json.loads(csl):
        citation = CslCitation([CitationItem(item["id"])])
        bibliography.register(citation)
        bibliography.cite(citation, lambda item: missing.append(item.key))
    return [key for key in source if key not in missing], [str(entry) for entry in bibliography.bibliography()]


@pytest.mark.filterwarnings("ignore::UserWarning")  # citeproc warns of fields that a style does not use
def test_500_entries_keep_their_keys_and_citeproc_resolves_every_one(run, tmp_path):
    code, _, _ = run("add", bib(tmp_path, 500))
    assert code == 0
    keys = {f"Fell:{2000 + n % 25}_{n}" for n in range(500)}
    _, csl, _ = run("export", "--format", "csl-json")
    found, entries = resolve(csl)
    assert {key.lower() for key in found} == {key.lower() for key in keys}
    assert {item["id"] for item in json.loads(csl)} == keys
    assert len(entries) == 500
    assert all("Barley in season" in entry for entry in entries)
    code, answer, _ = run("ask", "How much more grain did moist barley plots give?", "--format", "markdown")
    assert code == 0
    assert any(f"[@{key}" in answer for key in keys)
    out = tmp_path / "out.bib"
    assert run("export", "-o", out)[0] == 0
    assert {line.split("{")[1].rstrip(",") for line in out.read_text().splitlines() if line.startswith("@")} == keys


def test_the_citations_of_an_answer_are_written_under_the_keys_of_the_library(run, tmp_path):
    run("add", bib(tmp_path, 5))
    cited = tmp_path / "cited.bib"
    code, out, _ = run("ask", "How much more grain did moist barley plots give?", "--cite", cited, "--format", "ris")
    assert code == 0
    assert out.startswith("TY  - ")
    key = cited.read_text().split("{")[1].split(",")[0]
    assert key.startswith("Fell:20")
    assert key in out


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (("export", "-o", "papers.docx"), "no format has this extension"),
        (("export", "-o", "no/such/folder/papers.bib"), "can't be written"),
        (("export", "nobody"), "no paper 'nobody'"),
        (("ask", "What of barley?", "--cite", "papers.docx"), "no format has this extension"),
        (("ask", "What of barley?", "--json", "--format", "ris"), "leave one out"),
        (("fetch", "arxiv"), "query or --ids"),
        (("fetch", "arxiv", "ti:x", "--limit", "0"), "at least 1"),
        (("fetch", "arxiv", "--ids", "missing.txt"), "can't be read"),
        (("split", "nobody"), "no paper 'nobody'"),
        (("edit", "nobody", "--title", "x"), "no paper 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_reported_in_one_line(run, tmp_path, monkeypatch, arguments, reported):
    monkeypatch.chdir(tmp_path)
    run("add", bib(tmp_path, 1))
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert reported in err


def test_export_of_some_papers_as_json_lists_their_keys(run, tmp_path):
    run("add", bib(tmp_path, 3))
    ids = [paper["id"] for paper in json.loads(run("papers", "--json")[1])["papers"]]
    reported = json.loads(run("export", ids[1], "--format", "jsonl", "--json")[1])
    assert reported["keys"] == {ids[1]: "Fell:2001_1"}
    assert json.loads(reported["text"])["title"] == "Barley in season 1 of a trial"


def test_fetched_papers_are_added_and_fetched_again_unchanged(run, monkeypatch, tmp_path):
    def fetched(query, ids, limit):
        title = "Barley and water in a warm year"
        yield Record(title, BARLEY, Origin(f"arXiv {query}", 1, format="arxiv"), arxiv_id="2301.00001")
        yield Rejection(f"arXiv {query}", "no abstract", title="Nothing")

    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", fetched)
    report = json.loads(run("fetch", "arxiv", "ti:barley", "--limit", 5, "--json")[1])
    assert (report["added"], len(report["without_abstract"])) == (["arxiv:2301.00001"], 1)
    code, out, _ = run("fetch", "arxiv", "ti:barley", "--limit", 5)
    assert code == 0
    assert "1 unchanged" in out


def test_an_unreachable_arxiv_is_reported_and_adds_nothing(run, monkeypatch):
    def refused(query, ids, limit):
        raise FetchError("arXiv: can't be reached: try again later")
        yield

    monkeypatch.setattr(rag.sources.arxiv_fetch, "fetch_arxiv", refused)
    code, _, err = run("fetch", "arxiv", "ti:barley")
    assert code == 1
    assert "can't be reached" in err


def test_a_merge_is_shown_split_and_a_title_edited(run, tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    paper = {"title": "Water an the yield of barley", "abstract": "Too short."}
    one.write_text(json.dumps(paper))
    two.write_text(json.dumps(paper | {"abstract": BARLEY, "doi": "10.1000/b"}))
    run("add", one, two)
    (merge,) = json.loads(run("merges", "--json")[1])["merges"]
    assert (merge["by"], merge["origin"]["file"], merge["other"]["file"]) == ("title", str(two), str(one))
    assert f"{two}#1 joined {one}#1 by title" in run("merges")[1]
    reported = json.loads(run("split", merge["paper_id"], "--from", f"{two}#1", "--json")[1])
    assert reported["kept"] == merge["paper_id"]
    assert json.loads(run("merges", "--json")[1])["merges"] == []
    edited = json.loads(run("edit", reported["new"], "--title", "Water and the yield of barley", "--json")[1])
    assert edited["title"] == "Water and the yield of barley"
    run("add", one, two)
    assert json.loads(run("show", reported["new"], "--json")[1])["title"] == edited["title"]
    assert "restored" in run("edit", reported["new"], "--undo")[1]


def test_merges_name_the_record_whose_abstract_is_not_used(run, tmp_path):
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    paper = {"title": "Water and the yield of barley", "abstract": BARLEY, "doi": "10.1000/b"}
    one.write_text(json.dumps(paper))
    two.write_text(json.dumps(paper | {"abstract": BARLEY.replace("forty", "four hundred")}))
    run("add", two)
    assert "conflict" not in run("merges")[1]
    run("add", one)
    assert f"conflict: {one}#1 gives another abstract than the one in use" in run("merges")[1]


def test_an_answer_that_cites_a_retracted_paper_says_so(run, tmp_path):
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps({"title": "RETRACTED: Water and the yield of barley", "abstract": BARLEY}))
    run("add", file)
    question = "How much more grain did moist barley plots give?"
    assert "retracted" in run("ask", question)[1]
    assert "retracted_paper" in {i["code"] for i in json.loads(run("ask", question, "--json")[1])["issues"]}
    assert "etract" in run("ask", question, "--format", "markdown")[1]


def test_pages_that_came_before_an_error_stay(run, monkeypatch):
    def pages(source, query, limit):
        assert (source, query, limit) == ("openalex", "barley", 7)
        yield [Record("Soil moisture", "Moist plots gave a third more grain.", Origin("OpenAlex barley", 1))]
        yield [Record("Sleep of cats", "Barn cats slept eleven hours a day.", Origin("OpenAlex barley", 2))]
        raise FetchError("OpenAlex: answered with HTTP status 503: it is failing: try again later")

    monkeypatch.setattr(rag.sources.fetch, "fetch", pages)
    code, _, err = run("fetch", "openalex", "barley", "--limit", 7)
    assert code == 1
    assert "it is failing: try again later; 2 records that came before are added" in err
    assert len(json.loads(run("papers", "--json")[1])["papers"]) == 2
    code, _, err = run("fetch", "pubmed", "--ids", "ids.txt")
    assert (code, "--ids is for arXiv" in err) == (2, True)
