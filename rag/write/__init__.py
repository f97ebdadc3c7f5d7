"""From evidence to drafted sentences, by a language model or by choosing sentences."""
