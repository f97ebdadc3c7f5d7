"""RIS as Scopus, Embase, Ovid, ProQuest and hand-made files write it."""

from pathlib import Path

from rag.sources import read
from rag.types import Record, Rejection


def ris(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "export.ris"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def only(folder: Path, text: str) -> Record:
    (record,) = ris(folder, text)
    assert isinstance(record, Record)
    return record


def test_scopus_keeps_its_references_to_itself(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "TY  - JOUR\nTI  - Moths\nAB  - Text. © 2020 The Authors.\nC2  - 31234567\nDB  - Scopus\nPY  - 2020\n"
        "N1  - References: Fell, A., (1999) J Dusk. , https://doi.org/10.1234/cited;\nNg, B., PMID: 999\n"
        "UR  - https://www.scopus.com/record.uri?eid=2-s2.0-1&doi=10.1234%2fmoth.5&partnerID=40&md5=ab\nER  - \n",
    )
    assert (record.doi, record.pmid, record.year) == ("10.1234/moth.5", "31234567", 2020)


def test_embase_and_slashed_dates(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "TY  - JOUR\nM3  - Article\nY1  - 2020/05/04/\nT1  - Moths\nN2  - BACKGROUND: One. RESULTS: Two (p<.05).\n"
        "A1  - Fell, A.\nJF  - J. Dusk\nDO  - 10.1234/moth.5\nID  - L2000\nER  - \n",
    )
    assert (record.published, record.authors, record.venue) == ("2020-05-04", ("Fell, A.",), "J. Dusk")
    assert [record.abstract[s.start : s.end] for s in record.sections] == ["One.", "Two (p<.05)."]


def test_an_abstract_in_pieces_and_a_title_cut_off(tmp_path: Path) -> None:
    record = only(
        tmp_path,
        "TY  - JOUR\nTI  - Moths at dusk\nT1  - Moths at dusk: a long study\nAB  - Aim: one.\nAB  - Method: two.\n"
        "more of it\n\nand a paragraph\nN2  - Aim: one.\nER  - \n",
    )
    assert record.title == "Moths at dusk: a long study"
    assert record.abstract == "Aim: one. Method: two. more of it and a paragraph"


def test_one_space_and_lines_that_look_like_tags(tmp_path: Path) -> None:
    loose = only(tmp_path, "\n1.\nTY - JOUR\nT1 - Moths\nAB - They see\nUV - visible light.\nPY - 2019\nER -\n")
    assert loose.abstract == "They see UV - visible light."
    strict = only(tmp_path, "TY  - JOUR\nTI  - Moths\nAB  - They see\nAU - not an author\nPY  - 2019\nER  -\n")
    assert (strict.abstract, strict.authors) == ("They see AU - not an author", ())


def test_records_without_an_end_and_without_a_title(tmp_path: Path) -> None:
    found = ris(tmp_path, "TY  - JOUR\nTI  - A\nAB  - a.\nTY  - JOUR\nAB  - b.\nTY  - BOOK\nBT  - C\nAB  - c.")
    assert [item.title for item in found] == ["A", None, "C"]
    nameless = found[1]
    assert isinstance(nameless, Rejection)
    assert (nameless.line, nameless.reason) == (4, "no title: give the record one")


def test_web_of_science_ris_with_a_mark_and_pubmed_in_endnote(tmp_path: Path) -> None:
    (record,) = ris(
        tmp_path, "\ufeffTY  - JOUR\r\nTI  - Moths\r\nAB  - a.\r\nAN  - 123456\r\nDP  - NLM\r\nER  -\r\n\r\n"
    )
    assert isinstance(record, Record)
    assert record.pmid == "123456"
    assert only(tmp_path, "TY  - JOUR\nTI  - M\nAB  - a.\nAN  - WOS:000123\nER  -\n").pmid is None
