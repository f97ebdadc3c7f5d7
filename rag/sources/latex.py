"""LaTeX to readable text, once, without ever touching a figure.

Most text is not LaTeX at all, so outside mathematics only marks that mean nothing else are changed: `%` is never a
comment, an unknown command stays as it is. `$` opens mathematics by Pandoc's rule (extension tex_math_dollars): no
space after the opening one, none before the closing one, no digit after it, so that "$5 and $7" stays money.
The names of symbols come from pylatexenc's table; its parser is not used, as it takes `%` for a comment and reads `$5`
as the start of a formula.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from pylatexenc.latex2text import get_default_latex_context_db

from rag.sources.latex_packages import ARGUMENT, readable_packages

# With bounds, as a text of opening marks alone would take quadratic time.
_MATHS = re.compile(
    r"\\\((?P<inline>.{1,2000}?)\\\)|\\\[(?P<display>.{1,2000}?)\\\]|(?<!\\)\$\$(?P<double>[^$]+?)\$\$"
    r"|(?<!\\)\$(?=\S)(?P<dollar>(?:\\.|[^$\\])+?)(?<=\S)\$",
    re.DOTALL,
)
_PLAIN_WORDS = re.compile(r"(?:^|\s)[^\W\d_]{3,}\s+(?:[^\W\d_]{2,}|\d)|\d\s+[^\W\d_]{2,}\s")
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "h": "\u0309",
}  # fmt: skip
_ACCENT_SOURCE = r"\\(?:([`'^~=.\"])\s*|([uvHcdbkrh])(?:\s+|(?=\{)))(?:\{\s*\\?([^\W\d_])\s*\}|\\?([^\W\d_]))(?:\{\})?"
_ACCENT = re.compile(_ACCENT_SOURCE)
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
    "AA": "Å", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“", "textquotedblright": "”", "ldots": "…",
    "dots": "…", "textellipsis": "…", "textendash": "–", "textemdash": "—", "textasciitilde": "\ue07e", "S": "§",
    "P": "¶",
    "textbackslash": "\ue05c", "textless": "<", "textgreater": ">", "textunderscore": "_", "textbar": "|", "slash": "/",
    "textasciicircum": "\ue05e", "textdollar": "$", "textpercent": "%", "LaTeX": "LaTeX", "TeX": "TeX", "quad": " ",
    "qquad": " ", "newline": " ", "linebreak": " ", "par": " ", "item": " ", "noindent": "", "xspace": "",
    "centering": "", "times": "×", "deg": "°", "degree": "°", "textdegree": "°", "textmu": "µ", "micro": "µ",
    "ohorn": "ơ", "OHORN": "Ơ", "uhorn": "ư", "UHORN": "Ư",
}  # fmt: skip
# Characters written by name mean nothing but themselves: they wait in the private area until all else is read.
_NAMED = {0xE07E: "~", 0xE05C: "\\", 0xE05E: "^"}
# An accent over nothing is the character itself: Mendeley writes {\~{}}5.
_ALONE = {"~": "textasciitilde", "^": "textasciicircum"}
# A command that is a letter takes the space after it along: `\AA ngstr\"om`.
_LETTER = re.compile(r"\\(ss|[oOlLij]|ae|AE|oe|OE|aa|AA|dh|DH|th|TH|dj|DJ|ng)(?![A-Za-z])(?:\{\}|[ \t]+(?=[^\W\d_]))?")
_STYLES = "it|bf|em|tt|sc|rm|sf|sl|itshape|bfseries|scshape|ttfamily|sffamily|rmfamily|small|footnotesize|normalfont"
_WITH_TEXT = (
    r"emph|underline|uline|mbox|hbox|fbox|textnormal|textbf|textit|texttt|textsc|textrm|textsf|textsl|textup|textmd"
    r"|text|ensuremath|url|path|ref|eqref|label|uppercase|lowercase|enquote|protect|boldsymbol|mkbib[a-z]+|textquote|MakeUppercase|MakeLowercase|nolinkurl"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)(\*?)(?:\{\}|[ \t]*(?=\\)|(?![A-Za-z]))")
_INNERMOST = re.compile(rf"\\(?:text(super|sub)script|{_WITH_TEXT})\*?\s*\{{([^{{}}]*)\}}")
# What prints its argument elsewhere, or not at all.
_ASIDE = re.compile(rf"\\(?:thanks|footnote|footnotetext|index|vspace|hspace|phantom)\*?{ARGUMENT}")
# A group inside the argument of a command: `\\emph{{Hordeum} roots}`; and one that only groups.
_GROUP_INSIDE = re.compile(r"(\\[A-Za-z]+\*?\s*\{[^{}]*)(?<![A-Za-z*\]}\\^_])\{([^{}\\]+)\}")
_PLAIN_GROUP = re.compile(r"(?<![A-Za-z\]}\\^_])\{([^{}\\]+)\}")
_TEXT_AND_PLAIN = re.compile(rf"\\texorpdfstring{ARGUMENT}{ARGUMENT}")
_SWALLOWS = re.compile(r"\\((?:text(?:mu|degree|ohm|celsius)|micro|degree)) +(?=[^\W\d_])")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def readable_latex(text: str, source: bool = False) -> str:
    """Return `text` with its LaTeX made readable. `source`: all of it is LaTeX (BibTeX): braces only group."""
    if not source and not any(mark in text for mark in ("\\", "$", "~", "^{", "``")):
        return text
    text = readable_packages(_TEXT_AND_PLAIN.sub(lambda found: found[2] or found[1], text))
    text = _MATHS.sub(_readable_formula, text)
    text = _plain_commands(_ungrouped(text, source))
    text = re.sub(r"(?<=\w)\^\{([\w.,+\-−*]+)\}", r"^\1", text)
    text = re.sub(r"``(.{0,2000}?)''", r"“\1”", text)
    if source:
        text = re.sub(r"(?<!-)---(?!-)", "—", text)
        text = re.sub(r"(?<!-)--(?!-)", "–", text)
        text = re.sub(r"(?<=[^\s/\\(\[])~(?!\d)|(?<=[^\W\d_]{2})~|(?<=\.)~", " ", text)  # not "about": ~5%, z~3
        text = re.sub(r"(?<!\\)[{}]", "", text)
    else:
        # A tie, as in "Fig.~3" or "learning~(RL)"; but "z~3" and "~5%" say "about".
        text = re.sub(r"(?<=[^\W\d_]{3})~(?=[^\W\d_]|[(\[\\])|(?<=[^\W\d_]\.)~(?=\S)", " ", text)
        text = re.sub(r"\b((?:[Ff]ig|[Ee]q|[Ss]ec|[Tt]ab)\w*)~(?=\d)", r"\1 ", text)
    return re.sub(r"\\([%$&#_{}])", r"\1", text).translate(_NAMED)


def _ungrouped(text: str, source: bool) -> str:
    """Take away the braces that only group inside the arguments of commands, and in LaTeX source everywhere."""
    for _ in range(8):  # innermost first; nobody nests deeper
        before = text
        text = _GROUP_INSIDE.sub(r"\1\2", text)
        text = _PLAIN_GROUP.sub(r"\1", text) if source else text
        if text == before:
            break
    return text


def subscript(text: str) -> str:
    """Write a subscript after the text it belongs to: `₂` where Unicode has all of it, else `_i`."""
    if re.fullmatch(r"[0-9+\-=()]+", text):
        return text.translate(_SUBSCRIPTS)
    return f"_{text}" if text else ""


def superscript(text: str) -> str:
    """Write a superscript: `^2`, as `10²` would be taken for 102 once it is folded."""
    return f"^{text}" if text else ""


def raised_alone(formula: str, before: str) -> str:
    """Remove the mark from a superscript without a base, a mass number as in `^18F`; but 10^10 keeps its mark."""
    stands = before[-1:].isalnum() or before[-1:] in tuple(")]}")
    return formula.removeprefix("^") if not stands else formula


def _readable_formula(match: re.Match[str]) -> str:
    content = next(group for group in match.groups() if group is not None)
    if match.group("dollar") is not None and not _is_formula(content, match.string[match.end() :][:1].isdigit()):
        return match.group()
    try:
        return raised_alone(_Formula(content).readable(), match.string[: match.start()])
    except RecursionError:  # braces nested a thousand deep aren't a formula
        return match.group()


def _is_formula(content: str, followed_by_digit: bool) -> bool:
    """Return whether this is a formula, not the text between two sums of money."""
    if "\\" in content:
        return True
    if followed_by_digit or content.count("(") != content.count(")"):
        return False
    return not _PLAIN_WORDS.search(content)


def _plain_commands(text: str) -> str:
    if "\\" not in text:
        return text
    text = re.sub(r"\\href\s*\{[^{}]*\}\s*(?=\{)", r"\\mbox", text)  # what it prints is its second argument
    text = re.sub(r"\\(?:no)?cite[a-z]*\*?(?:\[[^\]]*\])*\s*\{([^{}]*)\}", r"[\1]", text)
    text = re.sub(r"\\(?:begin|end)\s*\{[^{}]*\}", " ", text)
    text = re.sub(rf"\{{\\(?:{_STYLES})(?![A-Za-z])\s*([^{{}}]*)\}}", r"\1", text)
    text = re.sub(rf"\\(?:{_STYLES})(?![A-Za-z])\s*", "", text)
    text = re.sub(r"\\([~^])\{\}", lambda found: _LETTERS[_ALONE[found[1]]], text)
    for _ in range(3):  # Vietnamese letters have two
        text = re.sub(rf"(?<!\\[uvHcdbkrh`'^~=.\"])\{{({_ACCENT_SOURCE})\}}", r"\1", text)
        text = _ACCENT.sub(_accented, text)
    text = _SWALLOWS.sub(lambda found: _LETTERS.get(found[1], found[0]), text)
    text = _LETTER.sub(lambda match: _LETTERS[match.group(1)], text)
    text = _COMMAND.sub(_plain_symbol, text)
    text = _ASIDE.sub("", text)
    for _ in range(8):  # innermost first; nobody nests deeper
        text, changed = _INNERMOST.subn(_plain_argument, text)
        if not changed:
            break
    text = re.sub(r"(?<=[A-Za-z]\.)\\,(?=[A-Za-z])", "", text)  # "i.\\,i.\\,d."
    text = re.sub(r"\\[,;:> ]|\\\\(?:\[[^\]]*\])?", " ", text)
    return re.sub(r"\\[!/@-]", "", text)


def _plain_argument(match: re.Match[str]) -> str:
    """Return the argument of a command that takes text, raised or lowered where the command does that."""
    argument = match.group(2)
    return {"super": superscript, "sub": subscript}[match.group(1)](argument) if match.group(1) else argument


def _accented(match: re.Match[str]) -> str:
    mark = match.group(1) or match.group(2)
    letter = match.group(3) or match.group(4)
    return unicodedata.normalize("NFC", letter + _ACCENTS[mark])


def _plain_symbol(match: re.Match[str]) -> str:
    name = match.group(1)
    symbol = _LETTERS.get(name) if name in _LETTERS else _symbols().get(name)
    return match.group() if symbol is None else symbol


@cache
def _symbols() -> dict[str, str]:
    """Return pylatexenc's table of symbols: `alpha` → α. Only those that are a character or a short word."""
    table: dict[str, str] = {}
    for category in get_default_latex_context_db().categories():
        for spec in get_default_latex_context_db().iter_macro_specs([category]):
            value = spec.simplify_repl
            if isinstance(value, str) and 0 < len(value) <= 8 and "%" not in value and spec.macroname not in table:
                table[spec.macroname] = value
    return table


