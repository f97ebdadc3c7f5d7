"""A model plans the search where the question alone may not find what answers it."""

from __future__ import annotations

import json

import pytest

from rag import Library, Step, answer, stream_answer
from rag.config import Config
from rag.errors import ModelReplyError
from rag.models.chat import Reply
from rag.types import Reason, Sentence, Status

SUBJECTS = {
    "Reduced tillage": "Reduced tillage raised soil moisture by 8% in dry years.",
    "Barley": "Barley yielded 4 tonnes per hectare on clay.",
    "Owls": "Owls hunted voles at dusk in 9 of 10 nights.",
    "Whales": "Whales dived for 40 minutes below the ice.",
    "Moths": "Moths gathered at lamps of short wavelength.",
    "Glaciers": "Glaciers lost 3 metres of ice a year.",
}
CONFIG = Config(cache=False, papers=2, repair=False)


@pytest.fixture(scope="module")
def library(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("planning")
    papers = [{"title": f"{title}: a field study", "abstract": text} for title, text in SUBJECTS.items()]
    (folder / "papers.jsonl").write_text("".join(f"{json.dumps(paper)}\n" for paper in papers), encoding="utf-8")
    with Library.open(folder / "library", embedder=embedder) as library:
        library.add(folder / "papers.jsonl")
        yield library


class Planning:
    """Plans with `searches`; then cites what it finds of `wanted` in the evidence, or says what is missing."""

    name = "scripted:planning"
    host = "127.0.0.1"

    def __init__(self, wanted, searches=(), question=None, missing="nothing on it"):
        self.wanted, self.missing = wanted, missing
        self.plan = {"question": question, "searches": list(searches)}
        self.planned = 0
        self.shown = []

    def context(self, timeout):
        return 8192

    def stream(self, messages, schema, timeout):
        prompt = messages[-1].content
        if "searches" in schema["properties"]:
            self.planned += 1
            asked = json.loads(prompt.rpartition("Question (as JSON): ")[2].splitlines()[0])
            yield json.dumps(self.plan | {"question": self.plan["question"] or asked})
        else:
            papers = [json.loads(line) for line in prompt.splitlines() if line.startswith('{"paper"')]
            self.shown.append([paper["title"].partition(":")[0] for paper in papers])
            numbers = [n for paper in papers for n, text in paper["sentences"].items() if text == self.wanted]
            said = [{"text": self.wanted, "evidence": [int(n)]} for n in numbers]
            yield json.dumps({"reply": {"sentences": said} if said else {"cannot_answer": self.missing}})
        yield Reply(complete=True, prompt_tokens=10, completion_tokens=1)


def test_a_weak_search_is_planned_again_and_the_searches_are_fused(library):
    vague = "What score does ZebraGraph-9 reach on the QUAGGA benchmark?"
    model = Planning(SUBJECTS["Owls"], ["owls hunting voles", "owls at dusk"])
    found = answer(vague, library, model=model, config=CONFIG)
    assert (model.planned, found.status) == (1, Status.ANSWERED)
    assert "Owls" in model.shown[-1]
    assert found.receipt.searches == ("owls hunting voles", "owls at dusk")
    assert found.receipt.tokens == {"prompt": 20, "completion": 2}


def test_a_question_that_is_answered_by_what_it_finds_takes_no_plan(library):
    model = Planning(SUBJECTS["Whales"])
    assert answer("How long did whales dive below the ice?", library, model=model, config=CONFIG).sentences
    assert model.planned == 0


@pytest.mark.parametrize(("question", "history"), [
    ("And how long do they dive?", [{"role": "user", "content": "What do whales do below the ice?"}]),
    ("Wie lange tauchen die Wale unter dem Eis?", []),
    ("Compare how whales and owls behave.", []),
])  # fmt: skip
def test_follow_ups_other_languages_and_questions_of_parts_are_planned(library, question, history):
    model = Planning(SUBJECTS["Whales"], ["whales dived below the ice"], "How long do whales dive below the ice?")
    found = answer(question, library, model=model, config=CONFIG, history=history)
    assert model.planned == 1
    assert [s.text for s in found.sentences] == [SUBJECTS["Whales"]]


def test_a_plan_about_something_that_nobody_spoke_of_is_ignored(library):
    history = [{"role": "user", "content": "What do whales do below the ice?"}]
    model = Planning(SUBJECTS["Whales"], ["sourdough bread"], "How is bread baked?")
    found = answer("And how long do whales dive?", library, model=model, config=CONFIG, history=history)
    assert [s.text for s in found.sentences] == [SUBJECTS["Whales"]]
    assert "bread" not in found.receipt.searched


def test_a_follow_up_that_the_plan_gives_a_wrong_subject_is_searched_as_the_rules_read_it_too(library):
    history = [
        {"role": "user", "content": "When do owls hunt voles?"}, {"role": "assistant", "content": "At dusk."},
        {"role": "user", "content": "What do whales do below the ice?"},
    ]  # fmt: skip
    model = Planning(SUBJECTS["Whales"], [], "How long do owls hunt?")
    answer("And how long do whales dive?", library, model=model, config=CONFIG, history=history)
    assert "Whales" in model.shown[-1]


def test_a_word_that_no_paper_has_is_planned_for(library):
    model = Planning(SUBJECTS["Moths"], ["moths at lamps"], "Where did moths gather?")
    assert answer("Where did mothz-9 gather at lamps?", library, model=model, config=CONFIG).sentences
    assert model.planned == 1


def test_what_the_model_says_is_missing_is_searched_once_more(library):
    question = "How much did barley yield on clay?"
    model = Planning(SUBJECTS["Glaciers"], missing="how many metres of ice glaciers lost a year")
    found = answer(question, library, model=model, config=CONFIG)
    assert [s.text for s in found.sentences] == [SUBJECTS["Glaciers"]]
    assert len(model.shown) == 2
    assert "cannot_answer" not in {i.code for i in found.issues}


def test_it_is_searched_no_more_than_twice(library):
    model = Planning("nowhere", missing="whales, owls, moths")
    found = answer("How much did barley yield on clay?", library, model=model, config=CONFIG)
    assert (found.status, found.reason) == (Status.DECLINED, Reason.UNSUPPORTED)
    assert len(model.shown) <= 2


@pytest.mark.parametrize(
    ("question", "history"),
    [
        ("How long did they dive below the ice?", [("user", "Tell me of whales."), ("assistant", "Whales dive.")]),
        ("How long did whales dive below the ice, and what did moths gather at?", []),
    ],
)
def test_what_is_found_at_first_is_there_before_a_model_plans(library, question, history):
    model = Planning(SUBJECTS["Whales"], ["whales"], "How long did whales dive below the ice?")
    turns = [{"role": role, "content": content} for role, content in history]
    for part in stream_answer(question, library, model=model, history=turns, config=CONFIG):
        if model.planned == 0 and isinstance(part, Step) and part.answer is not None:
            assert SUBJECTS["Whales"] in {sentence.text for sentence in part.answer.sentences}
            assert part.papers
            break
    else:
        pytest.fail("nothing was there before the model planned")


class PartByPart(Planning):
    """States what it is shown of its subjects, and says at first that the ice is not covered."""

    def __init__(self, *subjects):
        super().__init__("")
        self.subjects = subjects

    def stream(self, messages, schema, timeout):
        prompt = messages[-1].content
        if "searches" in schema["properties"]:
            self.planned += 1
            yield json.dumps({"question": "How much did barley yield on clay?", "searches": []})
            yield Reply(complete=True, prompt_tokens=10, completion_tokens=1)
            return
        papers = [json.loads(line) for line in prompt.splitlines() if line.startswith('{"paper"')]
        self.shown.append([paper["title"].partition(":")[0] for paper in papers])
        facts = {SUBJECTS[subject]: subject for subject in self.subjects}
        said = [
            {"text": text, "evidence": [int(n)]}
            for paper in papers for n, text in paper["sentences"].items() if text in facts
        ]  # fmt: skip
        open_ = "" if len(self.shown) > 1 else "how many metres of ice glaciers lost a year"
        reply = {"sentences": said, "not_covered": open_} if said else {"cannot_answer": "nothing on it"}
        yield json.dumps({"reply": reply})
        yield Reply(complete=True, prompt_tokens=10, completion_tokens=1)


def test_what_a_partial_answer_leaves_open_is_searched_for_and_added(library):
    model = PartByPart("Barley", "Glaciers")
    parts = list(stream_answer("How much did barley yield on clay?", library, model=model, config=CONFIG))
    found = parts[-1]
    assert [s.text for s in found.sentences] == [SUBJECTS["Barley"], SUBJECTS["Glaciers"]]
    assert [pin.number for s in found.sentences for pin in s.citations] == [1, 2]
    assert [part.text for part in parts if isinstance(part, Sentence)] == [s.text for s in found.sentences]
    assert len(model.shown) == 2
    assert not set(model.shown[0]) & set(model.shown[1])
    assert "not_covered" not in {i.code for i in found.issues}
    assert "how many metres of ice glaciers lost a year" in found.receipt.searches


def test_a_partial_answer_stays_where_nothing_more_is_found_or_the_model_fails(library):
    class Failing(PartByPart):
        def stream(self, messages, schema, timeout):
            if self.shown:
                raise ModelReplyError("it broke")
            yield from super().stream(messages, schema, timeout)

    for model in (PartByPart("Barley"), Failing("Barley", "Glaciers")):
        found = answer("How much did barley yield on clay?", library, model=model, config=CONFIG)
        assert [s.text for s in found.sentences] == [SUBJECTS["Barley"]]
        assert "not_covered" in {i.code for i in found.issues}


def test_the_papers_and_the_answer_without_the_model_are_there_before_it_writes(library):
    question = "How long did whales dive below the ice?"
    model = Planning(SUBJECTS["Whales"])
    for part in stream_answer(question, library, model=model, config=CONFIG):
        if isinstance(part, Step) and part.name == "write":
            assert model.shown == []
            assert part.answer.text == answer(question, library, config=CONFIG).text
            assert part.papers[0].title.startswith("Whales")
            break
    else:
        raise AssertionError("no step of writing")
