"""Public labelled sets in their own layouts."""
