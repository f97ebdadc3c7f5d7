"""Data written for Pincite, and the programs that train what it ships from them."""
