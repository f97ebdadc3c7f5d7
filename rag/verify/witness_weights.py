"""The weights of `witnesses`, written by `bench/weigh_witnesses.py`: do not edit by hand."""

BIAS = -0.1038
SUPPORTED_FROM, PARTIAL_FROM = 0.255, 0.094
WEIGHTS = {
    "alignment": 1.1,
    "whole": 0.4194,
    "nearest": 0.2442,
    "denied": -0.4801,
}
