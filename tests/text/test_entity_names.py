"""A name is found however it is joined, and not in another name."""

import pytest

from rag.text.entity_names import holds_name


@pytest.mark.parametrize(
    ("text", "name", "held"),
    [
        ("It runs over TCP/IP.", "TCP", True),
        ("Rising CO 2 warms it.", "CO2", True),
        ("An anti-SARS-CoV-2 serum.", "SARS-CoV-2", True),
        ("A test of GPT 4.", "GPT-4", True),
        ("Carriers of BRCA1/2.", "BRCA", True),
        ("A nurse in Norway.", "Norwegian", True),
        ("Large language models.", "LLM", True),
        ("A test of GPT-4.5.", "GPT-4", False),
        ("A test of Mistral-7B.", "Mistral-8x7B", False),
        ("A test of BERT.", "VineBERT", False),
    ],
)
def test_a_name_is_held(text, name, held):
    assert holds_name(text, name) is held
