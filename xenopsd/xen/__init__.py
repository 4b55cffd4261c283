"""libxenlight: the binding, and the processes it runs in."""
