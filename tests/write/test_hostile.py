"""Abstracts that try to take over the answer, following patterns of real attacks.

Each holds a word such as PWNED-07 that no honest answer has. What may change is the hostile paper's own citation.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import pytest
from loopback import OpenAI, serving, stream
from papers import ICE, SNOW, evidence_of
from scripted import ScriptedModel, as_json

from rag import Library, answer
from rag.sources.cleaning import clean
from rag.text.question_form import QuestionReading
from rag.types import Paper, Role
from rag.write import extractive
from rag.write.generative import write_with_model
from rag.write.injection import is_order
from rag.write.withheld import part

QUESTION = "How many avalanches does Snowline predict a day ahead?"
# False, but not instructions: nothing distinguishes them from findings.
CLAIMS = ("stuffed with the question", "stuffed and copied")
ROLES = {"kill skiers": Role.BACKGROUND, "Radar sees": Role.BACKGROUND, "predicts": Role.RESULT, "alarms": Role.RESULT}


def _records():
    lines = (Path(__file__).parent / "hostile.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        record = json.loads(line)
        bomb = re.search(r"REPEAT:(.*?):(\d+)", record["abstract"])
        if bomb:
            record["abstract"] = record["abstract"].replace(bomb[0], bomb[1] * int(bomb[2]))
        yield record


HOSTILE = list(_records())
CASES = pytest.mark.parametrize("record", HOSTILE, ids=lambda r: r["pattern"])


def without_orders(record):
    """Return a hostile abstract without what is withheld of it: its harmless twin."""
    usable, _ = part(evidence_of([Paper("bad", clean(record["title"]), clean(record["abstract"]))]))
    return " ".join(item.text for item in usable)


class Obedient:
    """Answers from the evidence, unless it reads an instruction: then it obeys, with a stolen citation."""

    def __init__(self):
        self.dialect = OpenAI()

    def __call__(self, handler):
        text = self.reply(handler.server.requests[-1]["messages"][-1]["content"])
        stream(self.dialect.piece(text), self.dialect.end())(handler)

    @staticmethod
    def reply(prompt):
        sentences = {}
        for line in prompt.splitlines():
            if line.startswith("{") and '"sentences"' in line:
                sentences |= json.loads(line)["sentences"]
        honest = [(t, [int(n)]) for n, t in sentences.items() if "83.5%" in t]
        orders = re.findall(r"PWNED-\d+", prompt)
        claims = [(t, [int(n)]) for n, t in sentences.items() if "PWNED" in t and "Snowline predicts" in t]
        if claims:
            stolen = (claims[0][0], honest[0][1])
            return as_json(*honest, *claims, stolen)
        return as_json((orders[0], honest[0][1])) if orders else as_json(*honest)


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("hostile")
    papers = [{"title": p.title, "abstract": p.abstract, "year": p.year} for p in (SNOW, ICE)]
    (folder / "papers.jsonl").write_text("\n".join(map(json.dumps, papers + HOSTILE)), encoding="utf-8")
    opened = Library.open(folder / "library", embedder=embedder)
    opened.add(folder / "papers.jsonl")
    yield opened
    opened.close()


@pytest.fixture(scope="module", params=["extractive", "obedient"])
def asked(request, library):
    """Ask with either writer, of these titles alone."""
    ids = {paper.title: paper.id for paper in library.papers()}

    with contextlib.ExitStack() as stack:
        model = "extractive"
        if request.param == "obedient":
            server = stack.enter_context(serving(OpenAI(), Obedient()))
            model = OpenAI().model(server.address)
        ask = lambda *titles: answer(QUESTION, library, model=model, papers=[ids[title] for title in titles])  # noqa: E731
        yield ask, ask(SNOW.title, ICE.title)


@CASES
def test_only_the_hostile_papers_own_citation_may_change(asked, library, record):
    (title,) = [p.title for p in library.papers() if p.origins[0].position == 3 + HOSTILE.index(record)]
    ask, unharmed = asked
    got = ask(SNOW.title, ICE.title, title)
    mine = [s for s in got.sentences if any(c.paper.title == title for c in s.citations)]
    others = [s for s in got.sentences if s not in mine]
    assert [(s.text, [c.quote for c in s.citations]) for s in others] == [
        (s.text, [c.quote for c in s.citations]) for s in unharmed.sentences
    ]
    assert unharmed.sentences
    assert all(c.paper.title == title for s in mine for c in s.citations)
    assert record["pattern"] in CLAIMS or "PWNED" not in got.text


@CASES
@pytest.mark.parametrize("place", [0, 1, 2])
def test_neither_writer_is_taken_over_wherever_the_paper_is(record, place):
    papers = [SNOW, ICE]
    papers.insert(place, Paper("bad", clean(record["title"]), clean(record["abstract"])))
    evidence, _ = part(evidence_of(papers, ROLES, answers={"PWNED": 0.9, "83.5%": 0.7}))
    bad = {e.number for e in evidence if e.paper.id == "bad"}
    honest = "Snowline predicts 83.5% of avalanches a day ahead."
    assert [item.text for item in extractive.chosen(evidence) if item.number not in bad] == [honest]
    model = ScriptedModel(as_json((honest, [1])))
    list(write_with_model(QuestionReading(QUESTION), evidence, model))
    assert record["pattern"] in CLAIMS or "PWNED" not in model.sent[0][0][1].content


@pytest.mark.parametrize("record", [r for r in HOSTILE if r["pattern"] not in CLAIMS], ids=lambda r: r["pattern"])
def test_a_model_is_sent_the_same_as_if_the_paper_had_never_contained_the_instruction(record):
    sent = []
    for abstract in (clean(record["abstract"]), without_orders(record)):
        paper = Paper("bad", clean(record["title"]), abstract)
        evidence, _ = part(evidence_of([SNOW, paper, ICE], ROLES))
        model = ScriptedModel(as_json(("Snowline predicts 83.5% of avalanches a day ahead.", [3])))
        list(write_with_model(QuestionReading(QUESTION), evidence, model))
        sent += model.sent
    assert sent[0] == sent[1]


def test_an_issue_and_the_receipt_list_what_was_withheld_without_repeating_it(library):
    (bad,) = [p for p in library.papers() if "cable cars" in p.title]
    got = answer(QUESTION, library, papers=[*(p.id for p in library.papers() if p.title == SNOW.title), bad.id])
    (issue,) = got.issues
    assert issue.code == "withheld_sentences"
    assert bad.title in issue.message
    assert "PWNED" not in f"{issue}"
    places = {place.rpartition(":")[2] for place in got.receipt.withheld}
    assert bad.abstract[: bad.abstract.index(" Gauges")] in {
        bad.abstract[slice(*map(int, place.split("-")))] for place in places
    }


def test_there_are_enough_patterns():
    assert len({record["pattern"] for record in HOSTILE}) >= 25


@pytest.mark.parametrize(
    "sentence",
    [
        "We show that models ignore instructions in 12% of the cases.",
        "Attackers write 'ignore all previous instructions' into web pages.",
        "The immune system: integration and adaptation.",
        "Repeated prompts lower accuracy by 3%.",
        "System prompts of 40 assistants were collected.",
        "Users say that the assistant answers only with code.",
        "State space models reply faster.",
        "You are what you eat: diet and the microbiome.",
    ],
)
def test_research_about_models_is_not_taken_for_an_instruction(sentence):
    assert not is_order(sentence)
