"""The saved listing page: search results of a paper site kept as plain text, titles and abstracts in turn.

Three layouts, which may be mixed in one file: title and abstract as paragraphs apart; the same one below the other
without empty lines; and paragraphs followed by an author count or organisation, `·` and a date. A line is known by its
shape, so that a page with other furniture, or a title without abstract, does not shift the records after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rag.sources.decoding import Document, Line
from rag.sources.entry import Entry, Flaw, Format
from rag.sources.record_boundaries import leading_tags

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATE = re.compile(rf"(?P<date>{_MONTH}\.? \d{{1,2}}(?:, \d{{4}})?|\d{{1,2}} {_MONTH} \d{{4}})(?:\s+(?P<votes>\d+))?")
_AUTHORS = re.compile(r"[•*\s]*(\d{1,5})\s+authors?", re.IGNORECASE)
_SEPARATOR = "·"
_ADVERT = re.compile(r"get (?:trending|daily|new|the latest) papers\b.*(?:inbox|email).*", re.IGNORECASE)
_GLUED = re.compile(r"Subscribe(?=[^\s\W]|[\"“‘'$(\[])")
_FURNITURE = re.compile(
    r"new|subscribe|(?:daily|trending|weekly|monthly|all) papers|papers|by\s*ak\b.*"
    r"|by .{1,20} and the research community|submitted by\b.*"
    r"|hugging ?face|system theme|upvotes?|votes?|comments?|share|bookmark|add to .*|showing \d.*"
    r"|(?:log|sign) ?(?:in|up|out)|(?:show|load|view) (?:more|all)\b.*|previous|next|page \d+.*"
    r"|(?:view )?(?:pdf|arxiv page|paper page|abstract|github|code|html|project page)"
    r"|search(?: results?.*)?|\d[\d,.]* ?(?:k|m|results?|papers?|upvotes?|votes?|comments?|likes?|stars?)?"
    r"|models|datasets|spaces|docs|pricing|community|company|careers|about|privacy|terms|tos|\W+"
    r"|©.*|cookies?.*|(?:filter|sort)(?: by)?\b.{0,20}|recent|trending|today|yesterday|this (?:week|month)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?。！？…][)\]}\"”’']*$")
_SENTENCES = re.compile(r"[.!?][)\]\"”’']*\s+[A-Z0-9\"“(\[$\\]|[。！？]")
_HEADING = re.compile(r"^#{1,6} (?=\S)|^\*\*(?=[^*]+\*\*$)|(?<=[^*])\*\*$")  # of Markdown
# Names, as finish.py reads them, and initials before the family name: "A Fell, B Ng - Journal of Dusk, 2020".
_CAPITAL = r"[A-ZÀ-Þ][\w.'’-]*"
_NAME = rf"{_CAPITAL}(?: (?:{_CAPITAL}|v[ao]n|d[aeiu]|de[lnr]|dos|della|l[ae]|bin|al|el|te[rn])){{0,3}} {_CAPITAL}"
_AND = r"(?:,? and |,? & |, |; )"
_NAMES = rf"{_NAME}(?:{_AND}{_NAME})*(?:,? (?:et al\.?|…|\.\.\.))?"
_YEAR = r"(?:1[89]|20)\d\d"
_DAY = rf"(?:{_MONTH}\.? \d{{1,2}}, {_YEAR}|\d{{1,2}} {_MONTH} {_YEAR})"
# Between a title and its abstract: who wrote it, and when or where it appeared.
_BYLINE = re.compile(
    rf"[*_]*(?:by )?(?:{_NAMES}\s*(?:[-–—·|(,].*)?\b{_YEAR}\b.*|{_NAME}(?:{_AND}{_NAME})+"
    rf"|.{{1,80}}[,(·] ?{_YEAR}\)?|.{{1,40}}: {_DAY}.*)[*_]*"
)
# Names that a byline begins with: several, or one and no more than a place after a dash.
_LEADING = re.compile(
    rf"[*_]*(?:by )?(?P<names>{_NAME}(?:{_AND}{_NAME})+(?:,? et al\.?)?(?=\s*(?:[-–—·|(,*_…]|$))"
    rf"|{_NAME}(?=[*_]*$|\s+[-–—]\s))"
)
_ONE_NAME = re.compile(rf"[*_]*{_NAME}[*_]*")  # or a title: "Cy Éco", "Segment Anything"
_COUNT = re.compile(r"[\w ]{1,40}: \d+")
_WRAPPED_AT = 130  # characters; a page that breaks its lines breaks them well before this


@dataclass
class _Paper:
    """What the page has said about one paper up to now."""

    line: int
    title: str
    paragraphs: list[Line] = field(default_factory=list)
    author_count: int | None = None
    organisation: str = ""
    date: str = ""
    authors: tuple[str, ...] = ()

    def add_byline(self, text: str) -> None:
        """Add the authors and the year of a line between the title and the abstract."""
        if not self.authors and (found := _LEADING.match(text)):
            self.authors = tuple(re.split(_AND, found["names"]))
        if not self.date and (year := re.search(rf"\b{_YEAR}\b", text)):
            self.date = year[0]

    def add_fact(self, fact: str) -> None:
        """Add an author count, a date with or without votes, or an organisation."""
        if authors := _AUTHORS.fullmatch(fact):
            self.author_count = int(authors.group(1))
        elif date := _DATE.fullmatch(fact):
            self.date = date.group("date")
        elif fact and not fact.isdigit():
            self.organisation = fact

    def entry(self) -> Entry:
        """Return what was gathered."""
        return Entry(
            line=self.line,
            title=self.title,
            abstract=" ".join(line.text for line in self.paragraphs),
            authors=self.authors,
            author_count=self.author_count,
            organisation=self.organisation,
            published=self.date,
            year=self.date,
        )


def recognise(head: str) -> bool:
    """Recognise a page by its own furniture, or by titles and abstracts in turn."""
    if head.lstrip()[:1] in tuple("{[<@%") or leading_tags(head):
        return False
    shown = head.splitlines()[:-1] or [head]  # the last may be cut
    lines = [line.text for line in _joined(Line(number, text) for number, text in enumerate(shown, start=1))]
    if any(_ADVERT.fullmatch(line) for line in lines[:12]):
        return True
    content = [line for line in lines if not (_is_furniture(line) or _AUTHORS.fullmatch(line) or _DATE.fullmatch(line))]
    pairs = sum(1 for above, below in pairwise(content) if _is_title(above) and _is_abstract(below))
    return pairs > 0 and pairs * 8 >= len(content)


def entries(document: Document) -> Iterator[Entry | Flaw]:
    """Yield the papers of a page. A title without an abstract is yielded too, with nothing below it."""
    page = _Page()
    for line in _paragraphs(document):
        yield from page.take(line)
    yield from page.end()


class _Page:
    """A page read line by line: the paper that is open, and the lines since that may be titles or furniture."""

    def __init__(self) -> None:
        self._paper: _Paper | None = None
        self._headings: list[Line] = []
        self._has_facts = False  # whether the open paper has an author count, organisation or date: then it has ended
        self._date_follows = False
        self._paragraphs = set[int]()  # how many the abstracts have that are complete
        self._bylined = False  # whether names of several authors, or a date, came below a title on this page

    def _open(self) -> tuple[_Paper, list[Line]]:
        """Return the paper that the lines read last begin, and those that look like titles of others."""
        title, others = _choose_title(self._headings, self._bylined)
        paper = _Paper(title.number, title.text)
        for line in self._headings:
            if title.text and line.number > title.number and not _is_furniture(line.text):
                paper.add_byline(line.text)
                self._bylined = self._bylined or _is_byline(line.text)
        return paper, others

    def take(self, line: Line) -> Iterator[Entry]:
        """Read one line; yield the papers that are complete with it."""
        if self._is_fact(line.text):
            yield from self._take_fact(line.text)
        elif self._headings and _is_abstract(line.text):
            paper, others = self._open()
            yield from self._close(others if self._paper else [])
            self._paper = paper
            paper.paragraphs.append(line)
        elif not self._headings and self._paper and _is_prose(line.text):
            if self._has_facts:  # a new abstract, whose title is missing
                yield from self._close([])
                self._paper = _Paper(line.number, "", [line])
            else:
                self._paper.paragraphs.append(line)
        else:
            self._headings.append(line)

    def end(self) -> Iterator[Entry | Flaw]:
        """Yield what the page ends with. Below the last paper may be the page's own words."""
        if self._paper:
            own = self._paper.paragraphs[1:] if self._paragraphs == {1} else []
            del self._paper.paragraphs[len(self._paper.paragraphs) - len(own) :]
            yield from self._close(self._headings)
            if own:
                shown = f"{own[0].text[:60]!r}, the only second paragraph below a title"
                yield Flaw(f"text at the end of the page isn't read: {shown}", own[0].number)

    def _close(self, others: list[Line]) -> Iterator[Entry]:
        """Yield the open paper, and the titles after it that have no abstract."""
        if self._paper:
            self._paragraphs.add(len(self._paper.paragraphs))
            yield self._paper.entry()
        yield from (Entry(line=line.number, title=line.text) for line in others if _may_be_paper(line.text))
        self._headings = []
        self._has_facts = False
        self._date_follows = False

    def _is_fact(self, text: str) -> bool:
        if self._paper is None and not self._headings:
            return False
        facts = _SEPARATOR in text and all(_fact(piece) for piece in text.split(_SEPARATOR)[1:])
        return facts or bool(_AUTHORS.fullmatch(text)) or (self._date_follows and bool(_DATE.fullmatch(text)))

    def _take_fact(self, text: str) -> Iterator[Entry]:
        """Read `• 5 authors`, `·` or `Jun 14, 2020 2`, alone or on one line."""
        pieces = [piece.strip() for piece in text.split(_SEPARATOR)]
        if len(pieces) > 1 and not pieces[0] and self._headings:
            pieces[0] = self._headings.pop().text  # the organisation, on the line above the separator
        if self._headings:  # a title with its facts and no abstract between them
            paper, others = self._open()
            yield from self._close(others)
            self._paper = paper
        if self._paper:
            for piece in pieces:
                self._paper.add_fact(piece)
        self._has_facts = True
        self._date_follows = not pieces[-1] or bool(_AUTHORS.fullmatch(pieces[-1]))


