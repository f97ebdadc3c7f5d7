"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -1.5960
ANSWERED_FROM = 0.387
STRANGE_FROM = 0.27
WEIGHTS = {
    "read": 0.4877,
    "relevance": 0.0120,
    "dense": 3.3673,
    "paper_coverage": 1.5536,
    "missing_names": -0.4694,
    "full_text": -3.5095,
}
