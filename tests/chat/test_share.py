"""A conversation as one HTML file: whole without Pincite, and it runs and loads nothing."""

import re
from dataclasses import replace

import pytest
from test_leaving import DISPUTED, LEFT_OUT, NOTE, PARTLY, RECEIPT, turn
from test_render import ATTACKS, Seen

from rag.chat.share import shared
from rag.chat.turns import State, Turn, Within
from rag.types import Answer, Citation, Notice, Paper, Reason, Sentence, Status, Verdict

FIRST = turn(DISPUTED, PARTLY, issues=(NOTE, LEFT_OUT))


def test_it_holds_verdicts_both_sides_notes_origin_and_receipt():
    text = " ".join(Seen(shared("Pumps", [FIRST])).text.split())
    for part in (
        "partly supported", "1 paper supports, 1 disagrees", "The pump never works.", "Left out: “Pumps are green.”",
        "None of the papers cited mentions price.", "of the library “bees” on 2026-11-29", RECEIPT.seal,
        "It is blue.", "Evidence table: 2 papers found", "1 supports it, 1 disagrees.",
    ):  # fmt: skip
        assert part in text


def test_every_pin_leads_to_a_mark_in_its_abstract():
    html = shared("Pumps", [FIRST, replace(FIRST, number=2)])
    targets = re.findall(r'href="#([^"]+)"', html)
    marks = re.findall(r'<mark [^>]*id="([^"]+)"', html)
    assert targets
    assert set(targets) <= set(marks)
    assert len(marks) == len(set(marks))


def test_the_answer_that_stands_in_for_a_models_is_in_it():
    spare = Answer("Does it?", Status.ANSWERED, "", (DISPUTED,))
    html = shared("Pumps", [turn(text="The model failed.", reason=Reason.MODEL_UNAVAILABLE, fallback=spare)])
    assert html.index("The model failed.") < html.index("The pump works well.")
    assert 'class="pin quoted"' in html


def test_it_runs_no_script_and_loads_nothing():
    html = shared("Pumps", [FIRST])
    seen = Seen(html)
    assert not seen.tags & {"script", "img", "link", "iframe", "object", "form"}
    assert not seen.attributes & {"src", "style", "srcset", "action"}
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in html
    assert not re.search(r"url\(|@import", html)


def test_a_retracted_paper_is_marked_at_its_number_and_once_at_its_title():
    notices = tuple(Notice("retraction", "Retracted Publication", said_by) for said_by in ("", "b.ris#1"))
    paper = Paper("p", "Pumps", "The pump works.", notices=notices)
    pin = Citation(1, paper, paper.abstract, 0, len(paper.abstract), Verdict.SUPPORTED, 0.9)
    html = shared("Pumps", [turn(Sentence(paper.abstract, (pin,), Verdict.SUPPORTED, 0.9))])
    assert 'class="pin quoted retracted"' in html
    assert html.count("⚠ Retracted</b>") == 1


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_stays_text_in_it(attack):
    paper = Paper("p", attack, f"{attack} ends.", authors=(attack,), venue=attack, doi=attack, url=f"http://x/{attack}")
    pin = Citation(1, paper, paper.abstract, 0, len(paper.abstract), Verdict.SUPPORTED, 0.9)
    found = Answer(
        attack, Status.ANSWERED, attack, (Sentence(attack, (pin,), Verdict.SUPPORTED, 0.9),), receipt=RECEIPT
    )
    hostile = Turn(1, 1, attack, attack, State.DONE, found, problem=attack, within=Within(*[attack] * 6))
    seen, plain = Seen(shared(attack, [hostile])), Seen(shared("Pumps", [FIRST]))
    assert seen.tags <= plain.tags | {"a"}
    assert seen.attributes <= plain.attributes | {"rel"}
    assert seen.text.count(attack) >= 5
