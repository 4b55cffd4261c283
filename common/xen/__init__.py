"""Xen as more than one daemon reads it: xenstore, the hypervisor's counters, granted pages and event channels."""
