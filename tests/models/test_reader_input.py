"""How two texts are put before the reader: what is marked, and what is left out where they are too long."""

import pytest

from rag.models.minilm import tokenizer
from rag.models.reader_input import ALONE, IN_A_RUN, OF_PASSAGES, SEP, SHARED, encode


@pytest.fixture(scope="module")
def words():
    return tokenizer()


def types_of(words, encoded, text):
    """Return the types of the word pieces of a text, found by its pieces."""
    ids = words.encode(text, add_special_tokens=False).ids
    start = next(i for i in range(len(encoded.ids)) if encoded.ids[i : i + len(ids)] == ids)
    return encoded.types[start : start + len(ids)]


def test_each_word_is_marked_by_whether_the_other_side_has_it(words):
    encoded = encode(words, "Owls eat mice", ["Most owls ate voles."], 64)
    assert types_of(words, encoded, "mice") == [ALONE]
    assert set(types_of(words, encoded, "voles")) == {OF_PASSAGES + ALONE}
    owls = [kind for kind in encoded.types if kind in (SHARED, OF_PASSAGES + SHARED)]
    assert owls, "owls stand on both sides, beside other words"


def test_a_word_between_the_same_neighbours_is_marked_as_in_a_run(words):
    encoded = encode(words, "barn owls eat mice", ["At night barn owls eat mice and voles."], 64)
    assert types_of(words, encoded, "owls")[0] == IN_A_RUN


def test_other_forms_of_a_word_are_the_same_word(words):
    encoded = encode(words, "It inhibits growth", ["Growth was inhibited."], 64)
    assert ALONE not in types_of(words, encoded, "inhibits")


def test_each_passage_ends_where_it_says(words):
    encoded = encode(words, "Owls eat mice", ["One.", "Two.", "Three."], 64)
    assert [encoded.ids[text.stop - 1] for text in encoded.texts] == [SEP] * 4
    assert encoded.shares.sum(axis=1) == pytest.approx([1] * 4)
    assert (encoded.shares > 0).sum() == len(encoded.ids)


def test_what_does_not_fit_and_shares_no_word_is_left_out(words):
    far = ["Barley is sown in March, and the fields lie bare until then, as a rule."] * 6
    encoded = encode(words, "Owls eat mice", [*far, "Owls were seen to eat mice.", *far], 48)
    assert len(encoded.ids) <= 48
    assert encoded.texts[7] is not None
    assert encoded.texts.count(None) >= 9


def test_one_endless_passage_is_cut(words):
    encoded = encode(words, "Owls eat mice", ["mice " * 500], 64)
    assert len(encoded.ids) == 64
    assert encoded.texts[1].stop == 64


def test_a_long_claim_leaves_room_for_its_evidence(words):
    encoded = encode(words, "mice " * 500, ["Owls eat mice."], 128)
    assert encoded.texts[1] is not None
