"""What services and the Retraction Watch data know about papers of a library."""

from pathlib import Path

import pytest
from metadata_on_loopback import SICI, Service, serving

from rag.errors import FetchError, SourceError
from rag.sources.enrichment import Known, changes
from rag.sources.lookup import looked_up
from rag.sources.retraction_watch import read_retractions
from rag.types import Notice, Paper

HEADER = (
    "Record ID,Title,Author,Reason,RetractionDate,RetractionDOI,RetractionPubMedID,OriginalPaperDate,"
    "OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature"
)


def paper(title: str, **fields) -> Paper:
    return Paper(id=f"title:{title}", title=title, abstract="We counted them. There were many of them.", **fields)


BARLEY = paper("Water and barley in a dry spring", doi="10.1234/barley", authors=("Fell, Ada",), year=2020)
ROOFS = paper("Tin roofs in hail and how they dent", authors=("Ng, Ada",))


def ask(service: str, papers, taken=(), known: Service | None = None, **options) -> dict[str, Known]:
    with serving(known or Service()) as host:
        options = {"base_url": f"{host}/{service}", "delay_seconds": 0} | options
        return {paper.title: found for paper, found in looked_up(service, papers, taken, **options)}


@pytest.mark.parametrize("service", ["crossref", "openalex"])
def test_a_doi_finds_the_year_and_the_retraction(service: str) -> None:
    found = ask(service, [BARLEY])[BARLEY.title]
    assert (found.doi, found.year, [notice.kind for notice in found.notices]) == (
        "10.1234/barley",
        2020,
        ["retraction"],
    )
    assert found.source in found.notices[0].text


@pytest.mark.parametrize("service", ["crossref", "openalex"])
def test_the_dois_of_many_papers_go_in_one_request(service: str) -> None:
    known = Service()
    papers = [
        paper(f"Paper {n} of the trial", doi=f"10.1234/{name}") for n, name in enumerate(("eels", "cats", "none"))
    ]
    assert set(ask(service, papers, known=known)) == {"Paper 0 of the trial", "Paper 1 of the trial"}
    assert len(known.asked) == 1


@pytest.mark.parametrize("service", ["crossref", "openalex"])
def test_a_doi_that_parts_a_filter_is_asked_for_alone(service: str) -> None:
    found = ask(service, [paper("Counting moths by lamp and by net", doi=SICI), BARLEY])
    assert {known.doi for known in found.values()} == {SICI, "10.1234/barley"}


@pytest.mark.parametrize("service", ["crossref", "openalex"])
@pytest.mark.parametrize(
    ("known", "doi"),
    [
        (ROOFS, "10.1234/roofs"),
        (paper("Rest in barn cats over a winter", authors=("Moor, Tess",)), None),  # two works could be it
        (paper("Eels that rest in cold rivers", authors=("Quill, Ana",), year=2005), None),  # of another year
        (paper("Eels that rest in cold rivers", authors=("Brandt, Ivo",)), None),  # of another author
        (paper("Eels that rest in cold rivers"), None),  # nobody knows whose
        (paper("Water", authors=("Fell, Ada",)), None),  # too short a title
        (paper("Tin roofs in hail and how they dent", authors=("Ng, Ada",), arxiv_id="2001.00001"), None),
    ],
)
def test_a_title_finds_a_doi_only_where_one_work_can_be_it(service: str, known: Paper, doi: str | None) -> None:
    found = ask(service, [known])
    assert (found[known.title].doi if found else None) == doi


def test_a_doi_that_another_paper_has_is_not_given_away() -> None:
    assert ask("crossref", [ROOFS], taken={"10.1234/roofs"}) == {}


def test_a_service_that_fails_is_named() -> None:
    known = Service()
    known.failing = 0
    with pytest.raises(FetchError, match="Crossref: answered with HTTP status 500"):
        ask("crossref", [BARLEY], known=known, retries=0)


def test_only_what_is_missing_is_a_change() -> None:
    known = Known("Crossref", "10.9/other", 1999, (Notice("retraction", "Retraction by 10.9/r"),))
    assert [change.field for change in changes(BARLEY, known)] == ["retraction"]
    assert [(change.field, change.value) for change in changes(ROOFS, known)] == [
        ("doi", "10.9/other"), ("year", "1999"), ("retraction", "Retraction by 10.9/r"),
    ]  # fmt: skip


def rows(tmp_path: Path, *lines: str, header: str = HEADER) -> Path:
    file = tmp_path / "retraction_watch.csv"
    file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return file


def test_the_retraction_watch_data_is_matched_by_doi_and_by_pmid(tmp_path: Path) -> None:
    cats = paper("Rest in barn cats over a winter", pmid="123456")
    file = rows(
        tmp_path,
        '1,"Barley, wet",Fell,+Concerns/Issues About Data;+Unreliable Results;,3/12/2021 0:00,10.1234/barley-r,0,'
        "4/1/2020 0:00,10.1234/BARLEY,0,Retraction",
        "2,Cats,Moor,+Error in Text;,12/1/2020 0:00,unavailable,0,1/1/2019 0:00,unavailable,123456,Correction",
        "3,Others,Ng,,1/1/2020 0:00,unavailable,0,1/1/2019 0:00,unavailable,0,Retraction",
    )
    (barley, one), (found, other) = read_retractions(file, [BARLEY, ROOFS, cats])
    assert (barley.id, found.id, other.notices[0].kind) == (BARLEY.id, cats.id, "correction")
    (notice,) = one.notices
    assert notice.kind == "retraction"
    assert notice.text == (
        "Retraction of 2021-03-12 10.1234/barley-r, according to Retraction Watch: "
        "Concerns/Issues About Data; Unreliable Results"
    )


def test_a_paper_that_was_reinstated_is_not_retracted(tmp_path: Path) -> None:
    row = "1,Barley,Fell,,{},unavailable,0,4/1/2020 0:00,10.1234/barley,0,{}"
    back = row.format("5/1/2022 0:00", "Reinstatement")
    assert read_retractions(rows(tmp_path, back, row.format("3/12/2021 0:00", "Retraction")), [BARLEY]) == []
    ((_, known),) = read_retractions(rows(tmp_path, back, row.format("3/12/2023 0:00", "Retraction")), [BARLEY])
    assert known.notices[0].kind == "retraction"


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no column OriginalPaperDOI"):
        read_retractions(rows(tmp_path, "1,2", header="a,b"), [BARLEY])
    with pytest.raises(SourceError, match="can't be read"):
        read_retractions(tmp_path / "nowhere.csv", [BARLEY])
