"""A library over HTTP for other programs: `pincite serve`, with an endpoint that OpenAI's clients can chat with."""
