"""Saved listing pages: three layouts, any furniture, titles exact."""

import textwrap
from pathlib import Path

import pytest

from rag.errors import SourceError
from rag.sources import read
from rag.text.words import fold_title
from rag.types import Record, Rejection

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

MOTHS = (
    "We follow 340 hawk moths over two summers and ask how they find flowers at dusk. Radio tags show that scent leads "
    "them from far away and contrast from near by. Removing scent halves the number of visits (p < 0.05). The result "
    "holds for both sexes and in all weather that we met."
)
KELP = (
    "Kelp forests store carbon, but how much of it stays in the sea floor is disputed. Sampling 48 fjords, we find "
    "that 12% of the yearly growth is buried below the tidal zone. Warmer water lowers the share. We give a map of the "
    "fjords where protection would store the most."
)
SALT = (
    "Salt marshes grow upward as the sea rises. Cores from nine estuaries tell that growth kept pace for 4,000 years "
    "and stopped doing so in two of them after 1950. We explain the stop by dams upstream, which hold the mud back."
)


def page(folder: Path, text: str) -> list[Record | Rejection]:
    path = folder / "saved page"
    path.write_text(text, encoding="utf-8")
    return list(read(path))


def titles(records: list[Record | Rejection]) -> list[str | None]:
    return [record.title for record in records]


def test_paragraphs_apart(tmp_path: Path) -> None:
    head = (
        "new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 11\n\n"
    )
    records = page(tmp_path, f"{head}How moths find flowers\n\n{MOTHS}\n\nBuried kelp\n\n{KELP}\n")
    assert titles(records) == ["How moths find flowers", "Buried kelp"]
    first = records[0]
    assert isinstance(first, Record)
    assert first.abstract == MOTHS
    assert (first.origin.position, first.origin.line, first.origin.format) == (1, 11, "listing")


def test_lines_below_each_other_with_a_glued_button(tmp_path: Path) -> None:
    head = "Get trending papers in your email inbox once a day!\nGet trending papers in your email inbox!\n"
    records = page(tmp_path, f"{head}SubscribeHow moths find flowers\n{MOTHS}\nBuried kelp\n{KELP}\n")
    assert titles(records) == ["How moths find flowers", "Buried kelp"]


def test_a_title_that_begins_with_subscribe_is_kept(tmp_path: Path) -> None:
    advert = "Get trending papers in your email inbox!\n"
    names = ["Subscribe to the sea: kelp", "SubscribeNet finds moths", "Subscribe or perish"]
    text = f"{advert}Subscribe{names[0]}\n{KELP}\n{names[1]}\n{MOTHS}\n{names[2]}\n{SALT}"
    assert titles(page(tmp_path, text)) == names


def test_author_counts_organisations_and_dates(tmp_path: Path) -> None:
    text = (
        f"Get trending papers in your email inbox!\n\nSubscribe\n\nDaily Papers\n\nJan 7\n\n"
        f"How moths find flowers\n\n{MOTHS}\n\n  • 12 authors\n·\nJun 4, 2020 3\n\n"
        f"Buried kelp\n\n{KELP}\n\nfjordlab The Fjord Laboratory\n·\nDec 31, 2024\n\n"
        f"Marsh growth\n\n{SALT}\n\n  • 1 author\n·\nMay 2\n"
    )
    moths, kelp, salt = page(tmp_path, text)
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert isinstance(salt, Record)
    assert (moths.author_count, moths.published, moths.year, moths.organisation) == (12, "2020-06-04", 2020, None)
    assert (kelp.author_count, kelp.published, kelp.organisation) == (
        None,
        "2024-12-31",
        "fjordlab The Fjord Laboratory",
    )
    assert (salt.author_count, salt.published, salt.year) == (1, None, None)  # a day of no year tells no year


def test_facts_on_one_line(tmp_path: Path) -> None:
    (moths, kelp) = page(
        tmp_path,
        f"How moths find flowers\n{MOTHS}\n• 12 authors · Jun 4, 2020 · 3\n"
        f"Buried kelp\n{KELP}\nFjord Lab · Dec 31, 2024\n",
    )
    assert isinstance(moths, Record)
    assert isinstance(kelp, Record)
    assert (moths.author_count, moths.published) == (12, "2020-06-04")
    assert (kelp.organisation, kelp.published) == ("Fjord Lab", "2024-12-31")


def test_a_title_without_abstract_is_named_and_shifts_nothing(tmp_path: Path) -> None:
    text = (
        f"How moths find flowers\n\n{MOTHS}\n\nA title all alone\n\nBuried kelp\n\n{KELP}\n\nMarsh growth\n\n{SALT}\n"
    )
    records = page(tmp_path, text)
    assert titles(records) == ["How moths find flowers", "A title all alone", "Buried kelp", "Marsh growth"]
    alone = records[1]
    assert isinstance(alone, Rejection)
    assert alone.reason.startswith("no abstract")
    assert alone.line == 5


def test_pages_one_after_the_other_and_strange_furniture(tmp_path: Path) -> None:
    text = (
        f"new\n\nLog In\n\nHow moths find flowers\n\n{MOTHS}\n\nUpvote\n\n12\n\n"
        f"Get trending papers in your email inbox!\nSubscribeBuried kelp\n{KELP}\nMarsh growth\n{SALT}\n"
        f"Previous\nNext\n© 2026"
    )
    assert titles(page(tmp_path, text)) == ["How moths find flowers", "Buried kelp", "Marsh growth"]


