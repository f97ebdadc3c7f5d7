"""The library's list: words, titles, authors and meaning, order, years, and addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Library
from rag.chat import library_view
from rag.chat.components import said
from rag.chat.library_search import BEST, ORDERS, PLACES, Piece, excerpt, find, marked, ordered, read_query
from rag.chat.library_view import Wanted, read_address, shelves
from rag.chat.stars_and_notes import Marks
from rag.errors import InputError
from rag.types import Filters, Paper

PAPERS = [
    {"title": "Shade and bees", "abstract": "Honeybees foraged in shade.", "year": 2020, "authors": ["Smith, Ann"]},
    {"title": "Heat in cities", "abstract": "Smith measured heat. A bee was seen.", "authors": ["García, José"]},
    {
        "title": "On foraging",
        "abstract": "Ants forage at night, and bees by day.",
        "year": 2011,
        "authors": ["Fell, B"],
    },
    {"title": "城市热浪", "abstract": "蜜蜂在树荫下觅食。", "year": 2022, "authors": ["王芳"]},
]


@pytest.fixture
def library(embedder, tmp_path, write_jsonl):
    library = Library.open(tmp_path / "bees", embedder=embedder)
    library.add(write_jsonl("bees.jsonl", PAPERS))
    yield library
    library.close()


def titles(library, text, place="", order=BEST):
    found = find(library, text, place, order, Filters(), library.papers())
    return [paper.title for paper in found.holding]


def test_words_are_found_in_title_authors_and_abstract_the_best_first(library):
    first, *others = titles(library, "bees")
    assert first == "Shade and bees"
    assert sorted(others) == ["Heat in cities", "On foraging"]
    assert titles(library, "foraging") == ["On foraging", "Shade and bees"]  # its stem, too
    assert titles(library, "bees shade") == ["Shade and bees"]  # all of the words
    assert titles(library, "the bees of the shade") == ["Shade and bees"]  # common words don't count


def test_a_known_title_or_author_is_found_and_nobody_else(library):
    assert titles(library, "smith", "author") == ["Shade and bees"]
    assert titles(library, "garcia", "author") == ["Heat in cities"]  # without its accent
    assert titles(library, "heat", "title") == ["Heat in cities"]
    assert titles(library, "smith", "title") == []


def test_a_phrase_in_quotation_marks_is_found_word_for_word(library):
    assert titles(library, '"bees by day"') == ["On foraging"]
    assert titles(library, '"day by bees"') == []


def test_a_script_without_spaces_is_searched_too(library):
    assert titles(library, "热浪") == ["城市热浪"]
    assert marked("城市热浪", read_query("热浪")) == [Piece("城市"), Piece("热浪", True)]


def test_nothing_is_close_in_meaning_to_words_that_no_paper_holds(library):
    nothing = find(library, "zzzz qqqq", "", BEST, Filters(), library.papers())
    assert nothing.papers == ()
    assert "No paper contains “zzzz qqqq”" in shelves(library, Wanted("zzzz qqqq"))
    near = find(library, "bees zzzz", "", BEST, Filters(), library.papers())
    assert near.holding == ()
    assert near.close  # some of the words are known


@given(st.text(max_size=80), st.text(max_size=20))
def test_marked_pieces_are_the_text(text, words):
    assert "".join(piece.text for piece in marked(text, read_query(words))) == text


def test_the_words_searched_for_are_marked_and_quoted_from_the_abstract(library):
    html = shelves(library, Wanted("forage"))
    assert '<mark class="hit">foraged</mark>' in html
    assert '<span class="excerpt" dir="auto">Ants <mark class="hit">forage</mark> at night' in html
    long = marked("word " * 50 + "needle " + "word " * 50, read_query("needle"))
    shown = "".join(piece.text for piece in excerpt(long))
    assert shown.startswith("… word")
    assert shown.endswith(" …")
    assert "needle" in shown
    cut = excerpt(marked("needle " * 40, read_query("needle")))
    assert [piece.text for piece in cut if piece.hit and "…" in piece.text] == []  # no word was searched for there
    for width in range(60):  # wherever the cut falls, no mark is left without its word
        pieces = excerpt(marked("needle " + "x" * width + " needle " * 30, read_query("needle")))
        assert {piece.text for piece in pieces if piece.hit} == {"needle"}


def test_papers_are_sorted_and_those_without_what_is_sorted_by_come_last(library):
    shown = [Paper("a", "Zebra", "", year=2001), Paper("b", "ant", ""), Paper("c", "Émile", "", year=2009)]
    by = {order: [paper.id for paper in ordered(shown, order)] for order in ORDERS}
    assert by["newest"] == ["c", "a", "b"]
    assert by["oldest"] == ["a", "c", "b"]
    assert by["title"] == ["b", "c", "a"]
    assert by[BEST] == ["a", "b", "c"]


def test_papers_without_a_year_are_counted_and_can_be_shown(library):
    html = shelves(library, Wanted())
    assert "1 paper has no year" in html
    assert "1 without a year is left out." in shelves(library, Wanted(year="2020..2022"))
    undated = shelves(library, Wanted(year=library_view.UNDATED))
    assert "1 of 4 papers" in undated
    assert "Heat in cities" in undated


def test_an_address_leads_to_what_it_was_made_of():
    for place in PLACES:
        wanted = Wanted("a&b=c d", place, "2020..", "x.bib", order="newest", page=3, library="bees & more")
        assert read_address(wanted.address) == wanted
    assert Wanted().address == ""
    assert read_address("page=-1&nonsense=1&order=%00&page=x") == Wanted()
    assert read_address("page=99999999999999999999").page == 999999


def test_starred_papers_come_first_and_notes_are_found_and_marked(library):
    shade, heat, foraging, _ = library.papers()
    marks = Marks(frozenset({foraging.id}), {heat.id: "Cite <this> for the zeppelin chapter"})
    assert ordered(library.papers(), "starred", marks.starred)[0] == foraging
    for place in ("", "note"):
        found = find(library, "zeppelins", place, BEST, Filters(), library.papers(), marks)
        assert found.holding == (heat,)
    assert find(library, "bees", "note", BEST, Filters(), library.papers(), marks).holding == ()
    html = shelves(library, Wanted("zeppelin"), marks=marks)
    assert 'Cite &lt;this&gt; for the <mark class="hit">zeppelin</mark> chapter' in html
    assert "zeppelin" not in shelves(library, Wanted())
    assert shade.id in shelves(library, Wanted(order="starred"), marks=marks)


SEA = [
    {"title": "Sleep of sailors", "abstract": "Sailors sleep little at sea.", "year": 2019,
     "authors": ["D’Angelo, Lucia"], "doi": "10.1000/sea.1"},
    {"title": "Sleep of pilots", "abstract": "Pilots sleep little in 1,019 hotels.", "year": 2009,
     "authors": ["Dangel, Ove"], "doi": "10.1000/sea.2"},
]  # fmt: skip


def test_a_paper_is_found_by_its_year_its_doi_and_either_apostrophe(embedder, tmp_path, write_jsonl):
    with Library.open(tmp_path / "library", embedder=embedder) as sea:
        sea.add(write_jsonl("sea.jsonl", SEA))
        for words in ("d'angelo", "D’Angelo", "sleep 2019", "2019", "10.1000/sea.1", "https://doi.org/10.1000/SEA.1"):
            assert titles(sea, words) == ["Sleep of sailors"], words
        assert titles(sea, "d'angelo", "author") == ["Sleep of sailors"]
        assert titles(sea, "10.1000/sea.1", "author") == []
        near = find(sea, "10.1000/sea.1", "", BEST, Filters(year_from=2020), [])
        assert near.papers == ()


def test_a_letter_alone_is_no_beginning_of_a_word(library):
    assert titles(library, "s") == []
    assert titles(library, "sh") == ["Shade and bees"]


def test_a_trouble_is_said_as_a_sentence_without_the_name_of_an_argument():
    assert "isn't a year" in said(InputError("year='soon' isn't a year: give 2024"))
    assert said(InputError("year='soon' isn't a year: give 2024")).startswith("'soon'")
    assert said(InputError("a library named 'x' exists")) == "A library named 'x' exists"
    assert said(InputError("draft.md: is empty")) == "draft.md: is empty"
