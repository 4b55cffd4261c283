"""Sources that other programs publish in shared memory."""
