from __future__ import annotations

import json

import numpy as np
import pytest

from eval.benchmarks import retrieval
from eval.benchmarks.beir import read_judged
from eval.benchmarks.retrieval import difference, estimate, score
from rag.errors import InputError, SourceError

CORPUS = [
    {"_id": "d1", "title": "Tin roofs in hail", "text": "Hail dents tin. A thicker sheet cut dents by half."},
    {"_id": "d2", "title": "Rest in barn cats", "text": "Barn cats sleep eleven hours. They hunt at night."},
    {"_id": "d3", "title": "", "text": "Barley needs rain in May. Dry fields gave less grain."},
    {"_id": "d4", "title": "An empty one", "text": ""},
    {"_id": "d5", "title": "Rest in barn cats", "text": "Barn cats sleep eleven hours. They hunt at night."},
]
QUERIES = [
    {"_id": "q1", "text": "how does hail damage tin"},
    {"_id": "q2", "text": "how long do cats sleep"},
    {"_id": "q3", "text": "what happens to barley without rain"},
    {"_id": "q4", "text": "nobody judged this"},
]
GRADES = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td3\t0\nq2\td2\t1\nq2\td5\t1\nq3\td3\t1\nq3\td4\t1\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "qrels").mkdir()
    for name, lines in (("corpus", CORPUS), ("queries", QUERIES)):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    (tmp_path / "qrels" / "dev.tsv").write_text(GRADES, encoding="utf-8")
    return tmp_path


def test_a_folder_is_indexed_searched_and_measured(folder):
    result = retrieval.run(folder, "dev")
    assert (result.questions, result.documents) == (3, 5)
    assert result.merged == 1  # d5 is d2 again: one paper counts for both
    assert list(result.not_indexed) == ["d4"]
    found = result.as_json()
    # q1 and q2 find all that is relevant; q3 finds d3 first, and d4 could not be indexed: recall (1 + 1 + 1/2) / 3.
    assert found["recall@5"]["value"] == pytest.approx(2.5 / 3)
    assert found["mrr@10"]["value"] == 1.0
    assert set(found["baselines"]) == {"bm25", "dense", "min_max"}
    assert found["baselines"]["bm25"]["ndcg@10"]["low"] <= found["baselines"]["bm25"]["ndcg@10"]["high"]
    assert json.loads(json.dumps(found)) == found
    assert "not indexed: d4" in result.as_text()


def test_a_kept_library_is_not_embedded_again(folder, tmp_path):
    first = retrieval.run(folder, "dev", library=tmp_path / "library")
    second = retrieval.run(folder, "dev", library=tmp_path / "library")
    assert first.measures == second.measures
    assert second.merged == 1


def test_measures_by_hand(folder):
    judged = read_judged(folder, "dev")
    found = score(judged, {"q1": ["d3", "d1"], "q2": ["d2", "d9", "d5"], "q3": []})
    log = np.log2
    # q1: grade 2 at place 2 of an ideal at place 1; q2: places 1 and 3 of ideal places 1 and 2; q3 found nothing.
    assert found["ndcg@10"] == pytest.approx([(2 / log(3)) / 2, (1 + 1 / log(4)) / (1 + 1 / log(3)), 0])
    assert found["mrr@10"] == pytest.approx([1 / 2, 1, 0])
    assert found["recall@5"] == pytest.approx([1, 1, 0])


def test_intervals_hold_the_mean_and_a_clear_lead_is_distinguished_from_none():
    values = np.linspace(0, 1, 60)
    interval = estimate(values)
    assert interval.value == pytest.approx(0.5)
    assert interval.low < 0.5 < interval.high
    assert difference(values, values - 0.2).p < 0.01
    assert difference(values, values[::-1]).p > 0.5


def test_an_unknown_split_names_those_there_are(folder):
    with pytest.raises(InputError, match="dev"):
        read_judged(folder, "test")


def test_a_judged_question_that_is_missing_is_named(folder):
    (folder / "qrels" / "odd.tsv").write_text("query-id\tcorpus-id\tscore\nq9\td1\t1\n", encoding="utf-8")
    with pytest.raises(InputError, match="q9"):
        read_judged(folder, "odd")


@pytest.mark.parametrize("line", ["q1\td1\tgood", "q1 d1 1", "q1\td1"])
def test_a_line_that_is_not_a_judgement_is_named(folder, line):
    (folder / "qrels" / "odd.tsv").write_text(f"query-id\tcorpus-id\tscore\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"odd\.tsv:2"):
        read_judged(folder, "odd")


def test_an_id_that_comes_twice_is_named(folder):
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as out:
        out.write("\n" + json.dumps(CORPUS[0]))
    with pytest.raises(SourceError, match="d1"):
        retrieval.run(folder, "dev")
