"""Markup to readable text, once, on the way in: what is searched, quoted and shown later is this text."""

from __future__ import annotations

import html
import re
import unicodedata

from rag.sources.latex import raised_alone, readable_latex, subscript, superscript
from rag.sources.mathml import readable_mathml
from rag.text.runs import without_long_runs
from rag.text.words import without_unseen

MAX_TITLE = 2_000
MAX_ABSTRACT = 500_000  # characters: far above the longest abstract; anything longer is a book or damage

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Tags that exports leave in text. `<b and c>` isn't a tag: attributes need `name="value"`.
_NAMES = (
    r"(?:(?:jats|mml|xhtml|m|ns\d)[:])?(?:a|abbr|abstract|abstracttext|b|bold|br|caps?|center|cite|code|div|em|emph|ext-link|"
    r"font|h[1-6]|hr|i|inf|inline-formula|inlineequation|italic|label|li|list|list-item|math|small|monospace|ol|ovl|p|"
    r"pre|roman|sans-serif|sc|scp|sec|section|section-title|sp|span|strong|styled-content|sub|sup|table|tbody|td|"
    r"tex-math|title|tr|tt|u|ul|underline|uri|var|xref|alternatives|"
    r"mi|mn|mo|mrow|ms|mspace|msub|msup|msubsup|mtext|mover|munder|mfrac|msqrt|mstyle|mfenced|semantics|annotation)"
)
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_NAMES})(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*\s*(?P<empty>/?)>",
    re.IGNORECASE,
)
_ALONE = {"br", "hr", "p", "li", "div", "mspace", "tr", "td"}  # tags that need no partner
_BREAKS = {"br", "hr", "p", "li", "div", "sec", "section", "title", "tr", "td", "list-item", "list", "abstract",
           "abstracttext"}  # fmt: skip
