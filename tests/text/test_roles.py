"""What each sentence does in its abstract: by its label, else by its words, else by its place."""

from __future__ import annotations

import pytest

from rag.text.roles import role_of, roles_of_spans
from rag.types import Paper, Role, Section, Span


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("We aim to find out whether otters can be counted by sound.", Role.AIM),
        ("To assess whether rubber lengthens the life of roads.", Role.AIM),
        ("The aim of this study was to compare two diets.", Role.AIM),
        ("We propose HoltNet, a counter of otters.", Role.METHOD),
        ("Patients were randomly assigned to two diets.", Role.METHOD),
        ("We found that hives near orchards produce more honey.", Role.RESULT),
        ("Accuracy rose by 12% on all tasks.", Role.RESULT),
        ("These results suggest that sound can replace night watches.", Role.CONCLUSION),
        ("In conclusion, rubber helps.", Role.CONCLUSION),
        ("Earlier work (Marsh et al., 2019) suggests that rubber helps.", Role.BACKGROUND),
        ("Earlier work claimed that rubber outlasts stone.", Role.BACKGROUND),
        ("Unlike earlier work, we found that rubber outlasts stone.", Role.RESULT),
        ("On RIVERS (Marsh, 2019) our counter outperforms night watches.", Role.RESULT),
    ],
)
def test_wording(sentence, role):
    assert role_of(["Roads break.", sentence, "It rained."])[1] is role


def test_place_decides_where_no_word_does():
    assert (
        role_of(["Otters are shy.", "Sound travels far.", "Rivers are loud.", "Night is dark."])[0] is Role.BACKGROUND
    )
    assert role_of([]) == []


def test_a_label_wins_over_the_words():
    abstract = "Otters are shy. We found few of them."
    paper = Paper("p", "Otters", abstract, sections=(Section("RESULTS", 0, 15), Section("Conclusions", 16, 37)))
    assert roles_of_spans(paper, [Span(0, 15), Span(16, 37)]) == [Role.RESULT, Role.CONCLUSION]
    assert role_of(["x", "y"], ["Study design", None])[0] is Role.METHOD
