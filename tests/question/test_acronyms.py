"""What an acronym stands for is answered by the sentence that introduces it."""

from dataclasses import replace

import pytest
from papers import evidence_of

from rag.question.acronyms import by_acronym, defined_acronym, long_form
from rag.text.question_form import QuestionReading
from rag.types import Paper

PAPERS = (
    Paper("dam", "Dams", "SDR is costly. Small dam removal (SDR) brought trout back. SDR helps eels too."),
    Paper("eel", "Eels", "After small dam removals (SDR) eels came back. The standard deviation ratio (SDR) was 2."),
)


@pytest.mark.parametrize(
    ("question", "acronym"),
    [
        ("What does SDR stand for?", "SDR"),
        ("What is SDR?", "SDR"),
        ("What are LLMs?", "LLMs"),
        ("What is meant by “SDR”?", "SDR"),
        ("What is the SDR dose?", ""),
        ("Does SDR help eels?", ""),
        ("How does SDR work?", ""),
        ("What is dam removal?", ""),
    ],
)
def test_an_acronym_is_asked_for_alone(question, acronym):
    assert defined_acronym(QuestionReading(question)) == acronym


def test_the_sentence_that_introduces_it_comes_first_once_for_each_thing():
    evidence = [replace(item, answers=0.5) for item in evidence_of(PAPERS)]
    found = by_acronym(QuestionReading("What does SDR stand for?"), evidence)
    raised = [item.text for item in found if item.answers > 0.5]
    assert raised == ["Small dam removal (SDR) brought trout back.", "The standard deviation ratio (SDR) was 2."]
    assert by_acronym(QuestionReading("Does SDR help eels?"), evidence) == tuple(evidence)


@pytest.mark.parametrize(
    ("text", "acronym", "meant"),
    [
        ("We compare split-liver transplantation (SLT) with others.", "SLT", "split-liver transplantation"),
        ("Large language models (LLMs) err.", "LLM", "Large language models"),
        ("Large language models (LLMs) err.", "LLMs", "Large language models"),
        ("It is called chain-of-thought (CoT) prompting.", "CoT", "chain-of-thought"),
        ("The hazard was higher (adjusted hazard ratio (AHR) = 1.03).", "AHR", "adjusted hazard ratio"),
        ("Infection by the virus (HIV, type 1) rose; human immunodeficiency virus (HIV; type 1).", "HIV",
         "human immunodeficiency virus"),
        ("It rose in the ward (WH).", "SLT", ""),
        ("A drop of wine (SLT) was left.", "SLT", ""),
        ("We use SLT daily.", "SLT", ""),
        ("Some tall lads sat on the quay (SQX).", "SQX", ""),  # none has an x
    ],
)  # fmt: skip
def test_what_an_acronym_is_introduced_for(text, acronym, meant):
    assert long_form(text, acronym) == meant
