/* What a toolstack asks the hypervisor, in structures of fixed layout. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenctrl.h>
#include <xengnttab.h>
#include <xenevtchn.h>

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

/* At most `count` domains from number `first` on; how many, or -1. */
static int domains(xc_interface *xc, uint32_t first, int count, domain_t *out)
{
	xc_domaininfo_t *info = calloc(count, sizeof *info);
	int n, found = info ? xc_domain_getinfolist(xc, first, count, info) : -1;

	for (n = 0; n < found; n++) {
		out[n].domid = info[n].domain;
		out[n].flags = info[n].flags;
		out[n].pages = info[n].tot_pages;
		out[n].max_pages = info[n].max_pages;
		out[n].cpu_time = info[n].cpu_time;
		out[n].vcpus_online = info[n].nr_online_vcpus;
		out[n].max_vcpu = info[n].max_vcpu_id;
		memcpy(out[n].handle, info[n].handle, sizeof out[n].handle);
	}
	free(info);
	return found;
}

static int machine(xc_interface *xc, machine_t *out)
{
	xc_physinfo_t info = { 0 };
	int rc = xc_physinfo(xc, &info);

	out->threads_per_core = info.threads_per_core;
	out->cores_per_socket = info.cores_per_socket;
	out->cpus = info.nr_cpus;
	out->nodes = info.nr_nodes;
	out->khz = info.cpu_khz;
	out->capabilities = info.capabilities;
	out->total_pages = info.total_pages;
	out->free_pages = info.free_pages;
	out->scrub_pages = info.scrub_pages;
	out->outstanding_pages = info.outstanding_pages;
	return rc;
}

/* Bytes of the domain's pool for page tables of its own; 0 for one that has none. */
static uint64_t paging_pool(xc_interface *xc, uint32_t domid)
{
	uint64_t size = 0;

	return xc_get_paging_mempool_size(xc, domid, &size) ? 0 : size;
}

/* Nanoseconds that VCPU `vcpu` ran; -1 when there is no such VCPU or it is unplugged. */
static int64_t vcpu_time(xc_interface *xc, uint32_t domid, uint32_t vcpu)
{
	xc_vcpuinfo_t info;

	return xc_vcpu_getinfo(xc, domid, vcpu, &info) || !info.online ? -1 : (int64_t)info.cpu_time;
}

/* Whether VCPU `vcpu` runs, or would if a CPU were free. */
static int vcpu_busy(xc_interface *xc, uint32_t domid, uint32_t vcpu)
{
	xc_vcpuinfo_t info;

	return !xc_vcpu_getinfo(xc, domid, vcpu, &info) && info.online && !info.blocked;
}

/* Nanoseconds each CPU was idle; how many CPUs, or -1. */
static int idle_times(xc_interface *xc, int count, uint64_t *out)
{
	xc_cpuinfo_t *info = calloc(count, sizeof *info);
	int n, found = 0, rc = info ? xc_getcpuinfo(xc, count, info, &found) : -1;

	for (n = 0; rc == 0 && n < found; n++)
		out[n] = info[n].idletime;
	free(info);
	return rc ? -1 : found;
}

/* The NUMA node of each of `count` CPUs, -1 for one that is not there; 0, or -1. */
static int cpu_nodes(xc_interface *xc, int count, int *out)
{
	xc_cputopo_t *found = calloc(count, sizeof *found);
	unsigned int filled = count;
	int n, rc = found ? xc_cputopoinfo(xc, &filled, found) : -1;

	for (n = 0; rc == 0 && n < count; n++)
		out[n] = n < (int)filled && found[n].node != XEN_INVALID_NODE_ID ? (int)found[n].node : -1;
	free(found);
	return rc;
}

/* Of `count` CPUs, 1 for each on which VCPU `vcpu` runs rather than on others (its soft affinity); 0, or -1. */
static int preferred_cpus(xc_interface *xc, uint32_t domid, uint32_t vcpu, int count, unsigned char *out)
{
	xc_cpumap_t map = xc_cpumap_alloc(xc);
	int n, rc = map ? xc_vcpu_getaffinity(xc, domid, vcpu, NULL, map, XEN_VCPUAFFINITY_SOFT) : -1;

	for (n = 0; rc == 0 && n < count; n++)
		out[n] = xc_cpumap_testcpu(n, map) != 0;
	free(map);
	return rc;
}

/* libxenguest has it without a declaration for others. */
int xc_get_cpu_featureset(xc_interface *xc, uint32_t index, uint32_t *count, uint32_t *words);

/* Words of a feature set (0 raw, 1 host, 2 PV, 3 HVM, 4 and 5 their greatest); how many, or -1. */
static int features(xc_interface *xc, uint32_t which, uint32_t count, uint32_t *out)
{
#if defined(__x86_64__) || defined(__i386__)
	uint32_t have = count;

	return xc_get_cpu_featureset(xc, which, &have, out) ? -1 : (int)have;
#else
	return 0;
#endif
}

static int console(xc_interface *xc, char *out, unsigned int *length)
{
	uint32_t index = 0;

	return xc_readconsolering(xc, out, length, 0, 0, &index);
}

/* `count` pages that `domid` granted, for reading; NULL with errno. */
static void *map_pages(xengnttab_handle *table, uint32_t count, uint32_t domid, uint32_t *references)
{
	return xengnttab_map_domain_grant_refs(table, count, domid, references, PROT_READ);
}
