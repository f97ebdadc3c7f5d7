"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

BIAS = -1.6701
SUPPORTED_FROM = 0.45
PARTIAL_FROM = 0.30
WEIGHTS = {
    "claim_words": 0.1094,
    "cosine": 2.4141,
    "cosine_mean": 0.4686,
    "coverage": -0.2244,
    "coverage_best": -0.2043,
    "coverage_long": 0.8358,
    "direction": -0.9829,
    "missing": -0.1200,
    "name": -0.1880,
    "negation": -0.6402,
    "number": -0.6252,
    "pieces": -0.6722,
    "run": 1.0892,
}
