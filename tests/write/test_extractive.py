"""An answer without a model: which sentences are shown, given how likely each of them answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from papers import ICE, SNOW, evidence_of

from rag.text.question_form import QuestionReading
from rag.types import MAY_ANSWER, Agreement, Citation, Notice, Paper, Role, Sentence, Verdict
from rag.write.considered import NO_ANSWER, NOT_NEAR, OTHER_SIDE, SAYS_THE_SAME, UNWRITTEN, considered
from rag.write.extractive import LEAST, ExtractiveWriter, chosen
from rag.write.writer import Task

DRIFT = Paper(
    "drift", "Lamp drift in lighthouses",
    "Lighthouses are costly to keep. A lamp turns a little faster each night until its motor is reset. "
    "This in turn wears the bearing. Lamp drift was found in 9 of 12 lighthouses.",
)  # fmt: skip


def shown(papers, answers):
    return [item.text for item in chosen(evidence_of(papers, answers=answers))]


def test_the_sentence_that_answers_is_shown_and_nothing_else():
    assert shown([ICE, SNOW], {"83.5%": 0.8, "71.2%": 0.2}) == ["Snowline predicts 83.5% of avalanches a day ahead."]


def test_every_paper_that_answers_is_heard_the_best_first():
    evidence = evidence_of([SNOW, ICE], answers={"4 per": 0.6, "predicts 71.2%": 0.8})
    assert [item.paper for item in chosen(evidence)] == [ICE, SNOW]


def test_the_best_sentence_of_a_paper_leads_and_the_others_stand_in_their_order():
    texts = shown([DRIFT], {"9 of 12": 0.9, "turns a little": 0.6, "costly": 0.7})
    assert texts == [
        "Lamp drift was found in 9 of 12 lighthouses.",
        "Lighthouses are costly to keep.",
        "A lamp turns a little faster each night until its motor is reset.",
    ]


def test_a_sentence_that_depends_on_another_is_never_parted_from_it():
    texts = shown([DRIFT], {"costly": 0.7, "turns a little": 0.6, "wears the bearing": 0.9})
    assert texts == [
        "A lamp turns a little faster each night until its motor is reset.",
        "This in turn wears the bearing.",
        "Lighthouses are costly to keep.",
    ]


def test_a_sentence_that_depends_on_the_one_before_is_shown_with_it():
    texts = shown([DRIFT], {"wears the bearing": 0.9})
    assert texts == [
        "A lamp turns a little faster each night until its motor is reset.",
        "This in turn wears the bearing.",
    ]


def test_a_sentence_is_shown_with_all_that_it_depends_on():
    told = "Keepers oil lamps. Lamps turn each night. We call this drift. This effect is strongest in old lamps."
    paper = Paper("d", "Lamps", told)
    assert shown([paper], {"strongest": 0.9}) == [
        "Lamps turn each night.",
        "We call this drift.",
        "This effect is strongest in old lamps.",
    ]


def test_no_answer_opens_with_a_sentence_that_depends_on_one_left_out():
    paper = Paper("d", "Lamps", "Lamps turn each night. This effect is known. Notably, bearings last nine years.")
    assert shown([paper], {"nine years": 0.9}) == ["Notably, bearings last nine years."]


@pytest.mark.parametrize(
    "opening", ["However, bearings", "Moreover, bearings", "But bearings", "With such wear, bearings"]
)
def test_a_sentence_that_goes_on_from_the_one_before_is_shown_with_it(opening):
    paper = Paper("d", "Lamps", f"Keepers oil the motor. Lamps turn each night. {opening} last nine years.")
    assert shown([paper], {"nine years": 0.9}) == ["Lamps turn each night.", f"{opening} last nine years."]


@pytest.mark.parametrize("opening", ["In this study, the old bearings of lamps", "In old lamps, bearings", "Bearings"])
def test_a_sentence_that_begins_anew_stands_alone(opening):
    paper = Paper("d", "Lamps", f"Lamps turn each night. {opening} last nine years.")
    assert shown([paper], {"nine years": 0.9}) == [f"{opening} last nine years."]


def test_a_short_sentence_that_only_gives_a_name_is_shown_with_what_it_names():
    paper = Paper(
        "drift",
        "Lamp drift",
        "Lighthouses are costly. A lamp turns faster each night until its motor is reset. We call this lamp drift.",
    )
    assert shown([paper], {"We call": 0.9}) == [
        "A lamp turns faster each night until its motor is reset.",
        "We call this lamp drift.",
    ]


def test_where_nothing_answers_well_the_best_sentence_is_shown_alone():
    assert shown([SNOW, ICE], {"83.5%": LEAST - 0.01, "71.2%": LEAST - 0.02}) == [
        "Snowline predicts 83.5% of avalanches a day ahead."
    ]


def test_without_evidence_there_is_no_answer():
    assert shown([], {}) == []


def test_what_two_papers_say_in_the_same_words_is_shown_once():
    copy = Paper("copy", "Snowline, an early version", SNOW.abstract)
    assert len(shown([SNOW, copy], {"83.5%": 0.8})) == 1


def test_a_copy_with_another_figure_is_shown_beside_it():
    forged = Paper("forged", "Snowline, another edition", SNOW.abstract.replace("83.5%", "11.1%"))
    texts = shown([SNOW, forged], {"83.5%": 0.8, "11.1%": 0.9})
    assert sorted(texts) == [
        "Snowline predicts 11.1% of avalanches a day ahead.",
        "Snowline predicts 83.5% of avalanches a day ahead.",
    ]


def test_a_paper_that_denies_the_same_in_the_same_words_is_shown_beside_it():
    yes = Paper("yes", "Naps", "A scheduled nap helps workers on the night shift.")
    no = Paper("no", "No naps", "A scheduled nap did not help workers on the night shift.")
    assert len(shown([yes, no], {"helps": 0.9, "did not": 0.8})) == 2


def test_a_question_that_a_paper_asks_is_not_an_answer():
    paper = Paper("p", "Moths", "Do moths avoid red lamps? Moths fly past red lamps.")
    assert shown([paper], {"Do moths": 0.9, "fly past": 0.6}) == ["Moths fly past red lamps."]


@pytest.mark.parametrize("count", [6, 12])
def test_an_answer_of_many_papers_stays_short(count):
    papers = [Paper(f"p{i}", f"Title {i}", f"Number {i} alone says this of kind{i}. It is so.") for i in range(count)]
    answers = {f"Number {i} alone": 0.9 for i in range(count)}
    assert len({item.paper.id for item in chosen(evidence_of(papers, answers=answers))}) <= 4


def said_of(evidence, supporting=(), contradicting=()):
    """A sentence that cites the first of the evidence, and how other papers stand to it."""
    pins = {item.paper.id: Citation(item.number, item.paper, item.text, item.start, item.end, Verdict.SUPPORTED, 0.9)
            for item in evidence}  # fmt: skip
    first = evidence[0]
    agreement = Agreement(supporting, tuple(pins[name] for name in contradicting))
    return Sentence(first.text, (pins[first.paper.id],), Verdict.SUPPORTED, 0.9, agreement)


def test_each_paper_read_is_named_with_its_best_sentence_and_why_it_is_not_cited():
    evidence = evidence_of([SNOW, ICE, DRIFT], answers={"83.5%": 0.8, "71.2%": 0.1, "9 of 12": 0.7})
    first, second, third = considered(evidence, [said_of(evidence)])
    assert (first.paper, first.why) == (SNOW, "")
    assert first.quote == "Snowline predicts 83.5% of avalanches a day ahead."
    assert (second.paper, second.why) == (DRIFT, MAY_ANSWER)
    assert (third.paper, third.why) == (ICE, NO_ANSWER)
    assert ICE.abstract[third.start : third.end] == third.quote


def test_a_paper_that_was_not_read_is_named_with_that_reason():
    evidence = evidence_of([SNOW, ICE], answers={"83.5%": 0.8, "71.2%": 0.0001})
    evidence = [replace(item, read=0.5 if item.paper == SNOW else None) for item in evidence]
    _, far = considered(evidence, [said_of(evidence)])
    assert (far.paper, far.why) == (ICE, NOT_NEAR)


def test_why_a_paper_is_not_cited_fits_the_side_it_takes():
    evidence = evidence_of([SNOW, ICE, DRIFT], answers={"83.5%": 0.8, "71.2%": 0.7, "9 of 12": 0.05})
    said = said_of(evidence, ("drift",), ("ice",))
    sides = {one.paper: (one.stance, one.why) for one in considered(evidence, [said])}
    assert sides[ICE] == ("contradicts", OTHER_SIDE)
    assert sides[DRIFT] == ("supports", SAYS_THE_SAME)


def test_without_an_answer_no_paper_is_measured_by_it():
    evidence = evidence_of([SNOW, ICE], answers={"83.5%": 0.3, "71.2%": 0.01})
    assert [one.why for one in considered(evidence, [])] == [UNWRITTEN, NO_ANSWER]


def listed(question, scores, answers):
    evidence = evidence_of([SNOW, ICE, DRIFT], answers={"83.5%": 0.4} | answers)
    drafts = ExtractiveWriter().write(Task(QuestionReading(question), question, evidence, scores))
    return [draft.text for draft in drafts]


def test_a_question_for_papers_gets_the_best_sentence_of_each_paper_about_it_the_nearest_paper_first():
    texts = listed(
        "Which papers forecast avalanches?",
        {"ice": 0.9, "snow": 0.8, "drift": 0.7},
        {"gradient-boosted": 0.6, "Its false alarms": 0.9, "12,000 radar": 0.5},
    )
    assert texts == [
        "Icefield, a convolutional network, reads 12,000 radar images.",
        "We train Snowline, a gradient-boosted model, on 41,000 sensor readings.",
    ]


def test_a_paper_far_from_a_question_for_papers_is_not_listed():
    assert len(listed("Which papers forecast avalanches?", {"ice": 0.9, "snow": 0.4}, {})) == 1


@pytest.mark.parametrize(
    ("question", "scores"),
    [
        ("Which paper forecasts avalanches best?", {"ice": 0.9, "snow": 0.8}),
        ("What works best against avalanches?", {"ice": 0.9, "snow": 0.8}),
        ("Which papers foretell slides?", {"ice": 0.9, "snow": 0.8}),  # in words of its own
        ("Which papers forecast avalanches?", {}),  # reranked
    ],
)
def test_elsewhere_the_sentences_that_answer_are_shown(question, scores):
    assert listed(question, scores, {}) == ["Snowline predicts 83.5% of avalanches a day ahead."]


def test_a_retracted_paper_never_comes_before_one_that_stands():
    gone = replace(SNOW, notices=(Notice("retraction", "The counts were invented."),))
    evidence = evidence_of([gone, ICE], answers={"83.5%": 0.8, "71.2%": 0.6})
    assert [item.paper.id for item in chosen(evidence)] == ["ice", "snow"]


def drafts_of_parts(*parts):
    question = "What share does it predict, and how many false alarms are there?"
    scored = [evidence_of([SNOW, ICE], answers=answers) for answers in parts]
    task = Task(QuestionReading(question), question, scored[0], parts=scored)
    return [draft.text for draft in ExtractiveWriter().write(task)]


def test_each_part_of_a_double_question_gets_its_own_sentences_in_turn():
    assert drafts_of_parts({"83.5%": 0.9, "4 per": 0.1}, {"4 per": 0.3, "83.5%": 0.02}) == [
        "Snowline predicts 83.5% of avalanches a day ahead.",
        "False alarms fall to 4 per season.",
    ]


def test_a_sentence_that_answers_both_parts_is_shown_once():
    assert drafts_of_parts({"83.5%": 0.9}, {"83.5%": 0.8}) == ["Snowline predicts 83.5% of avalanches a day ahead."]


def test_a_part_that_nothing_answers_adds_nothing():
    assert drafts_of_parts({"83.5%": 0.9}, {"4 per": 0.01}) == ["Snowline predicts 83.5% of avalanches a day ahead."]


def test_an_aim_is_only_shown_where_the_paper_says_nothing_that_it_found():
    roles = {"train": Role.AIM, "83.5%": Role.RESULT}

    def texts(found):
        evidence = evidence_of([SNOW], roles=roles, answers={"train": 0.9, "83.5%": found})
        return [item.text for item in chosen(evidence)]

    assert texts(0.5) == ["Snowline predicts 83.5% of avalanches a day ahead."]
    assert texts(0.1) == ["We train Snowline, a gradient-boosted model, on 41,000 sensor readings."]


def test_what_was_known_before_is_only_shown_where_no_finding_answers_better():
    roles = {"kill skiers": Role.BACKGROUND, "83.5%": Role.RESULT}

    def texts(background):
        evidence = evidence_of([SNOW], roles=roles, answers={"kill skiers": background, "83.5%": 0.5})
        return [item.text for item in chosen(evidence)]

    assert texts(0.5) == ["Snowline predicts 83.5% of avalanches a day ahead."]
    assert "Avalanches kill skiers every winter." in texts(0.6)


def written(question, papers, answers, roles=None):
    evidence = evidence_of(papers, roles, answers=answers)
    return [draft.text for draft in ExtractiveWriter().write(Task(QuestionReading(question), question, evidence))]


ROCK = Paper("rock", "Rocks on slopes", "Rocks fall after frost.")


@pytest.mark.parametrize(("best", "heard"), [(0.6, ["Snowline", "Icefield", "Rocks"]), (0.4, ["Snowline", "Icefield"])])
def test_where_nothing_probably_answers_only_two_papers_are_heard(best, heard):
    texts = written("What happens on slopes?", [SNOW, ICE, ROCK], {"83.5%": best, "71.2%": 0.3, "Rocks": 0.28})
    assert [text.split()[0] for text in texts] == heard


NAP = Paper(
    "nap", "Naps of nurses on the night shift", "Nurses were given a nap. A nap helped nurses on the night shift."
)
NO_NAP = Paper(
    "none", "No benefit of a nap on the night shift",
    "Workers were given a nap. There was no difference in accidents after a nap on the night shift.",
)  # fmt: skip
INERTIA = Paper("inertia", "Naps and inertia on the night shift", "A nap helped bus drivers to stay awake.")
BAKERS = Paper("bakers", "Bread", "Bakers had no difficulty on the night shift.")
FOUND = dict.fromkeys(("helped nurses", "no difference", "helped bus", "no difficulty"), Role.RESULT)


def test_both_sides_of_a_yes_or_no_question_are_heard_each_together():
    answers = {"helped nurses": 0.9, "no difference": 0.06, "helped bus": 0.8}
    texts = written("Does a nap help on the night shift?", [NAP, NO_NAP, INERTIA], answers, FOUND)
    assert texts == [
        "A nap helped nurses on the night shift.",
        "A nap helped bus drivers to stay awake.",
        "There was no difference in accidents after a nap on the night shift.",
    ]


def test_sides_stand_together_where_the_answers_alternate():
    answers = {"helped nurses": 0.9, "no difference": 0.8, "helped bus": 0.7}
    texts = written("Does a nap help on the night shift?", [NAP, NO_NAP, INERTIA], answers, FOUND)
    assert [text.split()[1] for text in texts] == ["nap", "nap", "was"]


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        # The denial says nothing of what is asked.
        ("Does a nap help nurses after dinner?", {"helped nurses": 0.9, "no difficulty": 0.06}),
        # A sentence that denies nothing takes no side by itself.
        ("Does a nap help on the night shift?", {"no difference": 0.9, "helped nurses": 0.06}),
    ],
)
def test_what_is_on_no_side_is_not_added(question, answers):
    assert len(written(question, [NAP, NO_NAP, BAKERS], answers, FOUND)) == 1


@pytest.mark.parametrize(
    ("question", "other", "papers"),
    [
        ("How many avalanches do Snowline and Icefield predict?", 0.05, ["snow", "ice"]),
        ("How many avalanches do Snowline and Icefield predict?", 0.01, ["snow"]),  # not on the question at all
        ("How many avalanches does Snowline predict?", 0.05, ["snow"]),
    ],
)
def test_a_paper_that_the_question_names_too_is_heard_though_another_answers_better(question, other, papers):
    evidence = evidence_of([SNOW, ICE], answers={"83.5%": 0.9, "71.2%": other})
    drafts = ExtractiveWriter().write(Task(QuestionReading(question), question, evidence))
    numbers = {item.number: item.paper.id for item in evidence}
    assert [numbers[draft.numbers[0]] for draft in drafts] == papers
