"""The closer look: how much of the question's wording each of the leading papers holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_library import BARN, EMBEDDER, MemoryLibrary, paper

from rag.retrieve import search
from rag.retrieve.query import Term, read_question
from rag.retrieve.wording import otherwise_written, wording
from rag.text.words import stem

OWLS = paper(0, "Night flight of owls", "Owls fly in silence. Their feathers are serrated.")


def asked(*words, idf=1.0):
    return [Term(word, stem(word), 1, idf, known=True) for word in words]


def test_a_word_of_the_same_stem_counts_whole_and_often_is_no_more_than_once():
    assert wording(asked("feather", "flying"), [OWLS]) == pytest.approx([1.0])
    assert wording(asked("owl", "hail"), [OWLS])[0] == pytest.approx(0.5, abs=0.02)


def test_a_word_spelt_alike_counts_in_part_and_another_hardly():
    papers = [paper(0, "", "Phosphorylase of the edge."), paper(1, "", "The edge of feathers.")]
    assert stem("phosphorylates") != stem("phosphorylase")
    alike, other = wording(asked("phosphorylates"), papers)
    assert 0.3 < alike < 0.9
    assert other < 0.1


def test_a_rare_term_counts_more_than_a_common_one():
    terms = [*asked("owl", idf=1.0), *asked("helicopter", idf=9.0)]
    rare, common = wording(terms, [paper(0, "Helicopters", ""), paper(1, "Owls", "")])
    assert rare == pytest.approx(0.9, abs=0.02)
    assert common == pytest.approx(0.1, abs=0.02)


def test_a_text_without_words_covers_nothing_of_the_question():
    assert wording(asked("owl"), [paper(0, "", "")]) == pytest.approx([0.0])
    assert wording(asked("owl"), [OWLS, paper(1, "", "the of and")])[1] == 0
    assert wording([], [OWLS]) == pytest.approx([0.0])
    assert len(wording(asked("owl"), [])) == 0


def test_a_misspelt_term_counts_as_the_one_that_it_was_taken_for():
    terms = read_question("how do dentts come into roofs", BARN, EMBEDDER).terms
    [tin] = BARN.papers([2])
    assert wording(terms, [tin])[0] == pytest.approx(wording(asked("dent", "come", "roof"), [tin])[0], abs=0.2)
    assert [term.stem for term in terms if term.known] == ["dent", "roof"]


def test_of_two_papers_alike_the_one_with_the_inflected_word_comes_first():
    library = MemoryLibrary(
        [
            paper(0, "Barley in spring", "Barley was watered. The plots were ordinary."),
            paper(1, "Barley in spring", "Barley was watered. The plots were irrigations."),
        ],
        EMBEDDER,
    )
    hits = search("is barley irrigable", library, EMBEDDER)
    assert hits[0].paper_id == "p1"


def test_each_term_counts_once_however_often_it_was_asked():
    once, often = (read_question(q, BARN, EMBEDDER).terms for q in ("barley hail", "barley barley barley hail"))
    assert wording(once, BARN.papers([2, 3])) == pytest.approx(wording(often, BARN.papers([2, 3])))


@given(st.text(), st.text())
def test_any_texts_get_a_share(question, abstract):
    terms = read_question(f"barley {question}", BARN, EMBEDDER).terms
    [share] = wording(terms, [paper(0, "", abstract)])
    assert -1e-6 <= share <= 1 + 1e-6


ACRONYMS = MemoryLibrary(
    [
        paper(0, "Peaks of ChIP-Seq", "We call peaks of ChIP-Seq data. ChIP, then ChIP again: a model of ChIP tags."),
        paper(1, "Blood cells of the old", "Clonal hematopoiesis of indeterminate potential (CHIP) is common in age."),
        paper(2, "Tumor growth", "The tumor grew in mice for a month, and then it shrank."),
        paper(3, "Tumour size", "The tumour was measured. Each tumour was small."),
        paper(4, "Weather", "It rained for a week."),
    ],
    EMBEDDER,
)


def test_an_acronym_in_capitals_is_not_another_name_in_the_same_letters():
    assert search("What is CHIP?", ACRONYMS, EMBEDDER)[0].paper_id == "p1"
    assert search("What is ChIP?", ACRONYMS, EMBEDDER)[0].paper_id == "p0"
    assert search("WHAT IS CHIP?", ACRONYMS, EMBEDDER)[0].paper_id == "p0"


def test_where_no_paper_writes_the_acronym_in_capitals_the_case_says_nothing():
    terms = read_question("What is CHIP?", ACRONYMS, EMBEDDER).terms
    only = ACRONYMS.papers([0, 2])
    assert otherwise_written(terms, 10.0, only) == pytest.approx([0, 0])


@pytest.mark.parametrize("question", ["tumor", "tumour"])
def test_british_and_american_spelling_are_one(question):
    found = search(question, ACRONYMS, EMBEDDER)
    assert {hit.paper_id for hit in found if hit.lexical > 0} == {"p2", "p3"}


def test_a_word_that_papers_hold_in_the_other_spelling_alone_is_known():
    term = read_question("haematopoiesis", ACRONYMS, EMBEDDER).terms[0]
    assert (term.known, term.stem) == (True, stem("hematopoiesis"))
