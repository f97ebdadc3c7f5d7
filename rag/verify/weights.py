"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

BIAS = -1.6751
SUPPORTED_FROM = 0.42
PARTIAL_FROM = 0.27
WEIGHTS = {
    "claim_words": 0.1181,
    "cosine": 2.4147,
    "cosine_mean": 0.4496,
    "coverage": -0.2621,
    "coverage_best": -0.1956,
    "coverage_long": 0.8377,
    "direction": -0.9603,
    "missing": -0.1339,
    "name": -0.1177,
    "negation": -0.6507,
    "number": -0.6176,
    "pieces": -0.6708,
    "run": 1.1039,
}
