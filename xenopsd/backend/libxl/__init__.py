"""Xen guests by libxl."""
