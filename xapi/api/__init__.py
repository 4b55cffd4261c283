"""Implementations: one module per class, one function per message."""
