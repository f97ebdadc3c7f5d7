"""Reading the abstracts found: all at once, the longest first, and no further once somebody stops it."""

import threading

from rag.pipeline.evidence_search import FAR, READ_ANYWAY, EvidenceSearch
from rag.pipeline.reading import ReadAtOnce
from rag.question.answering import nearness
from rag.text.question_form import QuestionReading
from rag.types import Filters

ABSTRACTS = [("Ice", ["Ice is cold."]), ("Wool", ["Wool is warm.", "Sheep grow it in the hills."]), ("Sea", ["Salty."])]


class Reading:
    """Scores each sentence by its length, and notes what it reads."""

    def __init__(self, then=lambda: None):
        self.read = []
        self._then = then

    def answers(self, _, abstracts):
        self.read += [title for title, _ in abstracts]
        if abstracts:
            self._then()
        return [[len(text) / 100 for text in sentences] for _, sentences in abstracts]


def test_each_abstract_is_read_once_and_keeps_its_place():
    reader = Reading()
    found = ReadAtOnce(threading.Event(), reader).answers("Is it cold?", ABSTRACTS)
    assert found == Reading().answers("Is it cold?", ABSTRACTS)
    assert sorted(reader.read) == ["Ice", "Sea", "Wool"]
    assert ReadAtOnce(threading.Event(), reader).answers("Is it cold?", []) == []


def test_an_abstract_is_not_read_again_for_the_same_question():
    reader = Reading()
    at_once = ReadAtOnce(threading.Event(), reader)
    first = at_once.answers("Is it cold?", ABSTRACTS)
    assert at_once.answers("Is it cold?", ABSTRACTS[::-1]) == first[::-1]
    assert sorted(reader.read) == ["Ice", "Sea", "Wool"]
    at_once.answers("Is it warm?", ABSTRACTS[:1])
    assert len(reader.read) == 4


def test_papers_far_from_the_question_are_kept_unread(demo_library):
    reader = Reading()
    search = EvidenceSearch(demo_library, Filters(), 10, by_model=False, reader=reader)
    title = next(iter(demo_library.papers())).title  # one paper is much nearer to it than the others
    found = search.read(search.find(QuestionReading(f"What did “{title}” find?")))
    near = nearness(found.hits)
    far = {hit.paper.title for hit in found.hits[READ_ANYWAY:] if near[hit.paper_id] < FAR}
    assert far
    assert set(reader.read) == {hit.paper.title for hit in found.hits} - far
    unread = [item for item in found.evidence if item.paper.title in far]
    assert all(item.read is None and item.answers < 0.01 for item in unread)
    assert {item.paper.title for item in found.evidence if item.read} == set(reader.read)
    assert [item.number for item in found.evidence] == list(range(1, len(found.evidence) + 1))


def test_a_stop_waits_for_no_abstract_that_is_not_yet_begun(monkeypatch):
    monkeypatch.setattr("rag.pipeline.reading.CORES", 1)
    stop = threading.Event()
    reader = Reading(then=stop.set)
    found = ReadAtOnce(stop, reader).answers("Is it cold?", ABSTRACTS)
    assert reader.read == ["Wool"]  # the longest is begun first
    assert [len(scores) for scores in found] == [1, 2, 1]
    assert found[0] == found[2] == [0.0]
