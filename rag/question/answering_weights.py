"""The weights of `answering`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -6.1853
WEIGHTS = {"read": 0.8923, "relevance": 2.2789, "words": -0.4517, "near": 5.0}
