"""The 200 citing sentences of the measurement: half right, half with a fault, over papers that are there."""

from collections import Counter

from places import ROOT, SHARED, needs_shared

from bench.manuscripts import auroc, read_lines, read_papers

SENTENCES = read_lines(ROOT / "eval" / "data" / "citing_sentences.jsonl")


def test_half_of_the_sentences_are_right():
    assert len({one["id"] for one in SENTENCES}) == len({one["sentence"] for one in SENTENCES}) == 200
    assert Counter(one["right"] for one in SENTENCES) == {True: 100, False: 100}
    assert sum(one["fault"] == "paper" for one in SENTENCES) == 50
    assert all((one["fault"] is None) == one["right"] for one in SENTENCES)


@needs_shared
def test_every_cited_paper_is_there_and_no_sentence_is_copied_from_it():
    papers = read_papers(SHARED / "benchmarks")
    for one in SENTENCES:
        assert one["sentence"] not in " ".join(papers[one["paper"]])


def test_auroc_counts_ties_half():
    assert auroc([0.9, 0.5], [0.5, 0.1]) == (1 + 1 + 0.5 + 1) / 4
