"""Compiles the binding to libxenctrl, libxengnttab and libxenevtchn: `python -m common.xen.build`.

Needs Xen's headers (Debian: libxen-dev). A package without the binding works, save for what asks the hypervisor.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cffi

HERE = Path(__file__).resolve().parent
NAME = "common.xen._libxc"
DECLARATIONS = """
typedef ... xc_interface;
typedef ... xengnttab_handle;
typedef ... xenevtchn_handle;
typedef struct {
    uint32_t domid, flags;
    uint64_t pages, max_pages, cpu_time;
    uint32_t vcpus_online, max_vcpu;
    unsigned char handle[16];
} domain_t;
typedef struct {
    uint32_t threads_per_core, cores_per_socket, cpus, nodes, khz, capabilities;
    uint64_t total_pages, free_pages, scrub_pages, outstanding_pages;
} machine_t;
xc_interface *xc_interface_open(void *, void *, unsigned);
int xc_interface_close(xc_interface *);
int xc_send_debug_keys(xc_interface *, const char *);
int xc_hvm_param_get(xc_interface *, uint32_t, uint32_t, uint64_t *);
int xc_domain_setmaxmem(xc_interface *, uint32_t, uint64_t);
int domains(xc_interface *, uint32_t, int, domain_t *);
int machine(xc_interface *, machine_t *);
uint64_t paging_pool(xc_interface *, uint32_t);
int64_t vcpu_time(xc_interface *, uint32_t, uint32_t);
int vcpu_busy(xc_interface *, uint32_t, uint32_t);
int idle_times(xc_interface *, int, uint64_t *);
int xc_get_max_cpus(xc_interface *);
int cpu_nodes(xc_interface *, int, int *);
int preferred_cpus(xc_interface *, uint32_t, uint32_t, int, unsigned char *);
int features(xc_interface *, uint32_t, uint32_t, uint32_t *);
int console(xc_interface *, char *, unsigned int *);
xengnttab_handle *xengnttab_open(void *, unsigned);
int xengnttab_close(xengnttab_handle *);
int xengnttab_unmap(xengnttab_handle *, void *, uint32_t);
void *map_pages(xengnttab_handle *, uint32_t, uint32_t, uint32_t *);
xenevtchn_handle *xenevtchn_open(void *, unsigned);
int xenevtchn_close(xenevtchn_handle *);
int xenevtchn_fd(xenevtchn_handle *);
int xenevtchn_bind_unbound_port(xenevtchn_handle *, uint32_t);
int xenevtchn_bind_interdomain(xenevtchn_handle *, uint32_t, uint32_t);
int xenevtchn_notify(xenevtchn_handle *, uint32_t);
int xenevtchn_unbind(xenevtchn_handle *, uint32_t);
int xenevtchn_pending(xenevtchn_handle *);
int xenevtchn_unmask(xenevtchn_handle *, uint32_t);
"""


def builder() -> cffi.FFI:
    """What compiles the binding."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    libraries = ["xenctrl", "xenguest", "xengnttab", "xenevtchn"]
    ffi.set_source(NAME, (HERE / "libxc.c").read_text(), libraries=libraries)
    return ffi


if __name__ == "__main__":
    sys.stdout.write(builder().compile(tmpdir=str(HERE.parents[1])) + "\n")
