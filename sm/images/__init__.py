"""Disks as image files in one directory: what is there, the tree they form, and the changes that span several files."""
