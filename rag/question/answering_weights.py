"""The weights of `answering`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -5.9017
WEIGHTS = {"read": 0.866, "relevance": 1.4571, "words": -0.1292, "near": 5.0}