_RAISED = re.compile(
    r"(?P<before>.?)<(?P<name>(?:jats:|xhtml:)?su[bp]|inf)\b[^<>]*>(?P<text>[^<>]*)</(?P=name)\s*>",
    re.IGNORECASE | re.DOTALL,
)
# What a superscript belongs to, where tags close in between: <i>10</i><sup>3</sup>.
_BEFORE_TAGS = re.compile(r"([^<>])(?:</?(?!(?:\w+:)?(?:p|br|div|li|sec|title|h\d)\b)[A-Za-z][^<>]*>)+\Z")
_FORMULA = re.compile(r"<((?:\w+:)?math)[\s>].*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ALTERNATIVES = re.compile(r"<((?:jats:)?alternatives)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TEX_MATH = re.compile(r"<((?:jats:)?tex-math)\b[^<>]*>(?P<tex>.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
# Headings inside an abstract: JATS writes <title>, Europe PMC <h4>.
_HEADING = re.compile(r"<((?:jats:)?title|h[1-6])\b[^<>]*>(?P<text>[^<>]*)</\1\s*>", re.IGNORECASE)
# PubMed's parts of an abstract, as Lens and Dimensions keep them inside RIS and CSV.
_LABELLED = re.compile(
    r"<AbstractText\b(?:[^<>]*?\bLabel\s*=\s*(?:(?P<quote>[\"'])(?P<quoted>[^<>]*?)(?P=quote)|(?P<label>[^<>\"'\s]+)))?[^<>]*>"
    r"|</AbstractText\s*>",
    re.IGNORECASE,
)
# Web of Science writes symbols by name: PM2<middle dot>5.
_SIGNS = {"middle dot": "·", "greater than or equal to": "≥", "less than or equal to": "≤", "plus minus": "±",
          "degrees": "°", "degree": "°", "mu": "µ", "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "kappa": "κ",
          "lambda": "λ", "sigma": "σ", "omega": "ω", "Delta": "Δ", "Omega": "Ω", "multiplication sign": "×",
          "right arrow": "→", "similar to": "~", "approximate to": "≈", "not equal": "≠", "infinity": "∞",
          "square": "□", "bullet": "•", "prime": "′"}  # fmt: skip
_SIGN = re.compile("<(" + "|".join(sorted(_SIGNS, key=len, reverse=True)) + ")>")
_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?[a-z][^<>]*\?>", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
# Controls become spaces, so that no two figures grow together; those from 0x80 on are Windows-1252 taken for Latin-1,
# as in every browser: 0x96 is a dash. https://encoding.spec.whatwg.org/#windows-1252
_CONTROLS = dict.fromkeys((*range(32), 127), " ") | {
    code: bytes([code]).decode("cp1252", "ignore") or " " for code in range(0x80, 0xA0)
}


def clean(text: str, latex: bool = False) -> str:
    """Return `text` without markup, in NFC, white space folded, invisible characters dropped.

    `latex` marks all of it as LaTeX source. Figures stay as they are: `p < 0.05`, `5%` and `$5` aren't markup.
    """
    if not text:
        return ""
    text = unmarked(text)
    text = readable_latex(text, source=latex)
    # Reference managers write HTML into LaTeX: {\\textless}i{\\textgreater}.
    return tidy(unmarked(text) if latex else text)


def unmarked(text: str) -> str:
    """Decode entities and remove HTML, XML and JATS tags."""
    for _ in range(2):  # exports often escape twice: &amp;lt;
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "<" not in text:
        return text
    text = _LABELLED.sub(_label, text)
    text = _COMMENT.sub("", text)
    text = _SIGN.sub(lambda found: _SIGNS[found[1]], text)
    text = _ALTERNATIVES.sub(_one_alternative, text)
    text = _FORMULA.sub(lambda match: raised_alone(readable_mathml(match.group()), match.string[: match.start()]), text)
    text = _HEADING.sub(_heading, text)
    text = _RAISED.sub(_raised, text)
    names = [(m.group("close"), m.group("name").lower()) for m in _TAG.finditer(text)]
    opened = {name for close, name in names if not close}
    closed = {name for close, name in names if close}
    return _TAG.sub(lambda match: _untagged(match, opened & closed), text)


def tidy(text: str) -> str:
    """Compose accents (NFC), fold white space, drop invisible characters, replace lone surrogates."""
    if not text.isascii():  # most text is ASCII and needs none of this
        text = unicodedata.normalize("NFC", without_unseen(_paired(text)))
    return " ".join(without_long_runs(text).translate(_CONTROLS).split())


def _untagged(match: re.Match[str], paired: set[str]) -> str:
    name = match.group("name").lower()
    local = name.rpartition(":")[2]
    if name not in paired and local not in _ALONE and not match.group("empty"):
        return match.group()
    return " " if local in _BREAKS else ""


def _one_alternative(match: re.Match[str]) -> str:
    """Keep one of the forms that JATS gives of a formula: MathML, else the body of a whole LaTeX document."""
    if _FORMULA.search(match.group()):
        return _TEX_MATH.sub("", match.group())
    return _TEX_MATH.sub(
        lambda tex: re.sub(r".*\\begin\{document\}|\\end\{document\}.*", "", tex.group("tex"), flags=re.S),
        match.group(),
    )


def _label(match: re.Match[str]) -> str:
    label = (match["quoted"] or match["label"] or "").strip(" :")
    return f" {label}: " if label else " "


def _heading(match: re.Match[str]) -> str:
    """Write a heading as a label, `Methods: `; the heading "Abstract" is dropped."""
    label = match.group("text").strip()
    if not label or re.fullmatch(r"\W*(?:(?:graphical |structured )?abstract|summary)\W*", label, re.IGNORECASE):
        return " "
    return f" {label} " if label[-1] in ".:?!" else f" {label}: "


def _raised(match: re.Match[str]) -> str:
    """Write sub and sup: CO₂, 10^-3; a mass number (^18F) and an ordinal (1st) need no mark."""
    before, text = match.group("before"), match.group("text").strip()
    if match.group("name").lower().endswith(("sub", "inf")):
        # PM2.5 is a name; Unicode has no subscript full stop.
        size = before.isalpha() and re.fullmatch(r"\d+[.·]\d+", text)
        return before + (text.replace("·", ".") if size else subscript(text))
    plain = text.isalpha() or text in "®™©°′*†‡§"
    stands_on = _BEFORE_TAGS.search(match.string, max(0, match.start() - 300), match.end("before"))
    return before + (text if plain else raised_alone(superscript(text), stands_on[1] if stands_on else before))


def _paired(text: str) -> str:
    """Join surrogate pairs and replace lone ones, which no file can hold as UTF-8."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
