"""What a researcher imports comes out again: the type of each entry, its volume and pages, its organisations."""

# ruff: noqa: E501 - entries keep the long lines that real exports have

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from rag.bibliography import publication_types
from rag.bibliography.export import exported
from rag.sources import read
from rag.types import Paper, Record

BIBTEX = r"""
@article{dusk, title={Moths at dusk}, abstract={They fly at dusk.}, journal={J. Dusk}, volume={12}, number={3}, pages={45--67}, publisher={Dusk Press},
  author={{World Health Organization} and Fell, Ada and {Deutsche Dunkelgesellschaft} and {Fell, Ng \& Co.}}, year={2020}}
@inproceedings{nets, title={Kelp nets}, author={Ng, Bo}, editor={Oe, Cy and {Kelp Group}}, abstract={Nets hold.}, booktitle={Proceedings of Kelp Days}, series={Lecture Notes in Kelp}, volume={77}, pages={1--9}, year={2021}, publisher={Spring Tide}}
@phdthesis{peat, title={On peat}, author={Oe, Cy}, abstract={Peat is old.}, school={University of Fens}, year={1999}}
@mastersthesis{sand, title={On sand}, author={Oe, Cy}, abstract={Sand is old.}, school={University of Fens}, year={1998}}
@techreport{tide, title={Tides}, author={Oe, Cy}, abstract={Tides rise.}, institution={Fjord Lab}, number={TR-7}, year={1999}}
@book{fens, title={Fens}, editor={Oe, Cy}, abstract={Fens are wet.}, publisher={Spring Tide}, edition={2nd}, series={Wet Books}, volume={4}, year=2001}
@incollection{reed, title={Reeds}, author={Oe, Cy}, editor={Ng, Bo}, booktitle={Fens}, abstract={Reeds bend.}, pages={3-9}, publisher={Spring Tide}, year=2001}
@misc{moss, title={Early moss}, author={Oe, Cy}, abstract={Moss grows.}, eprint={2101.00001}, archiveprefix={arXiv}, url={https://arxiv.org/abs/2101.00001}, year=2021}
@misc{blog, title={Late moss}, author={Oe, Cy}, abstract={Moss stays.}, howpublished={The Moss Blog}, year=2021}
@online{mud, title={On mud}, author={Oe, Cy}, abstract={Mud is old.}, year={1999}, url={https://example.org/mud}}
@article{number, title={A numbered article}, author={Oe, Cy}, abstract={It has no pages.}, journal={PLoS Moss}, volume={3}, eid={e0123}, year={2018}}
"""
TYPES = ["article", "inproceedings", "phdthesis", "mastersthesis", "techreport", "book", "incollection", "misc", "misc", "online", "article"]  # fmt: skip
NAMES = [field.name for field in fields(Record) if field.name not in ("origin", "sections")]


def library_of(text: str, folder: Path) -> list[Paper]:
    """Read a file and take its records for papers, as a library does."""
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    records = list(read(path))
    assert all(isinstance(record, Record) for record in records)
    papers = []
    for number, record in enumerate(records):
        assert isinstance(record, Record)
        given = {name: getattr(record, name) for name in NAMES}
        papers.append(Paper(f"p{number}", **given, origins=(record.origin,)))
    return papers


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
def test_what_was_read_comes_back(form: str, tmp_path: Path) -> None:
    papers = library_of(BIBTEX, tmp_path)
    again = library_of(exported(papers, form), tmp_path)
    assert [[getattr(p, name) for name in NAMES] for p in again] == [[getattr(p, n) for n in NAMES] for p in papers]


@pytest.mark.parametrize("form", ["csl-json", "jsonl"])
@pytest.mark.parametrize("key", ["https://openalex.org/W1", "10.1234/moths", "pub.77", "000-123-456"])
def test_a_key_that_is_a_services_id_makes_no_record_of_that_service(form: str, key: str, tmp_path: Path) -> None:
    table = f"id,title,abstract,authors,year,volume,journal,is_retracted\n{key},Moths,They fly.,Ada Fell,2020,12,J. Dusk,true\n"
    papers = library_of(table, tmp_path)
    (again,) = library_of(exported(papers, form), tmp_path)
    assert (again.year, again.venue, again.volume, again.retracted) == (2020, "J. Dusk", "12", True)


def test_bibtex_keeps_its_types_and_names_fields_as_they_are_named_there(tmp_path: Path) -> None:
    written = exported(library_of(BIBTEX, tmp_path), "bibtex")
    assert re.findall(r"^@(\w+)", written, re.MULTILINE) == TYPES
    assert (
        "author = {{World Health Organization} and Fell, Ada and {Deutsche Dunkelgesellschaft} and {Fell, Ng \\& Co.}}"
        in written
    )
    for line in ("booktitle = {Proceedings of Kelp Days}", "pages = {45--67}", "school = {University of Fens}",
                 "institution = {Fjord Lab}", "number = {TR-7}", "howpublished = {The Moss Blog}"):  # fmt: skip
        assert f"  {line},\n" in written


@pytest.mark.parametrize("kind", [row.name for row in publication_types.KINDS.values()])
def test_every_kind_survives_csl_and_all_but_the_finer_ones_ris_and_bibtex(kind: str, tmp_path: Path) -> None:
    paper = Paper(
        "p", "Moths", "They fly.", kind=kind, venue="Dusk", arxiv_id="2101.00001" if kind == "article" else None
    )
    (csl,) = library_of(exported([paper], "csl-json"), tmp_path)
    assert csl.kind == kind
    row = publication_types.KINDS[kind]
    for form, name in (("bibtex", row.bibtex), ("ris", row.ris)):
        (again,) = library_of(exported([paper], form), tmp_path)
        assert again.kind is not None
        assert getattr(publication_types.KINDS[again.kind], form) == name or (form, kind) == ("ris", "proceedings")


def test_a_citation_style_prints_volume_issue_pages_and_publisher(tmp_path: Path) -> None:
    papers = library_of(BIBTEX, tmp_path)
    source = CiteProcJSON(json.loads(exported(papers, "csl-json")))
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, source, formatter.plain)
    bibliography.register(Citation([CitationItem(paper.key or "") for paper in papers]))
    moths, nets, *_ = map(str, bibliography.bibliography())
    assert "World Health Organization" in moths
    assert "12(3)" in moths
    assert "45–67" in moths.replace("-", "–")
    assert "Proceedings of Kelp Days" in nets
    assert "Spring Tide" in nets


def test_an_organisation_is_marked_in_every_form(tmp_path: Path) -> None:
    papers = library_of(BIBTEX, tmp_path)[:1]
    assert "AU  - Deutsche Dunkelgesellschaft,\r\n" in exported(papers, "ris")
    assert {"literal": "Deutsche Dunkelgesellschaft"} in json.loads(exported(papers, "csl-json"))[0]["author"]
