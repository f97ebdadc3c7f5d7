"""Answers of any system in one form, read from files and from prose."""
