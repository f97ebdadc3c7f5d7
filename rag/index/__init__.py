"""What is derived from the catalog so that it can be searched: built aside, checked, swapped in."""
