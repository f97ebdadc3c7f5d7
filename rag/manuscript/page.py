"""A report as one HTML page: the manuscript with its pins. No script, and nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from rag.manuscript.findings import Cited, Outcome, Pin, Pinned, Report, Uncited
from rag.manuscript.passages import Paragraph
from rag.views.documents import described

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.6 Georgia, serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
table { border-collapse: collapse; } th, td { border: 1px solid #8888; padding: .2rem .6rem; text-align: left; }
p { white-space: pre-line; }
mark { background: none; color: inherit; border-bottom: .2rem solid; padding-bottom: .1rem; }
.supported { border-color: #2a7d46; } .partly, .unknown { border-color: #b58105; border-bottom-style: dashed; }
.contradicted, .retracted { border-color: #b3261e; border-bottom-style: double; }
.not-in-abstract { border-color: #5f6b7a; border-bottom-style: dotted; }
.not-in-library { border-color: #8a8f98; border-bottom-style: dotted; }
.uncited { border-color: #3566a8; border-bottom-style: dotted; }
details { border-left: .25rem solid; font-size: .9rem; margin: .4rem 0 .4rem 1rem; padding-left: .8rem; }
blockquote { margin: .2rem 0 .6rem 1rem; font-style: italic; }
"""
ABOUT = (
    "Each sentence was checked against the abstracts that it cites. “Not in the abstract” accuses nobody: "
    "the full text may say it."
)


def report_page(report: Report) -> str:
    """Return a checked manuscript as a self-contained HTML page."""
    name = escape(report.manuscript.file)
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{name}: citations checked</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body>",
        report_body(report),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def report_body(report: Report, *, linked: bool = True) -> str:
    """Return the contents of that page; `linked` False leaves out the links within it, for a page of more than this."""
    notes = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    parts = [
        f"<h1>{escape(report.manuscript.file)}</h1><p>{ABOUT}</p>{_counts(report)}",
        f"<h2>Notes</h2><ul>{notes}</ul>" if notes else "",
        "<h2>The manuscript</h2>",
        *_paragraphs(report, linked),
        f"<p>Checked by {escape(report.checker)}.</p>",
    ]
    return "\n".join(part for part in parts if part)


def _counts(report: Report) -> str:
    rows = [(outcome.value, outcome.words, count) for outcome, count in report.counts().items()]
    rows.append(("uncited", "cites nothing, and the library supports it", len(report.uncited)))
    cells = "".join(
        f'<tr><td><mark class="{kind}">{escape(words)}</mark></td><td>{n}</td></tr>' for kind, words, n in rows
    )
    return f"<table><tr><th>sentences</th><th>number</th></tr>{cells}</table>"


def _paragraphs(report: Report, linked: bool) -> Iterator[str]:
    everything: list[Pinned | Uncited] = [*report.pinned, *report.uncited]
    everything.sort(key=lambda one: (one.passage.paragraph, one.passage.start))
    numbers = {id(one): number for number, one in enumerate(everything, 1)}
    for paragraph in report.manuscript.paragraphs:
        mine = [one for one in everything if one.passage.paragraph == paragraph.number]
        yield f"<p>{_marked(paragraph, mine, numbers, linked)}</p>"
        yield from (_details(one, numbers[id(one)]) for one in mine)


def _marked(paragraph: Paragraph, found: list[Pinned | Uncited], numbers: Mapping[int, int], linked: bool) -> str:
    parts, at = list[str](), 0
    for one in found:
        number, passage = numbers[id(one)], one.passage
        written = escape(paragraph.text[passage.start : passage.end])
        shown = f'<a href="#s{number}">{number}</a>' if linked else f"{number}"
        mark = f'<mark class="{_kind(one)}">{written}</mark><sup>{shown}</sup>'
        parts += [escape(paragraph.text[at : passage.start]), mark]
        at = passage.end
    return "".join([*parts, escape(paragraph.text[at:])]).strip()


def _kind(one: Pinned | Uncited) -> str:
    return one.outcome.value if isinstance(one, Pinned) else "uncited"


def _details(one: Pinned | Uncited, number: int) -> str:
    if isinstance(one, Uncited):
        what, why, rest = "cites nothing, and the library supports it", "", _pins(one.support)
    else:
        what, why = one.outcome.words, one.why if one.outcome is not Outcome.SUPPORTED else ""
        instead = f"<p>Other papers of the library that support it:</p>{_pins(one.instead)}" if one.instead else ""
        rest = "".join(map(_cited, one.cited)) + instead
    opened = " open" if isinstance(one, Pinned) and one.outcome in (Outcome.CONTRADICTED, Outcome.RETRACTED) else ""
    summary = f"<summary>{number}. {escape(what)}{f': {escape(why)}' if why else ''}</summary>"
    return f'<details id="s{number}" class="{_kind(one)}"{opened}>{summary}{rest}</details>'


def _cited(cited: Cited) -> str:
    if cited.paper is None:
        return f"<p>{escape(cited.key)}: {escape(cited.outcome.words)}: {escape(cited.why)}</p>"
    said = f"<blockquote>{escape(cited.pin.quote)}</blockquote>" if cited.pin else ""
    return f"<p>{escape(cited.key)}: {escape(cited.outcome.words)}: {escape(described(cited.paper))}</p>{said}"


def _pins(pins: tuple[Pin, ...]) -> str:
    return "".join(f"<p>{escape(described(pin.paper))}</p><blockquote>{escape(pin.quote)}</blockquote>" for pin in pins)
