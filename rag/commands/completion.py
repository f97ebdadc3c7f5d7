"""completion: a script that completes commands and options in a shell."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from typing import Any

from rag.commands.output import say

_BASH = """_pincite() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command
    for command in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case $command in
{cases}
        esac
    done
    COMPREPLY=($(compgen -W "{commands}" -- "$word"))
}}
complete -o default -F _pincite pincite
"""
_CASE = """        {name}) [[ $word == {when} ]] && COMPREPLY=($(compgen -W "{options}" -- "$word")); return ;;"""


def add_commands(commands: Any) -> None:
    """Add this module's command to the parser; it completes whatever is in `commands` when it runs."""
    completion = commands.add_parser("completion", help="print a script that completes commands and options in a shell")
    use = 'use it as in: eval "$(pincite completion bash)"'
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help=use)
    completion.set_defaults(run=run_completion, commands=commands.choices)


def run_completion(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    known: dict[str, list[str]] = {}
    for name, parser in options.commands.items():
        first, _, action = name.partition(" ")  # `watch add` completes `watch` with its own words
        known[first] = list(dict.fromkeys([*known.get(first, []), *filter(None, [action]), *_options(parser)]))
    if options.shell == "fish":
        say(_fish(known))
        return 0
    cases = "\n".join(
        _CASE.format(name=name, options=" ".join(each), when="*" if _has_actions(each) else "-*")
        for name, each in known.items()
    )
    script = _BASH.format(cases=cases, commands=" ".join(known)).removesuffix("\n")
    say(f"autoload -U +X bashcompinit && bashcompinit\n{script}" if options.shell == "zsh" else script)
    return 0


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Return a command's long options, as its help names them."""
    return sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", parser.format_help())))


def _has_actions(words: list[str]) -> bool:
    return any(not word.startswith("-") for word in words)


def _fish(known: Mapping[str, list[str]]) -> str:
    """Return the lines for fish."""
    lines = [f"complete -c pincite -n __fish_use_subcommand -f -a '{' '.join(known)}'"]
    for name, options in known.items():
        lines += [f"complete -c pincite -n '__fish_seen_subcommand_from {name}' {_fish_word(one)}" for one in options]
    return "\n".join(lines)


def _fish_word(word: str) -> str:
    return f"-l {word[2:]}" if word.startswith("-") else f"-a {word}"
