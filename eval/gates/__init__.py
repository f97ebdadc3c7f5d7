"""Thresholds that turn a build red, and the measurements they look at."""
