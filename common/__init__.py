"""Mechanisms shared by all daemons; it imports none of them."""
