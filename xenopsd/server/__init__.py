"""Implements `common.idl.xen`: reads the store and the backend, queues operations, never works itself."""
