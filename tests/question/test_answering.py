"""How likely each sentence answers: the reader's score, weighed with similarity."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from papers import ICE, SNOW, evidence_of

from rag.models.reader import default_reader
from rag.question.answering import Part, answering, nearness, together, weighed
from rag.text.question_form import QuestionReading
from rag.types import Hit, Paper, Role

BEFORE = (Role.BACKGROUND, Role.RESULT)


class Saying:
    """A reader that finds a sentence to answer by a word of it, given for a word of the question."""

    def __init__(self, words):
        self.words, self.asked, self.read = words, [], []

    def answers(self, question, abstracts):
        self.asked.append(question)
        self.read += [list(sentences) for _, sentences in abstracts]
        wanted = [said for asked, said in self.words.items() if asked in question]
        return [[max([0.9 * (w in s) for w in wanted], default=0.0) for s in sentences] for _, sentences in abstracts]


def hits_of(*papers):
    return [Hit(paper, 1.0, "", 0, 0) for paper in papers]


def best(question, papers, reader):
    evidence, hits = evidence_of(papers), hits_of(*papers)
    parts = [Part(part, nearness(hits)) for part in QuestionReading(question).parts]
    return sorted(together(evidence, answering(parts, evidence, reader)), key=lambda item: -item.answers)


def test_the_sentence_that_the_reader_finds_comes_first():
    first, *_ = best("How many alarms?", [SNOW, ICE], Saying({"alarms": "19 per season"}))
    assert first.text == "Its false alarms stand at 19 per season."


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many avalanches are predicted a day ahead?", "Snowline predicts 83.5% of avalanches a day ahead."),
        ("What do avalanches do every winter?", "Avalanches kill skiers every winter."),
    ],
)
def test_a_sentence_with_a_figure_leads_only_where_one_is_asked_for(question, first):
    """Read alike, a sentence that gives the figure beats one that doesn't."""
    items = best(question, [SNOW], Saying({"avalanches": "valanches"}))
    assert next(item.text for item in items if "valanches" in item.text) == first


def test_what_was_found_leads_unless_a_definition_a_method_or_papers_are_asked_for():
    paper = Paper("nap", "Naps", "Naps of nurses were studied before. We found that naps of nurses help.")
    evidence = [
        replace(item, role=role, relevance=0.5) for item, role in zip(evidence_of([paper]), BEFORE, strict=True)
    ]
    likely = lambda question: [  # noqa: E731
        item.answers for item in weighed(QuestionReading(question), evidence, {"nap": 1.0}, {1: 0.5, 2: 0.5})
    ]
    before, found = likely("Do naps of nurses help?")
    assert before < found
    assert len(set(likely("What are naps of nurses?"))) == 1
    assert len(set(likely("Which papers study naps of nurses?"))) == 1


def test_both_halves_of_a_double_question_count():
    reader = Saying({"trained": "41,000", "false alarms": "4 per season"})
    first, second, *_ = best("What is Snowline trained on, and how many false alarms does it raise?", [SNOW], reader)
    assert {first.text, second.text} == {
        "We train Snowline, a gradient-boosted model, on 41,000 sensor readings.",
        "False alarms fall to 4 per season.",
    }
    assert len(reader.asked) == 2


def test_the_reader_is_not_asked_in_a_language_that_it_does_not_know():
    reader = Saying({})
    items = best("Wie viele Lawinen sagt Snowline einen Tag vorher voraus?", [SNOW], reader)
    assert reader.asked == []
    assert all(item.answers == pytest.approx(item.relevance) for item in items)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many false alarms does Snowline raise per season?", "False alarms fall to 4 per season."),
        ("What share of avalanches does Snowline predict?", "Snowline predicts 83.5% of avalanches a day ahead."),
    ],
)
def test_the_shipped_reader_finds_what_answers(question, answer):
    assert best(question, [SNOW], default_reader())[0].text == answer


def test_an_announcement_is_not_an_answer():
    paper = Paper(
        "moss",
        "Night bloom in mosses",
        "Night bloom was first seen in mosses. We isolate factors that contribute to night bloom in mosses. "
        "Growing spores under a single red lamp induces bloom after dark. It is important to understand night bloom.",
    )
    assert (
        "factors that contribute" not in best("What triggers night bloom in mosses?", [paper], default_reader())[0].text
    )


def test_no_sentence_of_a_long_abstract_goes_unread():
    filler = "The keeper of lighthouse {} noted wind, swell, visibility and the hour in a bound book of the service. "
    many = "".join(filler.format(number) for number in range(40))
    answer = "Lamps that were oiled each night failed in 3 of 90 cases."
    paper = Paper("oil", "Oil and lamps in lighthouses", f"{many}{answer}")
    items = best("How often did oiled lighthouse lamps fail?", [paper], default_reader())
    assert len(items) == 41
    assert items[0].text == answer
    assert min(item.answers for item in items) > 0


def test_a_long_abstract_is_read_in_stretches_and_a_short_one_whole():
    reader = Saying({})
    long = Paper("long", "Wind at sea", " ".join(f"Wind number {n} rose from the west at noon." for n in range(80)))
    best("Where does wind rise?", [SNOW, long], reader)
    read = [items for items in reader.read if items[0].startswith("Wind")]
    assert len(read) > 1
    assert all(before[-1] == after[0] for before, after in pairwise(read))
    assert len({text for items in read for text in items}) == 80
    assert len(reader.read) == len(read) + 1


def test_of_papers_beyond_the_first_the_nearest_sentences_are_read():
    """Those of the first three are read to the end, however long."""
    reader = Saying({})
    papers = [
        Paper(name, f"Wind at {name}", " ".join(f"At {name} wind {n} rose at noon." for n in range(60)))
        for name in ("Skagen", "Fanø", "Rømø", "Hvide")
    ]
    items = best("Where does wind rise?", papers, reader)
    read = {text for items in reader.read for text in items}
    of = {paper.title: {item.text for item in items if item.paper.title == paper.title} for paper in papers}
    assert all(of[paper.title] <= read for paper in papers[:3])
    last = of[papers[3].title]
    assert 0 < len(last & read) < len(last) / 2
    assert all(item.read is None for item in items if item.text not in read)
