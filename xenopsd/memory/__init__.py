"""Shares the host's memory among guests whose balloon may move: a pure policy, and the loop that performs it."""
