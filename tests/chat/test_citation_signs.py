"""What a pin means: one sign for each meaning, on the page and in what leaves it."""

import re
from dataclasses import replace

import pytest

from rag.chat import render
from rag.chat.turns import State, Turn
from rag.types import Agreement, Answer, Citation, Issue, Paper, Role, Sentence, Status, Verdict
from rag.views.citation_signs import DISAGREES, LEGEND, QUOTED, RECORD, VERDICTS, sides, sign_of
from rag.views.sentence_changes import notes_of

ONE = Paper("p", "On pumps", "The pump works well. It is blue.", year=2020)
TWO = Paper("q", "Against pumps", "The pump never works.", year=2021)


def pin(paper, end, verdict=Verdict.SUPPORTED, number=1, record=""):
    quote = "" if record else paper.abstract[:end]
    return Citation(number, paper, quote, 0, end, verdict, 0.9, record=record)


def says(text, *pins, **more):
    return Sentence(text, pins, pins[0].verdict, 0.9, **more)


def shown(*sentences, issues=()):
    text = " ".join(sentence.text for sentence in sentences)
    found = Answer("Does it?", Status.ANSWERED, text, sentences, issues=issues, written_by="openai:m")
    return render.turn(Turn(1, 1, "Does it?", "library", State.DONE, found))


def test_a_tick_is_for_a_checked_rewording_and_not_for_a_quote():
    quoted = pin(ONE, 20)
    assert sign_of(quoted, "The pump works  well.") is QUOTED
    assert sign_of(quoted, "The pump is good at its work.") is VERDICTS["supported"]
    assert sign_of(quoted, "The pump works") is VERDICTS["supported"]  # a part may mean something else
    assert sign_of(pin(ONE, 0, record="by Fell"), "It is by Fell.") is RECORD


@pytest.mark.parametrize("verdict", [Verdict.PARTIAL, Verdict.UNSUPPORTED, Verdict.CONTRADICTED, Verdict.UNKNOWN])
def test_a_quote_that_the_check_doubts_keeps_its_doubt(verdict):
    assert sign_of(pin(ONE, 20, verdict), "The pump works well.").name == verdict.value


def test_no_two_meanings_share_a_sign_a_name_or_a_label():
    for field in ("name", "mark", "label", "meaning"):
        assert len({getattr(sign, field) for sign in LEGEND}) == len(LEGEND)


def test_a_paper_that_disagrees_does_not_look_like_a_citation_that_fails():
    against = pin(TWO, 21, Verdict.CONTRADICTED, 2)
    disputed = says("The pump works well.", pin(ONE, 20), agreement=Agreement(("p",), (against,)))
    html = shown(disputed)
    assert 'class="pin disagrees"' in html
    assert 'class="pin contradicted"' not in html
    assert 'mark class="disagrees"' in html
    assert f">{DISAGREES.mark}</span>" in html
    assert sides(disputed) == "1 paper supports, 1 disagrees"


def test_changes_are_one_line_that_opens_and_the_rest_stays_in_sight():
    kept = says("The pump is partly good.", pin(ONE, 20, Verdict.PARTIAL))
    issues = (
        Issue("understood", "Understood as: Does the pump work?"),
        Issue("unsupported_sentence", "the evidence supports a part of it", kept.text),
        Issue("recited", "“On pumps” supports it, and is cited instead.", kept.text),
        Issue("unsupported_sentence", "no retrieved sentence supports it", "Pumps are green."),
        Issue("unsupported_sentence", "the evidence says something else", "Pumps are red."),
        Issue("irrelevant_citation", "“Against pumps” was cited beside it: removed.", "Pumps are blue."),
        Issue("not_covered", "Not covered by the papers found: price"),
        Issue("retracted_paper", "“On pumps” was retracted.", kept.text),
        Issue("retracted_paper", "“On pumps” was retracted.", "It is blue."),
        Issue("withheld_title", "The title of q was withheld."),
    )
    notes = notes_of(Answer("Does it?", Status.ANSWERED, kept.text, (kept,), issues=issues))
    assert notes.summary == (
        "1 sentence partly supported, 1 citation corrected, 2 sentences left out, 1 passage withheld from the writer"
    )
    assert [issue.code for issue in notes.before] == ["understood"]
    assert [(note.message, note.sentences) for note in notes.plain] == [
        ("Not covered by the papers found: price", ()),
        ("“On pumps” was retracted.", (kept.text, "It is blue.")),  # said once
    ]
    html = shown(kept, issues=issues)
    assert html.index("Understood as") < html.index("The pump is partly good")
    assert '<details class="changes"><summary>' in html
    assert html.count('<q dir="auto">Pumps are red.') == 1
    folded = re.search(r'<details class="changes">.*?</details>', html, re.DOTALL)[0]
    assert "Not covered" not in folded
    assert "The title of q was withheld." in folded


def test_a_source_says_whether_it_is_cited_or_disagrees():
    against = pin(TWO, 21, Verdict.CONTRADICTED, 2)
    disputed = says("The pump works well.", pin(ONE, 20), agreement=Agreement(("p",), (against,)))
    assert [source.role for source in render.sources((disputed,))] == ["", "disagrees"]
    known = replace(disputed, citations=(replace(pin(ONE, 20), role=Role.RESULT),))
    assert render.sources((known,))[0].role == "cited: result"
