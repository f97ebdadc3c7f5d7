"""Separates a reasoning model's thoughts from its reply: thoughts are never shown or cited.

Servers that know a model keep its thoughts in a separate field. Others leave them in the text, in the marks of the
model's chat template: `<think>` (DeepSeek, Qwen), `<thinking>`, `[THINK]` (Magistral), `◁think▷` (Kimi),
`<|begin_of_thought|>`, `<|START_THINKING|>` (Cohere), `<seed:think>`, `<unused94>` (Gemma), the channels of gpt-oss,
and `<details type="reasoning">` (Open WebUI). Some templates hold the first mark themselves, so that only the closing
one is in the text.
"""

from __future__ import annotations

import re

_TAG = r"(?:\w{1,12}:)?(?:think|thinking|thoughts?|reasoning|reflection|analysis|scratchpad)"
_ROLE = r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*"
_OPEN = re.compile(
    rf"<{_TAG}(?:\s[^<>]*)?>|<details\s[^<>]*reasoning[^<>]*>|<\|(?:begin|start)_(?:of_)?(?:thought|thinking)\|>|\[think\]|◁think▷|<unused94>"
    rf"|{_ROLE}(?:analysis|commentary)\b[^<]*<\|message\|>",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    rf"</{_TAG}\s*>|</details\s*>|<\|end_(?:of_)?(?:thought|thinking)\|>|\[/think\]|◁/think▷|<unused95>"
    rf"|{_ROLE}final\b(?:[^<]|<\|constrain\|>)*<\|message\|>|\bassistantfinal\b(?=\W)",
    re.IGNORECASE,
)
# The start of what may still become one of these marks.
_MAY_OPEN = re.compile(
    r"<(?!\s)[^<>{}\[\]\"]{0,40}>?|\[/?[a-z]{0,5}|◁/?[a-z]{0,5}|(?:<\|start\|>\s*[a-z]{0,9}\s*)?<\|channel\|>(?:[^<]|<\|constrain\|>){0,40}"
    r"(?:<[^>]{0,12})?"
    r"|<\|start\|>\s*[a-z]{0,9}\s*(?:<[^<>]{0,9})?",
    re.IGNORECASE,
)
# Thoughts under a heading or label, with the heading or label in the same style that ends them: "Thought: …" and
# "Final Answer: …".
_LABEL = r"(?:think|thinking|thoughts?|reasoning|scratchpad)"
_LABELLED = (
    (
        re.compile(rf"\s*#{{1,6}}[ \t]*{_LABEL}:?[ \t]*\n", re.IGNORECASE),
        re.compile(r"^#{1,6}[ \t]*\S.*$", re.MULTILINE),
    ),
    (
        re.compile(rf"\s*\*\*{_LABEL}(?::\*\*|\*\*:?)", re.IGNORECASE),
        re.compile(r"^[ \t]*\*\*[^*\n]{1,40}(?::\*\*|\*\*:?)", re.MULTILINE),
    ),
    (
        re.compile(rf"\s*{_LABEL}:[ \t\n]", re.IGNORECASE),
        re.compile(r"^[^\W\d_]+(?: [^\W\d_]+)?:(?=\s)", re.MULTILINE),
    ),
)
_LONGEST_MARK = 80  # characters
_MOST_THOUGHT = 65_536


class Thoughts:
    """Takes a reply piece by piece and gives back what isn't thought, as long as the thoughts come first.

    `seen` is whether there were any, `text` what was thought so far, as far as it matters. Thoughts whose opening mark
    isn't in the text can only be recognised at its end: see `without_thoughts`.
    """

    def __init__(self) -> None:
        self.seen = False
        self.text = ""
        self._held = ""
        self._thinking = False
        self._begun = False  # the reply itself

    @property
    def unclosed(self) -> str:
        """The thoughts that the text ends in the middle of."""
        return self.text if self._thinking else ""

    def feed(self, piece: str) -> str:
        """Take a piece and return what of the text is known to be reply by now."""
        if self._begun:
            return piece
        self._held += piece
        while self._pass_over():
            pass
        return self._begin() if self._begun else ""

    def end(self) -> str:
        """Return what was held back and turned out to be reply."""
        if self._thinking:
            self._think(self._held)
        return "" if self._begun or self._thinking else self._begin()

    def _think(self, text: str) -> None:
        self.text = (self.text + text)[:_MOST_THOUGHT]

    def _begin(self) -> str:
        self._begun = True
        shown, self._held = self._held, ""
        return shown

    def _pass_over(self) -> bool:
        """Leave out the next mark, or the thoughts up to one; return whether there was any."""
        if self._thinking:
            return self._pass_thoughts()
        start = self._held.lstrip()
        opening = _OPEN.match(start) or _CLOSE.match(start)
        if opening:
            self._thinking = opening.re is _OPEN
            self.seen = self.seen or self._thinking
            self._held = start[opening.end() :]
            return True
        self._begun = bool(start) and not _MAY_OPEN.fullmatch(start)
        return False

    def _pass_thoughts(self) -> bool:
        closing = _CLOSE.search(self._held)
        if closing is None:
            self._think(self._held[:-_LONGEST_MARK])
            self._held = self._held[-_LONGEST_MARK:]
            return False
        self._thinking, self._held = False, self._held[closing.end() :]
        return True


def without_thoughts(text: str) -> str:
    """Return a whole reply without its thoughts: what comes after their last mark."""
    closed = [match.end() for match in _CLOSE.finditer(text)]
    rest = text[closed[-1] :] if closed else text
    opened = _OPEN.search(rest)
    return rest[: opened.start()] if opened else rest


def without_labelled_thoughts(text: str) -> str:
    """Return a whole reply without thoughts under a heading or label, where another one opens what comes after them."""
    for opening, next_one in _LABELLED:
        while (opened := opening.match(text)) and (closed := next_one.search(text, opened.end())):
            text = text[closed.start() :] if opening.match(text, closed.start()) else text[closed.end() :]
    return text


def thought_ends(text: str) -> list[int]:
    """Return where each closing mark of thoughts ends in a text."""
    return [match.end() for match in _CLOSE.finditer(text)]


def holds_marks(text: str) -> bool:
    """Whether a text contains a mark of thoughts or of a chat template."""
    return bool(_OPEN.search(text) or _CLOSE.search(text) or re.search(r"<\|[\w ]{1,40}\|>", text))
