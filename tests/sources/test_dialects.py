r"""What each database and reference manager has of its own: names, sources, numbers, LaTeX of packages."""

# ruff: noqa: E501 - a record stays on one line

from pathlib import Path

import pytest

from rag.bibliography.export import exported
from rag.sources import read
from rag.sources.cleaning import clean
from rag.sources.identifiers import doi, isbn, issn
from rag.sources.ovid import name
from rag.sources.source_line import SourceLine, source_line
from rag.types import Paper, Record

SICI = "10.1002/(sici)1097-0258(19980815/30)17:15/16<1661::aid-sim968>3.0.co;2-2"
AMS = "10.1175/1520-0442(1997)010<1004:rtasmb>2.0.co;2"


def only(folder: Path, text: str, file: str = "file") -> Record:
    path = folder / file
    path.write_text(text, encoding="utf-8")
    (record,) = read(path)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("wanted", [SICI, AMS, "10.1890/0012-9658(2006)87[1234:abc]2.0.co;2"])
@pytest.mark.parametrize(
    "written",
    [
        "{}", "doi:{}", "https://doi.org/{}", "{} [doi]", "see {}, and more", "({})",
        lambda text: text.replace("<", "&lt;").replace(">", "&gt;"),
        lambda text: text.replace("<", "&amp;lt;").replace(">", "&amp;gt;"),
        lambda text: text.replace("<", "&#60;").replace(">", "&#x3E;"),
        lambda text: text.replace("<", "%3C").replace(">", "%3E").replace(";", "%3B"),
        lambda text: text.replace("<", r"{\textless}").replace(">", r"{\textgreater}"),
        lambda text: text.replace("<", r"\textless{}").replace(">", r"\textgreater{}"),
        lambda text: text.replace("<", "$<$").replace(">", "$>$"),
        lambda text: text.replace("<", "{<}").replace(">", "{>}").upper(),
    ],
)  # fmt: skip
def test_old_dois_are_read_whole_however_they_are_escaped(wanted: str, written: object) -> None:
    text = written(wanted) if callable(written) else str(written).format(wanted)
    assert doi(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10.1234/a\\_b", "10.1234/a_b"), ("10.1234/a{\\_}b", "10.1234/a_b"), ("10.1234/abc</doi>", "10.1234/abc"),
        ("<a href='https://doi.org/10.1234/abc'>", "10.1234/abc"), ("10.1016/0012-821X(95)00001-2", "10.1016/0012-821x(95)00001-2"),
    ],
)  # fmt: skip
def test_other_dois_end_where_they_end(text: str, wanted: str) -> None:
    assert doi(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Soil And Field June 2015;58(6):688-696", SourceLine("Soil And Field", "June 2015", "58", "6", "688-696")),
        ("Soil and Field. 28(2):103-106, April 2015.", SourceLine("Soil and Field", "April 2015.", "28", "2", "103-106")),
        ("Soil and Field (2014) 3:3 (152-160). Date of Publication: 2014", SourceLine("Soil and Field", "2014", "3", "3", "152-160")),
        ("Soil and field. 2015. 10(2):33-44", SourceLine("Soil and field", "2015", "10", "2", "33-44")),
        ("Soil and Field", SourceLine("Soil and Field")),
        ("J Dusk. Conference: 2nd. 2018.", SourceLine("J Dusk", "2018")),
    ],
)  # fmt: skip
def test_a_source_line_is_taken_apart(text: str, wanted: SourceLine) -> None:
    assert source_line(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Okafor, Lena Y. MD, MPH 1", "Okafor, Lena Y."), ("Brandt, Ivo D. 1,2,*", "Brandt, Ivo D."),
        ("Brandt, I. [Author]", "Brandt, I."), ("Okafor, LM", "Okafor, LM"), ("Okafor, Lena PhD", "Okafor, Lena"),
        ("van der Moor, Bo", "van der Moor, Bo"), ("Silva e Costa, Ana Rita", "Silva e Costa, Ana Rita"),
    ],
)  # fmt: skip
def test_ovids_names_lose_degrees_and_footnotes_and_nothing_else(text: str, wanted: str) -> None:
    assert name(text) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"\emph{{Hordeum} roots}", "Hordeum roots"), (r"\textbf{\textit{{E}. coli}}", "E. coli"),
        (r"\href{https://x.example}{the {B} site}", "the B site"), (r"\mkbibquote{wet} soils", "wet soils"),
        (r"\num{1e-3} and \SI{5}{\kilo\gram}", "1 × 10^-3 and 5 kg"), (r"\SI{3}{\milli\gram\per\litre}", "3 mg/L"),
        (r"\SIrange{1}{2}{\metre\per\second\squared}", "1–2 m/s^2"), (r"\ang{45} and \SI{20}{\percent}", "45° and 20%"),
        (r"\qty{7}{\micro\metre} of \unit{\kilo\watt\hour}", "7 µm of kW·h"), (r"\ce{CO2}, \ce{SO4^2-} and \ce{Na+}", "CO₂, SO₄^2- and Na^+"),
        (r"\texorpdfstring{$\alpha$}{alpha} decay", "alpha decay"), (r"Nguy{\~{\^e}}n Th{\d{\^e}}", "Nguyễn Thệ"),
        (r"Ph\h{a}m V{\u{a}}n", "Phảm Văn"), (r"Clay{$\slash$}sand", "Clay/sand"), (r"3 \textmu g at 20 \textdegree C", "3 µg at 20 °C"),
    ],
)  # fmt: skip
def test_latex_of_packages_and_nested_arguments(source: str, wanted: str) -> None:
    assert clean(source, latex=True) == wanted


