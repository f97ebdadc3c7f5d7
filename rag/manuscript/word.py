"""Word documents, through python-docx: their paragraphs and notes, and comments written into a copy.

The text is read run by run, with the citations that fields and content controls of reference managers hold. Nothing of
a document is run, and no part that it links to is opened.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.catalog.titles import title_key
from rag.errors import SourceError, missing
from rag.manuscript import author_year, markdown
from rag.manuscript.findings import Outcome, Report
from rag.manuscript.passages import Manuscript, ManuscriptSentence, Mark, Paragraph, passages_of
from rag.manuscript.sarif import message_of, message_of_uncited
from rag.manuscript.word_fields import Named, cited_in_field, cited_in_tag, entry_of, sources_of, unpacked
from rag.text.runs import without_long_runs

# Bytes of all parts, unpacked. Any part may be the text, whatever its name ends in, and XML takes many times its size
# once it is parsed; a book has ten million.
LARGEST_UNPACKED = 50_000_000
_NOTES = ("footnote", "endnote")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
NOT_WORD = "isn't a Word document that can be read: save it as .docx again"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph of the text or of a note, and the run that a comment on it is anchored to if it is a note's."""

    element: Any
    anchor: Any = None


def read(path: Path) -> Manuscript:
    """Read a Word document. Raises `SourceError` for one that can't be read."""
    document = _opened(path)
    pieces = _pieces(document)
    elements = [piece.element for piece in pieces]
    texts = [_text(element) for element in elements]
    references, entries = _references(document, pieces, texts)
    held = _references_in_notes(pieces, texts)
    references |= {key: texts[place] for key, place in held.values()}
    sources = _sources(document)
    fields = [list(_fields(element, sources)) for element in elements]
    cited = [named for some in fields for _, _, cited in some for named in cited]
    references = _with_fields(references, cited)
    skipped = entries | {place for _, place in held.values()}
    paragraphs = tuple(
        Paragraph(place + 1, 0, text, tuple(_marks(elements[place], text, references, fields[place], held)))
        for place, text in enumerate(texts)
        if text.strip() and place not in skipped
    )
    return Manuscript(str(path), paragraphs, passages_of(paragraphs, str), references)


def write_commented(report: Report, source: Path, target: Path) -> None:
    """Write a copy of a checked document, with a comment at each sentence that there is something to say about."""
    from docx.text.paragraph import Paragraph as WordParagraph
    from docx.text.run import Run

    document = _opened(source)
    pieces = _pieces(document)
    for passage, text in _comments(report):
        piece = pieces[passage.paragraph - 1]
        within = ((run, first, last) for run, first, last in _runs(piece.element))
        over = [run for run, first, last in within if first < passage.end and last > passage.start]
        over = over if piece.anchor is None else [piece.anchor]
        parent = WordParagraph(piece.element, document)
        document.add_comment([Run(run, parent) for run in (over[0], over[-1])], text, author="Pincite", initials="P")
    document.save(str(target))


def _references(
    document: Any, pieces: Sequence[_Piece], texts: Sequence[str]
) -> tuple[dict[str, str], frozenset[int]]:  # fmt: skip
    """Return the list of references of a document by key, and which pieces are its entries."""
    own = [place for place, piece in enumerate(pieces) if piece.anchor is None]
    references, found = author_year.entries_of([texts[place] for place in own])
    entries = frozenset(own[place] for place in found)
    listed = [place for place in sorted(entries) if _is_listed(pieces[place].element, document)]
    if len(listed) == len(entries) and not author_year.known_numbers(references):  # Word itself shows their numbers
        references |= {str(number): " ".join(texts[place].split()) for number, place in enumerate(listed, 1)}
    return references, entries


def _references_in_notes(pieces: Sequence[_Piece], texts: Sequence[str]) -> dict[Any, tuple[str, int]]:
    """Return the run of each note that is an entry of a list of references, with its key and place."""
    notes = [
        place for place, piece in enumerate(pieces) if piece.anchor is not None and author_year.is_entry(texts[place])
    ]
    return {pieces[place].anchor: (f"note {number}", place) for number, place in enumerate(notes, 1)}


