"""Sentences that define a thing, and sentences that only mention it."""

from __future__ import annotations

import pytest

from rag.text.definitions import asked_thing, defines


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What is lamp drift?", "lamp drift"),
        ("What is a lamp?", "lamp"),
        ("What are lamps?", "lamps"),
        ("What does lamp drift mean?", "lamp drift"),
        ("What is meant by lamp drift?", "lamp drift"),
        ("What do lamps cost?", ""),
        ("How does lamp drift begin?", ""),
        ("What is lamp drift and what triggers it in an old lighthouse?", ""),
    ],
)
def test_what_a_question_wants_defined(question, thing):
    assert asked_thing(question) == thing


@pytest.mark.parametrize(
    "sentence",
    [
        "Lamp drift is a slow turn of the lamp.",
        "Lamp drifts are turns of a lamp that come with age.",
        "A lamp turns with age, which is known as lamp drift.",
        "Lamps turn with age: a phenomenon termed “lamp drift” (LD).",
        "Lamps turn with age, which keepers call lamp drift.",
        "We define lamp drift as a slow turn.",
        "By lamp drift, we mean a slow turn.",
        "Lamp drift, a slow turn of the lamp, comes with age.",
        "We saw lamp-drift, i.e., a slow turn, in nine lighthouses.",
        "We studied lamp drift (LD): lamps turn with age.",
        "Lamps turn slowly with age (lamp drift).",
        "Lamp drift refers to a slow turn.",
        "LAMP DRIFT occurs when a lamp turns.",
    ],
)
def test_a_sentence_that_defines(sentence):
    assert defines("lamp drift", sentence)
    assert defines("lamp drift in lighthouses", sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Lamp drift is driven by age.",
        "Lamp drift is costly to mend.",
        "Lamp drifts are common.",
        "In lamp drift, a keeper is of no help.",
        "The cause of lamp drift is a worn bearing.",
        "Lamps drift when they are old.",
        "A deep understanding of lamp drift is still lacking.",
    ],
)
def test_a_sentence_that_only_mentions(sentence):
    assert not defines("lamp drift", sentence)
