"""Running domains on this host."""
