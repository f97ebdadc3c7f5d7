"""Nineteen faults put in on purpose: the repository's gate turns red on each of them, and is green without.

Faults in what is written or shown are put into the answers to the development half, which are asked once; the others
into the search, the bar for declining, the splitter and the judge. A bar that is too high is left to the soak.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from eval.answers.responses import Claim
from eval.gates.checks import measure
from eval.gates.thresholds import GATE, read_gate, shortfalls
from eval.judges.judged import judge_response
from eval.judges.registry import open_judge
from eval.metrics import scores_of, summarise
from eval.questions import load_cases
from eval.runs import baselines
from eval.runs.asking import DEPTH, asker
from rag.models.reader import Reader, default_reader
from rag.question import answerability
from rag.retrieve import ranking
from rag.text import sentences
from rag.types import Support, Verdict
from rag.verify import builtin

CHECKS = {check.source[0]: check for check in read_gate()}
LIMITS = CHECKS["model"].thresholds
CLAIMS, RESTATED = (check for check in read_gate() if check.source[0] == "pairs")


class Remembering:
    """The built-in judge, asked the same thing once: the answers below differ in little."""

    def __init__(self):
        judge = open_judge("builtin")
        self.found = lru_cache(maxsize=None)(lambda sentence, evidence: judge.check(sentence, list(evidence)))
        self.stands = lru_cache(maxsize=None)(lambda sentence, evidence: judge.supports(sentence, list(evidence)))

    def check(self, sentence, evidence):
        return self.found(sentence, tuple(evidence))

    def supports(self, sentence, evidence):
        return self.stands(sentence, tuple(evidence))


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """Have an abstract read once for each question and for each claim, whichever fault is tried."""
    reader, read, judge = default_reader(), Reader.answers, Reader.judge
    answers = lru_cache(maxsize=None)(lambda question, title, sentences: read(reader, question, [(title, sentences)]))
    judged = lru_cache(maxsize=None)(lambda claim, passages: judge(reader, [(claim, passages)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "answers", lambda _, q, abstracts: [answers(q, t, tuple(s))[0] for t, s in abstracts])
        patch.setattr(Reader, "judge", lambda _, pairs: [judged(c, tuple(p))[0] for c, p in pairs])
        yield


@pytest.fixture(scope="module")
def judge():
    return Remembering()


@pytest.fixture(scope="module")
def asked(demo_library):
    """Every question of the development half, the answer to it, and what was searched for."""
    searched = []
    search = demo_library.search
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_library, "search", lambda q, *a, **k: searched.append(q) or search(q, *a, **k))
        ask = asker(demo_library, "extractive")
        return [(case, ask(case), searched[-1]) for case in load_cases(split="dev")]


def red(pairs, judge):
    """The metrics of the first check that fall below their limits on these answers."""
    rows = [scores_of(judge_response(case, response, judge)) for case, response in pairs]
    found = summarise(rows, [limit.metric for limit in LIMITS])
    return {reason.split(": ")[0] for reason in shortfalls(LIMITS, found)}


def test_without_a_fault_the_gate_is_green(asked, judge):
    assert red([(case, response) for case, response, _ in asked], judge) == set()


def said(response, claims):
    """The response with these sentences, and a text that says the same."""
    text = " ".join(f"{claim.text} " + "".join(f"[{mark}]" for mark in claim.marks) for claim in claims)
    return replace(response, claims=tuple(claims), text=text)


def pinned(response, alter):
    claims = [replace(claim, pins=tuple(alter(pin) for pin in claim.pins)) for claim in response.claims]
    return replace(response, claims=tuple(claims))


def second_paper_first(response):
    first, second, *others = response.retrieved
    return replace(response, retrieved=(second, first, *others))


def last_sentence_dropped(response):
    return said(response, response.claims[:-1])


def quotes_shifted(response):
    def shift(pin):
        text = response.passages[pin.passage - 1].text
        start, end = max(0, pin.start - 8), max(1, pin.end - 8)
        return replace(pin, quote=text[start:end], start=start, end=end)

    return pinned(response, shift)


def offsets_shifted(response):
    return pinned(response, lambda pin: replace(pin, start=pin.start + 1, end=pin.end + 1))


def marks_one_too_high(response):
    return replace(response, text=re.sub(r"\[(\d+)\]", lambda mark: f"[{int(mark[1]) + 1}]", response.text))


def whole_abstract(response):
    quoted = baselines.whole_abstract(load_cases()[0], baselines._ranked(response))
    return replace(response, claims=quoted.claims, text=quoted.text, passages=quoted.passages)


def reversed_sentences(response):
    return said(response, response.claims[::-1])


def marks_moved_on(response):
    """Each sentence with the marks of the next: right papers, wrong sentences."""
    marks = [claim.marks for claim in response.claims]
    moved = zip(response.claims, marks[1:] + marks[:1], strict=True)
    return said(response, [replace(claim, marks=mine) for claim, mine in moved])


def figures_rounded(response):
    def round_in(text):
        return re.sub(r"\d+\.\d+", lambda figure: str(round(float(figure[0]))), text)

    return said(response, [replace(claim, text=round_in(claim.text)) for claim in response.claims])


def another_paper_cited_as_well(response):
    last = len(response.passages)
    return said(response, [replace(c, marks=(*c.marks, 1 if last in c.marks else last)) for c in response.claims])


def a_closing_phrase_added(response):
    return said(response, [*response.claims, Claim("Further research on this topic is clearly needed.", ())])


def whole_abstracts_quoted(response):
    def widen(pin):
        text = response.passages[pin.passage - 1].text
        return replace(pin, quote=text, start=0, end=len(text))

    return pinned(response, widen)


def last_mark_lost(response):
    before, _, after = response.text.rpartition("[")
    return replace(response, text=before + after.partition("]")[2])


@pytest.mark.parametrize(
    ("fault", "metric"),
    [
        (marks_moved_on, "citation_recall"),
        (figures_rounded, "citation_recall"),
        (another_paper_cited_as_well, "citation_precision"),
        (a_closing_phrase_added, "citation_coverage"),
        (whole_abstracts_quoted, "quote_words"),
        (last_mark_lost, "text_agreement"),
        (second_paper_first, "mrr@10"),
        (last_sentence_dropped, "right"),
        (quotes_shifted, "pinned_recall"),
        (offsets_shifted, "quote_exactness"),
        (marks_one_too_high, "text_agreement"),
        (whole_abstract, "nugget_f1"),
        (reversed_sentences, "dangling_openings"),
    ],
)
def test_a_fault_in_what_is_answered_turns_the_gate_red(asked, judge, fault, metric):
    spoilt = [(case, fault(r) if r.answered and len(r.retrieved) > 1 else r) for case, r, _ in asked]
    assert metric in red(spoilt, judge)


def test_a_search_without_words_turns_the_gate_red(asked, judge, demo_library, monkeypatch):
    monkeypatch.setattr(ranking, "coverage", lambda lexical, most: np.zeros_like(lexical))
    spoilt = []
    for case, response, searched in asked:
        hits = demo_library.search(searched, DEPTH) if case.answerable else []
        spoilt.append((case, replace(response, retrieved=tuple(hit.paper.id for hit in hits))))
    assert red(spoilt, judge) & {"mrr@10", "ndcg@10"}


def asked_anew(asked, library, answerable):
    ask = asker(library, "extractive")
    return [(case, ask(case) if case.answerable == answerable else response) for case, response, _ in asked]


def test_a_lower_bar_for_answering_turns_the_gate_red(asked, judge, demo_library, monkeypatch):
    monkeypatch.setattr(answerability, "ANSWERED_FROM", 0.001)
    assert "refusal_recall" in red(asked_anew(asked, demo_library, answerable=False), judge)


@pytest.mark.soak
def test_a_higher_bar_for_answering_turns_the_gate_red(asked, judge, demo_library, monkeypatch):
    monkeypatch.setattr(answerability, "ANSWERED_FROM", min(0.95, answerability.ANSWERED_FROM * 2))
    assert "over_refusal" in red(asked_anew(asked, demo_library, answerable=True), judge)


def reasons(check, judge=None):
    return [
        line.split(":")[0] for line in shortfalls(check.thresholds, measure(check, GATE.parent, judge=judge).estimates)
    ]


def test_a_splitter_that_breaks_behind_et_al_turns_the_gate_red(monkeypatch):
    assert reasons(CHECKS["sentences"]) == []
    monkeypatch.setattr(sentences, "ABBREVIATIONS", sentences.ABBREVIATIONS - {"al"})
    assert reasons(CHECKS["sentences"]) == ["whole_sentences"]


class Accepting:
    """A judge to which everything is supported."""

    def check(self, sentence, evidence):
        return Support(1.0, Verdict.SUPPORTED)


def test_a_judge_that_accepts_everything_turns_the_gate_red():
    assert reasons(CLAIMS, Accepting()) == reasons(RESTATED, Accepting()) == ["claims_refused"]
    mutants = dataclasses.replace(CHECKS["mutations"], thresholds=CHECKS["mutations"].thresholds[:1])
    assert reasons(mutants, Accepting()) == ["negation"]


def test_a_judge_without_its_guards_turns_the_gate_red(monkeypatch):
    assert reasons(CLAIMS) == []
    monkeypatch.setattr(builtin.Comparison, "grave", ())
    assert reasons(CLAIMS) == ["claims_refused"]
