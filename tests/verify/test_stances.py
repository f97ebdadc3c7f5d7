"""What a sentence says exists or doesn't: the basis on which differently worded papers count as disagreeing."""

from __future__ import annotations

import pytest

from rag.verify.stances import agree, on, rebuts, reports, stances


@pytest.mark.parametrize(
    ("text", "holds", "thing"),
    [
        ("We observe clear evidence of winter torpor.", True, {"winter", "torpor"}),
        ("We find no evidence for the emergence of winter torpor.", False, {"emerge", "winter", "torpor"}),
        ("Dormice exhibit a deep winter torpor above the tree line.", True, {"deep", "winter", "torpor"}),
        ("Dormice do not exhibit winter torpor.", False, {"winter", "torpor"}),
        ("Winter torpor vanishes with better thermometers.", False, {"winter", "torpor"}),
        ("Winter torpor is a myth.", False, {"winter", "torpor"}),
        ("Winter torpor is not a myth.", True, {"winter", "torpor"}),
        ("The alleged winter torpor was sleep.", False, {"winter", "torpor"}),
    ],
)
def test_what_is_there_and_what_is_not(text, holds, thing):
    assert (holds, thing) in [(stance.holds, set(stance.thing)) for stance in stances(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Recent work claims that dormice exhibit winter torpor.",
        "We ask whether dormice exhibit winter torpor.",
        "Dormice may exhibit winter torpor.",
        "Is winter torpor a myth?",
        "Winter torpor saves energy.",
        "We demonstrate that winter torpor saves energy.",
        "Dormice exhibit torpor.",
        "",
    ],
)
def test_reports_questions_conjectures_and_other_matters_take_no_side(text):
    assert stances(text) == ()


def test_a_thing_in_common_is_the_same_head_with_another_word():
    torpor = stances("Dormice exhibit winter torpor.")
    assert agree(torpor, stances("Bats do not exhibit winter torpor.")) is False
    assert agree(torpor, stances("We find evidence of deep winter torpor.")) is True
    assert agree(torpor, stances("We find no evidence of summer torpor.")) is None
    assert agree(torpor, stances("We find no evidence of winter torpor therapy.")) is None


def test_only_the_subject_of_a_title_counts():
    found = stances("We find no evidence of publication bias.")
    assert on("Winter torpor in dormice", found) == ()
    assert on("Is there publication bias in torpor research?", found) == found


def test_reports_and_rebuttals_are_known_by_their_wording():
    assert reports("The authors argue that dormice exhibit winter torpor.")
    assert reports("It is widely believed that dormice sleep.")
    assert not reports("We argue that dormice sleep.")
    assert rebuts("In this response we provide counterexamples.")
    assert not rebuts("We provide examples.")
