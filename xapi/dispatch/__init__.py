"""From a decoded call to its implementation: arguments, session, role, task, operation, forwarding."""
