"""The built-in checker's weights, written by `bench/train_checker.py`: do not edit by hand."""

from rag.verify.features import Weights

ALIGNED = Weights(
    -3.2154,
    0.42,
    0.27,
    {
        "aligned": 2.7832,
        "coverage_long": 0.8090,
        "direction": -0.5370,
        "direction_alike": -1.1224,
        "least_aligned": 1.5588,
        "missing": 0.4942,
        "missing_number": -0.0683,
        "missing_number_alike": -1.0292,
        "name": -0.2723,
        "name_alike": -0.0488,
        "negation": -0.4668,
        "negation_alike": -0.3740,
        "new_words_aligned": 1.4786,
        "number": -0.6221,
        "number_alike": -1.1775,
        "pieces": -0.8041,
    },
)

WHOLE = Weights(
    -1.3331,
    0.42,
    0.27,
    {
        "cosine": 3.1217,
        "coverage_long": 0.8806,
        "direction": -0.3826,
        "direction_alike": -0.9024,
        "missing": -0.1142,
        "missing_number": -0.2180,
        "missing_number_alike": -0.5425,
        "name": -0.3252,
        "name_alike": 0.2474,
        "negation": -0.4953,
        "negation_alike": -0.4907,
        "number": -0.4920,
        "number_alike": -0.9427,
        "pieces": -0.7743,
    },
)
