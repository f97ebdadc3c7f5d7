r"""LaTeX: \cite{key} and its kinds, of LaTeX itself, natbib and biblatex."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.manuscript.passages import Manuscript, Mark, Paragraph, paragraphs_of, passages_of
from rag.sources.cleaning import clean

_BODY = re.compile(r"\A.*?\\begin\{document\}|\\end\{document\}.*\Z", re.DOTALL)
# Where something begins that isn't prose: a comment, and what ends at what `_end_of` gives.
_NOT_PROSE = re.compile(
    r"(?<!\\)%[^\n]*|\\begin\{(?P<name>(?:figure|table|equation|align|alignat|gather|multline|verbatim|lstlisting|minted|"
    r"tabular|tikzpicture|thebibliography|displaymath|algorithm)\*?)\}|\\\[|\$\$"
    r"|\\verb\*?(?P<delimiter>[^\w\s*])[^\n]{0,300}?(?P=delimiter)"
)
_CITE = re.compile(
    r"\\(?P<command>(?!no)[A-Za-z]{0,20}[cC]ites?[a-z]{0,20})\*?\s*"
    r"(?P<groups>(?:(?:\[[^\[\]]*\]\s*|\([^()]*\)\s*){0,2}\{[^{}]+\}\s*)+)"
)
_KEYS = re.compile(r"\{([^{}]+)\}")
# Only the author's name or the year: natbib's and biblatex's commands that a sentence uses beside a citation.
_NO_CITATION = frozenset({"citeauthor", "citeyear", "citeyearpar", "citetitle", "citedate", "citeurl", "citeauthors"})
_IN_PROSE = frozenset({"citet", "textcite", "textcites", "citealt", "onlinecite", "newcite", "citeasnoun"})
_NAMED_BEFORE = re.compile(r"[^\W\d_a-z][\w'’-]+(?:~|\s)+(?:et~?\s*al\.?|and~?\s+[^\W\d_a-z][\w'’-]+)\\?(?:~|\s)*$")
_ARGUMENTS = r"\*?(?:\s*\[[^\[\]]*\])*(?:\s*\{(?:[^{}]|\{[^{}]*\})*\})*"
# What isn't part of a sentence, with its arguments; it ends a paragraph, but not the line.
_BREAKS = re.compile(
    r"\\(?:(?:sub)*section|(?:sub)?paragraph|chapter|part|title|author|date|maketitle|bibliographystyle|bibliography"
    r"|addbibresource|printbibliography|tableofcontents|usepackage|documentclass|begin|end|includegraphics|input"
    rf"|include|subfile)\b{_ARGUMENTS}"
)
_INCLUDED = re.compile(r"\\(?:input|include|subfile)\b\s*\{([^{}]+)\}")
_FOOTNOTE = re.compile(r"\\footnote(?:text)?(?:\[[^\[\]]*\])?\{")
_LONGEST_FOOTNOTE = 5_000  # characters; a brace that is never closed costs no more
_ITEM = re.compile(r"\s*\\item\b")
_BIB_ITEM = re.compile(
    r"\\bibitem(?:\[[^\]]{0,300}\])?\{([^{}]+)\}(.*?)(?=\\bibitem|\\end\{thebibliography\}|\Z)", re.DOTALL
)
_BIBLIOGRAPHY = re.compile(r"\\(?:bibliography|addbibresource)(?:\[[^\]]{0,300}\])?\{([^{}]+)\}")
_OWN = re.compile(
    r"\\(?:item(?:\[[^\]]{0,300}\])?|label\{[^{}]*\}|(?:footnotemark|noindent|centering)\b|nocite\{[^{}]*\})"
)


def read(file: str, text: str) -> Manuscript:
    """Read a manuscript in LaTeX; `included` names the files that it includes, which aren't read here."""
    references = {key.strip(): clean(entry, latex=True) for key, entry in _BIB_ITEM.findall(text)}
    files = [one.strip() for named in _BIBLIOGRAPHY.findall(text) for one in named.split(",")]
    prose = _prose(_BODY.sub(_blank, text))
    included = tuple((match.start(), match[1].strip()) for match in _INCLUDED.finditer(prose))
    main, footnotes = _without_footnotes(_BREAKS.sub(_break, prose))
    pieces = paragraphs_of(main, lambda line: bool(_ITEM.match(line)), lambda _: False)
    pieces = sorted([*pieces, *footnotes])
    paragraphs = tuple(
        Paragraph(number, start, piece, tuple(_marks(piece))) for number, (start, piece) in enumerate(pieces, 1)
    )
    named = tuple(one if re.search(r"\.\w+$", one) else f"{one}.bib" for one in files if one)
    return Manuscript(file, paragraphs, passages_of(paragraphs, plain, text), references, named, included)


def _without_footnotes(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return a text with its footnotes blanked, and each of them with its offset: it isn't part of its sentence."""
    found: list[tuple[int, str]] = []
    kept, at = list[str](), 0
    for match in _FOOTNOTE.finditer(text):
        end = _closing(text, match.end())
        if match.start() >= at and end is not None:
            found.append((match.end(), text[match.end() : end]))
            kept += [text[at : match.start()], " " * (end + 1 - match.start())]
            at = end + 1
    return "".join([*kept, text[at:]]), found


def _closing(text: str, at: int) -> int | None:
    """Return where the brace that was opened before `at` is closed."""
    depth = 1
    for place in range(at, min(len(text), at + _LONGEST_FOOTNOTE)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    return None


def _break(match: re.Match[str]) -> str:
    """Return as many characters that say nothing, the first of which ends a paragraph."""
    return "\f" + _blank(match)[1:]


def _prose(text: str) -> str:
    """Blank what isn't prose. An end that is missing is looked for once: a file of beginnings would take hours."""
    kept: list[str] = []
    at = done = 0
    missing: set[str] = set()
    while match := _NOT_PROSE.search(text, at):
        at = match.end()
        end = _end_of(match)
        if end and end not in missing:
            found = text.find(end, at)
            if found < 0:
                missing.add(end)
            at = max(at, found + len(end))
        if end not in missing:
            kept += text[done : match.start()], _blanked(text[match.start() : at])
            done = at
    return "".join((*kept, text[done:]))


def _end_of(match: re.Match[str]) -> str:
    """Return what ends the part that begins here, nothing for a comment."""
    if match["name"]:
        return f"\\end{{{match['name']}}}"
    return {"\\[": "\\]", "$$": "$$"}.get(match[0], "")


def plain(text: str) -> str:
    """Return the words of a sentence without its commands."""
    return clean(_OWN.sub(" ", text), latex=True)


def _marks(text: str) -> Iterator[Mark]:
    for match in _CITE.finditer(text):
        command = match["command"].lower()
        if command in _NO_CITATION:
            continue
        keys = [key.strip() for group in _KEYS.findall(match["groups"]) for key in group.split(",") if key.strip()]
        end = match.start() + len(match[0].rstrip())
        named = _NAMED_BEFORE.search(text[max(0, match.start() - 80) : match.start()])
        start = match.start() - (len(named[0]) if named else 0)
        in_prose = command in _IN_PROSE or named is not None
        yield Mark(start, end, tuple(dict.fromkeys(keys)), in_prose)


def _blank(match: re.Match[str]) -> str:
    return _blanked(match[0])


def _blanked(text: str) -> str:
    """Return as many characters that say nothing, so that what follows stays where it is."""
    return re.sub(r"[^\n]", " ", text)
