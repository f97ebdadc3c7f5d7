r"""LaTeX: \cite{key} and its kinds, of LaTeX itself, natbib and biblatex."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.manuscript.asides import blank, blanked, without_asides
from rag.manuscript.passages import Manuscript, Mark, Paragraph, paragraphs_of, passages_of
from rag.manuscript.unread import unread_marks
from rag.sources.cleaning import clean

_AFTER = re.compile(r"\\end\{document\}.*\Z", re.DOTALL)
_PREAMBLE = re.compile(r"\A.*?\\begin\{document\}", re.DOTALL)
# Where something begins that isn't text of the manuscript: a comment, and what ends at what `_end_of` gives.
_NOT_TEXT = re.compile(
    r"(?<!\\)%[^\n]*|\\begin\{(?P<name>(?:verbatim|lstlisting|minted|comment|filecontents)\*?)\}"
    r"|\\verb\*?(?P<delimiter>[^\w\s*])[^\n]{0,300}?(?P=delimiter)"
)
# What is text but has no sentences, except the captions, which are read first.
_NOT_PROSE = re.compile(
    r"\\begin\{(?P<name>(?:(?:wrap|sub|sideways|margin)?(?:figure|table)|equation|eqnarray|align|alignat|flalign|gather"
    r"|multline|longtable|tabular[xy]?|tabulary|tikzpicture|thebibliography|displaymath|algorithm)\*?)\}|\\\[|\$\$"
)
_CITE = re.compile(
    r"\\(?P<command>(?!no[cC]ite)[A-Za-z]{0,20}[cC]ites?[a-z]{0,20}|(?:text|block|hyphentext)cquote)\*?\s*"
    r"(?P<groups>(?:(?:\[(?:[^\[\]{}]|\{[^{}]*\})*\]\s*|\([^()]*\)\s*){0,4}\{[^{}]+\}\s*)+)"
)
_KEYS = re.compile(r"(?:\[(?:[^\[\]{}]|\{[^{}]*\})*\]\s*|\([^()]*\)\s*)*\{([^{}]+)\}\s*")
# Commands that take the keys of several citations, each in braces of its own; after any other a brace is text.
_SEVERAL = re.compile(r"cites$")
# The author's name, the title or the year alone: what a sentence uses as a word, or next to one.
_IN_PROSE = frozenset(
    {"citet", "textcite", "textcites", "citealt", "onlinecite", "newcite", "citeasnoun", "citeauthor", "citeauthors",
     "citetitle", "citefullauthor"}
)  # fmt: skip
_NAMED_BEFORE = re.compile(
    r"[^\W\d_a-z][\w'’-]+(?:(?:~|\s)+(?:et~?\s*al\.?|and~?\s+[^\W\d_a-z][\w'’-]+)\\?)?(?:~|\s)*(?P<bracket>\((?:~|\s)*)?$"
)
_SEVERAL_NAMES = re.compile(r"et~?\s*al|\band\b")
_OPTIONS = r"\*?(?:\s*\[[^\[\]]*\])*"
_ARGUMENTS = rf"{_OPTIONS}(?:\s*\{{(?:[^{{}}]|\{{[^{{}}]*\}})*\}})*"
# What isn't part of a sentence, with its arguments; it ends a paragraph, but not the line.
_BREAKS = re.compile(
    r"\\(?:(?:(?:sub)*section|(?:sub)?paragraph|chapter|part|title|author|date|maketitle|bibliographystyle|bibliography"
    r"|addbibresource|printbibliography|tableofcontents|usepackage|documentclass|includegraphics|input"
    rf"|include|subfile|(?:sub)?import)\b{_ARGUMENTS}"
    r"|(?:begin|end)\{[^{}]*\}(?:\[[^\[\]]*\]|\{[^{}\s]*\})*)"
)
_INCLUDED = re.compile(
    r"\\(?:(?:input|include|subfile)\b\s*(?:\{([^{}]+)\}|(?<=input)\s([^\s{}\\]+))"
    r"|(?:sub)?import\*?\{([^{}]*)\}\{([^{}]+)\})"
)
# Commands whose last argument is prose that belongs elsewhere or, in the second group, isn't printed at all.
_ASIDE = re.compile(
    rf"\\(?:(?:footnote(?:text)?|endnote|caption|captionof\{{\w+\}}|subcaption|thanks|margin(?:par|note)|sidenote){_OPTIONS}"
    rf"|(?P<unprinted>(?:todo|index|hphantom|vphantom|phantom){_OPTIONS}))\s*\{{"
)
# A table with cells, a row of it, and what comes between rows or cells.
_TABLE = re.compile(
    r"\\begin\{(?P<name>(?:tabular[xy]?|tabulary|longtable|longtabu|tblr|longtblr)\*?)\}"
    r"(?:\[[^\[\]]{0,300}\]|\{(?:[^{}]|\{[^{}]{0,300}\}){0,300}\})*"
)
_ROW_ENDS = re.compile(r"\\(?:\\(?:\*|\[[^\[\]]{0,20}\])*|tabularnewline\b)|\Z")
_RULE = re.compile(
    r"\\(?:[ht]?line|toprule|midrule|bottomrule|addlinespace|end(?:first)?head|end(?:last)?foot)\b"
    r"|\\c(?:mid)?(?:line|rule)(?:\([^()]{0,20}\))?\{[^{}]{0,20}\}|\\multi(?:column|row)\{[^{}]{0,20}\}\{[^{}]{0,60}\}"
)
_CELL_ENDS = re.compile(r"(?<!\\)&")
_PARAMETER = re.compile(r"(?<!\\)#\d")
_ITEM = re.compile(r"\s*\\item\b")
_BIB_ITEM = re.compile(
    r"\\bibitem(?:\[[^\]]{0,300}\])?\{([^{}]+)\}(.*?)(?=\\bibitem|\\end\{thebibliography\}|\Z)", re.DOTALL
)
_BIBLIOGRAPHY = re.compile(r"\\(?:bibliography|addbibresource)(?:\[[^\]]{0,300}\])?\{([^{}]+)\}")
_OWN = re.compile(
    r"\\(?:item(?:\[[^\]]{0,300}\])?|label\{[^{}]*\}|(?:footnotemark|noindent|centering)\b(?:\[\d*\])?|nocite\{[^{}]*\}"
    r"|[A-Za-z]{0,8}ref\*?\{[^{}]*\}|(?:text|block)c?quote\*?(?:\[[^\[\]]*\])*)"
)


def read(file: str, text: str) -> Manuscript:
    """Read a manuscript in LaTeX; `included` names the files that it includes, which aren't read here."""
    references = {key.strip(): clean(entry, latex=True) for key, entry in _BIB_ITEM.findall(text)}
    files = [one.strip() for named in _BIBLIOGRAPHY.findall(text) for one in named.split(",")]
    printed = _AFTER.sub(blank, _blanked_parts(text, _NOT_TEXT))
    main, asides = without_asides(printed, _ASIDE, "{}", re.compile(""), _is_read)
    prose = _blanked_parts(_PREAMBLE.sub(blank, main), _NOT_PROSE)
    included = tuple((match.start(), _name_of(match)) for match in _INCLUDED.finditer(prose))
    pieces = paragraphs_of(
        _BREAKS.sub(_break, _INCLUDED.sub(_break, prose)), lambda line: bool(_ITEM.match(line)), lambda _: False
    )
    pieces = sorted([*pieces, *asides, *_rows(main)])
    paragraphs = tuple(
        Paragraph(number, start, piece, tuple(_marks(piece))) for number, (start, piece) in enumerate(pieces, 1)
    )
    everything = _marks(_PREAMBLE.sub(blank, printed))
    named = tuple(one if re.search(r"\.\w+$", one) else f"{one}.bib" for one in files if one)
    left = unread_marks(text, everything, paragraphs)
    return Manuscript(file, paragraphs, passages_of(paragraphs, plain, text, _shown), references, named, included, left)


