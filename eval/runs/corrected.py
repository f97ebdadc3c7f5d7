"""What the errors of its judge leave of a run's numbers: corrected by its card or by labels, or not measured at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval.judges.correction import (
    LEAST_SEPARATION,
    Accuracy,
    Corrected,
    Verdicts,
    accuracy_of,
    corrected_mean,
    prediction_powered,
)
from eval.judges.nuggets import NuggetsFound
from eval.metrics import BY_NAME
from eval.runs.labels import CitedSentence, as_labelled, cited, cited_sentences, stands
from eval.runs.run import Row, Run

# A judge that finds fewer contradictions than this share can't put a rate on them.
SEES = 0.5
# The share of all cited sentences that are supported: no metric of the table, which are means over answers.
SUPPORTED = "supported"
# What people's labels for facts correct.
OF_FACTS = ("right", "vital_recall", "nugget_recall", "answering_share", "nugget_f1")
# Why a card corrects no other metric of its judge. What no reason names is a mean of single verdicts.
UNCORRECTED = {
    "facts that answers state, on which no card has pairs (label --facts corrects them)": OF_FACTS,
    "several verdicts on one sentence or answer, whose errors don't add up to a share": (
        "citation_f1", "groundedness", "misattribution_rate", "citation_precision:claims", "groundedness:claims",
    ),
    "degrees of support, where a card has supported or not": (
        "support_recall", "support_precision", "partial_support", "no_support", "support_recall:claims",
        "partial_support:claims", "no_support:claims",
    ),
    "kinds of error, on which no card has pairs": (
        "error:time", "error:number", "error:entity", "error:negation", "error:invention",
    ),
}  # fmt: skip
AS_JUDGED = "as judged"
ELSEWHERE = "a card corrects for a field like that of its pairs; elsewhere label 40 sentences: pincite eval label RUN"
# Whether something was accepted, None without a verdict; and whether that took a judge.
_Outcome = tuple[bool | None, bool]


def document(
    run: Run, support: Mapping[str, str] | None = None, facts: Mapping[str, NuggetsFound] | None = None
) -> dict[str, Any]:
    """Return the counts of cited sentences and of labels, and each metric that can be corrected: by card, by labels.

    `support` are people's labels of sentences, `facts` what they found in answers. A sentence that stands word for word
    in what it cites is supported without doubt: only the others are corrected.
    """
    found = cited_sentences(run.rows.values())
    doubtful = [sentence for sentence in found if not sentence.verbatim]
    accepted = [sentence.verdict == "supported" for sentence in doubtful]
    given = {name: label for name, label in (support or {}).items() if name in {s.id for s in doubtful}}
    labelled = _by_sentences(found, given) | _by_facts(run, facts or {})
    card = run.header.get("judge_card")
    carded = by_card(run.rows.values(), card)
    corrected = dict.fromkeys([*carded, *labelled])
    judged = [name for name, metric in BY_NAME.items() if metric.judged and unseen(name, card) is None]
    certain = _without_judge(run.rows.values())
    return {
        "cited": len(found),
        "verbatim": len(found) - len(doubtful),
        "judged": sum(accepted) / len(accepted) if accepted else None,
        "labels": {"sentences": len(given), "answers": len(facts or {})},
        "metrics": {
            name: {"by_card": _plain(carded.get(name)), "by_labels": _plain(labelled.get(name))} for name in corrected
        },
        "as_judged": [name for name in judged if name not in corrected and name not in certain],
    }


def _plain(corrected: Corrected | None) -> dict[str, float] | None:
    return None if corrected is None else asdict(corrected)


def _by_sentences(found: Sequence[CitedSentence], labels: Mapping[str, str]) -> dict[str, Corrected]:
    """Correct the shares of cited sentences that are supported, and contradicted, by labels for some of them."""
    doubtful = [sentence for sentence in found if not sentence.verbatim]
    known = len(found) - len(doubtful)
    shares = {}
    for name, wanted, certain in ((SUPPORTED, "supported", 1.0), ("contradiction_rate", "contradicted", 0.0)):
        pairs = [(s.verdict == wanted, labels[s.id] == wanted) for s in doubtful if s.id in labels]
        shares[name] = prediction_powered([s.verdict == wanted for s in doubtful], pairs, [certain] * known)
    return {name: share for name, share in shares.items() if share}


def _by_facts(run: Run, labels: Mapping[str, NuggetsFound]) -> dict[str, Corrected]:
    """Correct the metrics of usefulness by what people found in some answers.

    A refusal, or an answer to a question that has none, needs no verdict.
    """
    people = {name: as_labelled(run.rows[name], found) for name, found in labels.items()}
    found = {name: _metric_by_facts(run, name, people) for name in OF_FACTS}
    return {name: each for name, each in found.items() if each}


def _metric_by_facts(run: Run, metric: str, people: Mapping[str, Mapping[str, float]]) -> Corrected | None:
    scored = {name: row.scores[metric].value for name, row in run.rows.items() if metric in row.scores}
    known = {name: value for name, value in scored.items() if value is not None}
    judged = {name: value for name, value in known.items() if run.rows[name].nuggets}
    certain = [value for name, value in known.items() if name not in judged]
    pairs = [(judged[name], found[metric]) for name, found in people.items() if name in judged and metric in found]
    return prediction_powered(list(judged.values()), pairs, certain)


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return it in words, to go below the citation metrics."""
    shown = _counts(found)
    for name, each in found["metrics"].items():
        what = "supported, of all cited sentences" if name == SUPPORTED else name
        if each["by_card"]:
            shown.append(f"{what}, corrected by its card: {_interval(each['by_card'])}")
        if each["by_labels"]:
            count = found["labels"]["answers" if name in OF_FACTS else "sentences"]
            shown.append(f"{what}, corrected by {count} labels of your own: {_interval(each['by_labels'])}")
    if any(each["by_card"] and not each["by_labels"] for each in found["metrics"].values()):
        shown.append(ELSEWHERE)
    return shown + _as_judged(found["as_judged"])


