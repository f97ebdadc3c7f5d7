"""Who supports a claim and who disputes it, where the abstracts use other words than the claim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.types import Agreement, Draft, Evidence, Paper, Role
from rag.verify import check, default_checker

NO = "We provide evidence that the alleged winter torpor of dormice vanishes with better thermometers."
SHOWN = {
    "against": ("Winter torpor of dormice under snow",
                "With implanted sensors we observe clear evidence of winter torpor in every nest."),
    "with": ("Is there winter torpor at all?", "We find no evidence of winter torpor in any of the boxes."),
    "background": ("Winter torpor and its costs", "Dormice exhibit winter torpor for months."),
    "open": ("Winter torpor revisited", "Dormice may exhibit winter torpor for months."),
    "aside": ("Diets of dormice", "Our data exhibit winter torpor as well."),
    "elsewhere": ("Summer torpor of swifts", "We observe clear evidence of summer torpor in young swifts."),
}  # fmt: skip


def evidence(name: str, number: int, *, role: Role = Role.RESULT) -> Evidence:
    title, text = SHOWN[name]
    return Evidence(number, Paper(name, title, text), 0, len(text), text, 0.5, role)


def agreement(claim: str, *others: Evidence) -> Agreement:
    cited = Evidence(1, Paper("claim", "Torpor reconsidered", claim), 0, len(claim), claim, 0.6, Role.RESULT)
    sentence, _ = check(Draft(claim, (1,)), (cited, *others), default_checker(), {})
    assert sentence is not None
    return sentence.agreement


def test_papers_that_say_the_opposite_in_other_words_are_reported_with_their_sentences():
    found = agreement(NO, evidence("against", 2), evidence("with", 3))
    assert [pin.quote for pin in found.contradicting] == [SHOWN["against"][1]]
    assert found.supporting == ("claim", "with")
    assert [item.text for item in found.also] == [SHOWN["with"][1]]


@pytest.mark.parametrize("name", ["open", "aside", "elsewhere"])
def test_conjectures_asides_and_other_subjects_are_not_a_dispute(name):
    assert agreement(NO, evidence(name, 2)) == Agreement(("claim",))


def test_what_a_paper_gives_as_background_is_not_its_finding():
    assert agreement(NO, evidence("background", 2, role=Role.BACKGROUND)).contradicting == ()
    assert len(agreement(NO, evidence("background", 2, role=Role.CONCLUSION)).contradicting) == 1


def test_that_two_papers_take_one_side_is_reported_only_where_there_are_two_sides():
    assert agreement(NO, evidence("with", 2)).also == ()


CLAIM = "Otters have learned to open the traps of the eel fishery without being shown."
REPORT = f'The authors argue that "{CLAIM[0].lower()}{CLAIM[1:-1]}."'
REBUTTAL = "In this response we provide counterexamples from four rivers."


def response(*sentences: str) -> list[Evidence]:
    paper = Paper("response", "Response: otters and eel traps", " ".join(sentences))
    starts = [paper.abstract.index(sentence) for sentence in sentences]
    return [Evidence(n, paper, a, a + len(s), s, 0.5, Role.RESULT)
            for n, (a, s) in enumerate(zip(starts, sentences, strict=True), 2)]  # fmt: skip


def test_a_response_that_restates_a_claim_and_rebuts_it_disagrees():
    found = agreement(CLAIM, *response(REPORT, REBUTTAL))
    assert found.supporting == ("claim",)
    assert [pin.quote for pin in found.contradicting] == [REBUTTAL]


def test_a_paper_that_only_reports_a_claim_neither_supports_nor_disputes_it():
    assert agreement(CLAIM, *response(REPORT)) == Agreement(("claim",))
    assert agreement(CLAIM, *response(REBUTTAL)) == Agreement(("claim",))


def test_a_clash_with_what_a_paper_gives_as_background_is_not_a_dispute():
    denied = "Otters have not learned to open the traps of the eel fishery without being shown."
    item = response(denied)[0]
    assert len(agreement(CLAIM, item).contradicting) == 1
    assert agreement(CLAIM, replace(item, role=Role.BACKGROUND)).contradicting == ()
