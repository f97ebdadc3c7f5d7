"""A name is found however it is joined, and not in another name."""

import pytest

from rag.text.entity_names import holds_name, long_form


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


@pytest.mark.parametrize(
    ("text", "acronym", "meant"),
    [
        ("We compare split-liver transplantation (SLT) with others.", "SLT", "split-liver transplantation"),
        ("Large language models (LLMs) err.", "LLM", "Large language models"),
        ("Large language models (LLMs) err.", "LLMs", "Large language models"),
        ("It is called chain-of-thought (CoT) prompting.", "CoT", "chain-of-thought"),
        ("The hazard was higher (adjusted hazard ratio (AHR) = 1.03).", "AHR", "adjusted hazard ratio"),
        ("Infection by the virus (HIV, type 1) rose; human immunodeficiency virus (HIV; type 1).", "HIV",
         "human immunodeficiency virus"),
        ("It rose in the ward (WH).", "SLT", ""),
        ("A drop of wine (SLT) was left.", "SLT", ""),
        ("We use SLT daily.", "SLT", ""),
    ],
)  # fmt: skip
def test_what_an_acronym_is_introduced_for(text, acronym, meant):
    assert long_form(text, acronym) == meant
