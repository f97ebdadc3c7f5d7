"""What tests of answers by a language model share: both clients, and the sentence that a model is shown first."""

import pytest
from loopback import Ollama, OpenAI

from rag.types import Filters

QUESTION = "What is an induction head?"


@pytest.fixture(params=[OpenAI(), Ollama()], ids=["openai", "ollama"])
def dialect(request):
    """The protocol that a server on loopback speaks."""
    return request.param


@pytest.fixture(scope="module")
def first_sentence(demo_library):
    """The first evidence sentence that a model is shown for the question, in the abstract's own words."""
    return demo_library.gather(QUESTION, demo_library.find(QUESTION, 5, Filters()))[0].text
