"""The HTTP application: RPC protocols, file handlers, consoles."""
