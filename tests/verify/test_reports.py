"""Reports of what others claim, and rebuttals of it."""

from __future__ import annotations

from rag.verify.reports import rebuts, reports


def test_reports_and_rebuttals_are_known_by_their_wording():
    assert reports("The authors argue that dormice exhibit winter torpor.")
    assert reports("It is widely believed that dormice sleep.")
    assert not reports("We argue that dormice sleep.")
    assert rebuts("In this response we provide counterexamples.")
    assert not rebuts("We provide examples.")
