"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -2.3639
ANSWERED_FROM = 0.240
STRANGE_FROM = 0.27
WEIGHTS = {
    "read": 0.6667,
    "dense": 3.7508,
    "paper_coverage": 1.7105,
    "missing_names": -1.0124,
    "full_text": -2.6935,
}
