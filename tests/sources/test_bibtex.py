"""BibTeX as people and programs really write it."""

# ruff: noqa: E501 - records keep the long lines that real exports have

from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record, Rejection


def bib(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "my.bib"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def only(folder: Path, text: str) -> Record:
    (record,) = bib(folder, text)
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize(
    "entry",
    [
        "@article{k1, title = {Moths} abstract = {Dusk text.} year = {2020}}",  # no commas between fields
        "@article{k1\n  title = {Moths},\n  abstract = {Dusk text.},\n  year = 2020\n}",  # no comma after the key
        "@article{k1, title = {Moths}, abstract = {Dusk } text.}, year = 2020}",  # a brace too many
        '@article(k1, title = "Moths", abstract = "Dusk {text}.", year = "2020")',
        "@ARTICLE { k1 , TITLE={{Moths}} , ABSTRACT={{Dusk\n   text.}} , YEAR={{2020}} , }",
        '@weird{k1, title = "Mo" # "ths", abstract = {Dusk } # "text.", year = 20 # "20"}',
    ],
)
def test_entries_that_others_lose(tmp_path: Path, entry: str) -> None:
    for text in (entry, f"{entry}\n@article{{next, title={{Next}}, abstract={{More.}}}}\n"):
        record = bib(tmp_path, text)[0]
        assert isinstance(record, Record)
        assert (record.title, record.abstract, record.year) == ("Moths", "Dusk text.", 2020)
        assert record.origin.key == "k1"


def test_a_broken_entry_is_named_with_its_line_and_the_others_stay(tmp_path: Path) -> None:
    good = "@article{g%d, title={Good %d}, abstract={Text.}}\n"
    found = bib(
        tmp_path,
        good % (1, 1) + "@article{bad, title={Cut\n" + good % (2, 2) + "@article{end, title={End}, abstract={It br",
    )
    assert [item.title for item in found] == ["Good 1", "Cut", "Good 2", "End"]
    bad, end = found[1], found[3]
    assert isinstance(bad, Rejection)
    assert isinstance(end, Rejection)
    assert (bad.line, end.line) == (2, 4)
    assert "brace that opens abstract on line 4 never closes" in end.reason


GOOD = "@article{g%d, title={Good %d}, abstract={Text.}}\n"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("title = {Moths},\n abstract = {Dusk { text.},\n year = {2020}\n}", "brace that opens abstract on line 4"),
        ("title = {Moths,\n abstract = {Dusk text.},\n year = {2020}\n}", "brace that opens title on line 3"),
        ('title = "Moths,\n abstract = "Dusk text.",\n year = 2020\n}', "quotation mark that opens title on line 3"),
        ("title = {Moths},\n abstract = {Dusk text.},\n year = {2020}", "isn't closed: add its last } after line 5"),
    ],
)
def test_an_unclosed_brace_is_reported_with_its_field_and_line(tmp_path: Path, fields: str, reason: str) -> None:
    before, bad, after = bib(tmp_path, GOOD % (1, 1) + "@article{bad,\n " + fields + "\n" + GOOD % (2, 2))
    assert isinstance(bad, Rejection)
    assert reason in bad.reason
    assert bad.line == 2
    assert (before.title, after.title) == ("Good 1", "Good 2")


def test_empty_and_double_keys(tmp_path: Path) -> None:
    text = "@misc{, title={A}, abstract={a.}} @misc{x, title={B}, abstract={b.}} @misc{x, title={C}, abstract={c.}}"
    found = bib(tmp_path, text + "\n@misc{title={D}, abstract={d.}}")
    assert [item.title for item in found] == ["A", "B", "C", "D"]
    assert [item.origin.key for item in found if isinstance(item, Record)] == [None, "x", "x", None]


def test_macros_months_and_comments(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        '@string{ jd = "J. Dusk" }\n@preamble{"\\newcommand{x}"}\n@comment{@article{no, title={No}}}\n'
        "Text between entries.\n@article{k, title={Moths}, abstract={A.}, journal = jd # { B}, month = mar, year = 2019}",
    )
    assert (record.venue, record.published) == ("J. Dusk B", "2019-03")


def test_crossref_is_followed_forwards_and_backwards(tmp_path: Path) -> None:
    parent = "@proceedings{Proc, title={Proceedings of Dusk}, year={1999}, doi={10.1234/whole}}\n"
    child = "@inproceedings{c, title={Child}, abstract={Text.}, crossref={proc}}\n"
    for text in (parent + child, child + parent):
        record = next(item for item in bib(tmp_path, text) if isinstance(item, Record))
        assert (record.title, record.venue, record.year, record.doi) == ("Child", "Proceedings of Dusk", 1999, None)


def test_biblatex(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "@online{k, title={Moths}, subtitle={A study}, date={2019-03-04}, journaltitle={J. Dusk}, eprint={1903.01234v3},"
        " eprinttype={arxiv}, abstract={A.}, doi={10.1234/a\\_b}}",
    )
    assert (record.title, record.published, record.venue) == ("Moths: A study", "2019-03-04", "J. Dusk")
    assert (record.arxiv_id, record.doi) == ("1903.01234", "10.1234/a_b")


def test_html_and_latex_of_reference_managers(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        r"@article{k, title={{\textless}i{\textgreater}E. coli{\textless}/i{\textgreater} at 10$^{10}$ CFU},"
        r" abstract={Cost {\$}5 \& 5{\%} {\textless} 10; {\'{a}}{\"{u}}{\~{n}} {\textgreek{a}} {\texttildelow}5}}",
    )
    assert record.title == "E. coli at 10^10 CFU"
    assert record.abstract.startswith("Cost $5 & 5% < 10; áüñ")


def test_authors(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "@misc{k, title={T}, abstract={A.}, author={Fell, Ada and {Moths and Kelp Group} and\n  {\\'E}co, B{\\'e}la and others}}",
    )
    assert record.authors == ("Fell, Ada", "Moths and Kelp Group", "Éco, Béla")


def test_biblatexs_names_by_their_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.bib"
    path.write_text(
        "@article{k, title={Moths}, abstract={They fly.}, author={family=Fell, given=Ada and "
        "given=Bo, prefix=van der, family={Moor Ng} and Éco, Cy}}\n",
        encoding="utf-8",
    )
    (record,) = read(path)
    assert isinstance(record, Record)
    assert record.authors == ("Fell, Ada", "van der Moor Ng, Bo", "Éco, Cy")