def _entries_of_fields(cited: Iterable[Named]) -> dict[str, str]:
    """Return the entries of the papers that fields cite; two papers with one key are distinguished by their titles."""
    found: dict[str, str] = {}
    for named in dict.fromkeys(cited):
        key, entry = entry_of(named)
        found[key if key not in found else f"{key}, {named[2]}"] = entry
    return found


def _with_fields(references: Mapping[str, str], cited: Sequence[Named]) -> dict[str, str]:
    """Return a list of references with the papers that fields cite: an entry for one of them becomes the field's."""
    entries = _entries_of_fields(cited)
    same = {references[key]: entry for key, entry in entries.items() if key in references}
    for named in cited:
        title = f" {title_key(named[2])} "
        listed = (entry for entry in references.values() if named[2] and title in f" {title_key(entry)} ")
        same |= dict.fromkeys(listed, entry_of(named)[1])
    return {key: same.get(entry, entry) for key, entry in references.items()} | entries


def _key_of_field(named: Named, references: Mapping[str, str]) -> str:
    key, entry = entry_of(named)
    return key if references.get(key) == entry else f"{key}, {named[2]}"


def _marks(
    paragraph: Any,
    text: str,
    references: Mapping[str, str],
    fields: Sequence[tuple[int, int, Sequence[Named]]],
    notes: Mapping[Any, tuple[str, int]],
) -> Iterator[Mark]:
    """Yield the citations of a paragraph: what fields hold comes first; a raised number is one where it is listed."""
    numbers = author_year.known_numbers(references)
    found = [
        Mark(start, end, tuple(_key_of_field(one, references) for one in cited), _is_in_prose(text[start:end]))
        for start, end, cited in fields
    ]
    found += [Mark(end, end, (notes[run][0],)) for run, _, end in _runs(paragraph) if run in notes]
    raised = [mark for place in _raised(paragraph) if (mark := author_year.raised_number(text, *place, numbers))]
    for mark in (*(markdown.pandoc_marks(text) or author_year.marks_of(text, references)), *raised):
        if not any(mark.start < one.end and one.start < mark.end for one in found):
            found.append(mark)
    yield from found


def _is_in_prose(shown: str) -> bool:
    """Return whether a citation, as shown, is a part of its sentence: "Fell (2020)" is, "(2020)" and "1" aren't."""
    return shown.strip()[:1].isalpha()


def _raised(paragraph: Any) -> list[tuple[int, int]]:
    """Return the stretches of a paragraph that are raised; several runs in a row are one."""
    found: list[tuple[int, int]] = []
    for run, start, end in _runs(paragraph):
        if end > start and run.xpath("./w:rPr/w:vertAlign[@w:val='superscript']"):
            start = found.pop()[0] if found and found[-1][1] == start else start
            found.append((start, end))
    return found


def _is_listed(paragraph: Any, document: Any) -> bool:
    """Return whether a paragraph is one of a list that Word numbers, by itself or by its style."""
    if paragraph.xpath("./w:pPr/w:numPr"):
        return True
    names = paragraph.xpath("./w:pPr/w:pStyle/@w:val")
    return any(style.element.xpath("./w:pPr/w:numPr") for style in document.styles if style.style_id in names)


def _comments(report: Report) -> Iterator[tuple[ManuscriptSentence, str]]:
    for one in report.pinned:
        if one.outcome is not Outcome.SUPPORTED:
            yield one.passage, message_of(one)
    for other in report.uncited:
        yield other.passage, message_of_uncited(other)


