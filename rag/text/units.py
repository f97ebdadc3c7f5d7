"""Tables for reading quantities: units with their dimension and factor, number words, and words that bound."""

from __future__ import annotations

# Each unit with what it measures and its factor to the base unit of that.
UNITS: dict[str, tuple[str, float]] = {}
for _dimension, _table in {
    "time": "ns nanosecond=1e-9 µs μs us microsecond=1e-6 ms msec millisecond=1e-3 s sec second=1 min minute=60 "
    "h hr hour=3600 day=86400 week=604800 month=2629800 year yr=31557600 decade=315576000 century centurie=3155760000",
    "length": "nm nanometre nanometer=1e-9 µm μm micrometre micrometer=1e-6 mm millimetre millimeter=1e-3 "
    "cm centimetre centimeter=1e-2 m metre meter=1 km kilometre kilometer=1e3 mile=1609.344",
    "mass": "ng nanogram=1e-12 µg μg mcg microgram=1e-9 mg milligram=1e-6 g gram=1e-3 kg kilogram=1 tonne ton=1e3",
    "volume": "µl μl microlitre microliter=1e-6 ml millilitre milliliter=1e-3 dl=1e-1 l litre liter=1",
    "area": "hectare ha=1e4 acre=4046.86 m2 m²=1 cm2 cm²=1e-4 km2 km²=1e6",
    "frequency": "hz hertz=1 khz=1e3 mhz=1e6 ghz=1e9",
    "bytes": "byte=1 kb kilobyte=1e3 mb megabyte=1e6 gb gigabyte=1e9 tb terabyte=1e12",
    "energy": "joule=1 kj kilojoule=1e3 kcal kilocalorie=4184 kwh=3.6e6 mwh=3.6e9 gwh=3.6e12 twh=3.6e15",
    "power": "mw milliwatt=1e-3 w watt=1 kw kilowatt=1e3 gw gigawatt=1e9",
    "celsius": "°c celsius=1",
    "fahrenheit": "°f fahrenheit=1",
    "kelvin": "k kelvin=1",
    "pressure": "mmhg=133.3 pa pascal=1 kpa=1e3 mpa=1e6 gpa=1e9",
    "points": "point pp percentage-point percent-point=1",
    "%": "% percent pct=1",
    "fold": "fold times time × x=1",
    "dollar": "usd dollar=1",
    "euro": "eur euro=1",
    "pound": "gbp pound=1",
}.items():
    _names: list[str] = []
    for _entry in _table.split():
        _name, _, _factor = _entry.partition("=")
        _names.append(_name)
        if _factor:
            UNITS |= {name: (_dimension, float(_factor)) for name in _names}
            _names = []
# Words before a unit, with the dimension and the power of a length that they make of it.
POWERS = {"square": ("area", 2), "cubic": ("volume", 3), "metric": ("mass", 1)}
CURRENCY = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
MULTIPLIERS = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9}
SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9, "T": 1e12}
SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
CARDINALS: dict[str, float] = {word: float(value) for value, word in enumerate(SMALL)}
CARDINALS |= {
    w: (i + 2) * 10.0
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
CARDINALS |= {"dozen": 12.0}
ORDINALS = {
    word: float(value)
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        start=1,
    )
}
MONTHS = frozenset(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
PARTS = {
    "half": 1 / 2,
    "third": 1 / 3,
    "quarter": 1 / 4,
    "fourth": 1 / 4,
    "fifth": 1 / 5,
    "sixth": 1 / 6,
    "tenth": 0.1,
}
FOLDS = {"twice": 2.0, "thrice": 3.0} | {
    form: value
    for word, value in (("double", 2.0), ("triple", 3.0), ("treble", 3.0), ("quadruple", 4.0))
    for form in (word, f"{word}s", f"{word}d", f"{word[:-1]}ing")
}
HALVES = frozenset({"halve", "halves", "halved", "halving"})
ABOUT = frozenset(
    [
        "about",
        "approximately",
        "around",
        "roughly",
        "nearly",
        "almost",
        "circa",
        "some",
        "~",
        "≈",
        "ca",
        "approx",
        "close",
    ]
)
ABOVE = frozenset({"over", "above", "exceeding", "than more", "than greater", "than higher", "than older", "least at"})
BELOW = frozenset({"under", "below", "than less", "than fewer", "than lower", "than younger", "to up", "most at"})
