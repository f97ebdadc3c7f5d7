from __future__ import annotations

import numpy as np
import pytest
from memory_library import BARN, EMBEDDER, MemoryLibrary, paper

from rag.retrieve import gather, search
from rag.types import Role


def test_sentences_are_numbered_by_paper_in_the_order_of_the_abstract():
    question = "how much grain does barley give"
    hits = search(question, BARN, EMBEDDER, k=2)
    evidence = gather(question, hits, BARN, EMBEDDER)
    assert [e.number for e in evidence] == [1, 2, 3, 4]
    assert [e.paper.id for e in evidence] == [hits[0].paper_id] * 2 + [hits[1].paper_id] * 2
    assert all(e.paper.abstract[e.start : e.end] == e.text for e in evidence)
    assert evidence[0].start < evidence[1].start


def test_each_sentence_has_its_role_in_its_abstract():
    abstract = "Little is known about owls. We found that owls hunt at dusk."
    library = MemoryLibrary([paper(0, "Owls", abstract)], EMBEDDER)
    evidence = gather("when do owls hunt", search("owls", library, EMBEDDER), library, EMBEDDER)
    assert [e.role for e in evidence] == [Role.BACKGROUND, Role.RESULT]


def test_relevance_is_the_cosine_of_question_and_sentence():
    question = "how long was the kitten filmed"
    [first, *_] = gather(question, search(question, BARN, EMBEDDER, k=1), BARN, EMBEDDER)
    vectors = EMBEDDER.embed([question, first.text])
    assert first.relevance == pytest.approx(float(np.dot(*vectors)), abs=1e-5)


def test_a_paper_that_would_pass_the_limit_is_left_out_whole():
    hits = search("barley", BARN, EMBEDDER, k=3)
    assert {e.paper.id for e in gather("barley", hits, BARN, EMBEDDER, limit=4)} == {"p0", "p3"}


def test_of_a_first_paper_longer_than_the_limit_the_most_relevant_sentences_stay():
    abstract = "Owls hoot. Mice run. Owls eat mice. Foxes sleep."
    library = MemoryLibrary([paper(0, "Owls", abstract)], EMBEDDER)
    evidence = gather("owls and mice", search("owls", library, EMBEDDER), library, EMBEDDER, limit=2)
    assert "Owls eat mice." in [e.text for e in evidence]
    assert "Foxes sleep." not in [e.text for e in evidence]
    assert [e.start for e in evidence] == sorted(e.start for e in evidence)


def test_no_hits_give_no_evidence():
    assert gather("barley", [], BARN, EMBEDDER) == ()
