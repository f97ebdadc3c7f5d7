"""Records handed in as values, and names that are nearly right."""

from dataclasses import replace

import pandas
import pytest

from rag import Library, answer
from rag.errors import InputError, PaperNotFoundError
from rag.types import Origin, Record

ROWS = [
    {"title": "Moths at streetlights", "abstract": "Moths circle streetlights.", "year": 2020, "authors": ["Fell, A."]},
    {"title": "Bees at windows", "abstract": "Bees fly against windows.", "DOI": "10.1000/bees", "year": None},
]


@pytest.fixture
def library(tmp_path, embedder):
    with Library(tmp_path / "library", embedder=embedder) as opened:
        yield opened


def test_dictionaries_become_papers(library):
    report = library.add_records([*ROWS, {"title": "No abstract here"}], "notebook")
    assert (len(report.added), len(report.without_abstract)) == (2, 1)
    moths, bees = library.papers()
    assert (moths.year, moths.authors, bees.doi) == (2020, ("Fell, A.",), "10.1000/bees")
    assert [origin.place for origin in bees.origins] == ["notebook#2"]


def test_a_data_frame_becomes_papers_and_its_gaps_are_gaps(library):
    library.add_records(pandas.DataFrame(ROWS), "frame")
    moths, bees = library.papers()
    assert (moths.year, moths.authors) == (2020, ("Fell, A.",))
    assert (bees.year, bees.authors, bees.doi) == (None, (), "10.1000/bees")


def test_two_tables_of_one_name_are_both_kept(library):
    library.add_records(ROWS[:1])
    library.add_records(ROWS[1:])
    assert len(library) == 2


@pytest.mark.parametrize("what", ["papers.bib", {"title": "one"}, 3, ["a title"], [3]])
def test_an_object_that_is_not_a_record_is_refused_with_the_fix(library, what):
    with pytest.raises(InputError, match="give a list of dictionaries"):
        library.add_records(what)


@pytest.mark.parametrize("field", ["title", "abstract", "authors", "venue", "origin"])
def test_a_record_with_half_a_character_is_refused_and_a_dictionary_with_one_is_cleaned(library, field):
    half = {"authors": ("\ud800",), "origin": Origin("notebook", 1, key="\ud800")}.get(field, "On \ud800 moths")
    record = Record("On moths", "Moths circle streetlights.", Origin("notebook", 1))
    with pytest.raises(InputError, match="record 1 of notebook holds half a character"):
        library.add_records([replace(record, **{field: half})], "notebook")
    library.add_records([ROWS[0] | {"title": "On \ud800 moths"}], "notebook")
    assert "\ud800" not in library.papers()[0].title


def test_a_library_opens_by_its_own_name_and_shows_its_place(tmp_path, embedder):
    with Library(str(tmp_path / "mine"), embedder=embedder) as opened:
        assert repr(opened) == f"Library({str(tmp_path / 'mine')!r})"
        assert len(opened) == 0


def test_a_limit_is_a_k_and_both_are_refused(library):
    library.add_records(ROWS)
    assert len(library.search("insects", limit=1)) == len(library.search("insects", 1)) == 1
    with pytest.raises(InputError, match="k and limit mean the same"):
        library.search("insects", k=1, limit=1)


@pytest.mark.parametrize(("name", "meant"), [("top_k", "k"), ("yaer", "year"), ("journal", "venue"), ("zzz", "one of")])
def test_an_unknown_name_is_refused_with_the_nearest(library, name, meant):
    with pytest.raises(TypeError, match=f"no parameter '{name}': .*{meant}"):
        library.search("insects", **{name: 1})


def test_a_library_is_a_collection_of_papers(library):
    library.add_records([*ROWS, {"title": "Nothing in it"}])
    (first, *_) = library
    assert library[first.id] == first
    assert (first.id in library, "nobody" in library, 3 in library) == (True, False, False)
    with pytest.raises(PaperNotFoundError):
        library["nobody"]


def test_a_report_is_one_short_line(library):
    reported = library.add_records([*ROWS, {"title": "Nothing in it"}])
    assert repr(reported) == "<IngestReport 3 records, 2 added, 1 without abstract>"


def test_one_row_of_a_table_is_not_a_table(library):
    with pytest.raises(InputError, match="give a list of dictionaries"):
        library.add_records(pandas.DataFrame(ROWS).iloc[0])


def test_the_question_comes_first(library):
    with pytest.raises(InputError, match="give the question as a str, and before the library"):
        answer(library, "What do moths do?")


def test_what_is_no_parameter_of_an_answer_is_not_taken_for_another(library):
    with pytest.raises(TypeError, match=r"has no parameter 'top_k': choose one of question"):
        answer("What do moths do?", library, top_k=3)


def test_an_answer_names_the_nearest_too(library):
    with pytest.raises(TypeError, match=r"answer\(\) has no parameter 'llm': did you mean 'model'\?"):
        answer("What do moths do?", library, llm="gpt")
