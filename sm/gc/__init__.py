"""Removes images that nothing needs any more."""