def _choose_title(headings: list[Line], bylined: bool) -> tuple[Line, list[Line]]:
    """Return the title among the lines above an abstract, and those that look like titles of other papers.

    The names of its authors, and when and where it appeared, may come between the two; on a page where they do
    (`bylined`), one name may, too. A title that can't be distinguished from the lines around it is empty.
    """
    candidates = [line for line in headings if not _is_furniture(line.text)] or headings
    one = _ONE_NAME if bylined else _COUNT
    titles = [n for n, line in enumerate(candidates) if not (_is_byline(line.text) or (n and one.fullmatch(line.text)))]
    if len(candidates) == 1 or not titles:
        return (candidates[-1] if not _COUNT.fullmatch(candidates[-1].text) else Line(candidates[-1].number, "")), []
    title = candidates[titles[-1]]
    others = [candidates[place] for place in titles[:-1] if _may_be_paper(candidates[place].text)]
    if _ONE_NAME.fullmatch(title.text) or _is_among_bylines(candidates[: titles[-1] + 1], headings):
        return Line(title.number, ""), [*others, title]
    return title, others


def _is_among_bylines(lines: list[Line], headings: list[Line]) -> bool:
    """Return whether the last line follows a byline at once: it may be a title or continue the paper above."""
    above = [line for line in lines[1:-1] if _is_byline(line.text)]
    numbers = {line.number for line in headings}
    return bool(above) and numbers.issuperset(range(above[-1].number, lines[-1].number))


