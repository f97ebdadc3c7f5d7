"""What is shown while a language model thinks: the papers found, the answer without it, and the seconds."""

from test_leaving import ONE, QUOTED, TWO, turn

from rag.chat import render
from rag.chat.running_answer import Writing
from rag.chat.turns import State, Turn
from rag.types import Step

RUNNING = Turn(1, 1, "Does it?", "bees", State.RUNNING)


def test_the_papers_found_are_shown_before_a_sentence_is_written():
    writing = Writing("c", RUNNING)
    writing.add(Step("write", "writing with m", (ONE, TWO), turn(QUOTED).answer))
    writing.add(Step("check", "asking m about 1 doubted sentence"))
    assert (writing.found, writing.meanwhile) == ((ONE, TWO), turn(QUOTED).answer)  # a later step takes nothing away
    html = render.turn(RUNNING, progress=writing.doing, found=writing.found, elapsed=3)
    assert "Papers found: 2" in html
    assert "On pumps" in html
    assert "Against pumps" in html
    assert 'data-elapsed="3"' in html


def test_a_paper_that_is_already_cited_is_not_listed_again():
    html = render.turn(RUNNING, progress="writing", found=(ONE, TWO), meanwhile=turn(QUOTED).answer)
    assert "Papers found: 1" in html
    html = render.turn(RUNNING, progress="writing", found=(ONE,), said=(QUOTED,))
    assert "Papers found" not in html
