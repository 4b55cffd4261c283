"""The pool's API, database and policy."""
