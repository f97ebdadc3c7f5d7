"""MathML to one line of readable text: `x₁`, `10^-3`, `(a+b)/2`. https://www.w3.org/TR/mathml-core/."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from rag.sources.latex import subscript, superscript

# What only repeats the formula in another language.
_SKIPPED = {"annotation", "annotation-xml", "mspace", "mphantom", "none", "mprescripts"}
_SPACED = set("=<>≤≥≠≈∼→←↔∈±×+")


def readable_mathml(markup: str) -> str:
    """Return a `<math>` element as text; markup that isn't XML is left as it is."""
    plain = re.sub(
        r"(</?)\w+:(?=\w)|\s[\w.-]+:[\w.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*')|\sxmlns\s*=\s*\"[^\"]*\"", r"\1", markup
    )
    try:
        formula = _read(ElementTree.fromstring(re.sub(r"&(?!#?\w+;)", "&amp;", plain)))
    except (ElementTree.ParseError, RecursionError, ValueError):  # endlessly nested, an attack
        return markup
    return re.sub(r"\s+", " ", formula).strip()


def _read(element: Element) -> str:
    children = [child for child in element if child.tag not in _SKIPPED]
    name = element.tag
    if name == "mo":
        sign = (element.text or "").strip().replace("\u2062", "").replace("\u2061", "")
        return f" {sign} " if sign in _SPACED else sign
    if not children:
        return element.text.strip() if element.text and name not in _SKIPPED else ""
    parts = [
        _read(child).strip() if name not in ("mrow", "math", "mstyle", "semantics") else _read(child)
        for child in children
    ]
    return _LAYOUTS.get(name, _joined)(parts)


def _joined(parts: list[str]) -> str:
    return "".join(parts)


def _sub(parts: list[str]) -> str:
    return parts[0] + subscript("".join(parts[1:]))


def _sup(parts: list[str]) -> str:
    return parts[0] + superscript(_grouped("".join(parts[1:])))


def _both(parts: list[str]) -> str:
    return parts[0] + subscript("".join(parts[1:2])) + superscript(_grouped("".join(parts[2:])))


def _fraction(parts: list[str]) -> str:
    return "/".join(map(_grouped, parts))


def _root(parts: list[str]) -> str:
    return "√" + _grouped("".join(parts[:1]))


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"[-+−]?[\w.]*|\(.*\)|\W", text) else f"({text})"


def _fenced(parts: list[str]) -> str:
    return f"({', '.join(parts)})"


_LAYOUTS = {
    "msub": _sub,
    "munder": _sub,
    "msup": _sup,
    "msubsup": _both,
    "munderover": _both,
    "mfrac": _fraction,
    "msqrt": lambda parts: _root(["".join(parts)]),
    "mroot": _root,
    "mfenced": _fenced,
}
