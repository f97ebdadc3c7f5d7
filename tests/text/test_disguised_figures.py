"""Figures in letters of another script, in other forms, and with invisible characters inside."""

from __future__ import annotations

import pytest

from rag.text.quantities import quantities
from rag.verify import support

HELD = "The proposed method reaches an error rate of 0.33 on the held-out test set of road images in winter."


@pytest.mark.parametrize("figure", ["О.ЗЗ", "0.ЗЗ", "ο.33", "O.33", "Օ.33"])
def test_letters_never_pass_for_a_figure(figure: str) -> None:
    claim = HELD.replace("0.33", figure)
    refused = {"unsupported", "contradicted"}
    assert support(claim, HELD).verdict in refused
    assert support(f"Ошибка была {figure} в опыте.", "Ошибка была 0.33 в опыте.").verdict != "supported"


@pytest.mark.parametrize("figure", ["０.９３", "𝟎.𝟗𝟑", "0.\u200b93", "0.9\u20603"])
def test_another_form_of_a_figure_is_read_as_the_figure_it_shows(figure: str) -> None:
    claim = HELD.replace("0.33", figure)
    assert support(claim, HELD).verdict == "contradicted"
    assert support(claim, HELD.replace("0.33", "0.93")).verdict != "contradicted"
    (found,) = (q for q in quantities(claim) if q.value < 1)
    assert (found.value, claim[found.start : found.end]) == (0.93, figure)


def test_a_raised_figure_is_not_the_figure_next_to_it() -> None:
    assert support("There were 102 cells in the dish.", "There were 10² cells in the dish.").verdict != "supported"


def test_what_the_evidence_writes_so_stays_supported() -> None:
    said = "The ferry Жук carried 40 people."
    assert support(said, said).verdict == "supported"
    longer = "In May the ferry {} carried 40 people."
    assert (
        support(said, longer.format("Жук")).why == support(said.replace("Жук", "Beetle"), longer.format("Beetle")).why
    )
