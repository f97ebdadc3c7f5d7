"""RIS and MEDLINE as editors, mails and scripts rewrite them: the same papers, each with its own words."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Record

# ruff: noqa: E501 - a file stays as it is

FILES = {
    "ris": "TY  - JOUR\nTI  - Moths\nAU  - Fell, Ada\nPY  - 2020\nDO  - 10.1234/moth.5\nAB  - They fly at dusk\nand rest.\n"
    "ER  - \n\nTY  - JOUR\nTI  - Kelp\nAU  - Ng, Bo\nPY  - 2021\nAB  - UV - visible light aids it.\nER  - \n",
    "ris without types": "TI  - Moths\nAU  - Fell, Ada\nPY  - 2020\nDO  - 10.1234/moth.5\nAB  - They fly at dusk\nand rest.\n"
    "\nTI  - Kelp\nAU  - Ng, Bo\nPY  - 2021\nAB  - UV - visible light aids it.\n",
    "medline": "PMID- 1\nTI  - Moths\nFAU - Fell, Ada\nDP  - 2020\nLID - 10.1234/moth.5 [doi]\nAB  - They fly at dusk\n"
    "      and rest.\n\nPMID- 2\nTI  - Kelp\nFAU - Ng, Bo\nDP  - 2021\nAB  - UV - visible light aids it.\n",
}  # fmt: skip
TAG = re.compile(r"^([A-Z][A-Z0-9]{1,3}) *- ?", re.MULTILINE)
STYLES: dict[str, Callable[[str], str]] = {
    "a tab before the hyphen": lambda text: TAG.sub("\\1\t- ", text),
    "a tab behind the hyphen": lambda text: re.sub(r"^([A-Z][A-Z0-9]{1,3} *-) ", "\\1\t", text, flags=re.MULTILINE),
    "tabs around the hyphen": lambda text: TAG.sub("\\1\t-\t", text),
    "a tab alone": lambda text: TAG.sub("\\1\t", text),
    "no-break spaces": lambda text: TAG.sub("\\1\xa0\xa0-\xa0", text),
    "a dash": lambda text: TAG.sub("\\1  – ", text),
    "one space": lambda text: TAG.sub("\\1 - ", text),
    "three spaces": lambda text: TAG.sub("\\1   - ", text),
    "no space behind": lambda text: TAG.sub("\\1  -", text),
    "small letters": lambda text: TAG.sub(lambda match: f"{match[1].lower():<4}- ", text),
    "one capital": lambda text: TAG.sub(lambda match: f"{match[1].capitalize():<4}- ", text),
    "indented": lambda text: TAG.sub("  \\g<0>", text),
    "a mail": lambda text: re.sub("^", "> ", text, flags=re.MULTILINE),
    "blanks at the end": lambda text: text.replace("\n", " \t\n"),
    "as it should be": str,
}
ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r", "an empty line behind each": "\r\r\n"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("mark", ["", "\ufeff", "\u200b"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("form", FILES)
def test_however_tags_are_written_each_paper_has_its_own_words(
    tmp_path: Path, form: str, style: str, mark: str, end: str
) -> None:
    path = tmp_path / "export"
    path.write_bytes((mark + STYLES[style](FILES[form]).replace("\n", ENDS[end])).encode())
    moths, kelp = read(path)
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert (moths.title, moths.abstract, moths.authors) == ("Moths", "They fly at dusk and rest.", ("Fell, Ada",))
    assert (moths.year, moths.doi) == (2020, "10.1234/moth.5")
    assert (kelp.title, kelp.abstract, kelp.authors, kelp.year) == (
        "Kelp", "UV - visible light aids it.", ("Ng, Bo",), 2021,
    )  # fmt: skip


def test_a_table_whose_first_columns_have_such_names_stays_a_table(tmp_path: Path) -> None:
    path = tmp_path / "savedrecs.txt"
    path.write_text("PT\tAU\tTI\tAB\tPY\nJ\tFell, Ada\tMoths\tThey fly.\t2020\nJ\tNg, Bo\tKelp\tIt grows.\t2021\n")
    assert [(item.title, item.year) for item in read(path) if isinstance(item, Record)] == [
        ("Moths", 2020),
        ("Kelp", 2021),
    ]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("a.ris", "TY  - JOUR\nTI  - Moths\nID  - 1\nAB  - They fly.\nER  - \n", "TY  - JOUR\nTI  - Kelp\nID  - 2\nAB  - It grows.\nER  - \n"),
        ("a.nbib", "PMID- 1\nTI  - Moths\nAB  - They fly.\n\n", "PMID- 2\nTI  - Kelp\nAB  - It grows.\n"),
        ("a.jsonl", '{"title": "Moths", "abstract": "They fly.", "pmid": 1}\n', '{"title": "Kelp", "abstract": "It grows.", "pmid": 2}\n'),
        ("a.json", '[{"title": "Moths", "abstract": "They fly.", "pmid": 1}]\n', '[{"title": "Kelp", "abstract": "It grows.", "pmid": 2}]\n'),
        ("a.csv", "title,abstract,pmid\nMoths,They fly.,1\n", "title,abstract,pmid\nKelp,It grows.,2\n"),
    ],
)  # fmt: skip
def test_two_files_with_marks_put_together_lose_no_line(tmp_path: Path, name: str, one: str, other: str) -> None:
    path = tmp_path / name
    path.write_bytes(one.encode("utf-8-sig") + other.encode("utf-8-sig"))
    items = [item for item in read(path) if isinstance(item, Record)]
    assert [(item.title, item.abstract) for item in items] == [("Moths", "They fly."), ("Kelp", "It grows.")]
    assert [item.pmid or item.origin.key for item in items] == ["1", "2"]
    assert items[1].kind == items[0].kind


def test_a_footer_that_isnt_indented_is_in_no_abstract_of_pubmed(tmp_path: Path) -> None:
    path = tmp_path / "a.nbib"
    path.write_text(
        "PMID- 1\nTI  - Moths\nAB  - They fly over\n      the field.\n\nPMID- 2\nTI  - Kelp\nAB  - It grows.\nExported on 3 May 2022\n"
    )
    assert [item.abstract for item in read(path) if isinstance(item, Record)] == [
        "They fly over the field.",
        "It grows.",
    ]
