"""Performs steps: one module per kind of bridge."""
