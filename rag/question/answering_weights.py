"""The weights of `answering`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -6.2131
WEIGHTS = {"read": 0.8646, "relevance": 1.7333, "words": -0.5106, "near": 5.0}