_TOKEN = re.compile(r"\\[A-Za-z]+\*?\s*|\\.|[{}^_&]|[^\\{}^_&]+", re.DOTALL)
_RELATIONS = set("≤≥≠≈∼≃≡∈∉⊂⊆⊃⊇→←↔⇒⇐⇔↦×±∓∪∩∧∨≪≫∝∀∃⟶⟹≅≲≳")
_DROPPED = {"left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "textstyle",
            "limits", "nolimits", "rm", "it", "bf", "cal", "middle", "nonumber", "tt", "sf"}  # fmt: skip
_SPACES = {",": " ", ";": " ", ":": " ", " ": " ", ">": " ", "!": "", "\\": " ", "quad": " ", "qquad": " ", "/": ""}


_STRUCTURES = {"frac", "dfrac", "tfrac", "sqrt"}


def _symbol(name: str) -> str:
    symbol = (_symbols().get(name) or _LETTERS.get(name, name)).strip()
    return f" {symbol} " if symbol in _RELATIONS or (len(symbol) > 1 and symbol.isalpha()) else symbol


class _Formula:
    """One formula read token by token."""

    def __init__(self, source: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(source)
        self._at = 0

    def readable(self) -> str:
        """Return the formula as one line of text."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            parts.append(self._next())
        return re.sub(r"\s+", " ", "".join(parts)).strip()

    def _next(self) -> str:
        """Read one token with its arguments."""
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            return self._group()
        if token in "^_":
            return self._script(token)
        if token.startswith("\\"):
            return self._command(token[1:].rstrip().rstrip("*"))
        return {"}": "", "&": " ", "~": " "}.get(token, token.replace("~", " "))

    def _group(self) -> str:
        parts: list[str] = []
        while self._at < len(self._tokens) and self._tokens[self._at] != "}":
            parts.append(self._next())
        self._at += 1
        return "".join(parts)

    def _argument(self) -> str:
        """Read what a script or command applies to: a group, a command or one character."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens):
            return ""
        token = self._tokens[self._at]
        if token[0] in "\\{^_}&" or len(token) == 1:
            return self._next()
        token = token.lstrip()
        self._tokens[self._at] = token[1:]
        return token[:1]

    def _script(self, mark: str) -> str:
        argument = self._argument().strip()
        if mark == "^" and argument in ("∘", "°"):
            return "°"
        if mark == "^" and argument in ("′", "*", "⋆", "∗", "†"):
            return argument
        if len(argument) > 1 and re.search(r"[\s+*/=<>]|\w-", argument):
            argument = f"({argument})"
        written = superscript(argument) if mark == "^" else subscript(argument)
        follows = self._tokens[self._at][:1] if self._at < len(self._tokens) else ""
        return written + (" " if follows.isalnum() and written[-1:].isalnum() else "")

    def _command(self, name: str) -> str:
        if name in _SPACES:
            return _SPACES[name]
        if name in _DROPPED:
            if self._at < len(self._tokens) and self._tokens[self._at][:1] == ".":
                self._tokens[self._at] = self._tokens[self._at][1:]
            return ""
        if name in ("begin", "end"):
            self._argument()
            return " "
        return self._structure(name) if name in _STRUCTURES or self._opens_group() else _symbol(name)

    def _structure(self, name: str) -> str:
        """Read a command with arguments; of one that is not known, the argument is all there is to read."""
        if name in ("frac", "dfrac", "tfrac"):
            return f"{_grouped(self._argument())}/{_grouped(self._argument())}"
        return f"√{_grouped(self._argument())}" if name == "sqrt" else self._argument()

    def _opens_group(self) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] == "{"


def _grouped(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"[\w.%]*", text) else f"({text})"