def _is_byline(text: str) -> bool:
    return bool(_BYLINE.fullmatch(text) or _COUNT.fullmatch(text))


def _may_be_paper(text: str) -> bool:
    return not _is_furniture(text) and len(text.split()) >= 4


def _is_furniture(text: str) -> bool:
    return bool(_FURNITURE.fullmatch(text) or _ADVERT.fullmatch(text) or _DATE.fullmatch(text))


def _is_prose(text: str) -> bool:
    """Return whether a text is an abstract, not a title, by its shape alone."""
    if len(text) > 350:
        return True
    return len(text) > 80 and bool(_SENTENCE_END.search(text)) and (len(text) > 180 or bool(_SENTENCES.search(text)))


def _is_abstract(text: str) -> bool:
    """Return whether a text below a title is an abstract: one complete sentence is enough."""
    return _is_prose(text) or (len(text) > 40 and text.endswith((".", "。")))


def _is_title(text: str) -> bool:
    return not _is_prose(text) and not text.endswith(".") and len(text.split()) > 1


def _fact(text: str) -> bool:
    text = text.strip()
    return not text or text.isdigit() or bool(_DATE.fullmatch(text) or _AUTHORS.fullmatch(text))


def _paragraphs(document: Document) -> Iterator[Line]:
    """Yield the lines that hold text: broken paragraphs joined, `Subscribe` cut off the title it is glued to."""
    previous = ""
    for line in _joined(document.lines()):
        text = line.text
        if (not previous or _ADVERT.fullmatch(previous)) and _GLUED.match(text):
            yield Line(line.number, "Subscribe")
            text = text.removeprefix("Subscribe")
        yield Line(line.number, _HEADING.sub("", text))
        previous = text


def _joined(lines: Iterator[Line]) -> Iterator[Line]:
    """Join the lines of a paragraph that its page broke: all of them of one width, but for the last."""
    block: list[Line] = []
    for number, text in lines:
        if text.strip():
            block.append(Line(number, text.strip()))
            if len(text) <= _WRAPPED_AT and len(block) < 500:
                continue
        yield from _block(block)
        block = []
    yield from _block(block)


def _block(block: list[Line]) -> Iterator[Line]:
    """Yield a block of lines, as one where its page broke it: lines of one width that continue in lower case."""
    widths = [len(line.text) for line in block[:-1]]
    going_on = sum(1 for line in block[1:] if line.text[0].islower())
    if (
        len(block) > 2
        and going_on * 3 >= len(widths)
        and 45 < max(widths) <= _WRAPPED_AT
        and min(widths) > max(widths) * 0.7
    ):
        yield Line(block[0].number, " ".join(line.text for line in block))
    else:
        yield from block


FORMAT = Format("listing", recognise, entries)
