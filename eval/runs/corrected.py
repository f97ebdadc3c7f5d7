"""What the errors of its judge leave of a run's numbers: corrected by its card or by labels, or not measured at all."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from eval.judges.correction import (
    LEAST_SEPARATION,
    Corrected,
    Verdicts,
    accuracy_of,
    corrected_mean,
    prediction_powered,
    rogan_gladen,
)
from eval.judges.judged import resolves
from eval.judges.labelled_pairs import read_pairs
from eval.metrics import BY_NAME
from eval.runs.run import Row, Run

# A judge that finds fewer contradictions than this share can't put a rate on them.
SEES = 0.5
# What people's labels are drawn with: the same sentences each time, so that labelling can go on another day.
SEED = 20_240_229
# Whether something was accepted, None without a verdict; and whether that took a judge.
_Outcome = tuple[bool | None, bool]


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence with the passages that it cites. `verbatim`: one of them holds it word for word."""

    id: str
    text: str
    evidence: str
    accepted: bool
    verbatim: bool


def cited_sentences(rows: Iterable[Row]) -> list[CitedSentence]:
    """Return the sentences that cite and got a verdict."""
    return [
        _sentence(row, place, judged)
        for row in rows
        for place, judged in enumerate(row.judged, start=1)
        if judged["together"] and judged["together"]["verdict"] != "unknown"
    ]


def _cited(row: Row, marks: Sequence[int]) -> list[str]:
    passages = row.response.passages
    return [passages[mark - 1].text for mark in marks if resolves(mark, passages)]


def _stands(text: str, evidence: Sequence[str]) -> bool:
    """Whether one of the texts holds a sentence word for word."""
    return any(" ".join(text.split()) in " ".join(held.split()) for held in evidence)


def _sentence(row: Row, place: int, judged: Mapping[str, Any]) -> CitedSentence:
    texts = _cited(row, judged["marks"])
    plain = " ".join(str(judged["text"]).split())
    verbatim = _stands(plain, texts)
    accepted = judged["together"]["verdict"] == "supported"
    return CitedSentence(f"{row.case.id}#{place}", plain, "\n\n".join(texts), accepted, verbatim)


def to_label(run: Run, count: int) -> list[CitedSentence]:
    """Draw the sentences whose labels matter: those that stand in no cited passage, where the judge may err."""
    open_to_doubt = [sentence for sentence in cited_sentences(run.rows.values()) if not sentence.verbatim]
    return random.Random(SEED).sample(open_to_doubt, len(open_to_doubt))[:count]


def labels_of(path: Path) -> dict[str, str]:
    """Return the labels that people gave, by the id of the sentence; nothing where no file is."""
    if not path.exists() or not any(True for _ in read_lines(path)):
        return {}
    return {pair.id: pair.label for pair in read_pairs(path)}


