"""Make untrusted text safe to show on one line of a terminal or page."""

from __future__ import annotations

import json
import re

# Invisible characters and those that control a terminal: C0 and C1 controls, line and paragraph
# separators, direction marks and overrides, interlinear marks,
# Unicode tags, and lone surrogates, which can't be encoded.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# The folders of an absolute path, which may hold blanks; a web address has none, unless it lacks a host.
_FOLDERS = re.compile(r"(?:(?<![\w.:/~])~?|(?<=://))/(?:[^/:\n'\"]*[^/:~\s'\"]/)+")
_HALF = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Write what can't be shown as JSON does, such as \u001b and \n: the text is one line, and JSON stays JSON."""
    return _UNPRINTABLE.sub(lambda match: json.dumps(match.group())[1:-1], text)


def whole_characters(text: str) -> str:
    """Join surrogates that are a pair and replace those that are alone: no tokenizer, file or database takes them."""
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def without_folders(text: str) -> str:
    """Return a message without the folders of its paths: visitors must not learn where a server keeps its files."""
    return _FOLDERS.sub("", text)
