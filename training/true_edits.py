"""Edits that keep a sentence true."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from training.passages import (
    ACTIVE,
    COMPARED,
    LESS_OR_MORE,
    TRANSITIVE,
    Edit,
    Passage,
    WordGroup,
    exchanged,
    lower,
    put,
    upper,
    word_groups,
)


def _held_out(group: WordGroup) -> bool:
    """Return whether a group of synonyms only measures: about one in five."""
    return hashlib.sha256(group.words[0].encode()).digest()[0] < 51


SYNONYMS = [group for group in word_groups("synonyms") if not _held_out(group)]
UNSEEN_SYNONYMS = [group for group in word_groups("synonyms") if _held_out(group)]
WHOLE_SENTENCE = re.compile(r"[A-Z].{40,300}[.]$", re.DOTALL)
_NUMERALS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "twelve": "12",
}  # fmt: skip
_LEADS = (
    "We found that ", "The study found that ", "The results show that ", "The authors report that ", "In this study, ",
    "The data indicate that ", "It was found that ", "According to the abstract, ",
)  # fmt: skip
_LEAD = re.compile(
    r"^(?:[Hh]ere,? )?(?:(?:[Ww]e|[Tt]he authors) (?:also |further |then )?(?:found|show|showed|report|demonstrate|"
    r"demonstrated|conclude|concluded|observed|find|suggest|propose) that |(?:[Oo]ur|[Tt]hese|[Tt]he) "
    r"(?:results|findings|data) (?:show|showed|suggest|indicate|demonstrate|reveal)(?:ed)? that |In conclusion, "
    r"|However, |Furthermore, "
    r"|Moreover, |In addition, |Therefore, |Thus, )"
)


def _without_commas(_passage: Passage, text: str) -> str | None:
    return text.replace(", ", " ")


def _without_brackets(_passage: Passage, text: str) -> str | None:
    return re.sub(r"\s*\([^()]*\)", "", text)


def _possessive(passage: Passage, text: str) -> str | None:
    match = re.search(r"\b([Tt]he )?([a-z]{4,}) of ([A-Za-z][A-Za-z0-9-]{3,})(?=[ .;)])(?! (?:and|or|of|in)\b)", text)
    if not match or not passage.usage.is_noun(match[2]) or not passage.usage.is_noun(match[3]):
        return None
    owner = match[3] + ("'" if match[3].endswith("s") else "'s") if match[1] else match[3]
    return put(text, match, f"{owner} {match[2]}")


def _reordered(_passage: Passage, text: str) -> str | None:
    opening = re.match(
        r"((?:In|After|During|Among|At|When|If|By|For|With|Although|While|Because|Compared with|Using|Within|Following|"
        r"On|Between|From) [^,;]{4,90}), ([^;,]+)\.$", text
    )  # fmt: skip
    if opening:
        return f"{upper(opening[2])} {lower(opening[1])}."
    closing = re.match(
        r"([^,;]{25,}?),? ((?:when|after|during|because|although|while|if|compared with|using|within|following) "
        r"[^,;]{6,90})\.$", text
    )  # fmt: skip
    return f"{upper(closing[2])}, {lower(closing[1])}." if closing else None


def _led_in(passage: Passage, text: str) -> str | None:
    lead = _LEAD.match(text)
    return upper(text[lead.end() :]) if lead else passage.random.choice(_LEADS) + lower(text)


def _synonym(passage: Passage, text: str) -> str | None:
    return exchanged(passage, text, SYNONYMS)


def _synonyms(passage: Passage, text: str) -> str | None:
    for _ in range(passage.random.choice((2, 2, 3))):
        text = exchanged(passage, text, SYNONYMS) or text
    return text


def _numeral(passage: Passage, text: str) -> str | None:
    for word, figure in passage.random.sample(list(_NUMERALS.items()), len(_NUMERALS)):
        if match := re.search(rf"(?i)(?<![\w.,-]){word}(?![\w-])", text):
            return put(text, match, figure)
        if match := re.search(rf"(?<![\w.,-]){figure}(?![\w.,%-]| *[/%])", text):
            return put(text, match, word)
    return re.sub(r"(\d)\s?%", r"\1 percent", text)


def _third_person(_passage: Passage, text: str) -> str | None:
    for ours, theirs in ((r"\bWe\b", "The authors"), (r"\bwe\b", "the authors"), (r"\b[Oo]ur\b", "their")):
        text = re.sub(ours, theirs, text)
    return upper(text)


def _converse(_passage: Passage, text: str) -> str | None:
    match = COMPARED.search(text)
    if not match:
        return None
    turned = f"{LESS_OR_MORE[match[1]]}{match[2] or ''} {match[5]}{match[6]} than {match[3]}{match[4]}"
    return put(text, match, turned)


def _passive(_passage: Passage, text: str) -> str | None:
    match = TRANSITIVE.match(text)
    if not match:
        return None
    be = "are" if match[3].endswith("s") and not match[3].endswith(("sis", "ss")) else "is"
    return f"{upper(match[3])} {be} {ACTIVE[match[2]]} by {lower(match[1])}{text[match.start(4) :]}"


def _pair_turned(passage: Passage, text: str) -> str | None:
    found = [
        match
        for match in re.finditer(r"\b([A-Za-z][A-Za-z0-9-]+) and ([A-Za-z][A-Za-z0-9-]+)(?=[ .,;)])", text)
        if passage.usage.is_noun(match[1]) and passage.usage.is_noun(match[2])
    ]
    match = passage.random.choice(found) if found else None
    return put(text, match, f"{match[2]} and {match[1]}") if match else None


def _first_half(_passage: Passage, text: str) -> str | None:
    match = re.match(
        r"([^;,]{40,}?)(?:, (?:and|but|which|whereas|while|suggesting|indicating|including)|;) [^.]+\.$", text
    )
    return match[1] + "." if match and not re.match(r"Although|While|When|If|Because", match[1]) else None


def _second_half(_passage: Passage, text: str) -> str | None:
    match = re.match(r"[^;]{25,}?(?:, (?:and|but|whereas|while) |; )([^,;]{35,})\.$", text)
    return (
        upper(match[1]) + "."
        if match and re.search(r"\b(?:was|were|is|are|had|has|have|did|can)\b", match[1])
        else None
    )


def _other_name(passage: Passage, text: str) -> str | None:
    for short, long in _abbreviations(" ".join(passage.abstract.sentences)):
        for written in (f"{long} ({short})", long, short):
            if re.search(rf"(?<![\w-]){re.escape(written)}(?![\w-])", text):
                instead = (
                    short if written == long else long if written == short else passage.random.choice((short, long))
                )
                return upper(re.sub(rf"(?<![\w-]){re.escape(written)}(?![\w-])", lambda _: instead, text))  # noqa: B023 - called at once
    return None


_COMPARISON = re.compile(
    r"\b(?:(?!rather|other|further|whether)[a-z]{3,}er|more [a-z]+|less [a-z]+|better|worse)(?: (?!for)[a-z-]+){0,4}?"
    r"( than (?!\d|two|three|four|five|six|ten|half|expected|previously)[^,.;()]{3,60}?)(?=[.,;]| \()"
)


def _without_than(_passage: Passage, text: str) -> str | None:
    """Leave out what is compared with: what is higher than another is higher."""
    match = _COMPARISON.search(text)
    return text[: match.start(1)] + text[match.end(1) :] if match else None


def joined(passage: Passage, text: str) -> str | None:
    """Join a sentence with the one after it."""
    after = passage.following
    if not WHOLE_SENTENCE.match(after) or len(text) + len(after) > 330:
        return None
    lead = _LEAD.match(after)
    rest = after[lead.end() :] if lead else after
    return text.rstrip(". ") + passage.random.choice((", and ", "; ", ", while ")) + lower(rest)


def _abbreviations(text: str) -> Iterator[tuple[str, str]]:
    """Yield each abbreviation in brackets with the words before it whose first letters it has."""
    for match in re.finditer(r"\(([A-Z]{2,6})s?\)", text):
        words = text[: match.start()].split()[-len(match[1]) :]
        if "".join(word[:1] for word in words).upper() == match[1]:
            yield match[1], " ".join(words)


# How readily each is taken: what fits few sentences is taken wherever it fits.
TRUE: dict[Edit, float] = {
    _without_commas: 1, _without_brackets: 2, _possessive: 5, _reordered: 6, _led_in: 1, _synonym: 5, _synonyms: 4,
    _numeral: 1.5, _third_person: 1, _converse: 30, _passive: 30, _pair_turned: 5, _first_half: 5, _second_half: 6,
    _other_name: 6, _without_than: 30,
}  # fmt: skip
