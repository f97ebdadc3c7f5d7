"""Reading the abstracts found: all at once, the longest first, and no further once somebody stops it."""

import threading

from rag.pipeline.reading import ReadAtOnce

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


def test_a_stop_waits_for_no_abstract_that_is_not_yet_begun(monkeypatch):
    monkeypatch.setattr("rag.pipeline.reading.CORES", 1)
    stop = threading.Event()
    reader = Reading(then=stop.set)
    found = ReadAtOnce(stop, reader).answers("Is it cold?", ABSTRACTS)
    assert reader.read == ["Wool"]  # the longest is begun first
    assert [len(scores) for scores in found] == [1, 2, 1]
    assert found[0] == found[2] == [0.0]
