"""Outward adapters over the pipeline."""