def test_a_page_that_breaks_its_lines(tmp_path: Path) -> None:
    broken = [textwrap.fill(text, 80) for text in (MOTHS, KELP)]
    records = page(tmp_path, f"How moths find flowers\n\n{broken[0]}\n\nBuried kelp\n\n{broken[1]}\n")
    assert [(record.title, record.abstract) for record in records if isinstance(record, Record)] == [
        ("How moths find flowers", MOTHS), ("Buried kelp", KELP),
    ]  # fmt: skip


def test_short_abstracts_below_each_other_are_not_taken_for_broken_lines(tmp_path: Path) -> None:
    pairs = [
        (f"Paper {n} on the moths of the fjord", f"Sentence {n} tells of all the moths that we saw there.")
        for n in range(6)
    ]
    records = page(tmp_path, "".join(f"{title}\n{abstract}\n" for title, abstract in pairs))
    assert titles(records) == [title for title, _ in pairs]


def test_paragraphs_of_one_abstract_are_joined(tmp_path: Path) -> None:
    records = page(tmp_path, f"How moths find flowers\n\n{MOTHS}\n\n{KELP}\n\nMarsh growth\n\n{SALT}\n")
    assert titles(records) == ["How moths find flowers", "Marsh growth"]
    first = records[0]
    assert isinstance(first, Record)
    assert first.abstract == f"{MOTHS} {KELP}"


@pytest.mark.parametrize(
    "text", ["new\n\nGet trending papers in your email inbox!\n\nSubscribe\n\nMar 11\n", "milk\neggs\n"]
)
def test_a_page_without_papers(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match="no papers"):
        page(tmp_path, text)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five saved pages lie beside the checkout, not in it")
def test_the_five_pages() -> None:
    found = {path.name[:3]: list(read(path)) for path in sorted(SEEDS.glob("*.txt"))}
    assert {name: len(records) for name, records in found.items()} == {
        "000": 28, "001": 82, "002": 53, "003": 64, "004": 195,
    }  # fmt: skip
    records = [record for page in found.values() for record in page]
    assert all(isinstance(record, Record) for record in records)
    assert len({fold_title(record.title or "") for record in records}) == 362
    dated = [record for record in found["002"] if isinstance(record, Record) and record.published]
    assert len(dated) == 51
    assert [record.organisation for record in dated if record.author_count is None] == [
        record.organisation for record in dated if record.organisation
    ]


FIRST = "We followed 340 hawk moths for a whole summer in the fjord. Scent halved the search time for all of them."
SECOND = "Of the yearly growth, 12% of the kelp is buried in the sand. We map where it lies in the fjords of Norway."


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ada Fell, Bo Ng", "Cy Éco"),
        ("Ada Fell and Bo van der Moor", "Cy Éco, Di Oe, and Ada Fell"),
        ("Fell A, Ng B\nJournal of Dusk, 2020", "Éco C\nKelp Letters, 2021"),
        ("A Fell, B Ng - Journal of Dusk, 2020 - dusk.org", "C Éco - Kelp Letters, 2021 - kelp.org"),
        ("Ada Fell, Bo Ng · Journal of Dusk · 2020", "Cy Éco · Kelp Letters · 2021"),
        ("*Ada Fell (2020)*", "*Cy Éco (2021)*"),
        ("Ada Fell, Bo Ng\nAbstract", "Cy Éco\nAbstract"),
        ("Ada Fell, Bo Ng\nDate Written: May 1, 2020", "Cy Éco\nDate Written: 2 June 2021"),
    ],
)  # fmt: skip
def test_what_stands_between_a_title_and_its_abstract_is_no_title(
    tmp_path: Path, first: str, second: str, between: str
) -> None:
    path = tmp_path / "page.txt"
    pages = [("Moths and scent at dusk", first, FIRST), ("Buried kelp of the fjords", second, SECOND)]
    path.write_text("\n\n".join(between.join(page).replace("\n", between) for page in pages) + "\n", encoding="utf-8")
    moths, kelp = (item for item in read(path) if isinstance(item, Record))
    assert (moths.title, moths.abstract) == ("Moths and scent at dusk", FIRST)
    assert (kelp.title, kelp.abstract) == ("Buried kelp of the fjords", SECOND)
    assert moths.year in (None, 2020)
    assert kelp.year in (None, 2021)
    assert moths.authors in (
        (),
        ("Ada Fell", "Bo Ng"),
        ("Ada Fell", "Bo van der Moor"),
        ("Fell A", "Ng B"),
        ("A Fell", "B Ng"),
    )
    assert kelp.authors in ((), ("Cy Éco",), ("Cy Éco", "Di Oe", "Ada Fell"), ("Éco C",), ("C Éco",))
    assert bool(moths.authors) == ("*" not in first)


@pytest.mark.parametrize(
    "above",
    ["Moths at dusk\nCy Éco", "Moths at dusk\nSegment Anything", "Moths at dusk\nAda Fell, Bo Ng\nFjord University",
     "Total records: 2"],
)  # fmt: skip
def test_a_title_that_nobody_can_tell_is_reported_and_not_guessed(tmp_path: Path, above: str) -> None:
    path = tmp_path / "page.txt"
    path.write_text(f"Buried kelp of the fjords\n{SECOND}\n\n{above}\n{FIRST}\n", encoding="utf-8")
    items = list(read(path))
    assert [item.title for item in items if isinstance(item, Record)] == ["Buried kelp of the fjords"]
    assert any(isinstance(item, Rejection) and item.reason.startswith("no title") for item in items)


def test_titles_of_capitals_alone_are_titles(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    titles = ["Segment Anything", "Visual Instruction Tuning", "Attention Is All You Need"]
    path.write_text("".join(f"{title}\n\n{FIRST}\n\n" for title in titles), encoding="utf-8")
    assert [item.title for item in read(path)] == titles
