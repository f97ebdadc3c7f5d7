"""Questions made from abstracts: what each asks for, and which ones are left out."""

import pytest

from rag.question.made_questions import make_questions, make_traps
from rag.text.words import term_set
from rag.types import Hit, Paper

TIDES = Paper(
    id="tides",
    title="Spring tides on open coasts",
    abstract="Tides matter to harbours. We surveyed 412 coastal gauges in nine countries. Warm currents raise the "
    "height of spring tides by 12%. It passes within hours.",
)
BEES = Paper(
    id="bees",
    title="Foraging of honey bees in cities",
    abstract="Bees forage far from the hive. The Urban Bee Survey (UBS) recorded 3,150 foraging flights in parks. "
    "Street lights reduce the length of foraging flights.",
)


def search_in(*papers):
    def search(question, k):
        wanted = term_set(question)
        ranked = sorted(papers, key=lambda p: -len(wanted & term_set(p.abstract)))
        return [Hit(paper, 0.0, "", 0, 0) for paper in ranked[:k]]

    return search


def made_of(*papers, count=20):
    return {made.question: made for made in make_questions(papers, search_in(*papers), count)}


@pytest.mark.parametrize(
    ("question", "kind", "answer"),
    [
        ("How many coastal gauges in nine countries were surveyed?", "figure", "412"),
        ("What effect do warm currents have on the height of spring tides?", "finding", ""),
        ("What does UBS stand for?", "definition", "Urban Bee Survey"),
    ],
)
def test_a_sentence_is_turned_into_the_question_that_it_answers(question, kind, answer):
    made = made_of(TIDES, BEES)[question]
    assert (made.kind, made.answer) == (kind, answer)
    paper = {"tides": TIDES, "bees": BEES}[made.paper]
    assert made.evidence in paper.abstract
    assert made.answer in made.evidence


@pytest.mark.parametrize(
    "sentence",
    [
        "Rewetting drained peat soils cuts carbon dioxide but raises methane.",
        "Rewetting drained peat soils therefore cuts carbon dioxide.",
    ],
)
def test_two_clauses_and_what_follows_from_the_sentence_before_give_no_question(sentence):
    assert made_of(Paper(id="a", title="A sentence", abstract=sentence)) == {}


@pytest.mark.parametrize(
    ("title", "abstract", "question"),
    [
        ("Hives", "Varro raises the weight of hives. In spring, Varro is cheap.",
         "What effect does Varro have on the weight of hives?"),
        ("Varro: feeding hives", "Varro raises the weight of hives.",
         "What effect does Varro have on the weight of hives?"),
        ("Hives", "Claude Monet raises the weight of hives.",
         "What effect does Claude Monet have on the weight of hives?"),
        ("Hives", "Syrup raises the weight of hives. In spring, syrup is cheap.",
         "What effect does syrup have on the weight of hives?"),
        ("Syrup: a cheap food", "Syrup raises the weight of hives. In spring, syrup is cheap.",
         "What effect does syrup have on the weight of hives?"),
    ],
)  # fmt: skip
def test_a_name_keeps_its_capital_inside_a_question(title, abstract, question):
    assert question in made_of(Paper(id="a", title=title, abstract=abstract))


@pytest.mark.parametrize(
    "sentence",
    ["Claude 3.5 Sonnet keeps most of the hives alive in winter.", "Syrup beats water by 19 and honey by 14 jars."],
)
def test_a_number_in_a_name_and_one_without_its_noun_are_not_asked_for(sentence):
    made = make_questions([paper := Paper(id="a", title="Hives", abstract=sentence)], search_in(paper), 9)
    assert not {one.answer for one in made} & {"3.5", "19"}


def test_the_same_papers_and_seed_give_the_same_questions():
    assert list(made_of(TIDES, BEES)) == list(made_of(TIDES, BEES))


def test_a_sentence_that_leans_on_its_neighbours_is_passed_over():
    paper = Paper(id="a", title="Tides", abstract="It was recorded at many northern coastal harbours in winter.")
    assert made_of(paper) == {}


def test_a_question_that_another_paper_answers_as_well_is_left_out():
    copy = Paper(id="copy", title="Tides again", abstract=TIDES.abstract)
    assert made_of(TIDES, copy) == {}


def test_figures_of_other_papers_are_the_rivals_of_a_figure():
    other = Paper(id="b", title="Gauges inland", abstract="A later report compares 96 gauges of inland rivers.")
    paper = Paper(id="a", title="Gauges", abstract="We surveyed 412 gauges on open northern coasts.")
    made = {made.answer: made.rivals for made in made_of(paper, other).values()}
    assert made == {"412": ("96",), "96": ("412",)}


def test_a_trap_joins_what_two_papers_say_apart():
    traps = make_traps([TIDES, BEES], search_in(TIDES, BEES), 5)
    assert {t.question for t in traps} == {
        "What effect do warm currents have on the length of foraging flights?",
        "What effect do street lights have on the height of spring tides?",
    }
    assert not any(t.paper for t in traps)
