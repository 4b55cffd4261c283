"""Compiles the binding to libxenlight: `python -m xenopsd.xen.build`.

Needs Xen's headers (Debian: libxen-dev), 4.13 or newer. `LIBXL_API_VERSION` stays undefined: we follow the headers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cffi

HERE = Path(__file__).resolve().parent
NAME = "xenopsd.xen._libxl"
DECLARATIONS = """
typedef ... libxl_ctx;
typedef ... xentoollog_logger;
typedef ... queue_t;
typedef ... operation_t;
typedef struct { int kind, rc, domid, type, reason; uint64_t operation; ...; } record_t;
xentoollog_logger *logger_new(int, int);
void xtl_logger_destroy(xentoollog_logger *);
queue_t *queue_new(void);
int queue_fd(queue_t *);
int queue_take(queue_t *, record_t *);
libxl_ctx *context_new(xentoollog_logger *, queue_t *);
int libxl_ctx_free(libxl_ctx *);
int context_pump(libxl_ctx *, int);
operation_t *operation_new(queue_t *, uint64_t);
void operation_free(operation_t *);
uint32_t operation_domid(operation_t *);
int operation_abort(libxl_ctx *, operation_t *);
int start_create(libxl_ctx *, operation_t *, const char *);
int start_restore(libxl_ctx *, operation_t *, const char *, int);
int start_suspend(libxl_ctx *, operation_t *, uint32_t, int, int);
int start_resume(libxl_ctx *, operation_t *, uint32_t, int);
int start_destroy(libxl_ctx *, operation_t *, uint32_t);
int start_pause(libxl_ctx *, operation_t *, uint32_t);
int start_unpause(libxl_ctx *, operation_t *, uint32_t);
int start_power_button(libxl_ctx *, operation_t *, uint32_t);
int start_vcpus(libxl_ctx *, operation_t *, uint32_t, int, int);
int start_disk(libxl_ctx *, operation_t *, uint32_t, const char *, int);
int start_nic(libxl_ctx *, operation_t *, uint32_t, const char *, int);
char *normal_config(libxl_ctx *, const char *);
char *normal_disk(libxl_ctx *, const char *);
char *normal_nic(libxl_ctx *, const char *);
char *current_config(libxl_ctx *, uint32_t);
int pci_assignable(libxl_ctx *, const char *, int);
void free(void *);
#define LIBXL_SUSPEND_LIVE ...
"""


def builder() -> cffi.FFI:
    """What compiles the binding."""
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source(NAME, (HERE / "libxl.c").read_text(), libraries=["xenlight", "xentoollog"])
    return ffi


if __name__ == "__main__":
    sys.stdout.write(builder().compile(tmpdir=str(HERE.parents[1])) + "\n")
