"""The search index, derived from the catalog: built in a new folder, checked, then swapped in."""
