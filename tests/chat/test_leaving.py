"""What leaves the page keeps its warnings: doubts, both sides, the fallback, the origin."""

from dataclasses import replace

import pytest

from rag.bibliography.markdown import answer_markdown
from rag.chat.markdown import copied, footnoted
from rag.chat.turns import State, Turn
from rag.types import Agreement, Answer, Citation, Issue, Paper, Reason, Receipt, Sentence, Status, Verdict
from rag.views.documents import described

ONE = Paper("p", "On pumps", "The pump works well. It is blue.", year=2020, authors=("Fell, Ada",))
TWO = Paper("q", "Against pumps", "The pump never works.", year=2021)
RECEIPT = Receipt(
    made_at="2026-11-29T13:20:11+00:00", pincite="0.2.0", library="12:all-MiniLM-L6-v2:whole", seal="fedcba987654321"
)


def pin(paper, end, verdict=Verdict.SUPPORTED, number=1):
    return Citation(number, paper, paper.abstract[:end], 0, end, verdict, 0.9)


QUOTED = Sentence("The pump works well.", (pin(ONE, 20),), Verdict.SUPPORTED, 1.0)
PARTLY = Sentence("All 300 pumps work.", (pin(ONE, 20, Verdict.PARTIAL),), Verdict.PARTIAL, 0.4)
DISPUTED = replace(QUOTED, agreement=Agreement(("p",), (pin(TWO, 21, Verdict.CONTRADICTED, 2),)))


def turn(*sentences, **more):
    text = more.pop("text", " ".join(sentence.text for sentence in sentences))
    found = Answer("Does it?", Status.ANSWERED, text, sentences, receipt=RECEIPT, **more)
    return Turn(1, 1, "Does it?", "bees", State.DONE, found)


def clipboard(turn):
    return copied(turn)


def markdown(turn):
    return footnoted("Pumps", [turn])


def pandoc(turn):
    return answer_markdown(turn.answer, library=turn.library)


def own_markdown(turn):
    return turn.answer.to_markdown()


FORMS = pytest.mark.parametrize("form", [clipboard, markdown, pandoc, own_markdown])


@FORMS
def test_a_doubt_leaves_with_its_sentence(form):
    text = form(turn(QUOTED, PARTLY))
    sentence = next(line for line in text.splitlines() if "All 300 pumps work" in line)
    assert sentence.count("(partly supported)") == 1
    assert sentence.index("All 300 pumps work") < sentence.index("(partly supported)")


@FORMS
def test_who_disagrees_leaves_with_the_sentence_and_its_words(form):
    text = form(turn(DISPUTED))
    assert "(1 paper supports, 1 disagrees: " in text
    assert "Against pumps" in text
    if form is not pandoc:  # there the keys stand for the papers, as everywhere
        assert "The pump never works." in text


@FORMS
def test_the_answer_that_stands_in_for_a_models_leaves_with_it(form):
    spare = Answer("Does it?", Status.ANSWERED, "The pump works well [1].", (DISPUTED,), issues=(NOTE,))
    failed = turn(text="The language model could not answer.", reason=Reason.MODEL_UNAVAILABLE, fallback=spare)
    text = form(failed)
    assert text.index("could not answer") < text.index("The pump works well")
    assert "1 disagrees" in text
    assert "None of the papers cited mentions price." in text
    assert "Fell" in text


@FORMS
def test_a_model_that_failed_is_not_said_to_have_written_the_answer_that_stands_in_for_its_own(form):
    spare = Answer("Does it?", Status.ANSWERED, "The pump works well [1].", (QUOTED,))
    text = form(turn(reason=Reason.MODEL_UNAVAILABLE, fallback=spare, written_by="openai:m")).replace("\\", "")
    assert "openai:m failed, so without a language model" in text
    assert "written by openai:m" not in text


NOTE = Issue("unmentioned", "None of the papers cited mentions price.")
LEFT_OUT = Issue("unsupported_sentence", "no retrieved sentence supports it", "Pumps are green.")


@FORMS
def test_notes_leave_and_so_does_what_was_left_out(form):
    text = form(turn(QUOTED, issues=(NOTE, LEFT_OUT)))
    assert "None of the papers cited mentions price." in text
    assert "Left out: “Pumps are green.” no retrieved sentence supports it" in text


@FORMS
def test_the_origin_leaves_with_it(form):
    text = form(turn(QUOTED))
    assert "on 2026-11-29 13:20 UTC; without a language model, Pincite 0.2.0." in text.replace("\\", "")
    assert "Version 12 of the library. Receipt fedcba987654." in text
    assert ("of the library “bees”" in text) == (form is not own_markdown)  # an answer alone doesn't know it


def test_a_source_without_authors_begins_with_its_title():
    assert described(TWO) == "Against pumps (2021)"
    assert described(replace(TWO, organisation="Pump Board")) == "Pump Board (2021). Against pumps"
    assert described(ONE) == "Fell, Ada (2020). On pumps"


def test_a_quote_in_the_clipboard_is_called_one():
    assert "    quoted: “The pump works well.”" in copied(turn(QUOTED))
    assert "    disagrees: “The pump never works.”" in copied(turn(DISPUTED))


def test_a_sentence_that_is_quoted_and_disagrees_with_another_is_copied_once():
    other = Sentence(TWO.abstract, (pin(TWO, 21, number=2),), Verdict.SUPPORTED, 1.0)
    text = copied(turn(DISPUTED, other))
    assert "    disagrees, quoted: “The pump never works.”" in text
    assert text.count("    quoted: ") == 1
