"""The harness itself mutated: answers spoilt in a known way get exactly the scores that are known to be right."""

import dataclasses

import pytest
from judges_for_tests import ExactJudge

from eval.answers.llama_index import paper_id
from eval.answers.responses import Claim, Passage, PinnedQuote, Response
from eval.json_lines import read_lines
from eval.judges.judged import judge_response
from eval.metrics import scores_of, summarise
from eval.questions import Case, load_cases
from eval.runs.asking import DEMO


@pytest.fixture(scope="module")
def perfect():
    """For every answerable question with several gold papers, its evidence as an answer, each sentence well cited."""
    abstracts = {paper_id(row["title"]): row["abstract"] for _, row in read_lines(DEMO)}
    made = []
    for case in load_cases():
        if not case.answerable or len(case.gold) < 2:
            continue
        numbers = {paper: place for place, paper in enumerate(case.gold, start=1)}
        passages = tuple(Passage(paper, abstracts[paper]) for paper in case.gold)
        claims = tuple(
            Claim(e.sentence, (numbers[e.paper],), (PinnedQuote(numbers[e.paper], e.sentence),)) for e in case.evidence
        )
        text = " ".join(claim.text for claim in claims)
        made.append((case, Response(case.id, text, claims, passages, case.gold)))
    assert len(made) >= 10
    return made


def measured(pairs: list[tuple[Case, Response]]):
    scored = [scores_of(judge_response(case, response, ExactJudge())) for case, response in pairs]
    return {name: found.value for name, found in summarise(scored).items()}


def spoilt(perfect, spoil):
    return [(case, spoil(response)) for case, response in perfect]


def with_marks(response, marks_of):
    claims = tuple(Claim(claim.text, marks_of(place, claim)) for place, claim in enumerate(response.claims))
    return dataclasses.replace(response, claims=claims)


def test_perfect_answers_are_perfect(perfect):
    found = measured(perfect)
    right = ("recall", "precision", "f1", "validity", "coverage")
    assert {found[f"citation_{name}"] for name in right} == {1.0}
    assert found["pinned_recall"] == found["quote_exactness"] == found["groundedness"] == 1.0
    assert found["contradiction_rate"] == found["misattribution_rate"] == found["over_refusal"] == 0.0
    assert found["recall@5"] == found["evidence_recall"] == 1.0


def test_marks_off_by_one(perfect):
    found = measured(spoilt(perfect, lambda r: with_marks(r, lambda _, claim: (claim.marks[0] + 1,))))
    # A mark on the last passage now leads nowhere; the others cite a passage that is silent.
    last = sum(claim.marks[0] == len(r.passages) for _, r in perfect for claim in r.claims)
    marks = sum(len(r.claims) for _, r in perfect)
    assert found["citation_recall"] == found["citation_precision"] == found["citation_f1"] == 0.0
    assert found["citation_validity"] == pytest.approx(1 - last / marks)
    assert found["citation_coverage"] == pytest.approx(1 - last / marks)
    assert found["misattribution_rate"] == found["groundedness"] == 1.0


def test_all_marks_on_the_first_sentence(perfect):
    def spoil(r):
        every = tuple(range(1, len(r.passages) + 1))
        return with_marks(r, lambda place, _: every if place == 0 else ())

    found = measured(spoilt(perfect, spoil))
    # One sentence of n is supported, by one mark of k; the others have none of their own.
    assert found["citation_recall"] == pytest.approx(mean(1 / len(r.claims) for _, r in perfect))
    assert found["citation_precision"] == pytest.approx(mean(1 / len(r.passages) for _, r in perfect))
    assert found["citation_coverage"] == pytest.approx(len(perfect) / sum(len(r.claims) for _, r in perfect))


def test_no_marks(perfect):
    found = measured(spoilt(perfect, lambda r: with_marks(r, lambda *_: ())))
    assert found["citation_recall"] == found["citation_f1"] == found["citation_coverage"] == 0.0
    assert found["citation_precision"] is found["citation_validity"] is found["contradiction_rate"] is None
    assert found["groundedness"] == 1.0  # blind to citations, which is why it is not enough


def test_a_refusal(perfect):
    found = measured(spoilt(perfect, lambda r: Response(r.case, "No abstract answers this.", declined=True)))
    assert found["citation_recall"] is found["groundedness"] is found["quote_exactness"] is None
    assert found["over_refusal"] == 1.0
    assert found["refusal_precision"] == found["expected"] == 0.0


def test_an_empty_answer(perfect):
    found = measured(spoilt(perfect, lambda r: Response(r.case, "")))
    assert found["citation_recall"] is found["groundedness"] is found["refusal_precision"] is None
    assert found["expected"] == found["over_refusal"] == 0.0
    assert found["empty_answers"] == 1.0


def test_citing_everything(perfect):
    found = measured(spoilt(perfect, lambda r: with_marks(r, lambda *_: tuple(range(1, len(r.passages) + 1)))))
    assert found["citation_recall"] == 1.0
    assert found["citation_precision"] == pytest.approx(mean(1 / len(r.passages) for _, r in perfect))


def mean(values):
    reported = list(values)
    return sum(reported) / len(reported)
