"""Snapshots that guests ask for (VSS)."""
