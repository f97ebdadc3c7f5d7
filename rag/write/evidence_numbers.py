"""Numbers of evidence as language models write them: `[3]`, `[3–5]`, `【3】`, `[^3]`, `(3)`, `{3}`, `[Sentence 3]`."""

from __future__ import annotations

import re

_MOST_DIGITS = 4  # of a number of evidence
_WIDEST = 20  # numbers that a range may cover
_ONE = r"#?[A-Za-z]?\d{1,4}"
_MORE = r"(?:\s*(?:[,;&+]|[-–—‐‑]|and|,\s*and)\s*(?:[^\W\d_]{1,12}\s+)?" + _ONE + ")*"
_LABEL = r"(?:\^|[^\W\d_]{1,12}\.?\s*:?\s*)?"
# A number in brackets can hardly be anything else. In parentheses it can, so there it has to be where a mark would be.
BRACKETED = re.compile(rf"\s*[\[【〔](?:{_LABEL}{_ONE}{_MORE})(?:†[^\]】]{{0,40}})?\s*[\]】〕]")
_SEVERAL = r"\d{1,3}(?:\s*(?:[,;&–-]|and|,\s*and)\s*\d{1,3})*"
_PARENTHESES = re.compile(
    rf"\s*\(\s*(?:(?:sentences?|sources?|evidence|no\.)\s*:?\s*)?{_SEVERAL}\s*\)(?=\s*(?:[.,;:!?(]|$))",
    re.IGNORECASE | re.MULTILINE,
)
_BRACES = re.compile(rf"\s*\{{\s*{_SEVERAL}\s*\}}(?=\s*(?:[.,;:!?{{]|$))", re.MULTILINE)
_RAISED = re.compile(
    rf"\s*(?:<(?P<tag>\w{{1,12}})>\s*\[?{_SEVERAL}\]?\s*</(?P=tag)>|\^\d{{1,3}}\^|\$\^\{{{_SEVERAL}\}}\$"
    r"|(?<=[.,;!?\s])[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}(?=\W|$))"
)
_STYLES = (BRACKETED, _PARENTHESES, _RAISED, _BRACES)
# A mark that Markdown escapes, or makes a link.
_ESCAPED = re.compile(r"\\([\[\]])")
_CITED = re.compile(rf"\\cite[a-z]{{0,8}}\*?\{{\s*({_SEVERAL})\s*\}}")
_LINKED = re.compile(rf"(?<!!)(?:\[(?=\[))?(\[\s*{_LABEL}{_ONE}{_MORE}\s*\])\]?\((?:#|https?:)[^()\s]{{0,200}}\)")
# A value that only names evidence: "3", "S3", "Sentences 3 and 4", "3, 4".
_NAMED = re.compile(rf"\W*{_LABEL}\W*{_ONE}{_MORE}\W*")
_PLAIN_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RUN = re.compile(r"\d+")
_BETWEEN = re.compile(r"\s*[-–—‐‑]\s*[A-Za-z#]?")


def style_of(text: str) -> re.Pattern[str]:
    """Return the pattern of the marks that a text uses."""
    return next((style for style in _STYLES if style.search(text)), BRACKETED)


def without_marks(text: str, style: re.Pattern[str] = BRACKETED) -> tuple[str, list[int]]:
    """Return the text without its marks, and the numbers that they name."""
    found = [number for mark in style.finditer(text) for number in numbers_in(mark.group())]
    return style.sub("", text).strip(), found


def plain_marks(text: str) -> str:
    """Return the text with marks that Markdown escaped or made links, and those of LaTeX, as plain ones."""
    return _LINKED.sub(r"\1", _ESCAPED.sub(r"\1", _CITED.sub(r"[\1]", text)))


def numbers_named(text: str) -> list[int]:
    """Return the numbers that a value of a reply names: those of its marks, else of a text that is nothing else."""
    if marks := BRACKETED.findall(text):
        return [number for mark in marks for number in numbers_in(mark)]
    return numbers_in(text) if _NAMED.fullmatch(text) else []


def numbers_in(mark: str) -> list[int]:
    """Return the numbers that a mark names, those of a range one by one."""
    mark = mark.partition("†")[0].translate(_PLAIN_DIGITS)
    found: list[int] = []
    end = -1
    for run in _RUN.finditer(mark):
        if len(run.group()) > _MOST_DIGITS:
            continue
        number = int(run.group())
        if found and _BETWEEN.fullmatch(mark, end, run.start()) and 0 < number - found[-1] <= _WIDEST:
            found += range(found[-1] + 1, number)
        found.append(number)
        end = run.end()
    return found
