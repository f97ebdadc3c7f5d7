"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -3.1514
ANSWERED_FROM = 0.373
STRANGE_FROM = 0.27
WEIGHTS = {
    "read": 0.8344,
    "relevance": 0.6146,
    "dense": 4.6929,
    "paper_coverage": 2.4300,
    "missing_names": -0.1116,
    "full_text": -3.9747,
}
