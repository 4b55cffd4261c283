"""Metrics of the host, its VMs and its storage."""
