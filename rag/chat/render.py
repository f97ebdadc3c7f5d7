"""Answers as safe HTML: templates with autoescape, and no unescaped text of a paper or a model.

The page's components take finished HTML (`${value}`). Gradio's own templates are not used for data: Gradio runs the
filled-in Handlebars template again as a JavaScript template, so a title with `${…}` in it would be executed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote, urlsplit

import jinja2

from rag.bibliography import evidence_table as evidence
from rag.bibliography.evidence_table import EvidenceRow, agreement_line, evidence_table
from rag.chat.markdown import copied
from rag.chat.turns import Turn
from rag.question.made_questions import question_on
from rag.text.notice_titles import notice_title
from rag.text.words import fold_title
from rag.types import Answer, Citation, Notice, Paper, Reason, Role, Sentence, Span
from rag.views.citation_signs import DISAGREES, LEGEND, READ, STATED, VERDICTS, Sign, doubts, pinned, sides, sign_of
from rag.views.counts import counted, fields_line
from rag.views.documents import provenance
from rag.views.sentence_changes import Notes, notes_of

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

NOTICES = {"retraction": "Retracted", "correction": "Corrected", "concern": "Expression of concern"}

# The pages that arXiv has of each paper, by name and address.
_ARXIV = (("arXiv", "abs"), ("PDF", "pdf"))


@dataclass(frozen=True)
class Stretch:
    """A piece of an abstract: plain, or cited, with what the citation means."""

    text: str
    start: int
    sign: Sign | None = None


@dataclass(frozen=True)
class Source:
    """A paper in the sources panel. `number` is None if it is offered but not cited."""

    number: int | None
    paper: Paper
    stretches: tuple[Stretch, ...]
    links: tuple[tuple[str, str], ...]
    role: str = ""


def turn(
    turn: Turn,
    *,
    said: Sequence[Sentence] = (),
    progress: str = "",
    outdated: bool = False,
    meanwhile: Answer | None = None,
    found: Sequence[Paper] = (),
    elapsed: int = 0,
    past: bool = False,
) -> str:
    """Render a question with its answer, or with its progress and the sentences written until now.

    `outdated`: the library has changed since. `meanwhile`, without a model, is shown while one has written nothing, and
    so are the papers `found`. `elapsed` is how many seconds it has been written for.
    `past`: it is above the latest, folded.
    """
    answer = turn.answer
    meanwhile = None if answer is not None or said else meanwhile
    table = evidence_table(answer) if answer is not None else ()
    nearest = _nearest(answer, table)
    spare = _spare(answer, meanwhile, table)
    cited = {source.paper.id for source in (*sources(said), *spare)}
    waiting = tuple(offered(paper) for paper in found if answer is None and paper.id not in cited)
    return page(
        "turn.html", number=turn.number, turn=turn, answer=answer, said=tuple(said), progress=progress,
        outdated=outdated, past=past, sources=sources(answer.sentences if answer is not None else said, table),
        nearest=nearest, meanwhile=meanwhile.sentences if meanwhile is not None else (),
        notes=_notes(answer), spare_notes=_notes(answer.fallback if answer is not None else None),
        spare=spare, table=table, elapsed=elapsed, stands=agreement_line(answer) if answer else "",
        considered=waiting or considered(table, nearest if not spare else ()),
    )  # fmt: skip


def without_folder(place: str) -> str:
    """Return a record's place by its file's name alone: visitors must not learn the server's folders."""
    return PurePath(place).name


def _notes(answer: Answer | None) -> Notes:
    return notes_of(answer) if answer is not None else Notes()


def _spare(answer: Answer | None, meanwhile: Answer | None, table: Sequence[EvidenceRow]) -> tuple[Source, ...]:
    """Return the papers that the answer without a model cites."""
    other = answer.fallback if answer is not None else meanwhile
    return sources(other.sentences, table) if other is not None else ()


def page(template: str, **values: object) -> str:
    """Render one of the templates; every value is escaped."""
    return _TEMPLATES.get_template(template).render(
        legend_signs=LEGEND, verdicts=VERDICTS, disagrees=DISAGREES, notices=NOTICES, **values
    )


def sources(sentences: Iterable[Sentence], table: Iterable[EvidenceRow] = ()) -> tuple[Source, ...]:
    """Return the papers that these sentences cite, or that contradict them, in the order of the text.

    What is in a table of the evidence is marked in their abstracts too.
    """
    rows = {row.paper.id: row for row in table}
    sentences = tuple(sentences)
    sides = evidence.stances(sentences)
    shown: dict[str, list[tuple[Citation, Sign]]] = {}
    for citation, sign in pinned(sentences):
        shown.setdefault(citation.paper.id, []).append((citation, sign))
    return tuple(
        Source(
            number=pins[0][0].number,
            paper=pins[0][0].paper,
            stretches=stretches(pins[0][0].paper.abstract, [*_spans(pins), *_stated(rows.get(pins[0][0].paper.id))]),
            links=links(pins[0][0].paper),
            role=_part(pins, sides.get(pins[0][0].paper.id, "")),
        )
        for pins in shown.values()
    )


def _part(pins: Sequence[tuple[Citation, Sign]], side: str) -> str:
    """Return what a paper is shown for: the roles of its cited sentences, and whether it disagrees with the answer.

    Of two papers that disagree, each with a sentence in the answer, one supports it.
    """
    roles = dict.fromkeys(
        pin.role.value for pin, sign in pins if sign is not DISAGREES and pin.role is not Role.UNKNOWN
    )
    parts = [f"cited: {', '.join(roles)}"] if roles else []
    return "; ".join([*parts, *(["disagrees"] if side in (evidence.DISAGREES, evidence.BOTH) else [])])


