"""Sets of rows, compact: they behave as Python's own."""

from hypothesis import given
from hypothesis import strategies as st

from rag.catalog.row_sets import RowSet, Seen

ROWS = st.integers(0, 300)


@given(st.lists(st.tuples(st.booleans(), ROWS), max_size=60))
def test_a_row_set_is_a_set(steps):
    plain, compact = set(), RowSet()
    for adds, row in steps:
        (plain.add if adds else plain.discard)(row)
        (compact.add if adds else compact.discard)(row)
    assert [row for row in range(310) if row in compact] == sorted(plain)


@given(st.lists(st.tuples(ROWS, st.booleans()), unique_by=lambda met: met[0], max_size=40), st.integers(0, 45))
def test_rows_met_stay_in_order_and_can_be_forgotten(met, first):
    seen = Seen()
    for row, said_before in met:
        seen.add(row, said_before=said_before)
    assert list(seen) == met
    seen.keep(first)
    assert list(seen) == met[:first]
    assert len(seen) == len(met[:first])
    assert [row for row in range(310) if row in seen] == sorted(row for row, _ in met[:first])
