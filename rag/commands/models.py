"""models: what is configured, what it is, and what can be fetched."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.commands.output import add_common, complain, print_document, say
from rag.commands.parser import describe
from rag.config import from_environment, split_address
from rag.errors import InputError

if TYPE_CHECKING:
    from rag.models.hub import Published


def add_commands(commands: Any) -> None:
    """Add this module's commands to the parser."""
    models = commands.add_parser("models", help="list the models in use, and what leaves this machine for them")
    add_common(models, library=False)
    models.set_defaults(run=run_models)
    actions = models.add_subparsers(metavar="ACTION")
    get = actions.add_parser("get", help="download a published model into the cache folder")
    get.add_argument("name", metavar="NAME", help="one that `pincite models` lists")
    get.add_argument("--yes", action="store_true", help="download without asking first")
    get.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    get.set_defaults(run=run_get)
    describe(actions)


def run_models(options: argparse.Namespace) -> int:
    """List the models in use and those that can be fetched; exit code 1 if one in use can't be used."""
    from rag.models import hub
    from rag.models.configured import configured

    in_use, cache = configured(from_environment()), hub.cache_folder()
    offered = [_offered(model, cache) for model in hub.published().values()]
    if options.json:
        print_document("models", {"in_use": in_use, "published": offered})
    else:
        for model in in_use:
            say(f"{model.role:<10} {model.name}: {model.what}; {model.leaves}")
            facts = (
                model.path,
                f"{model.bytes / 1e6:,.0f} MB" if model.bytes else None,
                f"sha256 {model.sha256[:12]}" if model.sha256 else None,
                f"up to {model.max_tokens:,} tokens" if model.max_tokens else None,
                f"licence {model.licence}" if model.licence else None,
            )
            for line in (", ".join(fact for fact in facts if fact), model.trouble and f"WRONG: {model.trouble}"):
                if line:
                    say(f"{'':<10} {line}")
        say("`pincite models get NAME` fetches, from a model hub and only then:")
        for each in offered:
            state = f"fetched: {each['use']}" if each["fetched"] else "not fetched"
            say(f"  {each['name']}: {each['what']}, {each['bytes'] / 1e6:,.0f} MB, {each['licence']}; {state}")
    return 1 if any(model.trouble for model in in_use) else 0


def _offered(model: Published, cache: Path) -> dict[str, Any]:
    from rag.models import hub

    return {
        "name": model.name,
        "what": model.what,
        "repository": model.repository,
        "revision": model.revision,
        "licence": model.licence,
        "bytes": model.bytes,
        "fetched": hub.is_fetched(model, cache),
        "use": f"{model.use}{cache / model.name}",
    }


def run_get(options: argparse.Namespace) -> int:
    """Fetch a model, after asking."""
    from rag.models import hub

    model, address = hub.find(options.name), (os.environ.get("HF_ENDPOINT") or hub.HUB).rstrip("/")
    split_address("HF_ENDPOINT", address, hub.HUB)
    offer = (
        f"{model.name}: {model.what}, {model.bytes / 1e6:,.0f} MB, licence {model.licence}, from {address}/"
        f"{model.repository} at {model.revision[:12]}; weights and tokenizer by sha256, the other files by the "
        "commit"
    )
    if not options.yes:
        if options.json or not sys.stdin.isatty():
            raise InputError(f"{offer}: fetch it with --yes")
        complain(offer)
        if input("Fetch it? [y/N] ").strip().casefold() not in ("y", "yes"):
            return 0
    folder = hub.fetch(model, hub.cache_folder(), address, say=complain)
    if options.json:
        print_document("model", _offered(model, hub.cache_folder()))
    else:
        say(f"{model.name} is in {folder}. Use it with {model.use}{folder}")
    return 0