@pytest.mark.parametrize("text", ["a set {1, 2}", "{a} or {b}", r"\unit or \num alone"])
def test_braces_that_are_not_latex_stay(text: str) -> None:
    assert "{" not in text or "{" in clean(text)


def test_signs_by_name_and_pubmeds_labels_in_other_formats(tmp_path: Path) -> None:
    for form in (
        "TY  - JOUR\nTI  - {0}\nAB  - {1}\nER  - \n",
        'title,abstract\n"{0}","{1}"\n',
        "%0 Book\n%T {0}\n%X {1}\n",
    ):
        record = only(
            tmp_path,
            form.format(
                "PM<sub>2<middle dot>5</sub> and 3 <mu>g",
                "<AbstractText Label='AIM'>One.</AbstractText><AbstractText Label='END'>Two.</AbstractText>",
            ),
        )
        assert record.title == "PM2.5 and 3 µg"
        assert record.abstract == "AIM: One. END: Two."


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Fell, Ada and Ng, Bo", ("Fell, Ada", "Ng, Bo")), ("Fell, A.; Ng, B.", ("Fell, A.", "Ng, B.")),
        ("Lena van der Moor and Ivo Brandt", ("Lena van der Moor", "Ivo Brandt")),
        ("Lena Okafor, Ivo Brandt and Bo Ng", ("Lena Okafor", "Ivo Brandt", "Bo Ng")),
        ("Department of Health and Human Services", ("Department of Health and Human Services",)),
        ("Bill and Melinda Gates Foundation", ("Bill and Melinda Gates Foundation",)),
        ("Centers for Disease Control and Prevention", ("Centers for Disease Control and Prevention",)),
    ],
)  # fmt: skip
def test_several_authors_in_one_line(tmp_path: Path, line: str, wanted: tuple[str, ...]) -> None:
    for form in (
        "TY  - JOUR\nTI  - M\nAB  - a.\nAU  - {}\nER  - \n",
        "%0 Book\n%T M\n%X a.\n%A {}\n",
        "PMID- 7\nTI  - M\nAB  - a.\nFAU - {}\n",
    ):
        assert only(tmp_path, form.format(line)).authors == wanted


def test_numbers_of_books_and_journals() -> None:
    assert (isbn("978-0-12-345678-9 (print)"), isbn("0123456789"), isbn("1234-5678")) == (
        "978-0-12-345678-9",
        "0123456789",
        None,
    )
    assert (issn("1234-567x"), issn("12345678"), issn("978-0-12-345678-9")) == ("1234-567X", "1234-5678", None)


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json", "jsonl"])
def test_what_a_reference_manager_would_miss_comes_back(tmp_path: Path, form: str) -> None:
    paper = Paper(
        "p", "Moths", "They fly.", authors=("Fell, Ada", "Dusk Group"), groups=("Dusk Group",), editors=("Ng, Bo",),
        more_authors=True, keywords=("moths", "flight, nocturnal"), isbn="978-0-12-345678-9", notes=("Read twice.",), kind="book",
    )  # fmt: skip
    record = only(tmp_path, exported([paper], form))
    for field in ("authors", "groups", "editors", "more_authors", "keywords", "isbn", "notes", "kind"):
        assert getattr(record, field) == getattr(paper, field), field


