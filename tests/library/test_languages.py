"""Questions in other languages: a model that knows them reads the papers again (extra `languages`)."""

from __future__ import annotations

import numpy as np
import pytest

from rag import answer
from rag.library import Library, languages
from rag.text.words import words
from rag.types import Filters

PAPERS = {
    "Snow on northern roofs": "Snow slides off slate. Roofs of turf hold snow until the thaw in spring.",
    "Lamps of lighthouses": "Lamps need oil each night. A lamp turns faster until its motor is reset.",
    "Tunnels for toads": "Toads cross roads in spring. Tunnels with a light save most of the toads.",
    "Grazing geese": "Geese winter on marshes. Grazing geese shorten the stems of sedge.",
}
GERMAN = {"welche": "", "dächer": "roofs", "halten": "hold", "den": "", "schnee": "snow", "bis": "until", "zum": "",
          "tauwetter": "thaw"}  # fmt: skip
QUESTION = "Welche Dächer halten den Schnee bis zum Tauwetter?"


class Bilingual:
    """An embedder that knows a few German words by their English ones, and counts the texts that it gets."""

    fingerprint = "bilingual"
    dimension = 64
    max_tokens = 512

    def __init__(self):
        self.texts = []

    def count_tokens(self, texts):
        return [len(words(text)) for text in texts]

    def embed(self, texts):
        self.texts += texts
        found = np.full((len(texts), self.dimension), 0.05, dtype=np.float32)
        for row, text in enumerate(texts):
            for word in words(text):
                if known := GERMAN.get(word, word):
                    found[row, sum(map(ord, known)) % self.dimension] += 1
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path, embedder):
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add_records([{"title": title, "abstract": text} for title, text in PAPERS.items()])
    return tmp_path / "library"


def test_a_question_in_another_language_finds_what_the_model_for_it_finds(folder, embedder):
    with Library.open(folder, embedder=embedder, languages=Bilingual()) as library:
        hits = library.find(QUESTION, 4, Filters())
        found = answer(QUESTION, library)
    assert hits[0].paper.title == "Snow on northern roofs"
    assert len(hits) == 4
    assert found.sentences[0].text == "Roofs of turf hold snow until the thaw in spring."
    assert found.receipt.languages == "bilingual"


def test_papers_are_read_once_and_new_ones_when_a_question_first_meets_them(folder, embedder):
    for new, texts in ((0, 5), (0, 1), (1, 2)):
        model = Bilingual()
        with Library.open(folder, embedder=embedder, languages=model) as library:
            library.add_records([{"title": "Moths", "abstract": "Moths circle lamps."}] * new)
            library.find(QUESTION, 4, Filters())
        assert len(model.texts) == texts


def test_a_question_in_english_is_none_of_its_business(folder, embedder):
    model = Bilingual()
    with Library.open(folder, embedder=embedder, languages=model) as library:
        found = answer("Which roofs hold the snow until the thaw?", library)
    assert model.texts == []
    assert found.receipt.languages is None


def test_papers_for_which_there_is_no_time_keep_their_place(folder, embedder, monkeypatch):
    monkeypatch.setattr(languages, "SECONDS", -1.0)
    with Library.open(folder, embedder=embedder) as library:
        before = [hit.paper_id for hit in library.find(QUESTION, 4, Filters())]
    with Library.open(folder, embedder=embedder, languages=Bilingual()) as library:
        assert [hit.paper_id for hit in library.find(QUESTION, 4, Filters())] == before


def test_filters_hold_in_every_language(folder, embedder):
    with Library.open(folder, embedder=embedder, languages=Bilingual()) as library:
        lamps = next(paper.id for paper in library.papers() if paper.title.startswith("Lamps"))
        assert [hit.paper_id for hit in library.find(QUESTION, 4, Filters(papers=(lamps,)))] == [lamps]


def test_the_model_reads_the_sentences_of_the_papers_that_lead(folder, embedder, monkeypatch):
    monkeypatch.setattr(languages, "SENTENCES_OF", 1)
    with Library.open(folder, embedder=embedder, languages=Bilingual()) as library:
        first, *others = library.find(QUESTION, 4, Filters())
        evidence = library.gather(QUESTION, [first, *others])
    near = {item.paper.id: item.relevance for item in evidence}
    assert near[first.paper_id] > 0
    assert {near[hit.paper_id] for hit in others} == {0.0}