def _rows(text: str) -> Iterator[tuple[int, str]]:
    """Yield the rows of tables that cite, with commas between their cells and as long as they were."""
    at, missing = 0, set[str]()
    while begin := _TABLE.search(text, at):
        at, end = begin.end(), f"\\end{{{begin['name']}}}"
        closed = text.find(end, at) if end not in missing else -1
        if closed < 0:
            missing.add(end)
            continue
        for ends in _ROW_ENDS.finditer(text, at, closed):
            row = text[at : ends.start()]
            if _CITE.search(row):
                yield at, _CELL_ENDS.sub(",", _RULE.sub(blank, row))
            at = ends.end()


def _name_of(included: re.Match[str]) -> str:
    """Return the name of an included file."""
    braced, bare, folder, imported = included.groups()
    return (f"{folder}/{imported}" if imported else braced or bare).strip()


def _is_read(aside: re.Match[str], text: str) -> bool:
    """Return whether an aside is text of the manuscript; one with a parameter is the definition of a command."""
    return not aside["unprinted"] and not _PARAMETER.search(text)


def _break(match: re.Match[str]) -> str:
    """Return as many characters that say nothing, the first of which ends a paragraph."""
    return "\f" + blank(match)[1:]


def _blanked_parts(text: str, beginning: re.Pattern[str]) -> str:
    """Blank each part that begins so. A missing end is looked for once, or a file of beginnings would take hours."""
    kept: list[str] = []
    at = done = 0
    missing: set[str] = set()
    while match := beginning.search(text, at):
        at = match.end()
        end = _end_of(match)
        if end and end not in missing:
            found = text.find(end, at)
            if found < 0:
                missing.add(end)
            at = max(at, found + len(end))
        if end not in missing:
            kept += text[done : match.start()], blanked(text[match.start() : at])
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


def _shown(text: str) -> str:
    """Return a text of the same length with quotation marks that a sentence may begin or end with."""
    return text.replace("``", '""').replace("''", '""')


def _marks(text: str) -> Iterator[Mark]:
    for match in _CITE.finditer(text):
        command = match["command"].lower()
        groups = list(_KEYS.finditer(text, match.start("groups"), match.end("groups")))
        first = 1 if command.endswith("volcite") else 0  # the volume has braces of its own
        groups = groups[first:] if _SEVERAL.search(command) else groups[first : first + 1] or groups[:1]
        keys = [key.strip() for group in groups for key in group[1].split(",") if key.strip()]
        end = len(text[: groups[-1].end()].rstrip())
        named = _NAMED_BEFORE.search(text[max(0, match.start() - 80) : match.start()])
        named = named if named and (named["bracket"] or _SEVERAL_NAMES.search(named[0])) else None
        start = match.start() - (len(named[0]) if named else 0)
        if named and named["bracket"]:
            end = text.find(")", end, end + 80) + 1 or end
        yield Mark(start, end, tuple(dict.fromkeys(keys)), command in _IN_PROSE or named is not None)
