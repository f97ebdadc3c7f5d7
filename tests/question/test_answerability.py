"""Declining before writing: no evidence, nothing relevant, or a detail that only the full text has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.models.minilm import MiniLM
from rag.models.reader import default_reader
from rag.question.answerability import Found, assess, confidence
from rag.question.answering import Part, answering, nearness
from rag.text.mentions import unmentioned
from rag.text.question_form import QuestionReading
from rag.types import Evidence, Hit, Paper, Reason

PAPER = Paper(
    id="otters",
    title="HoltNet: counting otters from riverbank sound",
    abstract=(
        "Counting river otters by eye is slow. HoltNet counts them from sound recorded at the bank. "
        "On the Severn recordings HoltNet finds 87% of the otters, and 64% in heavy rain. "
        "We conclude that sound can replace night watches."
    ),
)


def retrieved(question: str) -> tuple[list[Evidence], list[Hit]]:
    """Stand in for retrieval over a library of one paper."""
    model = MiniLM(threads=1)
    texts = [f"{s}." for s in PAPER.abstract.removesuffix(".").split(". ")]
    vectors = model.embed([question, PAPER.abstract, *texts])
    cosines = vectors[1:] @ vectors[0]
    evidence = []
    for number, text in enumerate(texts, start=1):
        start = PAPER.abstract.index(text)
        evidence.append(Evidence(number, PAPER, start, start + len(text), text, float(cosines[number])))
    shared = sum(word in PAPER.abstract.casefold() for word in question.casefold().rstrip("?").split())
    best = evidence[0]
    hit = Hit(PAPER, 1.0, best.text, best.start, best.end, float(cosines[0]), shared / len(question.split()) * 0.6)
    asked = QuestionReading(question)
    return Found(asked, [hit], answering([Part(asked, nearness([hit]))], evidence, default_reader())[0])


def test_no_papers_and_no_evidence():
    found = retrieved("How many otters?")
    assert assess(replace(found, hits=(), evidence=())) is Reason.NO_PAPERS
    assert assess(replace(found, evidence=())) is Reason.LOW_RELEVANCE
    assert confidence(replace(found, evidence=())) == 0.0


def test_a_question_that_the_abstract_answers_is_let_through():
    question = "What share of the otters does HoltNet find on the Severn recordings in heavy rain?"
    assert assess(retrieved(question)) is None


def test_the_paper_that_the_search_puts_first_decides():
    """A sentence of a paper far down that seems to answer doesn't let a question through."""
    found = retrieved("Who won the FJORD-7 benchmark?")
    other = replace(PAPER, id="other")
    sure = replace(found.evidence[0], number=9, paper=other, answers=0.9, read=0.99)
    assert confidence(replace(found, evidence=(*found.evidence, sure))) == pytest.approx(confidence(found), abs=1e-6)
    first = replace(found, hits=(replace(found.hits[0], paper=other), *found.hits), evidence=(*found.evidence, sure))
    assert confidence(first) > confidence(found)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("At which temperature should rye bread be baked?", Reason.LOW_RELEVANCE),
        ("Which learning rate and batch size were used to train HoltNet?", Reason.NEEDS_FULL_TEXT),
        ("What does Table 3 of the HoltNet paper list?", Reason.NEEDS_FULL_TEXT),
        ("Who won the FJORD-7 benchmark?", Reason.LOW_RELEVANCE),
    ],
)
def test_what_the_evidence_does_not_hold_is_declined_with_its_reason(question, reason):
    assert assess(retrieved(question)) is reason


@pytest.mark.parametrize("question", ["", "?", "水獺在哪裡？", "a" * 3000, "otters " * 2000, "not " * 950])
def test_any_question_has_a_confidence(question):
    assert 0.0 <= confidence(replace(retrieved("otters"), asked=QuestionReading(question))) <= 1.0


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Does HoltNet beat BankEar on the OTTERS-2 recordings?", ["BankEar", "OTTERS-2"]),
        ("What did Reed et al. hear at the bank?", ["Reed"]),
        ("What did Marsh et al. hear at the bank?", []),
        ("How many otters swim in the Severn?", []),
        ("Does HOLT-net find otters, and does it beat BANK-ear?", ["BANK-ear"]),
        ("Does mean average precision (MAP) fall in rain?", []),
    ],
)
def test_a_name_that_no_paper_mentions_is_known(question, names):
    evidence = [replace(e, paper=replace(PAPER, authors=("Marsh, Ada",))) for e in retrieved(question).evidence]
    assert unmentioned(question, evidence) == names


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Does fluoxetine calm the otters of the Severn?", ["fluoxetine"]),
        ("Does BankEar hear otters, and does fluoxetine calm them?", ["BankEar", "fluoxetine"]),
        ("Do Marsh's otters fear heavy rain?", []),
        ("How many ottters did they count in 2024?", []),
        ("Can sound stand in for people at night?", []),
    ],
)
def test_rare_words_and_names_that_no_paper_holds_are_listed(question, names):
    paper = replace(PAPER, authors=("Marsh, Ada",), year=2024)
    found = retrieved(question)
    assert replace(found, evidence=[replace(e, paper=paper) for e in found.evidence]).missing == names


@pytest.mark.parametrize(
    ("question", "nearer_without", "about_something_else"),
    [
        ("How does semaglutide count fish?", 0.1, True),
        ("How does semaglutide count fish?", 0.02, False),  # another word for what the paper has
        ("How does HoltNet count fish?", 0.1, False),  # nothing is missing
    ],
)
def test_a_rare_word_that_leads_away_from_the_papers_is_what_a_question_is_about(
    question, nearer_without, about_something_else
):
    asked = retrieved(question)
    found = replace(asked, nearest=lambda _text: asked.signals.relevance + nearer_without)
    assert found.about_something_else is about_something_else


def test_a_sentence_that_is_near_anyway_answers_whatever_word_is_missing():
    asked = retrieved("How does semaglutide count otters from sound recorded at the bank?")
    near = tuple(replace(item, relevance=0.7) for item in asked.evidence)
    assert not replace(asked, evidence=near, nearest=lambda _text: 0.9).about_something_else
