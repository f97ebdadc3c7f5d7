"""Papers out again, and in once more: nothing lost, keys kept, every key resolved by a citation processor."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from citeproc import Citation as CslCitation
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.bibliography.citation_keys import citation_keys
from rag.bibliography.export import exported
from rag.bibliography.markdown import answer_markdown
from rag.errors import ConfigError
from rag.sources import read
from rag.types import Answer, Citation, Notice, Origin, Paper, Record, Sentence, Status, Verdict

MOTHS = Paper(
    id="p1",
    title="Moths & cafés: 50% of CO₂_max ~ {dusk} #1 -- a $5 study",
    abstract="We paid $5 (10^-3 of it in cash); p < 0.05, z~3, 95% CI."
    " See C:\\new_file & “quotes”, ''so'' -- and σ² = {a}.",
    authors=("Fell, Ada", "Éco, Béla", "World Health Organization"),
    year=2020,
    venue="Journal of Dusk & Dawn",
    doi="10.1234/moth_5(a)",
    arxiv_id="2001.01234",
    pmid="123456",
    url="https://example.org/a_b?c=d%20e",
    published="2020-05-04",
    notices=(Notice("retraction", "RetractionIn J Dusk. 2021"), Notice("correction")),
    origins=(Origin("my.bib", 1, 2, "fell:moths_20", "bibtex"),),
)
KELP = Paper(id="p2", title="Buried kelp", abstract="It is buried.", authors=("Ng, Bo",), year=2021, published="2021")
KELP_TOO = Paper(
    id="p3", title="Buried treasure", abstract="It is lost.", authors=("Ng, Bo",), year=2021, published="2021"
)
NAMELESS = Paper(id="p4", title="The rising of the salt marshes", abstract="They rise.")
PAPERS = (MOTHS, KELP, KELP_TOO, NAMELESS)
FIELDS = ("title", "abstract", "authors", "year", "venue", "doi", "arxiv_id", "pmid", "published", "notices")


def back(text: str, folder: Path) -> list[Record]:
    path = folder / "export"
    path.write_bytes(text.encode())
    records = list(read(path))
    assert all(isinstance(record, Record) for record in records)
    return [record for record in records if isinstance(record, Record)]


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
def test_round_trip_keeps_every_field_and_key(form: str, tmp_path: Path) -> None:
    records = back(exported(PAPERS, form), tmp_path)
    keys = citation_keys(PAPERS)
    for paper, record in zip(PAPERS, records, strict=True):
        assert {name: getattr(record, name) for name in FIELDS} == {name: getattr(paper, name) for name in FIELDS}
        assert record.origin.key == keys[paper.id]
    assert records[0].url == MOTHS.url


def test_jsonl_keeps_counts_and_organisations_too(tmp_path: Path) -> None:
    (record,) = back(exported([replace(NAMELESS, author_count=12, organisation="Fjord Lab")], "jsonl"), tmp_path)
    assert (record.author_count, record.organisation) == (12, "Fjord Lab")


TEXT = st.text(st.sampled_from("abz019 .,:;%&$#_{}~^\\<>-=+()[]'\"`@!?/|éßσ²₂–“”中☃"), max_size=40).map(
    lambda s: f"Word {s} end"
)


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(title=TEXT, abstract=TEXT)
def test_text_that_was_read_once_survives(form: str, title: str, abstract: str, tmp_path: Path) -> None:
    """What a library holds is read text: writing and reading it again changes nothing."""
    first = back(json.dumps({"title": title, "abstract": abstract}) + "\n", tmp_path)
    for record in first:
        paper = Paper("p", record.title, record.abstract)
        again = back(exported([paper], form), tmp_path)
        if form == "bibtex":
            assert [(r.title, r.abstract) for r in again] == [(record.title, record.abstract)]
        else:
            assert [(r.title, r.abstract) for r in again] == [(r.title, r.abstract) for r in back(
                json.dumps({"title": record.title, "abstract": record.abstract}) + "\n", tmp_path)]  # fmt: skip


def test_keys_are_the_users_own_else_made_once_each() -> None:
    keys = citation_keys(PAPERS)
    assert keys["p1"] == "fell:moths_20"
    assert keys["p2"] == "ng2021buried"
    assert re.fullmatch(r"ng2021buried-[0-9a-f]{4}", keys["p3"])
    assert keys["p4"] == "rising-salt-marshes"
    assert citation_keys(PAPERS[:3]) == {paper: key for paper, key in keys.items() if paper != "p4"}
    claimed = replace(NAMELESS, id="p5", origins=(Origin("other.bib", 1, 1, "ng2021buried"),))
    assert citation_keys([KELP, claimed])["p5"] == "ng2021buried"
    assert len(set(citation_keys([KELP, claimed]).values())) == 2


def test_unknown_form() -> None:
    with pytest.raises(ConfigError, match="'docx' isn't an export format: use one of bibtex, ris"):
        exported(PAPERS, "docx")


def answered() -> Answer:
    def cite(paper: Paper, number: int) -> Citation:
        return Citation(number, paper, paper.abstract[:5], 0, 5, Verdict.SUPPORTED, 0.9)

    sentences = (
        Sentence(
            "Half of *all* moths are late.", (cite(MOTHS, 1), cite(KELP, 2), cite(MOTHS, 1)), Verdict.SUPPORTED, 0.9
        ),
        Sentence("Kelp is buried", (cite(KELP, 2),), Verdict.SUPPORTED, 0.9),
        Sentence("Nobody knows why.", (), Verdict.UNKNOWN, 0.0),
    )
    return Answer("Are moths late?", Status.ANSWERED, "…", sentences)


def test_an_answer_as_markdown_for_pandoc() -> None:
    text = answer_markdown(answered(), citation_keys(PAPERS))
    assert text.startswith("# Are moths late?\n\n")
    assert r"Half of \*all\* moths are late [@fell:moths_20; @ng2021buried]." in text
    assert "Kelp is buried [@ng2021buried] Nobody knows why (no source)." in text
    assert "- [@fell:moths_20]: Retraction: RetractionIn J Dusk. 2021" in text
    assert "**Reported as retracted by its own record.**" in text
    assert text.count("\n- Ng, Bo (2021). Buried kelp. [@ng2021buried]") == 1


def test_a_retraction_in_markdown_names_the_record_that_reports_it() -> None:
    gift = Notice("retraction", "Retraction: Buried kelp", "gift.bib#1, matched by its title alone")
    marked = replace(KELP, notices=(gift,))
    (line,) = exported([marked], "markdown").splitlines()
    assert "**Reported as retracted by “Retraction: Buried kelp” (gift.bib\\#1, matched by its title alone).**" in line
    cited = Citation(1, marked, marked.abstract, 0, len(marked.abstract), Verdict.SUPPORTED, 0.9)
    sentence = Sentence("Kelp is buried.", (cited,), Verdict.SUPPORTED, 0.9)
    text = answer_markdown(Answer("Is it?", Status.ANSWERED, "…", (sentence,)))
    assert "Retraction: Retraction: Buried kelp (says gift.bib\\#1, matched by its title alone)" in text


def test_a_key_that_pandoc_would_cut_is_in_braces() -> None:
    strange = replace(KELP, origins=(Origin("x.bib", 1, 1, "ng--2021."),))
    assert "[@{ng--2021.}]" in exported([strange], "markdown")


def test_every_key_of_five_hundred_resolves(tmp_path: Path) -> None:
    """A .bib of 500 entries keeps its keys on the way through, and a CSL processor knows every one of them."""
    entry = "@article{Key:%d_a, title={Paper %d on moths}, abstract={Text %d.}, author={Fell, Ada}, year={2020}}\n"
    entries = "".join(entry % (n, n, n) for n in range(500))
    records = back(entries, tmp_path)
    papers = [
        Paper(f"p{n}", r.title, r.abstract, authors=r.authors, year=r.year, origins=(r.origin,))
        for n, r in enumerate(records)
    ]
    keys = [f"Key:{n}_a" for n in range(500)]
    assert [record.origin.key for record in back(exported(papers, "bibtex"), tmp_path)] == keys

    source = CiteProcJSON(json.loads(exported(papers, "csl-json")))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    citation = CslCitation([CitationItem(key.lower()) for key in keys])
    missing: list[str] = []
    bibliography.register(citation)
    bibliography.cite(citation, lambda item: missing.append(item.key))
    assert not missing
    assert len(bibliography.bibliography()) == 500


def test_an_address_cannot_end_its_field_and_begin_another_entry(tmp_path):
    url = "https://a.example/x},note={forged}}@article{evil,title={y"
    paper = Paper("p", "Kelp", "It grows.", url=url, doi="10.1/a},note={forged")
    (tmp_path / "out.bib").write_text(exported([paper], "bibtex"), encoding="utf-8")
    (record,) = read(tmp_path / "out.bib")
    assert (record.title, record.notes) == ("Kelp", ())
    assert exported([paper], "bibtex").count("@") == 1 + url.count("@")
