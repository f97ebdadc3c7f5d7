"""Every citation metric with its sum by hand. Passages: p1 tides, salt; p2 winds, clouds; p3 owls, tides."""

import dataclasses

import pytest
from judges_for_tests import PASSAGES, ExactJudge, GradedJudge, case, judged, pinned, response

from eval.answers.responses import Claim, Passage, PinnedQuote, Response
from eval.estimates import NOT_APPLICABLE, UNSCORED, Score
from eval.judges.judged import judge_response
from eval.judges.languages import EnglishOnly
from eval.metrics import BY_NAME, citations, scores_of


def test_validity_counts_marks_that_lead_nowhere():
    # 3 marks, [9] and no other leads nowhere: 2 / 3.
    assert citations.validity(judged(("Tides rise at noon.", 1, 9), ("Winds turn north.", 2))) == Score(2, 3)


def test_coverage_never_inherits_from_a_neighbour():
    # The first sentence has a mark, the second none of its own: 1 / 2.
    assert citations.coverage(judged(("Tides rise at noon.", 1), ("Salt floats up.",))) == Score(1, 2)


def test_recall_asks_all_cited_passages_together():
    # "Tides … and Winds …" needs p1 and p2, which it cites: supported. "Owls …" cites p1, which is silent: 1 / 2.
    item = judged(("Tides rise at noon. and Winds turn north.", 1, 2), ("Owls hunt at night.", 1))
    assert citations.recall(item) == Score(0.5, 1)


def test_precision_by_hand():
    # 1: [1][2] both needed: 2 precise. 2: [1] alone supports it, [2] doesn't and isn't needed: 1 of 2.
    # 3: not supported: 0 of 1. 4: an invented mark next to a right one: 1 of 2. In all 4 / 7.
    item = judged(
        ("Tides rise at noon. and Winds turn north.", 1, 2),
        ("Salt floats up.", 1, 2),
        ("Owls hunt at night.", 2),
        ("Clouds gather fast.", 2, 8),
    )
    assert citations.precision(item) == Score(4 / 7, 1)


def test_two_passages_that_each_support_the_sentence_are_both_precise():
    assert citations.precision(judged(("Tides rise at noon.", 1, 3))) == Score(1, 1)


def test_f1_is_the_harmonic_mean():
    # Recall 1 / 2, precision 1 / 1: 2 · 0.5 · 1 / 1.5 = 2 / 3.
    item = judged(("Tides rise at noon.", 1), ("Salt floats up.",))
    assert citations.f1(item).value == pytest.approx(2 / 3)


def test_without_marks_precision_does_not_apply_but_f1_is_zero():
    item = judged(("Tides rise at noon.",))
    assert citations.precision(item) == NOT_APPLICABLE
    assert citations.f1(item) == Score(0, 1)


def test_a_sentence_that_could_not_be_judged_is_unscored():
    # One of three got no verdict: recall 1 / 2 with one unscored.
    item = judged(("Tides rise at noon.", 1), ("Salt ??? floats up.", 1), ("Owls hunt at night.", 1))
    assert citations.recall(item) == Score(0.5, 1, 1)
    assert citations.contradiction(item) == Score(0, 2, 1)


def test_contradiction_and_misattribution():
    # 1 contradicts p1; 2 is supported by p2 but cites p1; 3 is supported; 4 cites nothing and is in neither sum.
    item = judged(
        ("Not Tides rise at noon.", 1), ("Winds turn north.", 1), ("Salt floats up.", 1), ("Owls hunt at night.",)
    )
    assert citations.contradiction(item) == Score(1, 3)
    assert citations.misattribution(item) == Score(1, 3)
    assert [j.elsewhere for j in item.claims] == [None, "p2", None, "p3"]


def test_groundedness_is_blind_to_marks():
    # 2 of 3 stand somewhere in the passages, whatever they cite.
    item = judged(("Winds turn north.", 1), ("Owls hunt at night.",), ("Bees dance in rain.", 2))
    assert citations.groundedness(item) == Score(2 / 3, 1)


def test_partial_support_counts_half_and_is_counted_apart():
    # In full 1, in part 0.5, not 0, no mark 0, no verdict unscored: 1.5 of 4 sentences, 1.5 of the 3 that cite.
    item = judged(
        ("Tides rise at noon.", 1), ("Winds turn north. and Owls hunt at night.", 2), ("Owls hunt at night.", 1),
        ("Salt floats up.",), ("Clouds ??? gather.", 2), judge=GradedJudge(),
    )  # fmt: skip
    assert citations.support_recall(item) == Score(1.5 / 4, 1, 1)
    assert citations.support_precision(item) == Score(0.5, 1, 1)
    assert citations.partial_support(item) == Score(1, 3, 1)
    assert citations.recall(item) == Score(1 / 4, 1, 1)  # ALCE's knows no halves


