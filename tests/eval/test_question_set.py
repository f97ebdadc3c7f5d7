"""The fixed question set and the demo library are what their card says."""

import dataclasses
import itertools
import json
import re
from collections import Counter

import pytest
from places import DEMO, ROOT, SEEDS, needs_seeds

from eval.answers.llama_index import paper_id
from eval.questions import (
    ANSWERABLE,
    UNANSWERABLE,
    Case,
    GoldSentence,
    Nugget,
    check_cases,
    holds,
    load_cases,
    parse_case,
)
from rag.errors import SourceError
from rag.text.sentences import split_sentences
from rag.text.words import fold_title, words

RUN = 8  # words in a row that count as copied


@pytest.fixture(scope="module")
def digests() -> list[dict]:
    return [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def papers(digests) -> dict[str, tuple[str, str]]:
    return {paper_id(row["title"]): (row["title"], row["abstract"]) for row in digests}


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[i : i + RUN]) for i in range(len(found) - RUN + 1)}


def test_the_library_holds_the_digests_as_they_are_written(papers, demo_library):
    assert {paper.id: (paper.title, paper.abstract) for paper in demo_library.papers()} == papers


def test_every_question_is_honest_on_the_demo_library(papers):
    assert check_cases(load_cases(), papers) == []


def test_every_kind_is_in_both_halves():
    halves = {split: Counter(case.kind for case in load_cases(split=split)) for split in ("dev", "test")}
    assert set(halves["dev"]) == set(halves["test"]) == {*ANSWERABLE, *UNANSWERABLE}


def test_digests_are_distinct_and_of_five_to_nine_sentences(digests, papers):
    assert len(papers) == len(digests)
    lengths = {row["title"]: len(split_sentences(row["abstract"])) for row in digests}
    assert {title: n for title, n in lengths.items() if not 5 <= n <= 9} == {}


def test_evidence_is_whole_sentences(papers):
    sentences = {
        paper: {abstract[span.start : span.end] for span in split_sentences(abstract)}
        for paper, (_, abstract) in papers.items()
    }
    cut = [(c.id, e.sentence) for c in load_cases() for e in c.evidence if e.sentence not in sentences[e.paper]]
    assert cut == []


def test_what_is_expected_is_hardly_ever_said_by_another_paper(papers):
    """Else quoting any abstract would be right. A definition in common words and bare figures are met by a few."""
    met = {
        case.id: [
            paper
            for paper, (_, abstract) in papers.items()
            if paper not in case.gold and all(any(holds(abstract, w) for w in group) for group in case.expected)
        ]
        for case in load_cases()
        if case.answerable
    }
    assert {name: len(found) for name, found in met.items() if len(found) > 3} == {}
    assert sum(bool(found) for found in met.values()) <= 10


def test_the_reader_was_not_trained_on_questions_or_digests_like_these(papers):
    """The second set isn't as clean: eval/data/README.md."""
    folder = ROOT / "training"
    trained = [set(words(text)) for text in re.findall(r"^Q \w+ \| (.*)$", _texts(folder / "questions"), re.MULTILINE)]
    for case in load_cases():
        asked = set(words(case.question))
        assert not [one for one in trained if len(asked & one) >= 0.6 * len(asked | one)], case.id
    seen = runs(_texts(folder / "abstracts")) | runs(_texts(folder / "claims"))
    assert {title for title, abstract in papers.values() if runs(abstract) & seen} == set()


def _texts(folder):
    return "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.txt")))


