"""The only SQL: rows in memory, a journal on disk."""
