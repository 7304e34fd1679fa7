"""Sequences as Python scripts."""
