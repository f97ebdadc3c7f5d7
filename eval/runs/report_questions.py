"""One question of the report: its answer with every mark linked, its passages with the quotes highlighted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from eval.answers.responses import Passage, PinnedQuote, Response
from eval.metrics.correctness import is_correct
from eval.runs.run import Row


def question(number: int, row: Row, other: Row | None = None, classes: str = "", lost: Sequence[str] = ()) -> str:
    """Return a question as a section that folds out; beside the answer is that of another run, if given.

    `lost` states what is wrong with the answer.
    """
    case, response = row.case, row.response
    right = is_correct(row.item)
    sign = {True: '<b class="right">✓</b>', False: '<b class="wrong">✗</b>', None: "·"}[right]
    parts = [
        f'<details id="q{number}" class="{classes}"><summary>{sign} <span class="tag">{escape(case.kind)}</span>'
        f"{escape(case.question)} <small>{escape(case.id)}, {escape(case.split)}</small></summary>",
        *(f"<p><small>{escape(t['role'])}: {escape(t['content'])}</small></p>" for t in case.history),
        _side_by_side(number, row, other),
        _wanted(row),
        _lost(lost),
        _judgement(row.judged),
        *(_passage(number, place, p, _pins(response, place)) for place, p in enumerate(response.passages, start=1)),
        "</details>",
    ]
    return "".join(parts)


def _side_by_side(number: int, row: Row, other: Row | None) -> str:
    if other is None:
        return _answer(number, row)
    right = {True: "right", False: "wrong", None: "not judged"}
    sides = ((name, one, right[is_correct(one.item)]) for name, one in (("this run", row), ("the other", other)))
    return (
        '<div class="sides">'
        + "".join(f"<div><small>{name}: {verdict}</small>{_answer(number, one)}</div>" for name, one, verdict in sides)
        + "</div>"
    )


def _lost(lines: Sequence[str]) -> str:
    return "".join(f'<p class="wrong">{escape(line)}</p>' for line in lines)


def _answer(number: int, row: Row) -> str:
    response = row.response
    if response.error:
        return f'<p class="wrong">Failed, unscored: {escape(response.error)}</p>'
    if response.declined:
        return f"<p><b>Refused</b> ({escape(response.reason or 'no reason given')}): {escape(response.text)}</p>"
    verdicts = {judged["text"]: _verdict(judged) for judged in row.judged}
    sentences = [
        f'<span class="{verdicts.get(claim.text, "")}">{escape(claim.text)}</span>'
        + "".join(_mark(number, mark, len(response.passages)) for mark in claim.marks)
        for claim in response.claims
    ]
    return f"<p>{' '.join(sentences) or '<i>empty</i>'}</p>"


def _verdict(judged: Mapping[str, Any]) -> str:
    return str(judged["together"]["verdict"]) if judged["together"] else "uncited"


def _mark(number: int, mark: int, passages: int) -> str:
    if not 1 <= mark <= passages:
        return f' <span class="invented" title="no such passage">[{mark}]</span>'
    return f' <a href="#q{number}p{mark}">[{mark}]</a>'


def _wanted(row: Row) -> str:
    case = row.case
    facts = [f"expected: {escape(' or '.join(group))}" for group in case.expected]
    facts += [f"forbidden: {escape(', '.join(case.forbidden))}"] * bool(case.forbidden)
    facts += [f"gold: {escape(', '.join(case.gold))}"] * bool(case.gold)
    facts += ["unanswerable"] * (not case.answerable)
    facts += [f"issues: {escape(', '.join(row.response.issues))}"] * bool(row.response.issues)
    return f'<p class="soft">{"; ".join(facts)}</p>'


def _judgement(judged: Sequence[Mapping[str, Any]]) -> str:
    if not judged:
        return ""
    rows = [
        f"<tr><td>{escape(claim['text'])}</td><td>{escape(_verdict(claim))}</td>"
        f"<td>{escape(claim['together']['why'] if claim['together'] else 'no mark of its own')}"
        f"{escape(_otherwise(claim))}</td></tr>"
        for claim in judged
    ]
    return f"<table><tr><th>sentence</th><th>verdict</th><th>why</th></tr>{''.join(rows)}</table>"


def _otherwise(claim: Mapping[str, Any]) -> str:
    note = f"; supported by {claim['elsewhere']}, which it does not cite" if claim["elsewhere"] else ""
    return note + (f"; kind of error: {claim['error']}" if claim["error"] else "")


def _pins(response: Response, place: int) -> list[PinnedQuote]:
    return [pin for claim in response.claims for pin in claim.pins if pin.passage == place]


def _passage(number: int, place: int, passage: Passage, pins: Sequence[PinnedQuote]) -> str:
    return (
        f'<div class="passage" id="q{number}p{place}"><b>[{place}]</b> {escape(passage.title or passage.id)}'
        f"<br>{_lit(passage.text, [pin.quote for pin in pins])}</div>"
    )


def _lit(text: str, quotes: Sequence[str]) -> str:
    """Return the text escaped, with every quote in it highlighted; overlapping quotes are joined."""
    lit = [False] * len(text)
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            lit[start : start + len(quote)] = [True] * len(quote)
    pieces, begin = [], 0
    for end in range(1, len(text) + 1):
        if end == len(text) or lit[end] != lit[begin]:
            piece = escape(text[begin:end])
            pieces.append(f"<mark>{piece}</mark>" if lit[begin] else piece)
            begin = end
    return "".join(pieces)
