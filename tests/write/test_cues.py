"""Which sentences say what something is."""

import pytest

from rag.text.question_form import QuestionReading
from rag.text.sentence_reading import SentenceReading
from rag.write.cues import goes_on_about, names_it, names_what_came_before, says_it_beside, says_what_it_is

QUESTION = QuestionReading("What is a fog lamp?")


@pytest.mark.parametrize(
    "sentence",
    [
        "Fog lamps are lights that shine below the fog.",
        "The fog lamp is a light below the bumper.",
    ],
)
def test_a_sentence_that_says_what_it_is(sentence):
    assert says_what_it_is(SentenceReading(sentence), QUESTION)


@pytest.mark.parametrize(
    "sentence",
    [
        "Cars carry a low light against mist, which is known as a fog lamp.",
        "A low light, called the fog lamp, was found in cars.",
        "We call such lights fog lamps.",
        "We study fog lamps (FLs), a kind of light that shines low.",
        "We introduce the concept of fog lamps: lights that shine below the fog.",
        "A light that shines low (“fog lamp”) is seldom used.",
        "This light, i.e., the fog lamp, shines low.",
        "Cars may have a fog lamp, or a light that shines low.",
    ],
)
def test_a_sentence_that_says_it_on_the_way(sentence):
    assert says_it_beside(SentenceReading(sentence), QUESTION)


@pytest.mark.parametrize(
    "sentence",
    [
        "It shows that fog lamps are diverse and that they last.",
        "A fog lamp is broken in one car of nine.",
        "A fog lamp is a salient example of dear parts.",
        "We name two causes of fog lamps: (i) fog and (ii) lamps.",
        "We find three effects of fog lamps: glare, heat and cost.",
        "Lamps called headlights are no fog lamps.",
    ],
)
def test_a_sentence_that_says_something_of_it_does_not(sentence):
    assert not says_what_it_is(SentenceReading(sentence), QUESTION)
    assert not says_it_beside(SentenceReading(sentence), QUESTION)


def test_what_belongs_to_the_sentence_before():
    assert names_what_came_before(SentenceReading("We refer to this light as a fog lamp."))
    assert not names_what_came_before(SentenceReading("We name three lights."))
    assert goes_on_about(
        SentenceReading("In this scheme, light stays low."), SentenceReading("Fog lamps are on the rise."), QUESTION
    )
    assert goes_on_about(
        SentenceReading("They typically work by yellow light."),
        SentenceReading("Some, such as fog lamps, are dear."),
        QUESTION,
    )
    assert not goes_on_about(
        SentenceReading("In this scheme, light stays low."), SentenceReading("Drivers dislike fog."), QUESTION
    )


def test_a_name_is_held_word_by_word():
    assert names_it(SentenceReading("Of fog lamps nobody spoke."), QUESTION)
    assert not names_it(SentenceReading("The lamp in the fog went out."), QUESTION)
