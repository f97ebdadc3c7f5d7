"""What a question means by "Fell et al."."""

import pytest

from rag import Library, answer
from rag.authors import first_author, first_authors
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
            only = answer(f"What did {name} et al. find?", library)
            assert {paper.authors[0].split()[1] for paper in only.papers} == {name}
        other = answer("How many tonnes of barley did Pike et al. harvest on wet clay?", library)
        assert [issue.message for issue in other.issues] == ["None of the papers found mentions Pike."]
