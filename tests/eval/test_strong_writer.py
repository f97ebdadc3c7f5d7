"""The replies of the strong writer name papers and sentences that exist, in the counts that their card gives."""

import json
from collections import Counter

import pytest
from places import ROOT, SHARED

from eval.benchmarks.fields import read_field
from rag.text.sentences import split_sentences
from rag.text.words import words

DATA = ROOT / "eval" / "data"
KINDS = ("arm", "roles", "direction", "hedge", "scope", "cause", "population", "denial", "unit", "detail")
COPIED = 9  # words in a row that a reply may share with an abstract

needs_shared = pytest.mark.skipif(
    not ((SHARED / "seeds").is_dir() and (SHARED / "benchmarks").is_dir()),
    reason="the saved pages and the public sets are not beside this checkout",
)


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


REPLIES = rows("recorded/strong-writer.jsonl")
QUESTIONS = {row["id"]: row for row in rows("fields/questions.jsonl")}
SENTENCES = [(reply["question_id"], sentence) for reply in REPLIES for sentence in reply["sentences"]]


@pytest.fixture(scope="module")
def abstracts() -> dict[str, dict[str, str]]:
    """The abstract of every paper, by field and id."""
    fields = {QUESTIONS[reply["question_id"]]["field"] for reply in REPLIES}
    return {field: {paper.id: paper.abstract for paper in read_field(field, SHARED)} for field in fields}


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + COPIED + 1]) for i in range(len(found) - COPIED)}


def test_twenty_questions_of_each_field_are_answered_once():
    asked = Counter(reply["question_id"] for reply in REPLIES)
    assert max(asked.values()) == 1
    assert Counter(QUESTIONS[name]["field"] for name in asked) == {"pages": 20, "biology": 20, "clinical": 20}
    assert {QUESTIONS[name]["kind"] for name in asked} == {row["kind"] for row in QUESTIONS.values()}


def test_unanswerable_questions_say_what_is_not_covered():
    unanswerable = [reply for reply in REPLIES if QUESTIONS[reply["question_id"]]["kind"] == "unanswerable"]
    assert len(unanswerable) == 5
    assert all(reply["not_covered"] for reply in unanswerable)


def test_replies_and_sentences_have_the_lengths_of_the_card():
    assert [reply["question_id"] for reply in REPLIES if not 3 <= len(reply["sentences"]) <= 7] == []
    assert [s["text"] for _, s in SENTENCES if not 12 <= len(s["text"].split()) <= 45] == []
    assert [s["text"] for _, s in SENTENCES if not 1 <= len(s["cites"]) <= 3] == []
    assert len(SENTENCES) == len({sentence["text"] for _, sentence in SENTENCES}) == 296


def test_forty_faults_of_ten_kinds_stand_in_thirty_five_replies():
    faulty = [(name, sentence["fault"]) for name, sentence in SENTENCES if not sentence["right"]]
    assert Counter(fault for _, fault in faulty) == dict.fromkeys(KINDS, 4)
    assert len({name for name, _ in faulty}) == 35
    assert {sentence["fault"] for _, sentence in SENTENCES if sentence["right"]} == {""}


def test_answerable_questions_are_answered_from_their_gold_papers():
    strangers = [
        (name, paper)
        for name, sentence in SENTENCES
        for paper, _ in sentence["cites"]
        if QUESTIONS[name]["gold"] and paper not in QUESTIONS[name]["gold"]
    ]
    assert strangers == []


@needs_shared
def test_every_cited_sentence_exists_and_is_cited_once_a_sentence(abstracts):
    lengths = {
        (field, paper): len(split_sentences(abstract))
        for field, papers in abstracts.items()
        for paper, abstract in papers.items()
    }
    lacking = [
        (name, paper, number)
        for name, sentence in SENTENCES
        for paper, number in sentence["cites"]
        if not 0 <= number < lengths.get((QUESTIONS[name]["field"], paper), 0)
    ]
    assert lacking == []
    assert [s["text"] for _, s in SENTENCES if len({tuple(cite) for cite in s["cites"]}) < len(s["cites"])] == []


@needs_shared
def test_nothing_is_copied_from_an_abstract(abstracts):
    theirs = {field: set().union(*map(runs, papers.values())) for field, papers in abstracts.items()}
    ours = [(name, sentence["text"]) for name, sentence in SENTENCES]
    ours += [(reply["question_id"], reply["not_covered"]) for reply in REPLIES]
    copied = [(name, " ".join(run)) for name, text in ours for run in runs(text) & theirs[QUESTIONS[name]["field"]]]
    assert copied == []
