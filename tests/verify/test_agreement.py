"""Who supports a claim and who disputes it, where the abstracts use other words than the claim."""

from __future__ import annotations

import pytest
from scripted_reader import ScriptedReader

from rag.text.roles import role_of
from rag.types import Agreement, Draft, Evidence, Paper, Role, Support, Verdict
from rag.verify import check, default_checker
from rag.verify.agreement import MOST_READ, agreement_of
from rag.verify.disputes import BAR

NO = "We find no evidence of winter torpor in any of the boxes."
SHOWN = {
    "against": ("Winter torpor of dormice under snow",
                "With implanted sensors we observe clear evidence of winter torpor in every nest."),
    "again": ("Nest boxes in winter", "In none of the boxes did we find evidence of winter torpor."),
    "elsewhere": ("Summer torpor of swifts", "We observe clear evidence of summer torpor in young swifts."),
    "boxes": ("Nest boxes and moss", "Boxes with moss held more dormice in winter than boxes without."),
    "other": ("Otters by the sea", "Otters crack mussels on the stones of every beach."),
}  # fmt: skip


def evidence(name: str, number: int = 2, *, role: Role = Role.RESULT) -> Evidence:
    title, text = SHOWN[name]
    return Evidence(number, Paper(name, title, text), 0, len(text), text, 0.5, role)


def agreement(claim: str, *others: Evidence) -> Agreement:
    """Return how the others stand to a claim that a paper of its own states, by the models that come with Pincite."""
    cited = Evidence(1, Paper("claim", "Torpor reconsidered", claim), 0, len(claim), claim, 0.6, Role.RESULT)
    sentence, _ = check(Draft(claim, (1,)), (cited, *others), default_checker(), {})
    assert sentence is not None
    return sentence.agreement


def test_a_paper_that_finds_the_opposite_in_other_words_is_reported_with_its_sentence():
    found = agreement(NO, evidence("against"))
    assert [pin.quote for pin in found.contradicting] == [SHOWN["against"][1]]
    assert found.supporting == ("claim",)


@pytest.mark.parametrize("name", ["again", "elsewhere", "boxes", "other"])
def test_papers_that_agree_and_papers_on_something_else_are_not_a_dispute(name):
    assert agreement(NO, evidence(name)).contradicting == ()


@pytest.mark.parametrize("role", [Role.BACKGROUND, Role.AIM, Role.METHOD])
def test_only_a_finding_of_a_paper_disputes_in_other_words(role):
    assert agreement(NO, evidence("against", role=role)).contradicting == ()


CLAIM = "Otters have learned to open the traps of the eel fishery without being shown."
DENIED = "Otters have not learned to open the traps of the eel fishery without being shown."
REBUTTAL = "In this response we provide counterexamples from four rivers."


def response(*sentences: str, role: Role = Role.RESULT) -> list[Evidence]:
    paper = Paper("response", "Response: otters and eel traps", " ".join(sentences))
    starts = [paper.abstract.index(sentence) for sentence in sentences]
    return [Evidence(n, paper, a, a + len(s), s, 0.5, role)
            for n, (a, s) in enumerate(zip(starts, sentences, strict=True), 2)]  # fmt: skip


@pytest.mark.parametrize("role", [Role.BACKGROUND, Role.AIM])
@pytest.mark.parametrize("said", [CLAIM, DENIED])
def test_what_a_paper_gives_as_background_or_aims_at_is_on_no_side(said, role):
    assert agreement(CLAIM, *response(said, role=role)) == Agreement(("claim",))
    found = agreement(CLAIM, *response(said))
    assert (len(found.supporting), len(found.contradicting)) == ((2, 0) if said == CLAIM else (1, 1))


def test_a_paper_that_only_reports_a_claim_neither_supports_nor_disputes_it():
    report = f'In their recent paper, the authors argue that "{CLAIM[0].lower()}{CLAIM[1:-1]}."'
    reported, rebutted = role_of((report, REBUTTAL))
    assert agreement(CLAIM, *response(report, role=reported)) == Agreement(("claim",))
    assert agreement(CLAIM, *response(REBUTTAL, role=rebutted)) == Agreement(("claim",))


class Agreeable:
    """A checker that finds nearly all of these supported, and nothing contradicted."""

    def __init__(self, *supported: str) -> None:
        self._supported = supported

    def check(self, sentence: str, evidence: tuple[str, ...]) -> Support:
        held = evidence[0] in self._supported
        return Support(0.9, Verdict.SUPPORTED) if held else Support(0.1, Verdict.UNSUPPORTED)


HEDGES = "Hedges raised the number of bees on farms."
FEWER, MORE = "Farms with hedges had fewer bees.", "On farms with hedges there were more bees."


def both_ways(sure: float, *texts: str) -> ScriptedReader:
    return ScriptedReader({pair: sure for text in texts for pair in ((HEDGES, text), (text, HEDGES))})


def found(texts: dict[str, list[str]], reader: ScriptedReader, *supported: str) -> Agreement:
    """Return how papers with these sentences stand to the claim."""
    items: list[Evidence] = []
    for name, mine in texts.items():
        paper = Paper(name, f"On {name}", " ".join(mine))
        for text in mine:
            start = paper.abstract.index(text)
            items.append(Evidence(len(items), paper, start, start + len(text), text, 0.5, Role.RESULT))
    return agreement_of(HEDGES, (), items, Agreeable(*supported), {}, reader)


def test_a_paper_disputes_a_claim_from_the_bar_on():
    assert len(found({"clay": [FEWER]}, both_ways(BAR, FEWER)).contradicting) == 1
    assert found({"clay": [FEWER]}, both_ways(BAR - 0.01, FEWER)) == Agreement()


def test_a_paper_that_agrees_and_disputes_is_on_neither_side():
    assert found({"clay": [FEWER, MORE]}, both_ways(0.9, FEWER), MORE) == Agreement()
    apart = found({"clay": [FEWER], "sand": [MORE]}, both_ways(0.9, FEWER), MORE)
    assert [pin.paper.id for pin in apart.contradicting] == ["clay"]
    assert apart.supporting == ("sand",)


def test_a_paper_is_shown_with_the_finding_that_most_surely_disputes():
    none = "No bees were on farms with hedges."
    reader = ScriptedReader({(HEDGES, FEWER): 0.8, (FEWER, HEDGES): 0.8, (HEDGES, none): 0.9, (none, HEDGES): 0.95})
    for order in ([FEWER, none], [none, FEWER]):
        (pin,) = found({"clay": order}, reader).contradicting
        assert pin.quote == none


def test_a_claim_is_read_against_the_nearest_findings_of_all_papers_at_once():
    reader = ScriptedReader({})
    farms = {f"farm {n}": [f"Farms with hedges had fewer bees in the wet summer of the year {n}."] for n in range(40)}
    found(farms | {"clay": [FEWER], "shore": ["Mussels grew on every stone."]}, reader)
    first, *_ = reader.calls
    assert len(first) == MOST_READ
    assert (HEDGES, (FEWER,)) in first
    assert sum(map(len, reader.calls)) == MOST_READ
