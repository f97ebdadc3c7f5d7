"""How an answer, its parts and papers show themselves to programs and people: JSON, Markdown, HTML, one line.

The JSON is the same at the shell, over HTTP and for an agent. `schema.json` next to this file describes it; `SCHEMA`
goes up when a field is renamed, removed or means something else, not when one is added.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.views import sentence_changes
from rag.views.citation_signs import Sign, pinned, with_marks
from rag.views.citation_signs import quotes as quotes_of
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.types import Agreement, Answer, Citation, Hit, IngestReport, Paper, Sentence, Step

SCHEMA = 1
Json = dict[str, Any]
# Characters with a meaning in Markdown or HTML.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~$^])")
# How the schema refers to one of its definitions.
_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')
# What `written_by` is where no language model wrote.
_NO_MODEL = ("extractive", "records")
_SHOWN = 12  # characters of a hash in a line for people
# Characters of a text in one line for people.
_SHORT = 60


# --- JSON ---


def document(kind: str, fields: Mapping[str, Any]) -> Json:
    """Return fields as a document of a kind."""
    return {"schema": SCHEMA, "type": kind, **fields}


def answer_document(answer: Answer) -> Json:
    """Return an answer, with its fallback if there is one."""
    fields = {
        "question": answer.question,
        "status": answer.status.value,
        "reason": answer.reason.value if answer.reason else None,
        "text": answer.text,
        "written_by": answer.written_by,
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "papers": [{"number": number, **reference(paper)} for number, paper in numbered(answer.sentences).items()],
        "issues": plain(answer.issues),
        "nearest": [hit_fields(hit) for hit in answer.nearest],
        "fallback": answer_document(answer.fallback) if answer.fallback else None,
        "receipt": plain(answer.receipt),
    }
    return document("answer", fields)


def step_document(step: Step) -> Json:
    """Return what is being done while an answer is made."""
    return document("step", {"name": step.name, "message": step.message})


def sentence_document(sentence: Sentence) -> Json:
    """Return one sentence of an answer."""
    return document("sentence", _sentence(sentence))


def hits_document(hits: Iterable[Hit]) -> Json:
    """Return the papers that a search found."""
    return document("hits", {"hits": [hit_fields(hit) for hit in hits]})


def paper_document(paper: Paper, *, origins: bool = True) -> Json:
    """Return a paper, with or without the files that it came from."""
    return document("paper", paper_fields(paper, origins=origins))


def papers_document(papers: Iterable[Paper], *, origins: bool = True, **page: int) -> Json:
    """Return papers; `page` is their `total` and `offset` where these aren't all."""
    return document("papers", {"papers": [paper_fields(paper, origins=origins) for paper in papers], **page})


def reference(paper: Paper) -> Json:
    """Return what is needed to name a paper and find it."""
    return {
        "paper_id": paper.id, "title": paper.title, "authors": list(paper.authors), "year": paper.year,
        "venue": paper.venue, "doi": paper.doi, "arxiv_id": paper.arxiv_id, "pmid": paper.pmid, "url": paper.url,
        "retracted": paper.retracted,
    }  # fmt: skip


def hit_fields(hit: Hit) -> Json:
    """Return a paper that was found, with its best sentence."""
    found = {"score": _rounded(hit.score), "dense": _rounded(hit.dense), "lexical": _rounded(hit.lexical)}
    return {**reference(hit.paper), "quote": hit.quote, "start": hit.start, "end": hit.end, **found}


def paper_fields(paper: Paper, *, origins: bool = True) -> Json:
    """Return everything about a paper; the names of the files that it came from only where they may be known."""
    fields: Json = {"id": paper.id, "title": paper.title, "abstract": paper.abstract, **plain(paper)}
    fields["retracted"] = paper.retracted
    return fields if origins else {name: value for name, value in fields.items() if name != "origins"}


