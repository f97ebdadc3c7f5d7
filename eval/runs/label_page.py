"""What is to be labelled as one HTML page that needs no network: it gives the labels back as a file to save."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from eval.judges.labelled_pairs import LABELS
from eval.judges.nuggets import FULL, NONE, PARTIAL, NuggetsFound
from eval.runs.labels import CitedSentence, StatedFacts
from eval.runs.report import STYLE

SCRIPT = Path(__file__).parent / "labelling.js"
WORDS = {"supported": "supported", "not_supported": "not supported", "contradicted": "contradicted"}
DEGREES = {FULL: "stated in full", PARTIAL: "in part", NONE: "not at all"}
ANSWERING = {"true": "answers the question, at least in part", "false": "doesn't"}
SUPPORT_ASKED = "Does the text support the sentence below it, all of it?"
FACTS_ASKED = (
    "How far does each answer state the facts below it, in any words? And which of its sentences answer the "
    "question? An answer counts once all is chosen."
)


def of_support(name: str, sentences: Sequence[CitedSentence], labels: Mapping[str, str], file: str) -> str:
    """Return the page that asks what supports the sentences of a run; `labels` were given before, by sentence."""
    rows = [
        {"id": s.id, "source_text": s.evidence, "claim": s.text, "asked": {"label": [f"label{place}"]}}
        for place, s in enumerate(sentences)
    ]
    return _page(name, file, SUPPORT_ASKED, "", rows, _sentences(sentences, labels))


def of_facts(name: str, answers: Sequence[StatedFacts], labels: Mapping[str, NuggetsFound], file: str) -> str:
    """Return the page that asks which facts the answers of a run state; `labels` were given before, by question."""
    rows = [{"id": a.id, "asked": _asked(place, a)} for place, a in enumerate(answers)]
    return _page(name, file, FACTS_ASKED, " --facts", rows, _answers(answers, labels))


def _asked(place: int, answer: StatedFacts) -> dict[str, list[str]]:
    """Return the names of the choices to make on an answer, by the key of the label that they make up."""
    return {
        "degrees": [f"answer{place}-fact{number}" for number in range(len(answer.facts))],
        "answering": [f"answer{place}-sentence{number}" for number in range(len(answer.sentences))],
    }


def _page(
    name: str, file: str, asked: str, option: str, rows: Sequence[Mapping[str, Any]], fieldsets: Iterable[str]
) -> str:
    """Return the page for the run of this name; `file` is what the browser saves.

    The judge's verdicts aren't on it: they would lead whoever labels. Everything from outside is escaped, and the page
    runs its own script only.
    """
    script = SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c")
    run = hashlib.sha256(data.encode()).hexdigest()[:16]
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return "\n".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Label {escape(name)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body>",
        f"<h1>Label {escape(name)}</h1>",
        f"<p>{asked} Leave open what you can't decide. "
        f"Save the labels as <code>{escape(file)}</code> and name the file: "
        f"<code>pincite eval label {escape(name)}{option} --labels {escape(file)}</code></p>",
        f'<form data-run="{run}" data-file="{escape(file)}">',
        *fieldsets,
        '<p class="judge"><button>Save the labels</button> <output></output></p></form>',
        f'<script type="application/json" id="rows">{data}</script>',
        f"<script>{script}</script></body></html>",
    ])  # fmt: skip


def _sentences(sentences: Sequence[CitedSentence], labels: Mapping[str, str]) -> Iterator[str]:
    for place, sentence in enumerate(sentences):
        yield f'<fieldset class="filter"><legend>{place + 1} of {len(sentences)}</legend>'
        yield "".join(f'<p class="passage">{escape(text)}</p>' for text in sentence.evidence.split("\n\n"))
        yield f"<p><b>{escape(sentence.text)}</b></p>"
        yield from _choices(f"label{place}", {label: WORDS[label] for label in LABELS}, labels.get(sentence.id))
        yield "</fieldset>"


def _answers(answers: Sequence[StatedFacts], labels: Mapping[str, NuggetsFound]) -> Iterator[str]:
    for place, answer in enumerate(answers):
        given, names = labels.get(answer.id), _asked(place, answer)
        yield f'<fieldset class="filter"><legend>{place + 1} of {len(answers)}</legend>'
        yield f"<p>{escape(answer.question)}</p>"
        yield f'<p class="passage">{escape(" ".join(answer.sentences))}</p>'
        for number, (name, fact) in enumerate(zip(names["degrees"], answer.facts, strict=True)):
            yield f"<p>{'Vital' if fact.vital else 'Okay'}: <b>{escape(fact.fact)}</b></p>"
            yield from _choices(name, DEGREES, given.degrees[number] if given else None)
        for number, (name, sentence) in enumerate(zip(names["answering"], answer.sentences, strict=True)):
            yield f"<p><b>{escape(sentence)}</b></p>"
            yield from _choices(name, ANSWERING, json.dumps(given.answering[number]) if given else None)
        yield "</fieldset>"


def _choices(name: str, words: Mapping[str, str], chosen: str | None) -> Iterator[str]:
    for value, text in words.items():
        checked = " checked" if value == chosen else ""
        yield f'<label><input type="radio" name="{name}" value="{value}"{checked}> {text}</label>'
