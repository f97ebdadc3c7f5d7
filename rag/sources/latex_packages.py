r"""Commands of LaTeX's packages with arguments of their own language: quantities (siunitx) and formulas (mhchem).

https://ctan.org/pkg/siunitx, https://ctan.org/pkg/mhchem
"""

from __future__ import annotations

import re

ARGUMENT = r"\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_PREFIXES = {"atto": "a", "femto": "f", "pico": "p", "nano": "n", "micro": "µ", "milli": "m", "centi": "c",
             "deci": "d", "hecto": "h", "kilo": "k", "mega": "M", "giga": "G", "tera": "T", "peta": "P"}  # fmt: skip
_UNITS = {"gram": "g", "metre": "m", "meter": "m", "second": "s", "ampere": "A", "kelvin": "K", "mole": "mol",
          "candela": "cd", "hertz": "Hz", "newton": "N", "pascal": "Pa", "joule": "J", "watt": "W", "coulomb": "C",
          "volt": "V", "farad": "F", "ohm": "Ω", "siemens": "S", "weber": "Wb", "tesla": "T", "henry": "H",
          "celsius": "°C", "degreeCelsius": "°C", "degree": "°", "litre": "L", "liter": "L", "minute": "min",
          "hour": "h", "day": "d", "percent": "%", "hectare": "ha", "tonne": "t", "electronvolt": "eV", "dalton": "Da",
          "becquerel": "Bq", "gray": "Gy", "sievert": "Sv", "lumen": "lm", "lux": "lx", "decibel": "dB", "bel": "B",
          "arcminute": "′", "arcsecond": "″", "micron": "µm", "angstrom": "Å", "bar": "bar", "molar": "M",
          "ug": "µg", "um": "µm", "us": "µs", "ul": "µL", "ml": "mL", "l": "L"}  # fmt: skip
_POWERS = {"squared": "^2", "cubed": "^3", "square": "^2", "cubic": "^3"}
_QUANTITY = re.compile(
    r"\\(?:(?P<range>SIrange|qtyrange|numrange)|(?P<list>SIlist|qtylist|numlist|qtyproduct|numproduct)"
    r"|(?P<both>SI|qty)|(?P<num>num)|(?P<unit>si|unit)|(?P<angle>ang))"
    rf"(?:\[[^\]]*\])?(?=\s*\{{){ARGUMENT}(?:{ARGUMENT})?(?:{ARGUMENT})?"
)
# How many arguments each takes; those of numbers without a unit take one less.
_TAKEN = {"num": 2, "unit": 1, "angle": 1, "both": 2, "list": 2}
_CHEMISTRY = re.compile(rf"\\(?:ce|cee|chemfig){ARGUMENT}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")


def readable_packages(text: str) -> str:
    r"""Return `text` with quantities and formulas written out: `\SI{5}{\kilo\gram}` is 5 kg, `\ce{CO2}` CO₂."""
    if "\\" not in text:
        return text
    return _QUANTITY.sub(_quantity, _CHEMISTRY.sub(lambda found: _formula(found[1]), text))


def _quantity(match: re.Match[str]) -> str:
    """Write one command, and put back the arguments after it that it doesn't take."""
    one, other, third = match.group(7), match.group(8), match.group(9)
    taken = _TAKEN.get(next(name for name in (*_TAKEN, "range") if match[name]), 3) - ("num" in match[0][:5])
    left = "".join(f"{{{text}}}" for text in (one, other, third)[taken:] if text is not None)
    if match["angle"]:
        return f"{one.replace(';', '°', 1).rstrip(';')}{'' if ';' in one else '°'}{left}"
    if match["num"] or match["unit"]:
        return (_number(one) if match["num"] else _unit(one)) + left
    if match["list"]:
        return _spaced(_joined(one, match["list"]), _unit(other or "") if taken == 2 else "") + left
    if match["both"]:
        return _spaced(_number(one), _unit(other or "")) + left
    return _spaced(f"{_number(one)}–{_number(other or '')}", _unit(third or "") if taken == 3 else "") + left


def _joined(numbers: str, command: str) -> str:
    """Write a list of numbers, or a product."""
    return (" × " if "product" in command else ", ").join(map(_number, re.split(r"\s*(?:;|x)\s*", numbers)))


def _spaced(number: str, unit: str) -> str:
    return f"{number}{'' if unit in ('°', '′', '″', '%') or not unit else ' '}{unit}"


def _number(text: str) -> str:
    """Write a number: `1e-3` as 1 × 10^-3, `5 +- 2` as 5 ± 2."""
    text = text.replace("\\pm", "±").replace("+-", "±").strip()
    return re.sub(r"(?<=\d)[eEdD]([+-]?\d+)", lambda found: f" × 10^{found[1].lstrip('+')}", text)


def _unit(text: str) -> str:
    r"""Write a unit: `\milli\gram\per\litre` as mg/L. One that is written out stays as it is."""
    written, power = "", ""
    for name in _COMMAND.findall(text):
        if name in ("square", "cubic"):
            power = _POWERS[name]
        elif name in _POWERS or name == "per":
            written += _POWERS.get(name, "/")
        elif name in _PREFIXES:
            written += _joint(written) + _PREFIXES[name] + _OPEN
        else:
            written = (written + _joint(written)).replace(_OPEN, "") + _UNITS.get(name, name) + power
            power = ""
    return written.replace(_OPEN, "") or text.replace("~", " ").strip()


_OPEN = "\ue000"  # after a prefix, whose unit follows


def _joint(written: str) -> str:
    """Return what is between two units that are multiplied."""
    return "·" if written and written[-1] not in (_OPEN, "/") else ""


def _formula(text: str) -> str:
    """Write a chemical formula: digits after an element or a bracket are low, charges high, `->` an arrow."""
    text = re.sub(r"\^\{?([\d+\-.]+)\}?", r"^\1", text.replace("->", "→").replace("<=>", "⇌").replace("$", ""))
    text = re.sub(r"_\{?(\w+)\}?", r"\1", text)
    low = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    text = re.sub(r"(?<=[A-Za-z)\]])\d+", lambda found: found[0].translate(low), text)
    return re.sub(r"(?<=[A-Za-z)\]₀-₉])([+-])(?=\s|$|[,.;)])", r"^\1", text).replace("{", "").replace("}", "")
