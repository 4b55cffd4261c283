"""Hypervisors. `base` says what one must do."""
