"""The development host: what `make run`, `make status` and `make stop` do. Never imported by a daemon."""
