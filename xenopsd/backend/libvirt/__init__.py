"""QEMU guests by libvirt: one private libvirtd for each host, of which xenopsd is a client."""
