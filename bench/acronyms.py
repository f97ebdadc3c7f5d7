"""What an acronym stands for: `python -m bench.acronyms FOLDER [--keep DIR]`.

Asks "What does X stand for?" and "What is X?" in the four fields, for 40 acronyms of each that an abstract introduces
in brackets after words with these initials, and for 20 that stand nowhere in it. Prints how many answers have the words
in their first sentence, how many in any, and how many are declined. FOLDER holds `seeds` and `benchmarks`.
"""

import argparse
import re
from pathlib import Path
from random import Random

from eval.benchmarks.fields import FIELDS, field_library
from rag import answer

INTRODUCED = re.compile(r"((?:[\w-]+ ){2,6})\(([A-Z]{2,6})\)")
WORDINGS = ("What does {} stand for?", "What is {}?")
ASKED, STRANGE = 40, 20


def introduced(abstracts):
    """Return the words of each acronym that abstracts introduce by their initials."""
    found = {}
    for abstract in abstracts:
        for match in INTRODUCED.finditer(abstract):
            parts = re.findall(r"\w+", match[1])[-len(match[2]) :]
            if "".join(part[0] for part in parts).upper() == match[2]:
                found.setdefault(match[2], " ".join(parts).casefold())
    return found


def main():
    """Ask, and print the shares."""
    parser = argparse.ArgumentParser(prog="python -m bench.acronyms")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    draw = Random(11)
    for field in FIELDS:
        with field_library(field, options.folder, options.keep) as (library, _):
            abstracts = [paper.abstract for paper in library.papers()]
            known = introduced(abstracts)
            asked = draw.sample(sorted(known), min(ASKED, len(known)))
            everything = " ".join(abstracts).upper()
            letters = ("".join(draw.choices("ABCDEFGHKLMNPRSTV", k=3)) for _ in range(1000))
            strange = [name for name in letters if name not in everything][:STRANGE]
            for wording in WORDINGS:
                first = anywhere = declined = 0
                for name in asked:
                    said = [
                        " ".join(re.findall(r"\w+", sentence.text)).casefold()
                        for sentence in answer(wording.format(name), library, model="extractive").sentences
                    ]
                    first += bool(said) and known[name] in said[0]
                    anywhere += any(known[name] in text for text in said)
                    declined += not said
                left = sum(not answer(wording.format(name), library, model="extractive").sentences for name in strange)
                print(
                    f"{field:<13} {wording:<25} {len(asked)} acronyms: first {first}, any {anywhere}, declined "
                    f"{declined}; {len(strange)} strange ones: declined {left}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
