"""The share of a run's cited sentences that are supported, corrected for the errors of its judge."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.json_lines import read_lines
from eval.judges.correction import Corrected, accuracy_of, prediction_powered, rogan_gladen
from eval.judges.labelled_pairs import read_pairs
from eval.runs.run import Row, Run

# A judge that finds fewer contradictions than this share can't put a rate on them.
SEES = 0.5
# What people's labels are drawn with: the same sentences each time, so that labelling can go on another day.
SEED = 20_240_229


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


def _sentence(row: Row, place: int, judged: Mapping[str, Any]) -> CitedSentence:
    passages = row.response.passages
    texts = [passages[mark - 1].text for mark in judged["marks"] if 1 <= mark <= len(passages)]
    plain = " ".join(str(judged["text"]).split())
    verbatim = any(plain in " ".join(text.split()) for text in texts)
    accepted = judged["together"]["verdict"] == "supported"
    return CitedSentence(f"{row.case.id}#{place}", plain, "\n\n".join(texts), accepted, verbatim)


def to_label(run: Run, count: int) -> list[CitedSentence]:
    """Draw the sentences whose labels matter: those that stand in no cited passage, where the judge may err."""
    open_to_doubt = [sentence for sentence in cited_sentences(run.rows.values()) if not sentence.verbatim]
    return random.Random(SEED).sample(open_to_doubt, len(open_to_doubt))[:count]


def labels_of(path: Path) -> dict[str, bool]:
    """Return whether people found a sentence supported, by its id; nothing where no file is."""
    if not path.exists() or not any(True for _ in read_lines(path)):
        return {}
    return {pair.id: pair.label == "supported" for pair in read_pairs(path)}


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
            value, low, high = (found[name][part] for part in ("value", "low", "high"))
            shown.append(
                f"supported, corrected by {source}: {value:.2f} [{low:.2f}, {high:.2f}] of all cited sentences"
            )
    return shown


def unseen(card: Mapping[str, Any] | None) -> float | None:
    """Return the share of contradictions that the judge finds, where it is too low to measure a rate by."""
    found = card["recall"]["contradicted"]["value"] if card else None
    return found if found is not None and found < SEES else None
