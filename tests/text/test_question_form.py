from __future__ import annotations

import pytest

from rag.text.question_form import Form, QuestionReading


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("How many whales were tagged?", Form.FIGURE),
        ("What top-1 accuracy does the smaller network reach?", Form.FIGURE),
        ("By how much did yields fall?", Form.FIGURE),
        ("Combien de baleines ont été suivies ?", Form.FIGURE),
        ("What is a moraine?", Form.DEFINITION),
        ("What’s a moraine?", Form.DEFINITION),
        ("What is Fell's glacier?", Form.DEFINITION),
        ("What is Fell’s rule?", Form.DEFINITION),
        ("What is meant by glacial rebound in this sense?", Form.DEFINITION),
        ("How was the ice dated?", Form.METHOD),
        ("How do seals cope with thin ice?", Form.FINDING),
        ("Which technique separates pollen from clay?", Form.METHOD),
        ("How do Snowline and Icefield differ?", Form.COMPARISON),
        ("Is radar better or are sensors?", Form.COMPARISON),
        ("By how much did each of the two herds shrink?", Form.COMPARISON),
        ("Which explanations have been offered for the die-off?", Form.SYNTHESIS),
        ("Which papers study avalanches?", Form.SYNTHESIS),
        ("Is it disputed that krill migrate?", Form.SYNTHESIS),
        ("Do krill migrate at night?", Form.YES_NO),
        ("Why did the lake dry up?", Form.FINDING),
        ("", Form.FINDING),
    ],
)
def test_the_form_follows_the_words_of_the_question(question, form):
    assert QuestionReading(question).form is form


def test_a_comparison_may_ask_for_figures():
    assert QuestionReading("By how much did each of the two herds shrink?").asks_for_figure
    assert not QuestionReading("How do the two herds differ?").asks_for_figure