def _as_judged(names: Sequence[str]) -> list[str]:
    """Say which metrics aren't corrected, and why."""
    if not names:
        return []
    rest = [name for name in names if not any(name in those for those in UNCORRECTED.values())]
    reasons = {**UNCORRECTED, "no card that could correct them": rest}
    shown = {why: [name for name in names if name in those] for why, those in reasons.items()}
    return [
        f"{AS_JUDGED}, without the judge's errors in the interval:",
        *(f"  {why}: {', '.join(those)}" for why, those in shown.items() if those),
    ]


def note(name: str, found: Mapping[str, Any]) -> str:
    """Return what to write beside a metric: its value without the judge's errors, or that it is as judged."""
    corrected = found["metrics"].get(name, {})
    if each := corrected.get("by_labels") or corrected.get("by_card"):
        return f"corrected: {_interval(each)}"
    return AS_JUDGED if name in found["as_judged"] else ""


def _counts(found: Mapping[str, Any]) -> list[str]:
    if not found["cited"]:
        return []
    text = f"of {found['cited']} cited sentences {found['verbatim']} are word for word in what they cite"
    if found["judged"] is None:
        return [f"{text}: no verdict of the judge is behind their support"]
    rest = found["cited"] - found["verbatim"]
    return [f"{text}; of the other {rest} the judge accepts {found['judged']:.2f}"]


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


def by_card(rows: Iterable[Row], card: Mapping[str, Any] | None) -> dict[str, Corrected]:
    """Return the citation metrics that are means of single verdicts, each corrected by the card of the judge.

    What is word for word in what it cites needs no verdict. A metric is left out where that is so of everything,
    where the judge has no card, or where it is no better than chance.
    """
    accuracy = accuracy_of(card)
    if accuracy is None:
        return {}
    answered = [row for row in rows if row.response.answered]
    return {name: found for name in _ANSWERS if (found := _mean_by_card(name, answered, accuracy))}


def _mean_by_card(name: str, answered: Sequence[Row], accuracy: Accuracy) -> Corrected | None:
    groups = [group for row in answered for group in _ANSWERS[name](row)]
    return corrected_mean([verdicts for group in groups if (verdicts := _verdicts(group))], accuracy)


