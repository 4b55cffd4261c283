"""Storage repositories and virtual disks."""
