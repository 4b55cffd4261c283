"""Steps of operations: each holds identifiers and makes one change."""