def test_pinned_recall_looks_at_the_quotes_alone():
    # The abstract supports both, the quote of the second doesn't: 1 / 2.
    claims = (
        pinned("Tides rise at noon.", (1, "Tides rise at noon.")),
        pinned("Salt floats up.", (1, "Tides rise at noon.")),
    )
    given = Response("q", "…", claims, PASSAGES)
    item = judge_response(case(), given, ExactJudge())
    assert citations.pinned_recall(item) == Score(0.5, 1)
    assert citations.recall(item) == Score(1, 1)


def test_quotes_are_exact_or_not():
    # 1 exact, 1 with another letter, 1 of another passage, 1 of a passage that is not there: 1 / 4.
    claims = (
        pinned("A.", (1, "Salt floats up."), (1, "salt floats up."), (2, "Salt floats up."), (7, "Salt floats up.")),
    )
    item = judge_response(case(), Response("q", "…", claims, PASSAGES), ExactJudge())
    assert citations.quote_exactness(item) == Score(1, 4)


@pytest.mark.parametrize("text", ["What do tides do?", "In short:", "Here is what I found in the papers.", "Yes."])
def test_sentences_that_assert_nothing_need_no_mark(text):
    assert citations.coverage(judged((text,), ("Tides rise at noon.", 1))) == Score(1, 1)


def test_a_heading_that_cites_is_held_to_it():
    assert citations.recall(judged(("In short:", 1))) == Score(0, 1)


def test_a_failed_answer_is_unscored_everywhere():
    failed = dataclasses.replace(response(("Tides rise at noon.", 1)), error="no connection")
    scores = scores_of(judge_response(case(gold=("p1",), expected=(("noon",),)), failed, ExactJudge()))
    applicable = {name: score for name, score in scores.items() if score != NOT_APPLICABLE}
    assert applicable
    assert set(applicable.values()) == {UNSCORED}


def test_a_refusal_has_nothing_to_cite():
    declined = response(("No abstract answers this.",), declined=True)
    scores = scores_of(judge_response(case(), declined, ExactJudge()))
    cited = {name for name, metric in BY_NAME.items() if metric.group == "citations"}
    assert {scores[name] for name in cited} == {NOT_APPLICABLE}


def test_the_judge_is_asked_each_thing_once():
    judge = ExactJudge()
    judge_response(case(), response(("Tides rise at noon.", 1, 3)), judge)
    assert len(judge.asked) == len(set(judge.asked))


def test_passages_may_be_pieces_of_one_paper():
    pieces = (Passage("p1", "Tides rise at noon."), Passage("p1", "Salt floats up."))
    item = judged(("Tides rise at noon. and Salt floats up.", 1, 2), passages=pieces)
    assert citations.recall(item) == Score(1, 1)
    assert citations.precision(item) == Score(1, 1)


def test_a_quote_with_offsets_has_to_be_there():
    claims = (
        Claim("A.", (1,), (PinnedQuote(1, "Salt floats up.", 20, 35), PinnedQuote(1, "Salt floats up.", 21, 36))),
    )
    item = judge_response(case(), Response("q", "A [1].", claims, PASSAGES), ExactJudge())
    assert citations.quote_exactness(item) == Score(1, 2)


def test_text_and_sentences_have_to_agree():
    right = judged(("Tides rise at noon.", 1), ("Winds turn north.", 2))
    assert citations.text_agreement(right) == Score(1, 1)
    shifted = judged(("Tides rise at noon.", 1), text="Tides rise at noon [2].")
    assert citations.text_agreement(shifted) == Score(0, 1)
    lying = judged(("Tides rise at noon.", 1), text="Tides cure colds [1].")
    assert citations.text_agreement(lying) == Score(0, 1)


def test_a_mark_on_a_passage_without_a_text_leads_nowhere():
    item = judged(("Tides rise at noon.", 1), passages=(Passage("p1", ""),))
    assert citations.validity(item) == Score(0, 1)
    assert citations.recall(item) == Score(0, 1)


def test_a_language_that_the_judge_cannot_read_is_unscored():
    german = "Die Gezeiten steigen mit dem Mond und fallen zum Abend."
    item = judge_response(case(), response((german, 1), ("Winds turn north.", 2)), EnglishOnly(ExactJudge()))
    assert citations.recall(item) == Score(1, 1, 1)
    assert citations.groundedness(item) == Score(1, 1, 1)
    same = judge_response(
        case(), response((german, 1), passages=(Passage("p1", f"Erstens. {german}"),)), EnglishOnly(ExactJudge())
    )
    assert citations.recall(same) == Score(1, 1)  # word for word needs no reading
