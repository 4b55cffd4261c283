"""Disks that are open: one qemu-storage-daemon each, which outlives us; who uses it; what it has open."""
