"""Faults that a language model makes, seeded into whole answers: all are reported, none is shown as if it were true."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from speaking import SpeakingModel

from rag import Library, answer
from rag.__main__ import main
from rag.config import Config
from rag.serialization import to_json
from rag.types import Answer, Filters, Verdict

QUESTION = "How do otters hear boats under water?"
HEAR = "Otters hear boats under water at a distance of 340 metres in calm rivers."
FLEE = "Otters that hear boats flee to the nearest holt within 12 seconds."
AIM = "We aim to show that otters learn the sound of a boat from their mother."
QUIET = "Electric boats are heard by otters under water at a quarter of that distance."
PAPERS = [
    {"id": "hearing", "title": "How otters hear boats", "doi": "10.5555/hear", "abstract": f"{HEAR} {FLEE}"},
    {"id": "mothers", "title": "Otters and the sound of boats", "doi": "10.5555/mother", "abstract": AIM},
    {"id": "electric", "title": "Otters hear electric boats under water", "doi": "10.5555/quiet", "abstract": QUIET,
     "retracted": True},
]  # fmt: skip

NOT_KEPT = replace(Config(), cache=False)  # the scripted model answers one question in many ways


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("otters")
    file = folder / "otters.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in PAPERS), encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as library:
        library.add(file)
        yield library


def number_of(library: Library, sentence: str) -> int:
    shown = library.gather(QUESTION, library.find(QUESTION, 8, Filters()))
    return next(item.number for item in shown if item.text == sentence)


def stated(library: Library, text: str, *cited: str | int) -> Answer:
    numbers = [one if isinstance(one, int) else number_of(library, one) for one in cited]
    return answer(QUESTION, library, model=SpeakingModel((text, numbers)), config=NOT_KEPT)


def codes(found: Answer) -> set[str]:
    return {issue.code for issue in found.issues}


@pytest.mark.parametrize(
    ("text", "cited", "code"),
    [
        (HEAR, (HEAR, 70), "invented_number"),
        (HEAR[:-1] + " [70].", (HEAR,), "invented_number"),
        (HEAR[:-1] + " (Jones et al., 2019).", (HEAR,), "foreign_citation"),
        (HEAR, (QUIET,), "recited"),
        (HEAR, (HEAR, QUIET), "irrelevant_citation"),
    ],
)
def test_a_false_citation_of_a_true_sentence_is_corrected_and_reported(library, text, cited, code):
    found = stated(library, text, *cited)
    assert code in codes(found)
    (sentence,) = found.sentences
    assert sentence.text == HEAR
    assert [(pin.quote, pin.verdict) for pin in sentence.citations] == [(HEAR, Verdict.SUPPORTED)]
    assert "Jones" not in found.text
    assert "[70]" not in found.text


@pytest.mark.parametrize(
    ("text", "cited", "code"),
    [
        (HEAR.replace("340", "430"), (HEAR,), "contradicted_sentence"),
        (FLEE.replace("12", "13"), (FLEE,), "contradicted_sentence"),
        ("Otters that hear boats flee to the nearest holt at a quarter of that distance.", (FLEE, QUIET),
         "unsupported_sentence"),
        ("Vitamin C cures the common cold in all adults.", (HEAR,), "unsupported_sentence"),
    ],
)  # fmt: skip
def test_an_untrue_sentence_does_not_reach_the_text(library, text, cited, code):
    found = stated(library, text, *cited)
    assert code in codes(found)
    assert all(sentence.verdict is not Verdict.SUPPORTED for sentence in found.sentences)
    assert text not in found.text


def test_an_uncited_claim_in_prose_is_reported(library):
    prose = f"{HEAR[:-1]} [{number_of(library, HEAR)}]. Vitamin C cures the common cold in all adults."
    found = answer(QUESTION, library, model=SpeakingModel(reply=prose), config=NOT_KEPT)
    assert {"uncited_sentence", "unsupported_sentence"} <= codes(found)
    assert [sentence.text for sentence in found.sentences] == [HEAR]


def test_a_finding_that_rests_on_an_aim_is_marked(library):
    found = stated(library, "Otters learn the sound of a boat from their mother.", AIM)
    assert "aim_as_finding" in codes(found)
    assert [sentence.verdict for sentence in found.sentences] == [Verdict.PARTIAL]


def test_a_retracted_paper_says_so_in_the_answer(library):
    found = stated(library, QUIET, QUIET)
    assert "retracted_paper" in codes(found)
    assert found.papers[0].retracted


CLAIM = "Otters in noisy rivers exhibit a strong startle reflex."
DENIAL = "We find no evidence of a strong startle reflex in any of the noisy rivers."
DISPUTE = [
    {"title": "The startle reflex of otters", "year": 2019, "doi": "10.5555/a", "abstract": CLAIM},
    {
        "title": "The Startle Reflex of Otters.",
        "year": 2018,
        "arxiv_id": "1801.00001",
        "abstract": f"Preprint. {CLAIM}",
    },
    {"title": "Is there a startle reflex in otters?", "year": 2021, "doi": "10.5555/b", "abstract": DENIAL},
]


def test_a_dispute_is_reported_with_its_sentences_and_a_preprint_counts_once(tmp_path, embedder, capsys):
    file = tmp_path / "dispute.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in DISPUTE), encoding="utf-8")
    with Library.open(tmp_path / "library", embedder=embedder) as library:
        library.add(file)
        found = answer("Do otters in noisy rivers exhibit a startle reflex?", library)
        assert len(library) == 2
    assert {shown.text for shown in found.sentences} == {CLAIM, DENIAL}  # both sides are heard
    sentence = found.sentences[0]
    (against,) = sentence.agreement.contradicting
    assert {sentence.text, against.quote} == {CLAIM, DENIAL}
    assert len(sentence.agreement.supporting) == 1
    assert main(["ask", found.question, "--library", str(tmp_path / "library"), "--model", "extractive"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"1 paper supports, 1 disagrees: “{sentence.text}”" in printed
    assert f"disagrees: [{against.number}] {against.paper.title}: “{against.quote}”" in printed


PICTURE = "![boats](https://collect.invalid/p.png?q=otters)"


@pytest.mark.parametrize(
    "foreign", [PICTURE, "<b>see</b> www.collect.invalid", "doi:10.5555/other", "ask a@collect.invalid", r"\clearpage"]
)
def test_text_that_no_cited_sentence_contains_is_removed_and_reported(library, foreign):
    found = stated(library, f"{HEAR[:-1]} {foreign}.", HEAR)
    assert "foreign_text" in codes(found)
    everything = json.dumps(to_json(found))
    assert "collect.invalid" not in everything
    assert "10.5555/other" not in everything
    assert "clearpage" not in everything


def test_a_reason_for_not_answering_is_plain_text(library):
    reason = f"\x1b[2JNothing is known. {PICTURE} <img src=x onerror=y> https://collect.invalid"
    model = SpeakingModel(reply=json.dumps({"reply": {"cannot_answer": reason}}))
    found = answer(QUESTION, library, model=model, config=NOT_KEPT)
    (issue,) = (i for i in found.issues if i.code == "cannot_answer")
    assert "Nothing is known." in issue.message
    assert not {"\x1b", "<", "collect.invalid"} & {
        part for part in ("\x1b", "<", "collect.invalid") if part in str(issue)
    }


def test_a_useless_reply_is_not_quoted_with_its_links(library):
    found = answer(QUESTION, library, model=SpeakingModel(reply=f"{PICTURE} No."), config=NOT_KEPT)
    assert "collect.invalid" not in json.dumps(to_json(found))
