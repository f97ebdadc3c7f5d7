"""The public functions report wrong input by name, cause and fix, never as an internal error."""

import re

import numpy as np
import pytest

from rag import Library, answer
from rag.arguments import count, parse_filters
from rag.config import from_environment
from rag.errors import ConfigError, InputError

QUESTION = "What is an induction head?"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"k": "3"}, "k='3' isn't an integer"),
        ({"k": 2.5}, "k=2.5 isn't an integer"),
        ({"k": True}, "k=True isn't an integer"),
        ({"k": 0}, "k=0 isn't an integer of at least 1"),
        ({"venue": 3}, "venue=3 isn't text"),
        ({"author": ["Fell"]}, "author=\\['Fell'\\] isn't text"),
        ({"papers": 3}, "papers=3 isn't a name"),
        ({"exclude": [3]}, "exclude=3 isn't text"),
        ({"source": "\ud800"}, "half a character"),
    ],
)
def test_a_search_names_the_argument_that_is_wrong(demo_library, wrong, message):
    with pytest.raises(InputError, match=message):
        demo_library.search(QUESTION, **wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"model": 3}, "model=3 isn't a model: give extractive"),
        ({"model": b"extractive"}, "model=b'extractive' isn't a model"),
        ({"config": {"model": "extractive"}}, "isn't of type Config: make it with"),
        ({"stop": True}, "stop=True isn't of type Event"),
        ({"history": None}, "history=None isn't a list of turns"),
        ({"history": "and before?"}, "history='and before\\?' isn't a list of turns"),
        ({"history": [{"role": "user", "content": None}]}, "turn 1 of the history"),
        ({"library": "demo"}, "library='demo' isn't of type Library: open one"),
        ({"question": None}, "question=None isn't text"),
        ({"question": b"Why?"}, "question=b'Why\\?' isn't text"),
    ],
)
def test_an_answer_names_the_argument_that_is_wrong(demo_library, wrong, message):
    with pytest.raises(InputError, match=message):
        answer(**{"question": QUESTION, "library": demo_library} | wrong)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("ftp://x", "'ftp://x' isn't an address: give one such as http://host:8000/COLLECTION"),
        ("s3://bucket/library", "'s3://bucket/library' isn't an address"),
        (None, "path=None isn't a path"),
        (3, "path=3 isn't a path"),
        ("", "path='' isn't a path"),
        (b"library", "path=b'library' isn't a path"),
        ("a\0b", "isn't a path"),
    ],
)
def test_an_impossible_place_is_refused(embedder, place, message):
    with pytest.raises(InputError, match=message):
        Library.open(place, embedder=embedder)


def test_the_calls_of_a_library_name_what_is_wrong(demo_library):
    paper = demo_library.papers()[0].id
    for call, message in (
        (lambda: demo_library.get(3), "id=3 isn't text"),
        (lambda: demo_library.get("\udcff"), "half a character"),
        (lambda: demo_library.add(["a.bib", "b.bib"]), "separate arguments"),
        (lambda: demo_library.remove([paper]), "id=\\['title:"),
        (lambda: demo_library.edit(paper, title=3), "title=3 isn't text"),
        (lambda: demo_library.split(paper, 3), "origin=3 isn't text"),
        (lambda: demo_library.backup(None), "file=None isn't a path"),
        (lambda: Library.open("x", config="y"), "config='y' isn't of type Config"),
    ):
        with pytest.raises(InputError, match=message):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda library: Library(library.folder, embeder=None), r"Library\(\) .*'embeder': did you mean 'embedder'"),
        (lambda library: Library.open(library.folder, cfg=None), r"open\(\) .*'cfg': did you mean 'config'"),
        (lambda library: library.add(progres=print), r"add\(\) .*'progres': did you mean 'progress'"),
        (lambda library: library.add_records([], sources="x"), r"add_records\(\) .*did you mean 'source'"),
        (lambda library: library.sync_records([], name="x"), r"sync_records\(\) .*choose one of items, source"),
        (lambda library: answer(QUESTION, library, llm="x"), r"answer\(\) .*did you mean 'model'"),
    ],
)
def test_an_unknown_parameter_is_refused_with_the_nearest_one(demo_library, call, message):
    with pytest.raises(TypeError, match=message):
        call(demo_library)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda _: Library(), 'Library() needs path: call it as in Library("folder")'),
        (lambda _: Library.open(), 'open() needs path: call it as in open("folder")'),
        (lambda _: answer(QUESTION), 'answer() needs library: call it as in answer("What …?", library)'),
        (lambda library: answer(library=library), 'answer() needs question: call it as in answer("What …?", library)'),
        (lambda library: library.search(), 'search() needs question: call it as in search("What …?")'),
    ],
)
def test_a_call_without_what_it_needs_says_how_to_call_it(demo_library, call, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        call(demo_library)


def test_an_unknown_setting_is_refused_with_the_nearest_one():
    with pytest.raises(ConfigError, match="unknown setting 'modle': did you mean 'model'"):
        from_environment({}, modle="extractive")
    with pytest.raises(ConfigError, match="unknown setting 'zeal': choose one of cache"):
        from_environment({}, zeal=3)
    with pytest.raises(ConfigError, match="PINCITE_LIBARY, to rename or unset: did you mean 'PINCITE_LIBRARY'"):
        from_environment({"PINCITE_LIBARY": "demo"})


def test_numbers_of_numpy_count(demo_library):
    assert len(demo_library.search(QUESTION, k=np.int64(2))) == 2


@pytest.mark.parametrize("years", ["2020–2022", "2020-2022", "2020 — 2022", "2020..2022"])
def test_years_may_be_apart_by_a_dash(years):
    found = parse_filters({"year": years})
    assert (found.year_from, found.year_to) == (2020, 2022)


def test_a_whole_number_of_json_is_a_count():
    assert count("k", 3.0) == 3
    with pytest.raises(InputError, match=r"k=2\.5 isn't an integer"):
        count("k", 2.5)