def document(run: Run, labels: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Return the counts of cited sentences, and the share supported: as judged, by the card, by labels.

    A sentence that stands word for word in what it cites is supported without doubt: only the others are corrected.
    """
    found = cited_sentences(run.rows.values())
    doubtful = [sentence for sentence in found if not sentence.verbatim]
    accuracy = accuracy_of(run.header.get("judge_card"))
    accepted = [sentence.accepted for sentence in doubtful]
    by_card = rogan_gladen(sum(accepted) / len(accepted), len(accepted), accuracy) if accepted and accuracy else None
    pairs = [(s.accepted, labels[s.id]) for s in doubtful if labels and s.id in labels]
    by_labels = prediction_powered(accepted, pairs)
    return {
        "cited": len(found),
        "verbatim": len(found) - len(doubtful),
        "judged": sum(accepted) / len(accepted) if accepted else None,
        "by_card": _plain(by_card, doubtful, found),
        "labels": len(pairs),
        "by_labels": _plain(by_labels, doubtful, found),
        "metrics": {name: asdict(each) for name, each in metrics(run).items()},
    }


def _plain(
    corrected: Corrected | None, doubtful: Sequence[CitedSentence], found: Sequence[CitedSentence]
) -> dict[str, float] | None:
    """Return the corrected share over all cited sentences, the verbatim ones counted as they are."""
    if corrected is None:
        return None
    certain = len(found) - len(doubtful)
    return {name: (certain + value * len(doubtful)) / len(found) for name, value in asdict(corrected).items()}


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return it in words, to stand below the citation metrics."""
    if not found["cited"]:
        return []
    text = f"of {found['cited']} cited sentences {found['verbatim']} stand word for word in what they cite"
    if found["judged"] is None:
        return [f"{text}: no verdict of the judge is behind their support"]
    rest = found["cited"] - found["verbatim"]
    shown = [f"{text}; of the other {rest} the judge accepts {found['judged']:.2f}"]
    for name, source in (("by_card", "its card"), ("by_labels", f"{found['labels']} labels of your own")):
        if found[name]:
            shown.append(f"supported, corrected by {source}: {_interval(found[name])} of all cited sentences")
    shown += [f"{name}, corrected by its card: {_interval(each)}" for name, each in found["metrics"].items()]
    others = ", ".join(name for name, metric in BY_NAME.items() if metric.judged and name not in found["metrics"])
    return [*shown, f"not corrected, as good as the judge: {others}"]


def _interval(found: Mapping[str, float]) -> str:
    return f"{found['value']:.2f} [{found['low']:.2f}, {found['high']:.2f}]"


def unseen(name: str, card: Mapping[str, Any] | None) -> str | None:
    """Return why a judge with this card can't measure a metric, in words; None where it can or has no card.

    A judge no better than chance measures nothing; one that finds few contradictions puts no rate on them.
    """
    if card is None or not BY_NAME[name].judged:
        return None
    accuracy = accuracy_of(card)
    if accuracy and accuracy.sensitivity + accuracy.specificity - 1 < LEAST_SEPARATION:
        return "by its card the judge is no better than chance"
    found = card["recall"]["contradicted"]["value"]
    if name == "contradiction_rate" and found is not None and found < SEES:
        return f"by its card the judge finds {found:.0%} of contradictions"
    return None


def measured(card: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the metrics that a judge with this card can measure."""
    return tuple(name for name in BY_NAME if unseen(name, card) is None)


def metrics(run: Run) -> dict[str, Corrected]:
    """Return the citation metrics that are means of single verdicts, each corrected by the card of the judge.

    What stands word for word in what it cites needs no verdict. A metric is left out where that is so of everything,
    where the judge has no card, or where it is no better than chance.
    """
    accuracy = accuracy_of(run.header.get("judge_card"))
    if accuracy is None:
        return {}
    answered = [row for row in run.rows.values() if row.response.answered]
    found = {
        name: corrected_mean([v for row in answered if (v := _verdicts(outcomes(row)))], accuracy)
        for name, outcomes in _OUTCOMES.items()
    }
    return {name: corrected for name, corrected in found.items() if corrected}


def _verdicts(outcomes: Sequence[_Outcome]) -> Verdicts | None:
    """Return what stands behind the mean of one answer; None where nothing of it was judged or known."""
    known = [(accepted, doubted) for accepted, doubted in outcomes if accepted is not None]
    if not known:
        return None
    certain = sum(accepted and not doubted for accepted, doubted in known)
    accepted = sum(accepted and doubted for accepted, doubted in known)
    return Verdicts(certain / len(known), accepted / len(known), sum(doubted for _, doubted in known) / len(known))


def _recall(row: Row) -> list[_Outcome]:
    return [_of(judged["text"], judged["together"], _cited(row, judged["marks"])) for judged in row.judged]


def _precision(row: Row) -> list[_Outcome]:
    """Each mark: an invented one is false without a verdict, one whose passage holds the sentence needs none."""
    return [
        (precise, bool(cited := _cited(row, [mark])) and not _stands(judged["text"], cited))
        for judged in row.judged
        for mark, precise in zip(judged["marks"], judged["precise"], strict=True)
    ]


def _pinned(row: Row) -> list[_Outcome]:
    """Each sentence by its quotes alone, in answers that quote."""
    if not any(judged["pinned"] for judged in row.judged):
        return []
    quotes = {claim.text: [pin.quote for pin in claim.pins] for claim in row.response.claims}
    return [_of(judged["text"], judged["pinned"], quotes.get(judged["text"], [])) for judged in row.judged]


def _of(text: str, support: Mapping[str, Any] | None, evidence: Sequence[str]) -> _Outcome:
    """Return whether a sentence was accepted (None without a verdict), and whether that took a judge."""
    if support is None:
        return False, False
    accepted = None if support["verdict"] == "unknown" else support["verdict"] == "supported"
    return accepted, not _stands(text, evidence)


# The other metrics of the judge aren't means of single verdicts, so no card corrects them.
_OUTCOMES = {"citation_recall": _recall, "citation_precision": _precision, "pinned_recall": _pinned}
