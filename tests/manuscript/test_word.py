"""Word documents: what they cite, and the comments in a copy. Whatever else a document holds stays as it is."""

import zipfile

import pytest

from rag.errors import SourceError
from rag.manuscript import Cited, Outcome, Pinned, Report, open_manuscript

docx = pytest.importorskip("docx", reason="the extra `docx` isn't installed; the test extra has it")


@pytest.fixture
def document(tmp_path):
    made = docx.Document()
    made.add_heading("Sleep of bees")
    paragraph = made.add_paragraph("Bees sleep less ")
    paragraph.add_run("in cities").bold = True
    paragraph.add_run(" (Fell et al., 2020).")
    paragraph.add_run(" Ants do not sleep [1]. Nothing here.")
    made.add_table(1, 1).cell(0, 0).text = "Wasps sleep [@wasp2021]."
    made.add_paragraph("[1] Zed Q. Sleepless ants. 2001.")
    made.save(str(tmp_path / "bees.docx"))
    return tmp_path / "bees.docx"


def test_citations_are_found_across_runs_and_in_tables(document):
    manuscript = open_manuscript(document)
    assert [(one.claim, one.keys) for one in manuscript.passages if one.keys] == [
        ("Bees sleep less in cities.", ("fell 2020",)),
        ("Ants do not sleep.", ("1",)),
        ("Wasps sleep.", ("wasp2021",)),
    ]
    assert manuscript.passages[1].place == "paragraph 2"


def test_raised_numbers_are_citations_of_a_numbered_list(tmp_path):
    made = docx.Document()
    paragraph = made.add_paragraph()
    for text, raised in [
        ("Bees sleep less in cities", ""), (".", ""), (" Ants do not sleep.", "1,"), ("", "2"), (" Hives of 10", "4"),
        (" bees weigh 3 kg/m", "2"), (" at most.", ""), (" Wasps sleep", "1–3"), (".", ""),
    ]:  # fmt: skip
        paragraph.add_run(text)
        paragraph.add_run(raised).font.superscript = True
    made.add_heading("References")
    for entry in ("Fell A. Bees in towns. 2020.", "Moor B. Ants at night. 2019.", "Zed Q. Sleepless ants. 2001."):
        made.add_paragraph(entry, style="List Number")
    made.save(str(tmp_path / "raised.docx"))
    found = [(one.claim, one.keys) for one in open_manuscript(tmp_path / "raised.docx").passages]
    assert found[:4] == [
        ("Bees sleep less in cities.", ()),
        ("Ants do not sleep.", ("1", "2")),
        ("Hives of 104 bees weigh 3 kg/m2 at most.", ()),
        ("Wasps sleep.", ("1", "2", "3")),
    ]


def test_comments_go_into_a_copy(document, tmp_path):
    from rag.manuscript.word import write_commented

    manuscript = open_manuscript(document)
    before = document.read_bytes()
    found = [one for one in manuscript.passages if one.keys]
    pinned = tuple(
        Pinned(one, outcome, 0.0, "why", (Cited(one.keys[0], outcome, 0.0, "why"),))
        for one, outcome in zip(found, (Outcome.NOT_IN_ABSTRACT, Outcome.SUPPORTED, Outcome.CONTRADICTED), strict=True)
    )
    write_commented(Report(manuscript, pinned, ()), document, tmp_path / "copy.docx")
    assert document.read_bytes() == before
    copy = docx.Document(str(tmp_path / "copy.docx"))
    assert [(one.author, one.text) for one in copy.comments] == [
        ("Pincite", "Not in the abstract: why."),
        ("Pincite", "Contradicted: why."),
    ]
    assert [one.text for one in copy.paragraphs] == [one.text for one in docx.Document(str(document)).paragraphs]


@pytest.mark.parametrize("content", [b"no archive", b"PK\x03\x04 cut short"])
def test_a_damaged_document_is_refused(tmp_path, content):
    (tmp_path / "bees.docx").write_bytes(content)
    with pytest.raises(SourceError, match="isn't a Word document"):
        open_manuscript(tmp_path / "bees.docx")


def test_another_office_file_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bees.docx", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    with pytest.raises(SourceError, match="isn't a Word document"):
        open_manuscript(tmp_path / "bees.docx")
