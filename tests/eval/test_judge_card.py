"""The judge's card, its sums by hand."""

import json

import pytest

from eval.judges.card import OverlapJudge, Ruling, card, rule
from eval.judges.labelled_pairs import Pair, label_of, read_pairs
from rag.errors import InputError, SourceError
from rag.types import Support, Verdict

S, N, C = "supported", "not_supported", "contradicted"


def ruling(label, verdict, score=0.5, source=None, origin="x", place=[0]):  # noqa: B006 - a counter for fresh texts
    place[0] += 1
    return Ruling(Pair("", source or f"text {place[0]}", "claim", label, origin), Support(score, Verdict(verdict)))


TEN = [
    *[ruling(S, "supported", 0.9)] * 3, ruling(S, "unsupported", 0.4),
    *[ruling(N, "unsupported", 0.2)] * 2, ruling(N, "supported", 0.8), ruling(N, "unknown", 0.0),
    ruling(C, "contradicted", 0.1), ruling(C, "partial", 0.5),
]  # fmt: skip


def test_balanced_accuracy_recall_and_confusion_by_hand():
    found = card(TEN)
    # Supported: 3 of 4. The rest: 5 of 6 not taken for supported. (3/4 + 5/6) / 2.
    assert found["balanced_accuracy"]["value"] == pytest.approx((3 / 4 + 5 / 6) / 2)
    assert found["recall"][S]["value"] == 3 / 4
    assert found["recall"][N]["value"] == 3 / 4  # unknown counts as not_supported
    assert found["recall"][C]["value"] == 1 / 2  # partial counts as not_supported
    assert found["unknown"] == 1
    assert found["confusion"][N] == {S: 1, N: 3, C: 0}


def test_macro_f1_and_kappa_by_hand():
    found = card(TEN)
    # F1: supported 2·3/(4+4), not_supported 2·3/(4+5), contradicted 2·1/(2+1).
    assert found["macro_f1"]["value"] == pytest.approx((6 / 8 + 6 / 9 + 2 / 3) / 3)
    # Agreed 7/10; by chance (4·4 + 4·5 + 2·1) / 100.
    assert found["kappa"]["value"] == pytest.approx((0.7 - 0.38) / (1 - 0.38))


def test_auroc_by_hand():
    # Supported 0.9 0.9 0.9 0.4 against 0.2 0.2 0.8 0.0 0.1 0.5: 18 pairs won by the 0.9s, 4 of 6 by the 0.4.
    assert card(TEN)["auroc"]["value"] == pytest.approx(22 / 24)
    assert card([ruling(S, "supported"), ruling(N, "supported")])["auroc"]["value"] == 0.5  # a tie is half


def test_calibration_error_by_hand():
    # 0.9: 4 in the bin [0.9, 1], 3 right … only the gap of each bin, weighted: |1 - 0.9|·3/4 + |0 - 0.3|·1/4.
    rulings = [*[ruling(S, "supported", 0.9)] * 3, ruling(N, "supported", 0.3)]
    assert card(rulings)["ece"]["value"] == pytest.approx(0.1 * 3 / 4 + 0.3 / 4)


def test_claims_about_one_text_stand_and_fall_together():
    verdicts = ["supported"] * 20 + ["unsupported"] * 20
    alone = card([ruling(S, verdict) for verdict in verdicts])["recall"][S]
    shared = card([ruling(S, verdict, source=verdict) for verdict in verdicts])["recall"][S]
    assert alone["value"] == shared["value"] == 0.5
    # Two texts, one judged right throughout: a draw of two holds both, or one of them twice.
    assert (shared["low"], shared["high"]) == (0.0, 1.0)
    assert alone["high"] - alone["low"] < 0.4


def test_origins_stand_apart():
    found = card([ruling(S, "supported", origin="a"), ruling(N, "supported", origin="b")])
    assert found["origins"]["a"]["recall"][S]["value"] == 1.0
    assert found["origins"]["b"]["recall"][N]["value"] == 0.0
    assert found["origins"]["b"]["balanced_accuracy"]["value"] is None  # one label only: not known, not 0


def test_the_overlap_floor_sees_words_and_nothing_else():
    judge = OverlapJudge()
    assert judge.check("Tides rise quickly.", ["Quickly do tides rise."]).verdict is Verdict.SUPPORTED
    assert judge.check("Tides never rise quickly.", ["Quickly do tides rise."]).verdict is Verdict.SUPPORTED
    assert judge.check("Bees dance.", ["Quickly do tides rise."]).verdict is Verdict.UNSUPPORTED
    assert judge.check("It is.", ["It is."]).verdict is Verdict.UNSUPPORTED


@pytest.mark.parametrize(("verdict", "label"), [(v, label_of(Support(0, v))) for v in Verdict])
def test_what_a_verdict_counts_as(verdict, label):
    assert label == {"supported": S, "contradicted": C}.get(verdict.value, N)


def test_pairs_are_read_or_refused_with_their_line(write_jsonl):
    good = {"id": 1, "source_text": "Tides rise.", "claim": "They rise.", "label": S}
    (pair,) = read_pairs(write_jsonl("good.jsonl", [good]))
    assert (pair.id, pair.origin) == ("1", "unknown")
    with pytest.raises(SourceError, match=r"bad\.jsonl:2: unknown label 'refuted'"):
        read_pairs(write_jsonl("bad.jsonl", [good, good | {"label": "refuted"}]))
    with pytest.raises(SourceError, match="claim is None"):
        read_pairs(write_jsonl("bad.jsonl", [{"source_text": "x", "label": S}]))
    with pytest.raises(InputError, match="no pairs"):
        read_pairs(write_jsonl("empty.jsonl", []))


def test_progress_is_reported(write_jsonl):
    pairs = read_pairs(write_jsonl("p.jsonl", [{"source_text": "a", "claim": "b", "label": S}] * 3))
    reported = []
    rule(pairs, OverlapJudge(), reported.append)
    assert reported == [1, 2, 3]
    assert json.dumps(card(rule(pairs, OverlapJudge())))
