"""Word documents: what they cite, and the comments in a copy. Whatever else a document holds stays as it is."""

import base64
import json
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


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ITEM = {
    "title": "Bees in large cities at night", "DOI": "10.1000/x",
    "author": [{"family": "Fell"}], "issued": {"date-parts": [["2020"]]},
}  # fmt: skip
ENDNOTE = (
    "<EndNote><Cite><record><contributors><authors><author>Fell, A.</author></authors></contributors><titles><title>"
    "<style>Bees in large cities at night</style></title></titles><dates><year>2020</year></dates>"
    "<electronic-resource-num>10.1000/x</electronic-resource-num></record></Cite></EndNote>"
)
SOURCES = (
    '<b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"><b:Source><b:Tag>Fel20'
    "</b:Tag><b:Last>Fell</b:Last><b:Title>Bees in large cities at night</b:Title><b:Year>2020</b:Year>"
    "<b:DOI>10.1000/x</b:DOI></b:Source></b:Sources>"
)


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(code, shown):
    """A field as Word writes it: its code, then what it shows."""
    kinds = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    escaped = code.replace("&", "&amp;").replace("<", "&lt;")
    return f"{kinds[0]}<w:r><w:instrText>{escaped}</w:instrText></w:r>{kinds[1]}{run(shown)}{kinds[2]}"


def save(path, *paragraphs, parts=()):
    """Save a document with these paragraphs in XML, and parts of these kinds beside it."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    made = docx.Document()
    for paragraph in paragraphs:
        made.element.body.insert(-1, parse_xml(f"<w:p {W}>{paragraph}</w:p>"))
    for name, kind, content in parts:
        part = Part(PackURI(name), "application/xml", content.encode(), made.part.package)
        base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        made.part.relate_to(part, f"{base}/{kind}")
    made.save(str(path))
    return path


CITATION = json.dumps({"citationItems": [{"itemData": ITEM}]})
MENDELEY = f"MENDELEY_CITATION_v3_{base64.b64encode(CITATION.encode()).decode()}"


@pytest.mark.parametrize(
    "citation",
    [
        field(f" ADDIN ZOTERO_ITEM CSL_CITATION {CITATION} ", "12"),
        field(f"ADDIN CSL_CITATION {CITATION}", "(see Fell, in press)"),
        field(f" ADDIN EN.CITE {ENDNOTE}", "[7]"),
        field(" CITATION Fel20 \\l 1033 ", "(Fell)"),
        f'<w:sdt><w:sdtPr><w:tag w:val="{MENDELEY}"/></w:sdtPr><w:sdtContent>{run("(Fell)")}</w:sdtContent></w:sdt>',
    ],
    ids=["zotero", "mendeley", "endnote", "word", "mendeley-cite"],
)
def test_fields_of_reference_managers_name_their_papers(tmp_path, citation):
    file = save(
        tmp_path / "m.docx", f"{run('Bees rest ')}{citation}{run('. Ants work.')}",
        parts=[("/customXml/item7.xml", "customXml", SOURCES)],
    )  # fmt: skip
    found = open_manuscript(file)
    assert [(one.claim, one.keys) for one in found.passages] == [("Bees rest.", ("fell 2020",)), ("Ants work.", ())]
    assert found.references["fell 2020"] == "Fell. (2020). Bees in large cities at night. 10.1000/x"


def test_an_entry_that_a_field_cites_by_number_is_not_said_to_be_uncited(tmp_path):
    entries = [run("1. Fell A. Bees in large cities at night. J Bees. 2020."), run("2. Moor B. Ants. J Ants. 2019.")]
    cited = f"{run('Bees rest ')}{field(f' ADDIN ZOTERO_ITEM CSL_CITATION {CITATION} ', '1')}{run('.')}"
    found = open_manuscript(save(tmp_path / "m.docx", cited, *entries), included=True)
    assert [(one.claim, one.keys) for one in found.passages] == [("Bees rest.", ("fell 2020",))]
    assert len(found.notes) == 1
    assert "cites 1 of the 2 entries" in found.notes[0]
    assert "Moor B. Ants" in found.notes[0]


def test_notes_are_read_and_one_that_is_a_reference_is_a_citation(tmp_path):
    from rag.manuscript.word import write_commented

    notes = "".join(
        f'<w:footnote w:id="{at}"><w:p>{run(text)}</w:p></w:footnote>'
        for at, text in [(1, "Hives are warm (Moor, 2019)."), (2, "Fell A. Bees in large cities at night. 2020.")]
    )
    one, two = (f'<w:r><w:footnoteReference w:id="{at}"/></w:r>' for at in (1, 2))
    file = save(
        tmp_path / "m.docx", f"{run('Ants')}{one}{run(' work. Bees rest.')}{two}{run(' Wasps hum.')}",
        parts=[("/word/footnotes.xml", "footnotes", f"<w:footnotes {W}>{notes}</w:footnotes>")],
    )  # fmt: skip
    manuscript = open_manuscript(file)
    assert [(one.claim, one.keys) for one in manuscript.passages] == [
        ("Ants work.", ()), ("Bees rest.", ("note 1",)), ("Wasps hum.", ()), ("Hives are warm.", ("moor 2019",)),
    ]  # fmt: skip
    cited = Cited("moor 2019", Outcome.CONTRADICTED, 0.0, "why")
    pinned = Pinned(manuscript.passages[3], Outcome.CONTRADICTED, 0.0, "why", (cited,))
    write_commented(Report(manuscript, (pinned,), ()), file, tmp_path / "copy.docx")
    assert [one.text for one in docx.Document(str(tmp_path / "copy.docx")).comments] == ["Contradicted: why."]


def test_of_tracked_changes_the_new_text_is_read(tmp_path):
    deleted = '<w:del w:id="1"><w:r><w:delText>never </w:delText></w:r></w:del>'
    inserted = f'<w:ins w:id="2">{run("rest ")}</w:ins>'
    moved = f'<w:moveFrom w:id="3">{run("Ants work [@b]. ")}</w:moveFrom>'
    file = save(tmp_path / "m.docx", f"{run('Bees ')}{deleted}{inserted}{run('[@a]. ')}{moved}{run('Wasps hum.')}")
    assert [(one.claim, one.keys) for one in open_manuscript(file).passages] == [
        ("Bees rest.", ("a",)), ("Wasps hum.", ()),
    ]  # fmt: skip


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
