"""What a question means by "Fell et al."."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Library, answer
from rag.index.server_records import line_with
from rag.text.person_names import family_and_given, first_author, first_authors, fold_name, name_parts
from rag.text.words import fold
from rag.types import Paper


@pytest.mark.parametrize(
    ("authors", "name"),
    [
        (("Ada van Fell", "Bo Moor"), "fell"),
        (("Fell, Ada",), "fell"),
        (("José Muñoz",), "munoz"),
        (("Sea Ice Working Group",), "group"),
        ((), None),
        ((", Ada",), None),
    ],
)
def test_the_first_author_goes_by_the_family_name(authors, name):
    assert first_author(Paper("p", "Title", "Text.", authors=authors)) == name


def test_a_suffix_is_not_a_given_name_and_an_organisation_has_one_name():
    assert family_and_given("Ng, Cy, Jr.") == ("Ng", "Cy")
    paper = Paper("p", "Title", "Text.", authors=("Fell, Ng & Co.",), groups=("Fell, Ng & Co.",))
    assert name_parts(paper, paper.authors[0]) == ("Fell, Ng & Co.", "")


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Fell et al. find?", {"fell"}),
        ("Do van Fell et al. and Muñoz and colleagues agree?", {"fell", "munoz"}),
        ("Is et al. an abbreviation?", {"is"}),
        ("What do fells hold?", set()),
        ("What does Moor say about clay, and according to Fell?", {"moor", "fell"}),
        ("What do LSTM networks show?", set()),
    ],
)
def test_the_authors_that_a_question_names(question, names):
    assert first_authors(question) == names


def test_the_paper_of_the_author_named_is_the_one_that_answers(tmp_path, embedder, write_jsonl):
    text = "Barley on wet clay gave {} tonnes a hectare when it was sown in {}."
    rows = [
        {"title": "Barley sown in March on wet clay", "abstract": text.format(4, "March"), "authors": ["Ada Fell"]},
        {
            "title": "Barley on wet clay, sown late",
            "abstract": text.format(7, "May"),
            "authors": ["Bo Moor", "Ada Fell"],
        },
    ]
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("papers.jsonl", rows))
        for name, tonnes in (("Fell", "4 tonnes"), ("Moor", "7 tonnes")):
            found = answer(f"How many tonnes of barley did {name} et al. harvest on wet clay?", library)
            assert tonnes in found.text
            assert found.issues == ()
            for asked in (f"What did {name} et al. find?", f"What do {name} et al. conclude?"):
                only = answer(asked, library)
                assert {paper.authors[0].split()[1] for paper in only.papers} == {name}
        other = answer("How many tonnes of barley did Pike et al. harvest on wet clay?", library)
        assert [issue.message for issue in other.issues] == ["None of the papers found mentions Pike."]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Sorensen", "Sørensen, Åse"),
        ("sørensen", "Sorensen, A."),
        ("Lodz", "Łódź Moth Group"),
        ("Dukic", "Đukić, Maja"),
        ("Strasser", "Straßer, Jo"),
        ("Aegisson", "Ægisson, Jón"),
        ("Thorsdottir", "Þorsdóttir, Á."),
        ("O'Brien", "O’Brien, Fay"),
        ("Isik", "Işık, Can"),
    ],
)
def test_the_author_filter_finds_names_however_they_are_spelt(tmp_path, embedder, write_jsonl, asked, name):
    rows = [
        {"title": "Moths at dusk", "abstract": "They fly at dusk.", "authors": [name]},
        {"title": "Moths at dawn", "abstract": "They fly at dawn.", "authors": ["Moor, Bo"]},
    ]
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("papers.jsonl", rows))
        assert [hit.paper.title for hit in library.search("moths", author=asked)] == ["Moths at dusk"]


@pytest.mark.parametrize("asked", ["Sorensen", "Sørensen"])
def test_a_question_names_an_author_in_either_spelling(tmp_path, embedder, write_jsonl, asked):
    rows = [
        {"title": "Barley on wet clay", "abstract": "Barley on wet clay gave 4 tonnes.", "authors": ["Sørensen, Åse"]},
        {"title": "Barley on dry clay", "abstract": "Barley on dry clay gave 7 tonnes.", "authors": ["Moor, Bo"]},
    ]
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(write_jsonl("papers.jsonl", rows))
        got = answer(f"What did {asked} et al. find about barley on clay?", library)
    assert [citation.paper.title for s in got.sentences for citation in s.citations] == ["Barley on wet clay"]
    assert "unmentioned" not in [issue.code for issue in got.issues]


NAMES = st.text("aeothdliøłđðæœþ’' .-SÅ(", min_size=1, max_size=12)


@given(asked=NAMES, name=NAMES)
def test_a_server_finds_the_names_that_the_folder_finds(asked, name):
    """What a server holds is folded by `fold` alone; the expression that it is asked by knows the rest."""
    found = re.search(line_with("author", asked), f"author {fold(name)}") is not None
    assert found <= (fold_name(asked) in fold_name(name))
    if set("æœþ").isdisjoint(fold(name)):  # half of an æ is no e on a server
        assert found == (fold_name(asked) in fold_name(name))
