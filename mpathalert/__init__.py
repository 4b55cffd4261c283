"""Alerts on lost and recovered storage paths."""
