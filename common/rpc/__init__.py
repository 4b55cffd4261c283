"""JSON-RPC over Unix sockets: one typed interface, a server that implements it, a proxy that calls it."""
