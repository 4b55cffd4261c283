/* A guest's program that keeps a metric in a page it grants to dom0, as version 2 of the plug-in protocol.
 *
 * granting PORT: prints "reference N"; then, each time dom0 rings at the event channel PORT that it offered, adds one
 * to the metric and rings back.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
typedef uint16_t domid_t; /* the next header needs it and has it not */
#include <xen/sys/evtchn.h>
#include <xen/sys/gntalloc.h>

static const char metadata[] = "{\"datasources\":{\"rung\":{\"owner\":\"host\",\"type\":\"gauge\",\"default\":\"true\","
                               "\"value_type\":\"int64\",\"units\":\"rings\"}}}";

static uint32_t crc(const unsigned char *bytes, size_t count)
{
    uint32_t sum = ~0u;

    while (count--) {
        sum ^= *bytes++;
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    return ~sum;
}

static void put(unsigned char *to, uint64_t value, int bytes)
{
    while (bytes--) {
        to[bytes] = value & 0xFF;
        value >>= 8;
    }
}

static void publish(unsigned char *page, uint64_t value)
{
    double now = 1.0 + value;
    uint64_t bits;

    memcpy(&bits, &now, 8);
    memcpy(page, "DATASOURCES", 11);
    put(page + 19, 1, 4);
    put(page + 23, bits, 8);
    put(page + 31, value, 8);
    put(page + 39, sizeof metadata - 1, 4);
    memcpy(page + 43, metadata, sizeof metadata - 1);
    put(page + 11, crc(page + 23, 16), 4);
    put(page + 15, crc(page + 43, sizeof metadata - 1), 4);
}

int main(int argc, char **argv)
{
    struct ioctl_gntalloc_alloc_gref grant = { .domid = 0, .flags = GNTALLOC_FLAG_WRITABLE, .count = 1 };
    struct ioctl_evtchn_bind_interdomain bind = { .remote_domain = 0, .remote_port = argc > 1 ? atoi(argv[1]) : 0 };
    int grants = open("/dev/xen/gntalloc", O_RDWR), events = open("/dev/xen/evtchn", O_RDWR), local;
    uint64_t rung = 0;
    unsigned char *page;
    uint32_t port;

    if (grants < 0 || events < 0 || ioctl(grants, IOCTL_GNTALLOC_ALLOC_GREF, &grant) ||
        (local = ioctl(events, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind)) < 0) {
        perror("granting");
        return 1;
    }
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, grants, grant.index);
    if (page == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    /* Xen rings once at our end when it is bound: dom0 may have rung before. */
    if (poll(&(struct pollfd){ events, POLLIN, 0 }, 1, 2000) > 0 &&
        (read(events, &port, sizeof port) != sizeof port || write(events, &port, sizeof port) != sizeof port))
        return 1;
    publish(page, rung);
    printf("reference %u\n", grant.gref_ids[0]);
    fflush(stdout);
    while (read(events, &port, sizeof port) == sizeof port) {
        struct ioctl_evtchn_notify back = { .port = local };

        publish(page, ++rung);
        if (write(events, &port, sizeof port) != sizeof port || ioctl(events, IOCTL_EVTCHN_NOTIFY, &back))
            return 1;
    }
    return 1;
}
