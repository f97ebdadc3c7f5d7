"""How arguments are read: options may come before or after their command, and a mistyped word gets a suggestion."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from rag.views.printable import printable
from rag.views.suggestion import meant


class Parser(argparse.ArgumentParser):
    """An argument parser that names the nearest command or option, and escapes terminal control characters."""

    # Loads the parser of a program, which takes long: see `rag.commands.programs`.
    load: Callable[[], argparse.ArgumentParser] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the options. Ends with an error for one that the command doesn't have: no other may take it."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(_unknown(unknown[0], self._option_string_actions))
        return found, unknown

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices and action.dest == argparse.SUPPRESS:
            known = [name for name in action.choices if " " not in name]
            near = meant(str(value), known)
            fix = f"did you mean {near!r}?" if near else f"`{self.prog} --help` lists them"
            self.error(f"there is no command {value!r}: {fix}")
        super()._check_value(action, value)

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error, and exit."""
        super().error(printable(message))


def describe(commands: Any) -> None:
    """Let the help of each command begin with what the list of commands says about it."""
    for listed in commands._choices_actions:  # noqa: SLF001  argparse shows this text nowhere else
        commands.choices[listed.dest].description = f"{listed.help[0].upper()}{listed.help[1:]}."


def arranged(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> list[str]:
    """Return the arguments in the one order that argparse reads: a command, its options, its other arguments.

    An option may come before its command, and between the files or words that a command takes. `watch add` becomes
    one word. Ends with an error for an option in front that the command doesn't take.
    """
    commands = _commands(parser)
    if not commands:
        return _options_first(parser, arguments)
    found = next(_candidates(commands, arguments), None)
    if found is None:
        return _without_command(parser, commands, arguments)
    name, options, rest = found
    return [name, *arranged(commands[name], [*options, *rest])]


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the commands below this one, none for a command that takes options alone."""
    found = (action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001  argparse lists them nowhere else
    return dict(next(found, {}))


def _candidates(
    commands: Mapping[str, argparse.ArgumentParser], arguments: Sequence[str]
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Yield each reading: the command, the options in front of it, which it takes, and what follows it."""
    places = [place for place, word in enumerate(arguments) if word in commands]
    # Those that would have to be loaded to know their options come last.
    for place in sorted(places, key=lambda place: _stands_in(commands[arguments[place]])):
        word, before = arguments[place], arguments[:place]
        for second in range(place + 1, len(arguments)):
            both, options = f"{word} {arguments[second]}", [*before, *arguments[place + 1 : second]]
            if both in commands and _refused(commands[both], options) is None:
                yield both, options, arguments[second + 1 :]
        if _refused(commands[word], before) is None:
            yield word, before, arguments[place + 1 :]


def _without_command(
    parser: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser], arguments: Sequence[str]
) -> list[str]:
    """Return what argparse is to report, or end with an error that names the option in front that doesn't fit."""
    if not arguments or not arguments[0].startswith("-") or _takes(_own_options(parser), arguments[0]) is not None:
        return list(arguments)
    mistyped = _mistyped(commands, arguments)
    if mistyped is None:
        _end(parser, commands, arguments)
    return list(arguments[mistyped:])


def _mistyped(commands: Mapping[str, argparse.ArgumentParser], arguments: Sequence[str]) -> int | None:
    """Return the place of a word that is where a command should be, and isn't one."""
    light = [command for command in commands.values() if not _stands_in(command)]
    for place in range(1, len(arguments)):
        fits = any(_refused(command, arguments[:place]) is None for command in light)
        if fits and not arguments[place].startswith("-"):
            return None if arguments[place] in commands else place
    return None


def _end(
    parser: argparse.ArgumentParser, commands: Mapping[str, argparse.ArgumentParser], arguments: Sequence[str]
) -> NoReturn:
    """End with what is wrong with the options in front of the first command, or with there being none."""
    for place, word in enumerate(arguments):
        if word in commands:
            commands[word].error(_refused(commands[word], arguments[:place]) or "")
    parser.error(f"no command is named: `{parser.prog} --help` lists them")


def _refused(command: argparse.ArgumentParser, arguments: Sequence[str]) -> str | None:
    """Return what is wrong with these as options of a command, None if it takes them all."""
    waiting = list(arguments)
    while waiting:
        option, known = waiting.pop(0), _all_options(command)
        values = _takes(known, option)
        if values is None:
            return _unknown(option, known)
        if values > len(waiting):
            return f"argument {option}: expected one argument"
        del waiting[:values]
    return None


def _options_first(command: argparse.ArgumentParser, arguments: Sequence[str]) -> list[str]:
    """Move a command's options before its other arguments, each with its value; argparse reports what is wrong."""
    options, others, waiting = list[str](), list[str](), list(arguments)
    while waiting:
        argument = waiting.pop(0)
        values = _takes(_own_options(command), argument)
        if argument == "--":
            others += [argument, *waiting]
            break
        if values is None:
            others.append(argument)
        elif values > len(waiting):
            return list(arguments)
        else:
            options += [argument, *waiting[:values]]
            del waiting[:values]
    return [*options, *others]


Options = Mapping[str, argparse.Action]


def _takes(options: Options, argument: str) -> int | None:
    """Return how many values an option takes from what follows it, None for anything else."""
    if not argument.startswith("-") or argument in ("-", "--"):
        return None
    name, joined, _ = argument.partition("=")
    if name not in options and not name.startswith("--"):
        name, joined = argument[:2], argument[2:]
    near = [name] if name in options else [one for one in options if name.startswith("--") and one.startswith(name)]
    if len(near) != 1:
        return None
    return 0 if joined or options[near[0]].nargs == 0 else 1


def _own_options(command: argparse.ArgumentParser) -> Options:
    return command._option_string_actions  # noqa: SLF001  argparse has no other way to them


def _all_options(command: argparse.ArgumentParser) -> Options:
    """Return the options of a command, and of the commands below it."""
    loaded = command.load() if isinstance(command, Parser) and command.load is not None else command
    below: dict[str, argparse.Action] = {}
    for other in _commands(loaded).values():
        below |= _all_options(other)
    return below | dict(_own_options(loaded))


def _stands_in(command: argparse.ArgumentParser) -> bool:
    return isinstance(command, Parser) and command.load is not None


def _unknown(argument: str, options: Iterable[str]) -> str:
    near = meant(argument.partition("=")[0], options)
    return f"unknown argument {argument}{f': did you mean {near!r}?' if near else ''}"
