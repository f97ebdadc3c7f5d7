"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -1.6922
ANSWERED_FROM = 0.341
STRANGE_FROM = 0.27
WEIGHTS = {
    "read": 0.4748,
    "relevance": -0.0648,
    "dense": 3.3984,
    "paper_coverage": 1.6961,
    "missing_names": -0.6081,
    "full_text": -3.1978,
}
