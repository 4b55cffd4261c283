"""The host's network: bridges, interfaces and addresses."""
