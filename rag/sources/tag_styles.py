"""RIS and MEDLINE as other programs rewrite them, read as if their lines were written by the rule.

They put tabs or dashes for the space and the hyphen, tags in lower case, a mail's `>` before a line or an empty line
after it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rag.sources import ris
from rag.sources.decoding import Document

_SPACE = "[ \t\xa0\u2000-\u200a\u202f\u3000]"
_LINE = re.compile(
    rf"^(?P<before>(?:>|\u200b|\ufeff|{_SPACE})*)(?P<tag>[A-Za-z][A-Za-z0-9]{{1,3}})"
    rf"(?:{_SPACE}*(?P<hyphen>[-–—‐‑−]){_SPACE}*|\t{_SPACE}*)(?P<text>.*)$"
)
# As the formats read it: RIS with a space or two before the hyphen, MEDLINE with the hyphen in its fifth column.
_RULES = (re.compile(r" *[A-Z][A-Z0-9] {0,2}-(?: |$)"), re.compile(r"(?=.{4}-(?: |$))[A-Z][A-Z0-9]{1,3} *-"))
# A tag of MEDLINE: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
_MEDLINE = re.compile(
    "PMID|OWN|STAT|DCOM|LR|VI|IP|DP|TI|PG|LID|AB|F?AU|AD|AUID|LA|GR|PT|DEP|PL|TA|JT|JID|SB|MH|EDAT|MHDA|CRDT|PHST"
    "|AID|SO|CN|COIS|OTO|OT|PMC|[ER]IN|[ER]FR|ROF|CR[IF]|EC[IF]|[BCV]TI|TT|F?ED|ISBN|PB|OAB|RN|NM|F?IR|UI|VN|IS"
)
_TITLES = {"TI", "T1", "BTI"}
_LOOKED_AT = 400  # lines
_ELSEWHERE = tuple('{[<@%"')


@dataclass(frozen=True, slots=True)
class _Style:
    """How the lines of a file are written: what follows a tag (empty for a tab), and whether it is in capitals."""

    sign: str
    capitals: bool
    quoted: bool

    def by_the_rule(self, line: str) -> str:
        """Return a line with its tag as the formats read it; one without a tag is returned as it is."""
        match = _tag_line(line)
        if match and (match["hyphen"] or "") == self.sign and match["tag"].isupper() == self.capitals:
            return f"{match['tag'].upper():<4}- {match['text']}".rstrip()
        return line.lstrip("> ") if self.quoted else line


def read_by_the_rule(document: Document) -> None:
    """Let a document of RIS or MEDLINE in another style give its lines by the rule; others stay as they are."""
    lines = document.head.splitlines()
    if document.head.lstrip("\ufeff\u200b \r\n\t")[:1] in _ELSEWHERE or not (style := _style(lines[:_LOOKED_AT])):
        return
    document.spaced = not any(map(str.strip, lines[1:_LOOKED_AT:2]))
    document.rewrite = style.by_the_rule
    document.head = "\n".join(map(style.by_the_rule, lines[:: 2 if document.spaced else 1]))


def _style(lines: list[str]) -> _Style | None:
    """Return the style of tagged lines, None where they follow the rule or aren't tagged."""
    tagged = [match for line in lines if (match := _tag_line(line))]
    tags = {match["tag"].upper() for match in tagged}
    if len(tags) < 3 or not tags & _TITLES or len(tagged) * 4 < sum(map(bool, map(str.strip, lines))):
        return None
    odd = min(([found for found in tagged if not rule.match(found.string)] for rule in _RULES), key=len)
    spaced = len(lines) > 3 and not any(map(str.strip, lines[1::2]))
    if not spaced and (len(odd) * 6 < len(tagged) or len({found["tag"] for found in odd}) < 2):
        return None
    counted = Counter((match["hyphen"] or "", match["tag"].isupper()) for match in tagged)
    (sign, capitals), _ = counted.most_common(1)[0]
    return _Style(sign, capitals, any(">" in match["before"] for match in tagged))


def _tag_line(line: str) -> re.Match[str] | None:
    match = _LINE.match(line)
    known = match and (_MEDLINE.fullmatch(match["tag"].upper()) or ris.is_tag(match["tag"].upper()))
    return match if known else None
