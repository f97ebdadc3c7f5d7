"""Adapters that offer the pipeline to other programs."""
