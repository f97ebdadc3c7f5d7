"""Whether two findings exclude each other, as the reader reads them both ways round."""

from __future__ import annotations

from scripted_reader import ScriptedReader

from rag.verify.disputes import disputes

HEDGES, NONE, MORE = "Hedges bring bees.", "Hedges bring no bees.", "Hedges bring many bees."


def test_a_pair_is_as_sure_as_the_less_sure_of_its_two_readings():
    reader = ScriptedReader({(HEDGES, NONE): 0.9, (NONE, HEDGES): 0.8})
    assert disputes([(HEDGES, NONE), (NONE, HEDGES)], reader, 0.5) == [0.8, 0.8]


def test_one_reading_below_the_bar_is_enough_against_a_dispute():
    reader = ScriptedReader({(HEDGES, NONE): 0.9, (NONE, HEDGES): 0.1})
    assert max(disputes([(HEDGES, NONE), (NONE, HEDGES)], reader, 0.5)) < 0.5


def test_all_pairs_are_read_in_one_call_and_only_those_that_may_be_disputes_in_another():
    reader = ScriptedReader({(HEDGES, NONE): 0.9, (NONE, HEDGES): 0.8})
    disputes([(HEDGES, NONE), (HEDGES, MORE)], reader, 0.5)
    assert reader.calls == [[(HEDGES, (NONE,)), (HEDGES, (MORE,))], [(NONE, (HEDGES,))]]
    assert disputes([], reader) == []
