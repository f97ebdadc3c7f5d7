"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

from rag.verify.features import Weights

ALIGNED = Weights(
    -3.0210,
    0.43,
    0.28,
    {
        "aligned": 2.4881,
        "coverage_long": 0.8134,
        "direction": -1.0910,
        "least_aligned": 1.5603,
        "missing": 0.5065,
        "name": -0.2507,
        "negation": -0.5139,
        "new_words_aligned": 1.4188,
        "number": -0.5904,
        "pieces": -0.8128,
    },
)

WHOLE = Weights(
    -1.2897,
    0.46,
    0.31,
    {
        "cosine": 3.0129,
        "coverage_long": 0.8688,
        "direction": -0.9807,
        "missing": -0.0918,
        "name": -0.2089,
        "negation": -0.5722,
        "number": -0.6509,
        "pieces": -0.7800,
    },
)
