"""watch add, watch list, watch remove, watch run: questions that are asked again, and what changed."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.asking import say_leaving
from rag.commands.library import open_library
from rag.commands.output import (
    add_common,
    add_filters,
    add_overwrite,
    check_outputs,
    complain,
    filters,
    print_document,
    print_json,
    say,
    wrapped,
    write_file,
)
from rag.config import from_environment
from rag.errors import InputError
from rag.types import Status
from rag.views.counts import counted

if TYPE_CHECKING:
    from rag.watched_questions import Followed, WatchRun

# A folder of such a name is written as a path: `pincite watch ./add`.
ACTIONS = ("add", "list", "remove", "run")


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser; `watch add` is the name of one."""
    add = commands.add_parser("watch add", help="ask a question now, and follow the claims of its answer")
    add.add_argument("questions", nargs="*", metavar="QUESTION", help="what to ask")
    _add_model(add)
    add_filters(add)
    add_common(add)
    add.set_defaults(run=run_add)

    listed = commands.add_parser("watch list", help="list the watched questions, with what changed last")
    add_common(listed)
    listed.set_defaults(run=run_list)

    remove = commands.add_parser("watch remove", help="stop watching questions")
    remove.add_argument("names", nargs="*", metavar="ID", help="a question's id, or the question itself")
    add_common(remove)
    remove.set_defaults(run=run_remove)

    again = commands.add_parser("watch run", help="ask the watched questions again, and report what changed")
    again.add_argument("names", nargs="*", metavar="ID", help="which questions (default: all)")
    _add_model(again)
    again.add_argument("--markdown", action="store_true", help="print a digest in Markdown")
    again.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the digest to this file")
    add_overwrite(again)
    add_common(again)
    again.set_defaults(run=run_again)


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", metavar="NAME", help="extractive, openai:MODEL or ollama:MODEL (default: PINCITE_MODEL)"
    )


def run_add(options: argparse.Namespace) -> int:
    """Ask questions and watch them."""
    from rag.watched_questions import first_answer, keep, name_of_watch, watches

    _require(options.questions, "add", "a question")
    config, added = from_environment(library=options.library, model=options.model), []
    given = {name: value for name, value in filters(options).items() if value}
    with open_library(options) as library:
        known = {one.id for one in watches(library)}
        for question in dict.fromkeys(options.questions):
            if name_of_watch(question, given) in known:
                raise InputError(f"{question!r:.200} is watched already: `pincite watch run` asks it again")
            watch, found = first_answer(question, given, library, config)
            keep(library, watch, new=True)
            added.append(watch)
            if not options.json:
                say(f"{watch.id}  {counted(len(watch.claims), 'claim')} followed: {question}")
                if found.status is Status.DECLINED:
                    say(wrapped(f"{found.text} It is asked again when papers were added.", "    "))
                for claim in watch.claims:
                    say(wrapped(claim.text, "    "))
    if options.json:
        print_document(
            "watch_added", {"added": [{"id": one.id, "question": one.question, "claims": one.claims} for one in added]}
        )
    else:
        say_leaving(config)
    return 0


def run_list(options: argparse.Namespace) -> int:
    """List the watched questions of a library."""
    from rag.watched_questions import watches

    with open_library(options) as library:
        found = watches(library)
    if options.json:
        names = ("id", "question", "filters", "added_at", "run_at", "changed_at", "claims", "last")
        print_document("watches", {"watches": [{name: getattr(one, name) for name in names} for one in found]})
        return 0
    for one in found:
        narrowed = "".join(f", {name} {value}" for name, value in one.filters.items())
        say(f"{one.id}  {one.question}")
        say(f"    {counted(len(one.claims), 'claim')}{narrowed}; asked {_day(one.run_at)}")
        if one.last:
            say(f"    changed {_day(one.changed_at)}:")
            for claim in one.last:
                say_claim(claim, "        ")
    if not found:
        say('No question is watched: `pincite watch add "…"` watches one.')
    return 0


def run_remove(options: argparse.Namespace) -> int:
    """Stop watching questions; if one is unknown, none is removed."""
    from rag.watched_questions import drop, find

    _require(options.names, "remove", "a question or its id")
    with open_library(options) as library:
        found = [find(library, name) for name in options.names]
        for one in found:
            drop(library, one)
    if options.json:
        print_document("watch_removed", {"removed": [one.id for one in found]})
    else:
        for one in found:
            say(f"no longer watched: {one.question}")
    return 0


def run_again(options: argparse.Namespace) -> int:
    """Ask the watched questions again; exit code 1 if a claim changed or a question couldn't be asked."""
    from rag.watched_questions import markdown, run_document

    if options.json and options.markdown:
        raise InputError("--json and --markdown: both write to standard output; leave one out")
    check_outputs(options, options.output)
    runs, problems, name = _asked_again(options)
    for problem in problems:
        complain(problem)
    digest = markdown(runs, name, datetime.now().astimezone(), problems)
    if options.output:
        write_file(options.output, digest)
    if options.json:
        print_json(run_document(runs, problems))
    elif options.markdown:
        say(digest.removesuffix("\n"))
    else:
        _say_runs(runs)
        say_leaving(from_environment(library=options.library, model=options.model))
    return 1 if problems or any(run.changed or run.problem for run in runs) else 0


def _asked_again(options: argparse.Namespace) -> tuple[list[WatchRun], list[str], str]:
    """Return what happened to each question, why others can't be read, and the library's name."""
    from rag.commands.progress_bar import progress_bar
    from rag.watched_questions import ask_again, find, keep, read_watches, running

    config = from_environment(library=options.library, model=options.model)
    runs: list[WatchRun] = []
    with open_library(options) as library, running(library), progress_bar("asking", "questions") as progress:
        chosen, problems = read_watches(library)
        if options.names:
            chosen, problems = [find(library, name) for name in options.names], []
        for done, watch in enumerate(chosen, 1):
            run = ask_again(watch, library, config)
            if not run.problem:
                keep(library, run.watch)
            runs.append(run)
            if progress is not None:
                progress(done, len(chosen))
        return runs, problems, library.name


def _require(given: list[str], action: str, what: str) -> None:
    if not given:
        raise InputError(
            f"watch {action}: name {what}; to add what appears in a folder named {action}, write ./{action}"
        )


def _say_runs(runs: list[WatchRun]) -> None:
    from rag.watched_questions.digest import summary

    for run in runs:
        if run.changed or run.problem:
            say(f"{run.watch.id}  {run.watch.question}")
        if run.problem:
            say(wrapped(f"not asked: {run.problem}", "    "))
        for claim in run.changed:
            say_claim(claim, "    ")
        if run.changed or run.problem:
            say()
    said = summary(runs)
    say(said[:1].upper() + said[1:])


def say_claim(claim: Followed, indent: str = "") -> None:
    """Print what happened to a claim, and the papers that changed it."""
    from rag.watched_questions.digest import line_of, sides_of, words_of

    say(wrapped(f"{words_of(claim)}: {claim.text}", indent))
    if claim.before:
        say(wrapped(f"before: {claim.before}", f"{indent}    "))
    for what, side in sides_of(claim):
        say(wrapped(line_of(claim, what, side, f"[{side.paper}]"), f"{indent}    "))


def _day(at: str) -> str:
    return at[:16].replace("T", " ") + " UTC" if at else "never"
