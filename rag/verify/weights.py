"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

BIAS = -1.6730
SUPPORTED_FROM = 0.45
PARTIAL_FROM = 0.30
WEIGHTS = {
    "claim_words": 0.1088,
    "cosine": 2.4123,
    "cosine_mean": 0.4712,
    "coverage": -0.2281,
    "coverage_best": -0.2024,
    "coverage_long": 0.8399,
    "direction": -0.9928,
    "missing": -0.1180,
    "name": -0.1865,
    "negation": -0.6396,
    "number": -0.6296,
    "pieces": -0.6738,
    "run": 1.0930,
}
