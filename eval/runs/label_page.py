"""The sentences to label as one HTML page that needs no network: it gives the labels back as a file to save."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from eval.judges.labelled_pairs import LABELS
from eval.runs.corrected import CitedSentence
from eval.runs.report import STYLE

SCRIPT = Path(__file__).parent / "labelling.js"
WORDS = {"supported": "supported", "not_supported": "not supported", "contradicted": "contradicted"}


def page(name: str, sentences: Sequence[CitedSentence], labels: Mapping[str, str], file: str) -> str:
    """Return the page for the run of this name; `file` is what the browser saves.

    The judge's verdicts aren't on it: they would lead whoever labels. Everything from outside is escaped, and the page
    runs its own script only. `labels` are those given before, by the id of the sentence.
    """
    script = SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rows = [{"id": s.id, "source_text": s.evidence, "claim": s.text} for s in sentences]
    data = json.dumps(rows, ensure_ascii=False).replace("<", "\\u003c")
    run = hashlib.sha256(data.encode()).hexdigest()[:16]
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return "\n".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Label {escape(name)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head><body>",
        f"<h1>Label {escape(name)}</h1>",
        "<p>Does the text support the sentence below it, all of it? Leave open what you can't decide. "
        f"Save the labels as <code>{escape(file)}</code> and name the file: "
        f"<code>pincite eval label {escape(name)} --labels {escape(file)}</code></p>",
        f'<form data-run="{run}" data-file="{escape(file)}">',
        *_fieldsets(sentences, labels),
        '<p class="judge"><button>Save the labels</button> <output></output></p></form>',
        f'<script type="application/json" id="sentences">{data}</script>',
        f"<script>{script}</script></body></html>",
    ])  # fmt: skip


def _fieldsets(sentences: Sequence[CitedSentence], labels: Mapping[str, str]) -> Iterator[str]:
    for place, sentence in enumerate(sentences):
        yield f'<fieldset class="filter"><legend>{place + 1} of {len(sentences)}</legend>'
        yield "".join(f'<p class="passage">{escape(text)}</p>' for text in sentence.evidence.split("\n\n"))
        yield f"<p><b>{escape(sentence.text)}</b></p>"
        for label in LABELS:
            checked = " checked" if labels.get(sentence.id) == label else ""
            name = f'name="label{place}" value="{label}"{checked}'
            yield f'<label><input type="radio" {name}> {WORDS[label]}</label>'
        yield "</fieldset>"
