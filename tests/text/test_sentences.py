import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.sentences import split_sentences


def split(text):
    return [text[s.start : s.end] for s in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Smith et al. (2020) report p < .05 here.", "We find, e.g. with BM25, that it works."],
        ["See Fig. 3 and Eq. (2) for i.i.d. data.", "Accuracy rose to 82.4%."],
        ["The U.S. Army and Dr. J. Smith agreed.", "They met."],
        ["Does it scale?", "It does!", '"It is," they said.', "(We agree.)"],
        ["Cells took up vitamin C.", "We measured it."],
        ["Alpha (vs. beta) won w.r.t. speed.", "GPT-4 lost."],
        ["It costs $5.", "$S^3$ is a sphere."],
        ["研究表明有效。", "结果很好。"],
        ["mRNA was low.", "eIF4E was high."],
        ["We call it BERT.", "iPhone users like it."],
    ],
)
def test_sentences_of_scholarly_prose(sentences):
    joiner = "" if sentences[0].endswith("。") else " "
    assert split(joiner.join(sentences)) == sentences


def test_a_list_inside_a_sentence_does_not_end_it():
    assert len(split("We ask two things: (i) does it work? and (ii) is it fast?")) == 1


@given(st.text(max_size=300))
def test_no_character_is_lost_and_spans_are_in_order(text):
    spans = split_sentences(text)
    assert "".join("".join(text[s.start : s.end].split()) for s in spans) == "".join(text.split())
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(text[s.start : s.end] == text[s.start : s.end].strip() != "" for s in spans)


def test_a_long_run_of_full_stops_is_read_in_one_go():
    # Were each stop tried as the beginning of the run, this would take minutes.
    text = "." * 200_000 + "x"
    assert [(span.start, span.end) for span in split_sentences(text)] == [(0, len(text))]
