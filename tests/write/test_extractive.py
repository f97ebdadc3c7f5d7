from __future__ import annotations

import pytest
from papers import ICE, SNOW, evidence_of

from rag.text.abbreviations import long_forms, with_both_forms
from rag.text.question_form import QuestionReading
from rag.text.words import term_set
from rag.types import Paper, Role
from rag.write.extractive import write as write_from_evidence

ROLES = {"kill skiers": Role.BACKGROUND, "Radar sees": Role.BACKGROUND, "predicts": Role.RESULT, "alarms": Role.RESULT}


def write(question, evidence, scores=None):
    return write_from_evidence(QuestionReading(question), evidence, scores)


def told(question, papers, **options):
    return [draft.text for draft in write(question, evidence_of(papers, ROLES, **options))]


def test_a_question_for_a_figure_gets_the_sentence_with_it_from_the_paper_that_is_meant():
    assert told("How many avalanches does Snowline predict a day ahead?", [ICE, SNOW]) == [
        "Snowline predicts 83.5% of avalanches a day ahead."
    ]


def test_every_sentence_is_the_abstracts_own_and_cites_itself():
    evidence = evidence_of([SNOW, ICE], ROLES)
    by_number = {e.number: e.text for e in evidence}
    drafts = list(write("Compare Snowline with Icefield on false alarms.", evidence))
    assert drafts
    assert all(draft.text == by_number[draft.numbers[0]] for draft in drafts)


def test_a_comparison_hears_both_sides():
    text = " ".join(told("Does Snowline or Icefield raise fewer false alarms? Compare both.", [SNOW, ICE]))
    assert "4 per season" in text
    assert "19 per season" in text


def test_background_is_never_cited_however_near_it_is():
    texts = told("What kills skiers every winter?", [SNOW], relevance={"kill skiers": 0.95})
    assert "Avalanches kill skiers every winter." not in texts


MOSS = Paper(
    "moss", "Night bloom in mosses",
    "Night bloom was first seen in mosses. We isolate factors that contribute to night bloom in mosses. "
    "Growing spores under a single red lamp induces bloom after dark. It is important to understand night bloom. "
    "Mosses show night bloom.", year=2022,
)  # fmt: skip


def test_a_question_for_a_cause_gets_the_sentence_that_gives_one_not_those_that_echo_or_announce():
    roles = {"first seen": Role.BACKGROUND}
    near = {"isolate": 0.6, "important": 0.6, "Mosses show": 0.9, "red lamp": 0.5}
    (only,) = write("What triggers night bloom in mosses?", evidence_of([MOSS], roles, near))
    assert "red lamp" in only.text


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Does vitamin K reduce frost scars in apple trees?", "Vitamin K reduces frost scars in apple trees."),
        ("How many orchards took part in the trial?", "The trial took part in 90 orchards."),
        ("What was the pump of the mill made of?", "The pump of the mill was made of oak."),
        ("Which vitamin reduces frost scars in apple trees?", "Vitamin K reduces frost scars in apple trees."),
    ],
)
def test_what_says_yes_or_gives_the_one_word_asked_for_is_no_echo(question, sentence):
    (only,) = write(question, evidence_of([Paper("a", "Frost scars", sentence)]))
    assert only.text == sentence


FERRY = Paper(
    "ferry", "Ferrybot steers by starlight",
    "Ferrybot crosses 40 km of open water by starlight. Its rudder drifts under clouds. "
    "Project page: https://ferrybot.example.org/starlight. Code and logs of Ferrybot are publicly available.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "shown"),
    [("What can Ferrybot do at sea?", False), ("Where is the code of Ferrybot available?", True)],
)
def test_where_something_is_to_be_found_is_shown_only_if_asked_for(question, shown):
    near = {"Project page": 0.9, "Code and logs": 0.9, "crosses": 0.5}
    text = " ".join(draft.text for draft in write(question, evidence_of([FERRY], {}, near)))
    assert text
    assert ("publicly available" in text) is shown
    assert shown or "Project page" not in text


DRIFT = Paper(
    "drift", "Lamp drift in lighthouses",
    "Lighthouses are costly to keep. A lamp turns a little faster each night until its motor is reset. "
    "We refer to this as lamp drift. Lamp drift was found in 9 of 12 lighthouses.",
)  # fmt: skip


