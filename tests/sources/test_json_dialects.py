"""JSON of many services, whole and broken."""

# ruff: noqa: E501 - records keep the long lines that real exports have

import json
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.types import Notice, Record, Rejection

GOOD = '{"title": "Good", "abstract": "Text."}'


def load(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "reply"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def only(folder: Path, value: object) -> Record:
    (record,) = load(folder, json.dumps(value))
    assert isinstance(record, Record)
    return record


def test_a_cut_list_is_reported_after_its_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(f'[\n{GOOD},\n{{"title": "Cu')
    records = read(path)
    assert next(records).title == "Good"
    with pytest.raises(SourceError, match=r"cut.json:3: the file ends in the middle") as caught:
        next(records)
    assert caught.value.line == 3


@pytest.mark.parametrize("text", [f"[{GOOD},", f'{{"items": [{GOOD}', '{"title": "Alone", "abstract": "It br'])
def test_other_cuts(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="ends in the middle"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "bad",
    ['{"title": "No comma" "abstract": "x"}', '{"title": "Quote " inside", "abstract": "x"}', "17", '"text"', "null",
     '{"title": {"deep": [1]}, "abstract": "x"}', '{"title": "Only"}', "{" * 3 + "}" * 3, '{"title": 1e999999, "abstract": "x"}'],
)  # fmt: skip
def test_one_bad_record_stops_no_other(tmp_path: Path, bad: str) -> None:
    found = load(tmp_path, f"[\n{GOOD},\n{bad},\n{GOOD}\n]")
    assert [type(item) for item in found] == [Record, Rejection, Record]
    assert isinstance(found[1], Rejection)
    assert found[1].line == 3


def test_objects_alone_in_a_row_and_over_several_lines(tmp_path: Path) -> None:
    pretty = json.dumps({"title": "Odd ] and } [", "abstract": 'A "quoted" { text.'}, indent=2)
    assert [item.title for item in load(tmp_path, pretty)] == ["Odd ] and } ["]
    assert [item.title for item in load(tmp_path, f"{pretty}\n{pretty}")] == ["Odd ] and } [", "Odd ] and } ["]
    assert load(tmp_path, f"\ufeff  {GOOD}")[0].title == "Good"


def test_a_record_with_references_is_one_paper(tmp_path: Path) -> None:
    assert (
        only(tmp_path, {"paperId": "a", "references": [{"title": "Cited"}], "title": "T", "abstract": "A."}).title
        == "T"
    )


def test_services_that_found_nothing_or_failed(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no papers in it"):
        load(tmp_path, '{"total": 0, "data": []}')
    with pytest.raises(SourceError, match="a service's error, not a paper: Paper with id x not found"):
        load(tmp_path, '{"error": "Paper with id x not found"}')


def crossref(**fields: object) -> dict[str, object]:
    return {"message": {"DOI": "10.1234/a", "title": ["T"], "abstract": "<jats:p>A.</jats:p>", **fields}}


@pytest.mark.parametrize(
    ("fields", "notices"),
    [
        ({}, ()),
        ({"title": ["RETRACTED: T"]}, (Notice("retraction", "RETRACTED: T"),)),
        (
            {"updated-by": [{"type": "retraction", "label": "Retraction", "DOI": "10.1234/r"}]},
            (Notice("retraction", "Retraction by 10.1234/r"),),
        ),
        (
            {"update-to": [{"type": "erratum", "label": "Erratum", "DOI": "10.1234/o"}]},
            (Notice("correction", "Erratum of 10.1234/o", of=("doi:10.1234/o",)),),
        ),
        (
            {
                "updated-by": [
                    {"type": "expression_of_concern", "DOI": "10.1234/r"},
                    {"type": "new_version", "DOI": "x"},
                ]
            },
            (Notice("concern", "expression_of_concern by 10.1234/r"),),
        ),
        (
            {"relation": {"is-retracted-by": [{"id": "10.1234/r", "id-type": "doi"}], "is-preprint-of": [{"id": "x"}]}},
            (Notice("retraction", "is-retracted-by 10.1234/r"),),
        ),
    ],
)
def test_crossref_updates(tmp_path: Path, fields: dict[str, object], notices: tuple[Notice, ...]) -> None:
    assert only(tmp_path, crossref(**fields)).notices == notices


def test_crossref_jats(tmp_path: Path) -> None:
    abstract = (
        "<jats:title>Abstract</jats:title><jats:sec><jats:title>Background</jats:title><jats:p>We &amp;amp; they saw"
        " 10<jats:sup>-3</jats:sup> M.</jats:p></jats:sec><jats:sec><jats:title>Results:</jats:title><jats:p>For "
        "<jats:inline-formula><jats:alternatives><jats:tex-math>\\documentclass{x}\\begin{document}$$x_1$$\\end{document}"
        "</jats:tex-math><mml:math><mml:msub><mml:mi>x</mml:mi><mml:mn>1</mml:mn></mml:msub></mml:math></jats:alternatives>"
        "</jats:inline-formula> only.</jats:p></jats:sec>"
    )
    record = only(tmp_path, crossref(abstract=abstract, subtitle=["A study"], published={"date-parts": [[2020, 5, 4]]}))
    assert record.abstract == "Background: We & they saw 10^-3 M. Results: For x₁ only."
    assert (record.title, record.published) == ("T: A study", "2020-05-04")
    assert [section.label for section in record.sections] == ["Background", "Results"]


def test_openalex_rebuilds_and_marks(tmp_path: Path) -> None:
    work = {"id": "https://openalex.org/W1", "title": "T", "is_retracted": True, "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/77"},
            "abstract_inverted_index": {"moths": [1, 3], "The": [0], "follow": [2], "far": [10**12, -1], "odd": "x"}}  # fmt: skip
    record = only(tmp_path, work)
    assert (record.abstract, record.pmid) == ("The moths follow moths", "77")
    assert [notice.kind for notice in record.notices] == ["retraction"]


def test_semantic_scholar_bulk_and_citations(tmp_path: Path) -> None:
    bulk = {
        "corpusid": 5,
        "title": "T",
        "abstract": "A.",
        "externalids": {"DOI": "10.1234/A", "ArXiv": "2001.01234"},
        "year": 2020,
    }
    record = only(tmp_path, bulk)
    assert (record.doi, record.arxiv_id, record.origin.format) == ("10.1234/a", "2001.01234", "semantic-scholar")
    cited = only(tmp_path, {"data": [{"citedPaper": {"paperId": "a", "title": "C", "abstract": "A."}}]})
    assert cited.title == "C"


def test_arxiv_withdrawn(tmp_path: Path) -> None:
    paper = {"id": "hep-th/9901001", "title": "T", "abstract": "A.", "authors": r"A. Fell, B. Ng (Fjord Lab) and C. \'Eco",
             "comments": "This paper has been withdrawn by the author", "categories": "hep-th", "versions": []}  # fmt: skip
    record = only(tmp_path, paper)
    assert (record.arxiv_id, record.authors) == ("hep-th/9901001", ("A. Fell", "B. Ng", "C. Éco"))
    assert record.notices[0].kind == "retraction"
