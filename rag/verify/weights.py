"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

BIAS = -1.6721
SUPPORTED_FROM = 0.45
PARTIAL_FROM = 0.30
WEIGHTS = {
    "claim_words": 0.1095,
    "cosine": 2.4074,
    "cosine_mean": 0.4714,
    "coverage": -0.2255,
    "coverage_best": -0.1995,
    "coverage_long": 0.8356,
    "direction": -0.9876,
    "missing": -0.1197,
    "name": -0.1878,
    "negation": -0.6680,
    "number": -0.6265,
    "pieces": -0.6710,
    "run": 1.0920,
}
