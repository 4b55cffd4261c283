"""Which operations an object allows now, as tables and pure checks."""
