"""Alarms on metrics, as rules kept in other_config."""
