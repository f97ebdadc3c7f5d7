"""Whether a sentence is supported, found with less reading than a verdict takes, and never otherwise."""

import pytest

from eval.gates.thresholds import GATE
from eval.judges.judged import supports
from eval.judges.labelled_pairs import read_pairs
from eval.judges.registry import open_judge
from eval.judges.shortcut import Shortcut
from rag.models.reader import Odds
from rag.types import Verdict
from rag.verify import BuiltinChecker, default_checker, default_embedder

ABSTRACT = "Spring tides rise by 12% in the north. Neap tides fall at night. Winds turn there in autumn."
UNSURE = (Odds(0.5, 0.4, 0.1), Odds(0.02, 0.9, 0.08), Odds(0.97, 0.02, 0.01))


class Noting:
    """A reader that finds the same of everything, and notes how many passages it was given."""

    name = "noting"

    def __init__(self, found):
        self.found, self.given = found, []

    def judge(self, pairs):
        self.given += [len(passages) for _, passages in pairs]
        return [self.found] * len(pairs)


def shortcut(reader):
    return Shortcut(default_checker(), default_embedder(), reader)


@pytest.mark.parametrize("sentence", ["Spring tides rise by 14% in the north.", "Neap tides do not fall at night."])
def test_what_a_guard_settles_is_not_read(sentence):
    reader = Noting(UNSURE[2])
    assert shortcut(reader).supports(sentence, [ABSTRACT]) is False
    assert reader.given == []


def test_what_is_read_is_read_once():
    reader = Noting(UNSURE[0])
    shortcut(reader).supports("Winds there change direction in autumn.", [ABSTRACT])
    assert sorted(reader.given) in ([1], [1, 3])


SENTENCES = (
    "Winds turn there in autumn.", "Winds there change direction in autumn.", "Spring tides rise by 12%.",
    "Spring tides rise by 14% in the north.", "Neap tides rise at night.", "Autumn winds turn spring tides.", "Winds.",
    "Die Flut steigt im Norden um zwölf Prozent.",
)  # fmt: skip


@pytest.mark.parametrize("odds", UNSURE)
@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_finds_what_the_whole_verdict_finds(sentence, odds):
    verdict = BuiltinChecker(default_embedder(), Noting(odds)).check(sentence, [ABSTRACT]).verdict
    wanted = None if verdict is Verdict.UNKNOWN else verdict is Verdict.SUPPORTED
    assert shortcut(Noting(odds)).supports(sentence, [ABSTRACT]) is wanted


def test_the_judge_of_the_gate_finds_of_written_claims_what_its_verdicts_find():
    judge = open_judge("builtin")
    pairs = [*read_pairs(GATE.parent / "claims.jsonl")[::2], *read_pairs(GATE.parent / "restated.jsonl")[::6]]
    verdicts = [judge.check(pair.claim, [pair.source_text]).verdict for pair in pairs]
    wanted = [None if verdict is Verdict.UNKNOWN else verdict is Verdict.SUPPORTED for verdict in verdicts]
    assert [supports(judge, pair.claim, [pair.source_text]) for pair in pairs] == wanted
    assert {True, False, None} >= set(wanted) >= {True, False}
