"""Word documents, through python-docx: their paragraphs, and comments written into a copy.

The text is read run by run, also in the content controls that hold the citations of reference managers. Footnotes
aren't read. Nothing of a document is run, and no part that it links to is opened.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.errors import SourceError
from rag.manuscript import author_year, markdown
from rag.manuscript.findings import Outcome, Report
from rag.manuscript.passages import Manuscript, ManuscriptSentence, Mark, Paragraph, passages_of
from rag.manuscript.sarif import message_of, message_of_uncited
from rag.text.runs import without_long_runs

# Bytes of all parts, unpacked. Any part may be the text, whatever its name ends in, and XML takes many times its size
# once it is parsed; a book has ten million.
LARGEST_UNPACKED = 50_000_000
NOT_WORD = "isn't a Word document that can be read: save it as .docx again"


def read(path: Path) -> Manuscript:
    """Read a Word document. Raises `SourceError` for one that can't be read."""
    document = _opened(path)
    elements = _paragraphs(document)
    texts = [_text(paragraph) for paragraph in elements]
    references, entries = author_year.entries_of(texts)
    listed = [place for place in sorted(entries) if _is_listed(elements[place], document)]
    if len(listed) == len(entries) and not author_year.known_numbers(references):  # Word itself shows their numbers
        references |= {str(number): " ".join(texts[place].split()) for number, place in enumerate(listed, 1)}
    numbers = author_year.known_numbers(references)
    paragraphs = tuple(
        Paragraph(number, 0, text, _marks(element, text, numbers))
        for number, (element, text) in enumerate(zip(elements, texts, strict=True), 1)
        if text.strip() and number - 1 not in entries
    )
    return Manuscript(str(path), paragraphs, passages_of(paragraphs, str), references)


def write_commented(report: Report, source: Path, target: Path) -> None:
    """Write a copy of a checked document, with a comment at each sentence that there is something to say about."""
    from docx.text.paragraph import Paragraph as WordParagraph
    from docx.text.run import Run

    document = _opened(source)
    paragraphs = _paragraphs(document)
    for passage, text in _comments(report):
        paragraph = paragraphs[passage.paragraph - 1]
        over = [run for run, first, last in _runs(paragraph) if first < passage.end and last > passage.start]
        parent = WordParagraph(paragraph, document)
        document.add_comment([Run(run, parent) for run in (over[0], over[-1])], text, author="Pincite", initials="P")
    document.save(str(target))


def _marks(paragraph: Any, text: str, numbers: Sequence[str]) -> tuple[Mark, ...]:
    """Return the citations of a paragraph; a raised number is one where the list of references has it."""
    found = markdown.pandoc_marks(text) or author_year.marks_of(text, numbers)
    raised = (mark for place in _raised(paragraph) if (mark := author_year.raised_number(text, *place, numbers)))
    free = (mark for mark in raised if not any(mark.start < one.end and one.start < mark.end for one in found))
    return (*found, *free)


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
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

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


def _paragraphs(document: Any) -> list[Any]:
    """Return every paragraph, those in tables and content controls too."""
    from docx.oxml.ns import qn

    return list(document.element.body.iter(qn("w:p")))


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
    """Yield the runs of a paragraph, not those of another inside it, as in a text box."""
    from docx.oxml.ns import qn

    name = qn("w:p")
    for run in paragraph.iter(qn("w:r")):
        if next(run.iterancestors(name)) is paragraph:
            yield run


def _text_of_run(run: Any) -> str:
    """Return what a run shows; deleted text and field codes are other elements."""
    from docx.oxml.ns import qn

    shown = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
    return "".join((part.text or "") if part.tag == qn("w:t") else shown.get(part.tag, "") for part in run)
