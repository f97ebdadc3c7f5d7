"""The public door: what is handed in wrongly is told by name, cause and mend, and never as an error of the inside."""

import numpy as np
import pytest

from rag import Library, answer
from rag.errors import InputError

QUESTION = "What is an induction head?"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"k": "3"}, "k='3' is no whole number"),
        ({"k": 2.5}, "k=2.5 is no whole number"),
        ({"k": True}, "k=True is no whole number"),
        ({"k": 0}, "k=0 is no whole number of 1 or more"),
        ({"venue": 3}, "venue=3 is no text"),
        ({"author": ["Fell"]}, "author=\\['Fell'\\] is no text"),
        ({"papers": 3}, "papers=3 names nothing"),
        ({"exclude": [3]}, "exclude=3 is no text"),
        ({"source": "\ud800"}, "half a character"),
    ],
)
def test_a_search_names_the_argument_that_is_wrong(demo_library, wrong, told):
    with pytest.raises(InputError, match=told):
        demo_library.search(QUESTION, **wrong)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"model": 3}, "model=3 is no model: give extractive"),
        ({"model": b"extractive"}, "model=b'extractive' is no model"),
        ({"config": {"model": "extractive"}}, "is no Config: make it with"),
        ({"stop": True}, "stop=True is no Event"),
        ({"history": None}, "history=None is no list of turns"),
        ({"history": "and before?"}, "history='and before\\?' is no list of turns"),
        ({"history": [{"role": "user", "content": None}]}, "turn 1 of the history"),
        ({"library": "demo"}, "library='demo' is no Library: open one"),
        ({"question": None}, "question=None is no text"),
        ({"question": b"Why?"}, "question=b'Why\\?' is no text"),
    ],
)
def test_an_answer_names_the_argument_that_is_wrong(demo_library, wrong, told):
    with pytest.raises(InputError, match=told):
        answer(**{"question": QUESTION, "library": demo_library} | wrong)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("ftp://x", "'ftp://x' isn't an address: give one such as http://host:8000/COLLECTION"),
        ("s3://bucket/library", "'s3://bucket/library' isn't an address"),
        (None, "path=None is no path"),
        (3, "path=3 is no path"),
        ("", "path='' is no path"),
        (b"library", "path=b'library' is no path"),
        ("a\0b", "is no path"),
    ],
)
def test_a_place_that_is_none_is_told(embedder, place, told):
    with pytest.raises(InputError, match=told):
        Library.open(place, embedder=embedder)


def test_the_calls_of_a_library_name_what_is_wrong(demo_library):
    paper = demo_library.papers()[0].id
    for call, told in (
        (lambda: demo_library.get(3), "id=3 is no text"),
        (lambda: demo_library.get("\udcff"), "half a character"),
        (lambda: demo_library.add(["a.bib", "b.bib"]), "each by itself"),
        (lambda: demo_library.remove([paper]), "id=\\['title:"),
        (lambda: demo_library.edit(paper, title=3), "title=3 is no text"),
        (lambda: demo_library.split(paper, 3), "origin=3 is no text"),
        (lambda: demo_library.backup(None), "file=None is no path"),
        (lambda: Library.open("x", config="y"), "config='y' is no Config"),
    ):
        with pytest.raises(InputError, match=told):
            call()


def test_numbers_of_numpy_count(demo_library):
    assert len(demo_library.search(QUESTION, k=np.int64(2))) == 2