TEXT = "We followed the moths for a summer."
FIELDS = {
    "issue of mendeley": (
        f'<xml><records><record><ref-type name="Journal Article">17</ref-type><titles><title>Moths</title></titles><issue>4</issue><abstract>{TEXT}</abstract></record></records></xml>',
        {"issue": "4"},
    ),
    "issue and pages of cochrane": (
        f"TY  - JOUR\nAN  - CN-01\nTI  - Moths\nYR  - 2015\nNO  - 2\nPG  - 33-44\nAB  - {TEXT}\nER  - \n",
        {"issue": "2", "pages": "33-44", "year": 2015},
    ),
    "text of cochrane": (
        f"Record #1 of 1\nID: CN-0001\nAU: Fell A\nTI: Moths\nSO: J Dusk. 2015. 10(2):33-44\nAB: {TEXT}\nPM: PUBMED 123\n",
        {"year": 2015, "venue": "J Dusk", "volume": "10", "issue": "2", "pages": "33-44", "pmid": "123"},
    ),
    "day of a visit": (f"TY  - ELEC\nTI  - Moths\nY2  - 2022/09/20\nAB  - {TEXT}\nER  - \n", {"year": None, "published": None}),
    "source of embase": (
        f'"Title","Author Names","Source","Abstract"\n"Moths","Fell A., Ng B.","J Dusk (2014) 3:3 (152-160). Date of Publication: 2014","{TEXT}"\n',
        {"venue": "J Dusk", "year": 2014, "volume": "3", "pages": "152-160", "authors": ("Fell A.", "Ng B.")},
    ),
    "rows of embase": (
        f'"TITLE","Moths"\n"SOURCE","J Dusk (2014) 3:3 (152-160)"\n"ABSTRACT","{TEXT}"\n',
        {"venue": "J Dusk", "year": 2014, "issue": "3", "pages": "152-160"},
    ),
    "book of pubmed": (
        f'<PubmedArticleSet><PubmedBookArticle><BookDocument><PMID>7</PMID><Book><BookTitle>Moths</BookTitle><AuthorList Type="authors"><Author><LastName>Fell</LastName><ForeName>Ada</ForeName></Author></AuthorList><AuthorList Type="editors"><Author><LastName>Ng</LastName></Author></AuthorList></Book><Abstract><AbstractText>{TEXT}</AbstractText></Abstract></BookDocument></PubmedBookArticle></PubmedArticleSet>',
        {"authors": ("Fell, Ada",), "editors": ("Ng",), "kind": "book"},
    ),
    "article number of pubmed": (
        f'<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>7</PMID><Article><ArticleTitle>Moths</ArticleTitle><ELocationID EIdType="pii">e42692</ELocationID><Abstract><AbstractText>{TEXT}</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>',
        {"pages": "e42692"},
    ),
    "proceedings of web of science": (
        f"FN Clarivate Analytics Web of Science\nVR 1.0\nPT B\nAU Fell, A\nTI Moths\nDT Proceedings Paper\nAB {TEXT}\nER\n\nEF\n",
        {"kind": "paper-conference"},
    ),
    "ids of openalex": (
        f'"id","abstract","display_name","ids.pmid"\n"https://openalex.org/W1","{TEXT}","Moths","https://pubmed.ncbi.nlm.nih.gov/123"\n',
        {"pmid": "123", "title": "Moths"},
    ),
    "journals of ovid": (
        f"<1. >\nVN  - Ovid Technologies\nDB  - Journals@Ovid\nAU  - Fell, Ada MD 1\nTI  - Moths.  [Article]\nSO  - J Dusk June 2015;58(6):688-696\nAB  - {TEXT}\nDI  - 10.1234/moth\n",
        {"authors": ("Fell, Ada",), "title": "Moths.", "venue": "J Dusk", "year": 2015, "doi": "10.1234/moth", "pages": "688-696"},
    ),
    "tail of ovid's ris": (
        f"1.\nTY  - JOUR\nT1  - Moths\nN2  - {TEXT}\nER  -\nNL  - J Dusk\n\nLink to the Ovid Full Text or citation: https://ovid.example/x\n",
        {"title": "Moths", "abstract": TEXT},
    ),
    "eric": (
        f"OWN - ERIC\nTI  - Moths\nAU  - Fell, Ada\nJT  - J Dusk\nDP  - 2020\nAB  - {TEXT}\nISSN - EISSN-0000-0000\nLA  - English\n",
        {"abstract": TEXT, "year": 2020, "venue": "J Dusk"},
    ),
    "refworks": (
        f"RT Journal Article\nSR Electronic(1)\nA1 Fell,Ada\nA1 Ng,Bo\nT1 Moths\nJF J Dusk\nYR 2020\nVO 3\nIS 1\nSP 5\nOP 9\nAB {TEXT}\nDO 10.1234/moth\n",
        {"authors": ("Fell, Ada", "Ng, Bo"), "pages": "5-9", "doi": "10.1234/moth", "kind": "article-journal"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FIELDS)
def test_fields_that_each_tool_writes_in_its_own_way(tmp_path: Path, case: str) -> None:
    text, wanted = FIELDS[case]
    record = only(tmp_path, text)
    assert {name: getattr(record, name) for name in wanted} == wanted
