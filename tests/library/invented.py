"""Invented papers, as many as a test needs, each with words of its own."""

from __future__ import annotations

import json

CROPS = ["barley", "oats", "rye", "millet", "sorghum", "lentils", "flax", "hops", "beets", "clover"]
PLACES = ["on clay", "under glass", "in a dry year", "near the coast", "on terraces", "after frost", "in deep shade"]
CARES = ["watered", "weeded", "mulched", "rolled", "limed", "drained", "thinned"]


def record(number: int) -> dict[str, object]:
    """Return paper `number`; any two differ in title and text."""
    crop, place = CROPS[number % len(CROPS)], PLACES[number // 3 % len(PLACES)]
    care = CARES[number // 7 % len(CARES)]
    return {
        "title": f"Field trial {number} of {crop} {care} {place}",
        "abstract": f"We {care} {crop} {place} in plot {number}. Plants gave {number % 60}% more. The effect lasted.",
        "year": 1990 + number % 30,
        "authors": [f"Gardener {number % 12}"],
    }


def write(path, numbers):
    """Write these papers as JSON Lines and return the path."""
    path.write_text("".join(json.dumps(record(n)) + "\n" for n in numbers), encoding="utf-8")
    return path
