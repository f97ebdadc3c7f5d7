"""A sentence, read once: its folded text, its terms and its figures, each computed when first used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from rag.text.words import fold, stem, terms, words

_FIGURE = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|third|quarter|twice|double|dozens?|"
    r"hundreds?|thousands?|millions?|billions?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)  # without slots: cached properties need the instance's dict
class SentenceReading:
    """A sentence, or a title, as the writer's cues see it."""

    text: str

    @cached_property
    def folded(self) -> str:
        """The text in lower case, without accents."""
        return fold(self.text)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The stems of its content words, in order, with repeats."""
        return tuple(terms(self.text))

    @cached_property
    def term_set(self) -> frozenset[str]:
        """The distinct stems of its content words."""
        return frozenset(self.terms)

    @cached_property
    def figures(self) -> frozenset[str]:
        """Its figures, as written in digits or in words."""
        return frozenset(figure.casefold().rstrip(".,") for figure in _FIGURE.findall(self.text))

    @cached_property
    def behind_figures(self) -> frozenset[str]:
        """The stems of the words just after a figure: "1,200 human-written abstracts" counts abstracts."""
        after = (words(self.text[m.end() :].partition(".")[0])[:3] for m in _FIGURE.finditer(self.text))
        return frozenset(stem(word) for following in after for word in following)