def _spans(pins: Iterable[tuple[Citation, Sign]]) -> list[tuple[Span, Sign]]:
    return [(Span(pin.start, pin.end), sign) for pin, sign in pins]


def _stated(row: EvidenceRow | None) -> list[tuple[Span, Sign]]:
    """Return where an abstract states what is in the table."""
    cells = (row.sample, row.setting) if row is not None else ()
    return [(Span(cell.start, cell.end), STATED) for cell in cells if cell is not None]


def considered(table: Iterable[EvidenceRow], nearest: Iterable[Source] = ()) -> tuple[Source, ...]:
    """Return the papers of a table that aren't shown elsewhere, with the sentence of each that answers best."""
    elsewhere = {source.paper.id for source in nearest}
    return tuple(_read(row) for row in table if row.number is None and row.paper.id not in elsewhere)


def _read(row: EvidenceRow) -> Source:
    """Return a paper that was read and isn't cited."""
    marked = [(Span(row.says.start, row.says.end), READ), *_stated(row)]
    return Source(None, row.paper, stretches(row.paper.abstract, marked), links(row.paper), row.why)


def stretches(abstract: str, marked: Iterable[tuple[Span, Sign]]) -> tuple[Stretch, ...]:
    """Cut an abstract at its marked sentences; joined again, the pieces are the abstract."""
    pieces: list[Stretch] = []
    done = 0
    for span, sign in sorted(marked, key=lambda one: (one[0].start, -one[0].end)):
        if span.start < done:  # cited twice, or inside a longer quote
            continue
        pieces.append(Stretch(abstract[done : span.start], done))
        pieces.append(Stretch(abstract[span.start : span.end], span.start, sign))
        done = span.end
    pieces.append(Stretch(abstract[done:], done))
    return tuple(piece for piece in pieces if piece.text)


def offered(paper: Paper) -> Source:
    """Return a paper that is shown without being cited."""
    return Source(None, paper, stretches(paper.abstract, ()), links(paper))


def links(paper: Paper) -> tuple[tuple[str, str], ...]:
    """Return where the paper can be read, as name and address; only http and https."""
    found = []
    if paper.doi:
        found.append(("DOI", f"https://doi.org/{quote(paper.doi)}"))
    if paper.arxiv_id:
        found += [(name, f"https://arxiv.org/{part}/{quote(paper.arxiv_id)}") for name, part in _ARXIV]
    if paper.pmid:
        found.append(("PubMed", f"https://pubmed.ncbi.nlm.nih.gov/{quote(paper.pmid)}/"))
    if paper.url and _is_web(paper.url):
        found.append(("Link", paper.url))
    return tuple(found)


def by_line(paper: Paper) -> str:
    """Return the known ones of authors, year and venue in one line."""
    return " · ".join(part for part in (authors_line(paper), str(paper.year or ""), paper.venue or "") if part)


def authors_line(paper: Paper) -> str:
    """Return who wrote a paper, in a few words; empty if nobody is known."""
    if not paper.authors:
        count = paper.author_count
        return counted(count, "author") if count else (paper.organisation or "")
    shown = ", ".join(name if name in paper.groups else name.partition(",")[0] for name in paper.authors[:3])
    return shown + (" et al." if len(paper.authors) > 3 else "")


def notice_line(notice: Notice, title: str) -> str:
    """Return what a notice says of the paper with this title, without repeating its own name or the title."""
    name = NOTICES.get(notice.kind, notice.kind)
    text = _without(name, notice.text)
    words, known = fold_title(text), fold_title(_without(name, title))
    repeated = not words or (bool(known) and (known in words or words in known)) or _only_names(notice.text)
    return name if repeated else f"{name}: {text}"


def _only_names(text: str) -> bool:
    """Return whether a text is the name of a notice and no more: "Retracted Publication"."""
    read = notice_title(f"{text}: On wells")
    return read is not None and read.title == "On wells"


def record_place(said_by: str) -> str:
    """Return in words which record says something: "bells.ris#24" is record 24 of bells.ris."""
    name, sign, number = without_folder(said_by).rpartition("#")
    return f"record {number} of {name}" if sign and name and number.isdecimal() else said_by


def _without(name: str, text: str) -> str:
    """Return a text without the name of a notice before it: "RETRACTED: On wells"."""
    text, rest = text.strip(), text.strip()[len(name) :]
    named = text.casefold().startswith(name.casefold()) and not rest[:1].isalnum()
    return rest.lstrip(" :.-–—") if named else text


def _nearest(answer: Answer | None, table: Iterable[EvidenceRow]) -> tuple[Source, ...]:
    if answer is None or answer.reason is Reason.STOPPED:
        return ()
    rows = {row.paper.id: row for row in table if row.number is None}
    papers = [hit.paper for hit in answer.nearest]
    return tuple(_read(rows[paper.id]) if paper.id in rows else offered(paper) for paper in papers)


def _is_web(address: str) -> bool:
    try:
        return urlsplit(address).scheme.lower() in ("http", "https")
    except ValueError:
        return False


_TEMPLATES.filters.update(
    fields_line=fields_line,
    counted=counted,
    sign_of=sign_of,
    doubts=doubts,
    agreement_line=agreement_line,
    evidence_table=evidence_table,
    sides=sides,
    by_line=by_line,
    authors_line=authors_line,
    question_on=question_on,
    copied=copied,
    without_folder=without_folder,
    notice_line=notice_line,
    record_place=record_place,
    provenance=provenance,
)
