"""The scales of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand.

Each: the bias, the probability from which a claim is supported, and from which in part, and the weights.
"""

COPIES = (
    -0.4568,
    0.123,
    0.046,
    {
        "alignment": 0.4942,
        "whole": 0.518,
        "nearest": 0.5028,
        "denied": -1.9685,
    },
)
OTHERS = (
    0.1287,
    0.281,
    0.104,
    {
        "alignment": 1.1,
        "whole": 0.5527,
        "nearest": 0.266,
        "denied": -0.4729,
    },
)
