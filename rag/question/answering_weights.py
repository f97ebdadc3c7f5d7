"""The weights of `answering`, chosen by what whole answers say: `bench.weigh_answers`, docs/lab/reader.md."""

BIAS = -7.1
WEIGHTS = {"read": 0.45, "relevance": 1.75, "near": 5.0, "finding": 0.8, "figure": 1.2}
