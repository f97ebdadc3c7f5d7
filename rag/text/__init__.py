"""Reading scholarly prose: words, sentences, names, quantities and the roles of sentences."""
