from __future__ import annotations

import json

import pytest
from places import ROOT

from rag.text.language import in_another_language

QUESTIONS = [
    json.loads(line)
    for name in ("questions", "retrieval_questions")
    for line in (ROOT / "eval" / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_no_english_question_is_taken_for_another_language():
    english = [q["question"] for q in QUESTIONS if q["kind"] != "language"]
    assert [question for question in english if in_another_language(question)] == []


def test_questions_in_other_languages_are_noticed():
    others = [q["question"] for q in QUESTIONS if q["kind"] == "language"]
    assert [question for question in others if not in_another_language(question)] == []


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("LoRA vs QLoRA", False),
        ("GPT-4o MMLU accuracy", False),
        ("Does β-amyloid, α-synuclein or ε matter?", False),
        ("What did El Niño do to the krill?", False),
        ("¿?", False),
        ("Was ist LoRA?", True),
        ("Qu'est-ce que LoRA ?", True),
        ("¿Qué es LoRA?", True),
        ("Wat is de rol van slaap bij katten?", True),
        ("LoRA とは何ですか", True),
        ("Что такое LoRA?", True),
    ],
)
def test_short_questions(question, other):
    assert in_another_language(question) is other
