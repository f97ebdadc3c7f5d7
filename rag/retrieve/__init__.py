"""From a question to the papers that speak to it."""