def test_a_sentence_that_only_gives_a_name_comes_after_the_one_that_says_of_what():
    near = {"refer to this": 0.9, "turns a little": 0.3, "9 of 12": 0.5, "costly": 0.1}
    texts = [draft.text for draft in write("What is lamp drift?", evidence_of([DRIFT], {}, near))]
    at = texts.index("We refer to this as lamp drift.")
    assert texts[at - 1].startswith("A lamp turns a little faster")


def test_what_something_is_comes_before_what_is_found_of_it():
    paper = Paper(
        "fog",
        "Fog lamps",
        "Fog lamps are diverse. A fog lamp is a light that shines below the fog. We find fog lamps cheap.",
    )
    near = {"diverse": 0.9, "below the fog": 0.5, "cheap": 0.8}
    assert any("below the fog" in draft.text for draft in write("What is a fog lamp?", evidence_of([paper], {}, near)))


TIDES = Paper("tides", "Tides at noon", "The mean of all tides was 2 metres. We define a noon tide by the sun.")


@pytest.mark.parametrize("question", ["What does lamp drift mean?", "Define lamp drift."])
def test_a_word_that_only_shapes_the_question_brings_in_no_other_paper(question):
    evidence = evidence_of([DRIFT, TIDES], {}, {"turns a little": 0.5, "9 of 12": 0.5})
    assert all(DRIFT.id == evidence[n - 1].paper.id for draft in write(question, evidence) for n in draft.numbers)


def test_what_a_paper_set_out_to_do_is_a_finding_only_if_it_states_the_outcome():
    asks = Paper("a", "Moths and lamps", "We ask whether moths avoid red lamps. Moths fly past red lamps.")
    finds = Paper("b", "Moths and lamps", "We ask whether moths avoid red lamps, showing that they fly past them.")
    question = "Do moths avoid red lamps?"
    roles = {"ask whether": Role.AIM, "Moths fly": Role.RESULT}
    assert [d.text for d in write(question, evidence_of([asks], roles))] == ["Moths fly past red lamps."]
    assert [d.text for d in write(question, evidence_of([finds], roles))] == [finds.abstract]


def test_without_evidence_there_is_no_answer():
    assert told("How many?", []) == []


def test_what_goes_on_about_it_stands_behind_it():
    text = "Slope warming has emerged as a solution. In this framework, pipes heat the snow from below. Pipes are dear."
    near = {"Slope warming": 0.6}
    told = [draft.text for draft in write("What is slope warming?", evidence_of([Paper("w", "Snow", text)], {}, near))]
    assert told[:2] == [
        "Slope warming has emerged as a solution.",
        "In this framework, pipes heat the snow from below.",
    ]


def test_a_paper_that_holds_the_whole_name_says_what_it_is():
    apart = Paper("a", "Snow on slopes", "Warming of a slope makes its snow slip, and the slope bare.")
    whole = Paper("b", "Snow and pipes", "With slope warming the snow slips, and nobody has to shovel it.")
    (draft, *_) = write("What is slope warming?", evidence_of([apart, whole]))
    assert draft.text.startswith("With slope warming")


def test_a_paper_far_from_the_best_one_is_left_out():
    evidence = evidence_of([SNOW, ICE], ROLES)
    question = "Compare Snowline with Icefield on false alarms."
    both = " ".join(draft.text for draft in write(question, evidence, {"snow": 0.6, "ice": 0.5}))
    assert "4 per season" in both
    assert "19 per season" in both
    alone = " ".join(draft.text for draft in write(question, evidence, {"snow": 0.6, "ice": 0.2}))
    assert "19 per season" not in alone


def test_an_abbreviation_is_its_long_form():
    forms = long_forms(["Snow water equivalents (SWEs) were told by gauges (see Table 1). The cost (USD) was high."])
    assert set(forms) == {"swe", "swes"}
    assert with_both_forms(term_set("SWEs stem from frost"), forms) >= term_set("snow water equivalent")
    assert "swe" in with_both_forms(term_set("the equivalent of snow in water"), forms)


def test_what_is_not_known_yet_is_no_answer():
    paper = Paper(
        "p", "Slopes", "Why wet slopes slip is poorly understood. Wet slopes slip because melt water lifts the snow."
    )
    (draft, *_) = write("Why do wet slopes slip?", evidence_of([paper]))
    assert "melt water" in draft.text