def plain(value: Any) -> Any:
    """Return a value of frozen dataclasses as what JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _sentence(sentence: Sentence) -> Json:
    return {
        "text": sentence.text,
        "verdict": sentence.verdict.value,
        "support": _rounded(sentence.support),
        "citations": [_citation(citation) for citation in sentence.citations],
        "agreement": _agreement(sentence.agreement),
        **({"english": sentence.english} if sentence.english else {}),
    }


def _citation(citation: Citation) -> Json:
    return {
        "number": citation.number, "paper_id": citation.paper.id, "title": citation.paper.title,
        "quote": citation.quote, "start": citation.start, "end": citation.end, "record": citation.record,
        "verdict": citation.verdict.value, "support": _rounded(citation.support), "role": citation.role.value,
    }  # fmt: skip


def _agreement(agreement: Agreement) -> Json:
    also = [
        {"paper_id": item.paper.id, "title": item.paper.title, "quote": item.text, "start": item.start, "end": item.end}
        for item in agreement.also
    ]
    contradicting = [_citation(citation) for citation in agreement.contradicting]
    return {"supporting": list(agreement.supporting), "contradicting": contradicting, "also": also}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def json_schema() -> Json:
    """Return the JSON Schema of all these documents."""
    schema: Json = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    return schema


def schema_of(kind: str) -> Json:
    """Return the JSON Schema of one kind of document, with those definitions alone that it needs."""
    known = json_schema()["$defs"]
    needed, waiting = dict[str, Json](), [kind]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = known[name]
            waiting += _REFERENCE.findall(json.dumps(known[name]))
    return {"$ref": f"#/$defs/{kind}", "$defs": {name: needed[name] for name in known if name in needed}}


# --- what an answer cites ---


def pins(sentences: Iterable[Sentence]) -> tuple[Citation, ...]:
    """Return each citation once, in the order of the text."""
    return tuple(dict.fromkeys(citation for sentence in sentences for citation in sentence.citations))


def numbered(sentences: Iterable[Sentence]) -> dict[int, Paper]:
    """Return number → paper of those cited, and of those shown as contradicting a sentence."""
    shown = (c for s in sentences for c in (*s.citations, *s.agreement.contradicting))
    return dict(sorted({pin.number: pin.paper for pin in shown}.items()))


# --- Markdown ---


def answer_markdown(answer: Answer) -> str:
    """Return an answer as Markdown: its text with [1] marks, below it each paper with its quotes, notes, and origin."""
    text = " ".join(with_marks(sentence, escaped, _numbers) for sentence in answer.sentences)
    parts = [text or escaped(answer.text)]
    for number, paper in numbered(answer.sentences).items():
        mine = quotes_of([pin for pin in pinned(answer.sentences) if pin[0].number == number])
        quotes = [f"    - {label}: “{escaped(words)}”" for words, label in mine]
        parts.append("\n".join([f"- \\[{number}\\] {escaped(described(paper))}", *quotes]))
    parts += [f"*{escaped(line)}*" for line in sentence_changes.lines(answer)]
    parts += [answer_markdown(answer.fallback)] if answer.fallback else []
    return "\n\n".join([*parts, *([escaped(provenance(answer))] if answer.receipt.made_at else [])])


def _numbers(pins: Sequence[tuple[Citation, Sign]]) -> str:
    return "".join(f"[{number}]" for number in sorted({pin.number for pin, _ in pins}))


def provenance(answer: Answer, library: str = "") -> str:
    """Return in one line when an answer was made, from what and with what, and its receipt; empty without a receipt."""
    made = answer.receipt
    if not made.made_at:
        return ""
    named = f" of the library “{library}”" if library else ""
    state = f" Version {made.library.partition(':')[0]} of the library." if made.library else ""
    when = f"{made.made_at[:10]} {made.made_at[11:16]} UTC"
    return f"Asked{named} on {when}; {_maker(answer)}, Pincite {made.pincite}.{state} Receipt {made.seal[:_SHOWN]}."


def _maker(answer: Answer) -> str:
    """Return who wrote an answer; a model that failed wrote nothing of the fallback."""
    if answer.written_by in _NO_MODEL:
        return "without a language model"
    if answer.fallback is not None and not answer.sentences:
        return f"{answer.written_by} failed, so without a language model"
    return f"written by {answer.written_by}"


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def described(paper: Paper) -> str:
    """Return a paper in one line: authors, year, title, venue, address; without an author it begins with the title."""
    by = "; ".join(paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else "") or paper.organisation or ""
    year = f"({paper.year})" if paper.year else ""
    head = [" ".join(filter(None, (by, year))), paper.title] if by else [" ".join(filter(None, (paper.title, year)))]
    address = f"https://doi.org/{paper.doi}" if paper.doi else paper.url or ""
    found = ". ".join(part.rstrip(".") for part in (*head, paper.venue or "", address) if part)
    return f"{found}. {paper.retraction}" if paper.retracted else found


# --- HTML, for notebooks ---


def answer_html(answer: Answer) -> str:
    """Return an answer as HTML: its text, and each quote with its verdict, folded. No script, nothing loaded."""
    cited = "".join(_pin_html(pin, sign) for pin, sign in dict.fromkeys(pinned(answer.sentences)))
    notes = "".join(f"<p><em>{escape(line)}</em></p>" for line in sentence_changes.lines(answer))
    rest = answer_html(answer.fallback) if answer.fallback else ""
    folded = f"<details><summary>Citations</summary><ul>{cited}</ul></details>" if cited else ""
    return f"<div><p>{escape(answer.text)}</p>{folded}{notes}{rest}</div>"


def _pin_html(pin: Citation, sign: Sign) -> str:
    what = f"[{pin.number}] <strong>{sign.label}</strong> {pin.support:.2f} {escape(described(pin.paper))}"
    return f"<li>{what}<blockquote>{escape(pin.words)}</blockquote></li>"


# --- one line ---


def answer_line(answer: Answer) -> str:
    """Return an answer in one short line."""
    how = answer.reason.value if answer.reason else counted(len(pins(answer.sentences)), "citation")
    return f"<Answer {answer.status.value}, {how}: {short(answer.text)!r}>"


def sentence_line(sentence: Sentence) -> str:
    """Return a sentence in one short line."""
    numbers = sorted({citation.number for citation in sentence.citations})
    return f"<Sentence {sentence.verdict.value}, {numbers}: {short(sentence.text)!r}>"


def citation_line(citation: Citation) -> str:
    """Return a citation in one short line."""
    what = f"{citation.verdict.value}, {citation.paper.id}"
    return f"<Citation [{citation.number}] {what}: {short(citation.words)!r}>"


def hit_line(hit: Hit) -> str:
    """Return a hit in one short line."""
    return f"<Hit {hit.score:.3f} {hit.paper.id}: {short(hit.paper.title)!r}>"


def paper_line(paper: Paper) -> str:
    """Return a paper in one short line."""
    year = f" ({paper.year})" if paper.year else ""
    return f"<Paper {paper.id}{year}: {short(paper.title)!r}>"


def report_line(report: IngestReport) -> str:
    """Return what an add did in one short line."""
    kinds = ("added", "updated", "merged", "unchanged", "notices", "without_abstract", "rejected", "cut", "unreadable")
    counts = [f"{len(getattr(report, name)):,} {name.replace('_', ' ')}" for name in kinds if getattr(report, name)]
    stopped = ["interrupted"] if report.interrupted else []
    return f"<IngestReport {', '.join([counted(report.records, 'record'), *counts, *stopped])}>"


def short(text: str) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= _SHORT else f"{text[:_SHORT].rstrip()}…"
