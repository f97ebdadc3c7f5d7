"""The library on disk: the catalog is the truth, everything else is derived from it."""
