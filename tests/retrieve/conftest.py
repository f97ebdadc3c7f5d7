from __future__ import annotations

import pytest
from memory_library import MemoryLibrary, WordEmbedder, paper


@pytest.fixture
def embedder():
    return WordEmbedder(meanings=[("slept", "slumber", "doze"), ("felin", "cat", "kitten")])


@pytest.fixture
def library(embedder):
    return MemoryLibrary(
        [
            paper(0, "Soil moisture and barley", "We watered barley for a month. Moist plots gave 37.5% more grain.",
                  year=2021, venue="Field Notes", authors=("Ångström, Eva",)),
            paper(1, "Rest in barn cats", "A cat was filmed at night. The kitten slept eleven hours. Dogs did not.",
                  year=2023, venue="Barn Letters"),
            paper(2, "Tin roofs in hail", "Hail dents tin. A thicker sheet of tin cut dents by half.", year=2024),
            paper(3, "Barley prices", "Prices of barley rose after the drought. Farmers sold early."),
        ],
        embedder,
    )  # fmt: skip
