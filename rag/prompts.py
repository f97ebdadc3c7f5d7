"""Prompts are text files in `prompts/`, with exactly the variables that their `{{name}}` marks name.

A value is inserted once and never searched for marks. Untrusted text is inserted as JSON (`quoted`): quotes and
line breaks are escaped there, so that it can't close what encloses it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rag.errors import ConfigError

# In an installed wheel the folder is in the package, in a checkout next to it.
_INSIDE = Path(__file__).resolve().parent / "prompts"
FOLDER = _INSIDE if _INSIDE.is_dir() else _INSIDE.parent.parent / "prompts"
_MARK = re.compile(r"\{\{(\w+)\}\}")
# Earlier turns shown to the model, and characters of each: enough to resolve "it".
_TURNS, _TURN_LENGTH = 4, 400


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's file; `sha256` is the hash of its text."""

    name: str
    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names that `render` needs."""
        return frozenset(_MARK.findall(self.text))

    @property
    def sha256(self) -> str:
        """The hash of the file's text, before any values are inserted."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def render(self, **values: str) -> str:
        """Insert the values. Raises `ConfigError` if they aren't exactly the prompt's variables."""
        if values.keys() != self.variables:
            raise ConfigError(
                f"prompts/{self.name}.md takes {_listed(self.variables)}, not {_listed(values.keys())}: "
                "its {{…}} marks and the call must name the same values"
            )
        return _MARK.sub(lambda mark: values[mark[1]], self.text)


Prompts = Mapping[str, Prompt]


def load(name: str) -> Prompt:
    """Read `prompts/{name}.md`. Raises `ConfigError` where it is missing or can't be read."""
    return _read(FOLDER / f"{name}.md", "install pincite again")


@cache
def shipped() -> Prompts:
    """Return the prompts that come with Pincite, by name."""
    return {path.stem: load(path.stem) for path in sorted(FOLDER.glob("*.md"))}


def with_own(folder: str | Path | None) -> Prompts:
    """Return the shipped prompts; one of which a folder has a file of the same name is read from there.

    Raises `ConfigError` for a folder that isn't there, and for a file that isn't a prompt of Pincite or takes other
    variables: it would be ignored, or fail in the middle of an answer.
    """
    if folder is None:
        return shipped()
    try:
        paths = sorted(path for path in Path(folder).iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigError(
            f"the prompts folder {folder} can't be read ({error.strerror}): check PINCITE_PROMPTS"
        ) from error
    return {**shipped(), **{path.stem: _own(path) for path in paths}}


def _own(path: Path) -> Prompt:
    known = shipped()
    if path.suffix != ".md" or path.stem not in known:
        raise ConfigError(f"{path} isn't a prompt of Pincite: name it one of {_listed(known)}, with .md, or remove it")
    prompt = _read(path, "check the file and your rights there")
    wanted = known[path.stem].variables
    if prompt.variables != wanted:
        raise ConfigError(
            f"the prompt {path} takes {_listed(prompt.variables)}, not {_listed(wanted)}: "
            "give it exactly the {{…}} marks of the shipped one"
        )
    return prompt


def _read(path: Path, fix: str) -> Prompt:
    try:
        return Prompt(path.stem, path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the prompt {path} can't be read ({error}): {fix}") from error


def quoted(value: Any) -> str:
    """Write a value as one line of JSON. Non-ASCII letters stay; line separators and `<`, `>` are escaped.

    Chat templates build their own marks from these two characters (`<|im_end|>`, `</s>`).
    """
    plain = json.dumps(value, ensure_ascii=False)
    return re.sub(r"[<>\u0085\u2028\u2029]", lambda sign: f"\\u{ord(sign[0]):04x}", plain)


def shown_turns(history: Sequence[Mapping[str, str]]) -> str:
    """Write the last turns of a conversation as a prompt shows them: one as JSON on each line, cut to a length."""
    turns = [{"role": turn["role"], "content": str(turn["content"])[:_TURN_LENGTH]} for turn in history[-_TURNS:]]
    return "\n".join(quoted(turn) for turn in turns)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "nothing"
