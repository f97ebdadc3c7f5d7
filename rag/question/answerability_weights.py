"""The weights of `answerability`, written by `bench/train_declining.py`: do not edit by hand."""

BIAS = -1.6319
ANSWERED_FROM = 0.213
STRANGE_FROM = 0.27
WEIGHTS = {
    "read": 0.7613,
    "relevance": -0.8379,
    "dense": 3.7929,
    "paper_coverage": 1.9545,
    "missing_names": -1.3620,
    "full_text": -2.7984,
}