def _opened(path: Path) -> Any:
    try:
        import docx
        from docx.opc.exceptions import PackageNotFoundError
        from lxml.etree import XMLSyntaxError
    except ModuleNotFoundError as error:
        raise missing(error) from error

    if not path.is_file():
        raise SourceError(path, "no such file: check the path")
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_large(path, archive)
        return docx.Document(str(path))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, PackageNotFoundError, XMLSyntaxError) as error:
        raise SourceError(path, NOT_WORD) from error
    except (KeyError, ValueError, AttributeError, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceError(path, NOT_WORD) from error  # what python-docx raises for a damaged package
    except OSError as error:
        raise SourceError(path, f"can't be read: {error.strerror or error}") from error


def _refuse_large(path: Path, archive: zipfile.ZipFile) -> None:
    if sum(member.file_size for member in archive.infolist()) > LARGEST_UNPACKED:
        raise SourceError(path, f"unpacks to more than {LARGEST_UNPACKED:,} bytes: take the pictures out")


def _pieces(document: Any) -> list[_Piece]:
    """Return every paragraph, those in tables and content controls too, each followed by those of its notes."""
    from docx.oxml.ns import qn

    notes, found = _notes(document), list[_Piece]()
    for paragraph in document.element.body.iter(qn("w:p")):
        if next(paragraph.iterancestors(_FALLBACK), None) is not None:
            continue  # a text box, which the document holds twice
        found.append(_Piece(paragraph))
        for run in _run_elements(paragraph):
            for kind in _NOTES:
                for reference in run.iter(qn(f"w:{kind}Reference")):
                    some = notes.get((kind, reference.get(qn("w:id"))), ())
                    found += [_Piece(inner, run) for inner in some]
    return found


def _notes(document: Any) -> dict[tuple[str, str], list[Any]]:
    """Return the paragraphs of each footnote and endnote by its kind and id."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    found: dict[tuple[str, str], list[Any]] = {}
    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2].removesuffix("s")
        if kind in _NOTES and not relation.is_external:
            for note in parse_xml(relation.target_part.blob).iter(qn(f"w:{kind}")):
                found[kind, str(note.get(qn("w:id")))] = list(note.iter(qn("w:p")))
    return found


def _sources(document: Any) -> dict[str, Named]:
    """Return Word's own list of sources, which it keeps next to the text."""
    found: dict[str, Named] = {}
    for part in document.part.package.iter_parts():
        if part.partname.startswith("/customXml/item") and b"/bibliography" in part.blob:
            found |= sources_of(part.blob.decode("utf-8", "replace"))
    return found


def _fields(paragraph: Any, sources: Mapping[str, Named]) -> Iterator[tuple[int, int, list[Named]]]:
    """Yield where each citation that a field or a content control holds is shown, and the papers that it cites."""
    from docx.oxml.ns import qn

    open_fields: list[tuple[int, list[str]]] = []
    spans: dict[tuple[int, int], list[Named]] = {}
    controls: dict[Any, list[int]] = {}
    for run, start, end in _runs(paragraph):
        for control in run.iterancestors(qn("w:sdt"), qn("w:fldSimple")):
            controls.setdefault(control, [start, end])[1] = end
        for part in run:
            kind = part.get(qn("w:fldCharType")) if part.tag == qn("w:fldChar") else None
            if kind == "begin":
                open_fields.append((start, [unpacked(part.findtext(qn("w:fldData")) or "")]))
            elif part.tag == qn("w:instrText") and open_fields:
                open_fields[-1][1].append(part.text or "")
            elif kind == "end" and open_fields:
                begun, codes = open_fields.pop()
                spans.setdefault((begun, end), []).extend(cited_in_field("".join(codes[1:] + codes[:1]), sources))
    for control, (start, end) in controls.items():
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
        code = control.get(qn("w:instr")) or ""
        cited = cited_in_field(code, sources) if tag is None else cited_in_tag(tag.get(qn("w:val")) or "")
        spans.setdefault((start, end), []).extend(cited)
    yield from ((start, end, cited) for (start, end), cited in spans.items() if cited and end > start)


def _text(paragraph: Any) -> str:
    return without_long_runs("".join(_text_of_run(run) for run in _run_elements(paragraph)))


def _runs(paragraph: Any) -> Iterator[tuple[Any, int, int]]:
    """Yield each run with the offsets of its text in the paragraph."""
    at = 0
    for run in _run_elements(paragraph):
        end = at + len(_text_of_run(run))
        yield run, at, end
        at = end


def _run_elements(paragraph: Any) -> Iterator[Any]:
    """Yield the runs of a paragraph, not those of another inside it, as in a text box, nor what was moved elsewhere."""
    from docx.oxml.ns import qn

    name, moved = qn("w:p"), qn("w:moveFrom")
    for run in paragraph.iter(qn("w:r")):
        if next(run.iterancestors(name)) is paragraph and next(run.iterancestors(moved), None) is None:
            yield run


def _text_of_run(run: Any) -> str:
    """Return what a run shows; deleted text and field codes are other elements."""
    from docx.oxml.ns import qn

    shown = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join((part.text or "") if part.tag == qn("w:t") else shown.get(part.tag, "") for part in run)