def _without_judge(rows: Collection[Row]) -> set[str]:
    """Return the metrics that no verdict is behind: what there is stands word for word in what it cites."""
    answered = [row for row in rows if row.response.answered]
    groups = {name: [group for row in answered for group in of(row)] for name, of in _ANSWERS.items()}
    found = {name for name, group in groups.items() if not any(doubted for some in group for _, doubted in some)}
    if not any(row.nuggets for row in answered):
        found |= set(OF_FACTS)
    # Nothing is looked up elsewhere, or in part, of a sentence that stands in what it cites.
    all_cite = all(judged["together"] for row in answered for judged in row.judged)
    of_support = set(BY_NAME) - set(OF_FACTS) - {"pinned_recall"}
    return found | of_support if all_cite and found >= {"citation_recall", "citation_precision"} else found


def verdicts_on(name: str, row: Row) -> Verdicts | None:
    """Return what lies behind a metric of one answer; None where the metric isn't a mean of single verdicts."""
    groups = _ANSWERS[name](row) if name in _ANSWERS and name != SUPPORTED else []
    return _verdicts(groups[0]) if groups else None


def _verdicts(outcomes: Sequence[_Outcome]) -> Verdicts | None:
    """Return what lies behind the mean of one answer; None where nothing of it was judged or known."""
    known = [(accepted, doubted) for accepted, doubted in outcomes if accepted is not None]
    if not known:
        return None
    certain = sum(accepted and not doubted for accepted, doubted in known)
    accepted = sum(accepted and doubted for accepted, doubted in known)
    return Verdicts(certain / len(known), accepted / len(known), sum(doubted for _, doubted in known) / len(known))


def _supported(row: Row) -> list[list[_Outcome]]:
    """Return each sentence that cites by itself: all weigh the same, whatever answer they are in."""
    return [[_of(judged, cited(row, judged["marks"]))] for judged in row.judged if judged["together"]]


def _recall(row: Row) -> list[list[_Outcome]]:
    return [[_of(judged, cited(row, judged["marks"])) for judged in row.judged]]


def _recall_of_claims(row: Row) -> list[list[_Outcome]]:
    return [[outcome for judged in row.judged for outcome in _of_claims(row, judged)]]


def _of_claims(row: Row, judged: Mapping[str, Any]) -> list[_Outcome]:
    """Return the outcome of each claim of a sentence: none takes a judge where the whole stands in what it cites."""
    texts, claims = cited(row, judged["marks"]), judged.get("parts", [judged])
    whole = _of(judged, texts)
    return [_of(claim, texts) if whole[1] else whole for claim in claims]


def _precision(row: Row) -> list[list[_Outcome]]:
    """Each mark: an invented one is false without a verdict, one whose passage holds the sentence needs none."""
    return [[
        (precise, bool(texts := cited(row, [mark])) and not stands(judged["text"], texts))
        for judged in row.judged
        for mark, precise in zip(judged["marks"], judged["precise"], strict=True)
    ]]  # fmt: skip


def _pinned(row: Row) -> list[list[_Outcome]]:
    """Each sentence by its quotes alone, in answers that quote."""
    if not any(judged["pinned"] for judged in row.judged):
        return []
    quotes = {claim.text: [pin.quote for pin in claim.pins] for claim in row.response.claims}
    return [[_of(judged, quotes.get(judged["text"], []), "pinned") for judged in row.judged]]


def _of(judged: Mapping[str, Any], evidence: Sequence[str], by: str = "together") -> _Outcome:
    """Return whether a sentence was accepted (None without a verdict), and whether that took a judge."""
    support = judged[by]
    if support is None:
        return False, False
    accepted = None if support["verdict"] == "unknown" else support["verdict"] == "supported"
    return accepted, not stands(judged["text"], evidence)


# Groups of outcomes that a row adds to a mean. The other metrics of the judge aren't means of single verdicts, so no
# card corrects them.
_ANSWERS = {
    SUPPORTED: _supported,
    "citation_recall": _recall,
    "citation_precision": _precision,
    "pinned_recall": _pinned,
    "citation_recall:claims": _recall_of_claims,
}