@needs_seeds
def test_nothing_is_copied_from_the_saved_pages(papers):
    pages = [page.read_text(encoding="utf-8") for page in sorted(SEEDS.glob("*.txt"))]
    assert len(pages) == 5
    theirs = set().union(*(runs(page) for page in pages))
    titles = set().union(*(runs(title) for title, _ in papers.values()))
    ours = [abstract for _, abstract in papers.values()]
    for case in load_cases():
        ours += [case.question, *(e.sentence for e in case.evidence), *(t["content"] for t in case.history)]
    copied = set().union(*(runs(text) for text in ours)) & theirs - titles
    assert sorted(" ".join(run) for run in copied) == []


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Return, by folded title, what follows a title on the saved pages: the abstract stands on the next line."""
    found: dict[str, str] = {}
    for page in sorted(SEEDS.glob("*.txt")):
        lines = [line.strip() for line in page.read_text(encoding="utf-8").splitlines() if line.strip()]
        for title, after in itertools.pairwise(lines):
            folded = fold_title(title.removeprefix("Subscribe"))
            found[folded] = found.get(folded, "") + after + "\n"
    return found


@needs_seeds
def test_every_digest_is_of_a_paper_on_the_pages_and_holds_only_its_figures(digests, pages):
    number = re.compile(r"\d+(?:[.,]\d+)*")
    strange = {}
    for row in digests:
        page = pages.get(fold_title(row["title"]), "").replace("$", "")
        strange[row["title"]] = set(number.findall(row["abstract"])) - set(number.findall(page + row["title"]))
    assert {title: found for title, found in strange.items() if found} == {}


@needs_seeds
def test_every_question_can_be_answered_from_the_real_abstracts(papers, pages):
    real = {paper: (title, pages[fold_title(title)]) for paper, (title, _) in papers.items()}
    lacking = [
        (case.id, group)
        for case in load_cases()
        for group in case.expected
        if not any(holds(real[paper][1].replace("\\", "").replace("$", ""), w) for paper in case.gold for w in group)
    ]
    assert lacking == []


def test_the_checker_sees_every_fault():
    papers = {
        "p1": ("On tides", "Tides rise by 12.5% in spring. They fall in June."),
        "p2": ("On winds", "Winds blow."),
    }
    good = Case(
        "c", "figure", "dev", "By how much does the sea swell after winter?", gold=("p1",), expected=(("12.5%",),),
        evidence=(GoldSentence("p1", "Tides rise by 12.5% in spring."),),
    )  # fmt: skip

    def faults(**changes):
        return " ".join(check_cases([dataclasses.replace(good, **changes)], papers))

    assert faults() == ""
    assert "no paper 'p3'" in faults(gold=("p3",))
    assert "in no gold paper" in faults(expected=(("5%",),))  # only as a part of 12.5%
    assert "holds the expected" in faults(question="Do tides rise by 12.5%?")
    assert "expected and forbidden" in faults(forbidden=("12.5%",))
    assert "evidence not in" in faults(evidence=(GoldSentence("p1", "Tides rise."),))
    assert "has gold papers" in faults(evidence=())
    assert "shares ['tide']" in faults(kind="paraphrase", question="What do tides do?")
    assert "3-6 gold papers" in faults(kind="synthesis")
    assert "expects nothing" in faults(kind="absent", gold=())
    assert "papers to remove" in faults(kind="gold_removed", expected=(), evidence=())
    assert "has a history" in faults(kind="follow_up")


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("It rises by 12.5%.", "12.5%", True),
        ("It rises by 12.5%.", "5%", False),
        ("It rises by 12.5%.", "12", False),
        ("There are 1,120 of them.", "120", False),
        ("from 66.3%rightarrow73.4%", "73.4%", True),
        ("It INCREASES  steadily.", "increase", True),
        ("It overreacts.", "react", False),
        ("准确率GPT-4最高", "GPT-4", True),
        ("Anything.", "", False),
    ],
)
def test_strings_are_found_as_a_whole(text, wanted, found):
    assert holds(text, wanted) is found


def test_a_custom_question_needs_its_text_and_gold_only(write_jsonl):
    rows = [{"question": "How high are tides?", "gold": ["p1"]}, {"question": "Why do bees hum?", "gold": []}]
    first, second = load_cases(write_jsonl("mine.jsonl", rows), "test")
    assert (first.id, first.kind, first.answerable) == ("question-1", "question", True)
    assert (second.id, second.kind, second.answerable) == ("question-2", "unanswerable", False)
    with pytest.raises(SourceError, match="'gold' is missing"):
        load_cases(write_jsonl("bad.jsonl", [{"question": "How high?"}]))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"gold": "p1"}, "gold is 'p1': give a list"),
        ({"gold": None}, "gold is None: give a list"),
        ({"id": 7}, "id is 7: give a text"),
        ({"expected": "21 days"}, "expected is '21 days': give a list"),
        ({"expected": ["21 days"]}, "an entry of expected is '21 days': give a list of its alternatives"),
        ({"forbidden": "x"}, "forbidden is 'x': give a list"),
        ({"history": ["x"]}, "an entry of history is 'x': give an object"),
        ({"nuggets": ["x"]}, "an entry of nuggets is 'x': give an object"),
        ({"nuggets": [{"fact": "x", "vital": 1}]}, "vital is 1: give true or false"),
        ({"nuggets": [{"fact": "x", "vital": True, "evidences": []}]}, "unknown key 'evidences' of a nugget: did you"),
        ({"evidence": ["Tides rise."]}, r"an evidence sentence is 'Tides rise.': give \[paper id, number"),
        ({"evidence": [["p1", -1]]}, "the number of a sentence is -1"),
        ({"answer": "x"}, "unknown key 'answer' of a question: choose one of"),
    ],
)
def test_a_fault_in_a_question_is_named_with_its_key(write_jsonl, more, fault):
    path = write_jsonl("mine.jsonl", [{"question": "How high?", "gold": ["p1"]} | more])
    with pytest.raises(SourceError, match=rf"mine\.jsonl:1: .*{fault}"):
        load_cases(path)


def test_a_file_without_a_question_is_refused(write_jsonl):
    with pytest.raises(SourceError, match="holds no question"):
        load_cases(write_jsonl("mine.jsonl", []))


def test_nuggets_are_read_with_evidence_by_number(write_jsonl):
    nugget = {"fact": "Tides rise.", "vital": True, "evidence": [["p1", 0]]}
    row = {"id": "a", "field": "sea", "kind": "figure", "question": "What?", "gold": ["p1"], "nuggets": [nugget]}
    (found,) = load_cases(write_jsonl("fields.jsonl", [row]))
    assert found.facts == (Nugget("Tides rise.", True, (GoldSentence("p1", number=0),)),)
    assert parse_case(json.loads(json.dumps(dataclasses.asdict(found)))) == found  # as a run file keeps it


def test_a_question_without_nuggets_has_one_for_each_expected_group():
    sentences = ("Tides rise by 12%.", "They fall in June.")
    asked = Case("c", "figure", "dev", "How much?", evidence=tuple(GoldSentence("p1", s) for s in sentences),
                 expected=(("12%", "an eighth"),))  # fmt: skip
    assert [(n.fact, n.vital, n.alternatives) for n in asked.facts] == [
        ("Tides rise by 12%.", True, ("12%", "an eighth")),
        ("They fall in June.", False, ()),
    ]
