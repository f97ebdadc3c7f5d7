"""JSON Lines in and out, with errors that name the file, the line and the fix."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rag.errors import SourceError


def read_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the 1-based line number and the object of every line that is not blank.

    Raises `SourceError` if the file can't be read as UTF-8, or a line isn't a JSON object.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(path, f"not UTF-8 text (byte {error.start}): save it as UTF-8") from error
    except OSError as error:
        raise SourceError(path, f"{error.strerror or error}: check the path") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, parse_object(path, number, line)


def parse_object(path: str | Path, number: int, line: str) -> dict[str, Any]:
    """Return the JSON object that a line holds; raises `SourceError` where it is something else."""
    try:
        value = json.loads(line, parse_constant=_no_number, object_pairs_hook=_each_once)
        if "\\ud" in line.casefold():
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise SourceError(
            path, f"not JSON ({error.msg} at column {error.colno}): write one object per line", number
        ) from error
    except UnicodeEncodeError as error:
        raise SourceError(path, "half a character (a lone surrogate, \\ud…): write it as UTF-8", number) from error
    except (ValueError, RecursionError) as error:
        raise SourceError(path, f"not JSON that can be read ({error}): write one object per line", number) from error
    if not isinstance(value, dict):
        raise SourceError(path, f"a JSON {type(value).__name__}, not an object: write one object per line", number)
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} isn't a number in JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object, unless it has a key twice: readers would differ on which of the two holds."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in found if names.count(name) > 1)!r} is there twice")
    return found


def dump_line(value: Mapping[str, Any]) -> str:
    """Return one line of JSON, readable where it is not ASCII, with its newline."""
    return json.dumps(value, ensure_ascii=False) + "\n"
