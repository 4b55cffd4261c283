/* A xenstore client for guests that have none: speaks to the kernel's /dev/xen/xenbus.
 *
 *   xenstore read KEY | write KEY VALUE ... | rm KEY | list KEY | exists KEY | wait KEY SECONDS
 *
 * Keys without a leading slash are the guest's own. `wait` ends when KEY changes or after SECONDS. Exit status: 0 done,
 * 1 refused by xenstore (or: does not exist, nothing changed), 2 wrong use or no xenstore.
 * Build: gcc -Os -static -o xenstore xenstore.c
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIRECTORY = 1, READ = 2, WATCH = 4, WRITE = 11, RM = 13, WATCH_EVENT = 15, ERROR = 16 };
enum { LARGEST = 4096 };

struct header { uint32_t type, request, transaction, length; };

static int bus;

static void fail(const char *what)
{
    fprintf(stderr, "xenstore: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void take(void *into, size_t size)
{
    for (char *at = into; size > 0;) {
        ssize_t got = read(bus, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            fail("read");
        at += got;
        size -= got;
    }
}

/* The next message of any kind; its body is ended by a zero that is not counted. */
static struct header receive(char body[LARGEST + 1])
{
    struct header head;
    take(&head, sizeof head);
    if (head.length > LARGEST) {
        errno = EMSGSIZE;
        fail("read");
    }
    take(body, head.length);
    body[head.length] = 0;
    return head;
}

/* Ask for something: the answer's length, or -1 with its error printed unless quiet. */
static int ask(uint32_t type, const char *first, size_t first_size, const char *second, size_t second_size,
               char answer[LARGEST + 1], int quiet)
{
    char message[sizeof(struct header) + LARGEST];
    struct header head = { type, 1, 0, (uint32_t)(first_size + second_size) };
    if (first_size + second_size > LARGEST) {
        errno = E2BIG;
        fail(first);
    }
    memcpy(message, &head, sizeof head);
    memcpy(message + sizeof head, first, first_size);
    memcpy(message + sizeof head + first_size, second, second_size);
    /* One write: the kernel takes a request in pieces, but a killed writer would leave it half-sent. */
    if (write(bus, message, sizeof head + head.length) != (ssize_t)(sizeof head + head.length))
        fail("write");
    do
        head = receive(answer);
    while (head.type == WATCH_EVENT);
    if (head.type != ERROR)
        return (int)head.length;
    if (!quiet)
        fprintf(stderr, "xenstore: %s: %s\n", first, answer);
    return -1;
}

static int wait_for(const char *key, int seconds)
{
    char body[LARGEST + 1];
    struct pollfd poller = { bus, POLLIN, 0 };
    if (ask(WATCH, key, strlen(key) + 1, "t", 2, body, 0) < 0)
        return 1;
    /* A watch fires once when it is set. */
    for (int seen = 0; seen < 2; seen++) {
        if (poll(&poller, 1, seconds * 1000) <= 0)
            return 1;
        receive(body);
    }
    return 0;
}

int main(int count, char **words)
{
    char body[LARGEST + 1];
    const char *verb = count > 1 ? words[1] : "", *key = count > 2 ? words[2] : "";
    size_t size = strlen(key) + 1;
    int length = 0, status = 0;

    if (count < 3) {
        fprintf(stderr, "use: xenstore read|write|rm|list|exists|wait KEY ...\n");
        return 2;
    }
    bus = open("/dev/xen/xenbus", O_RDWR);
    if (bus < 0)
        bus = open("/proc/xen/xenbus", O_RDWR);
    if (bus < 0)
        fail("/dev/xen/xenbus");
    if (!strcmp(verb, "read") && count == 3) {
        length = ask(READ, key, size, "", 0, body, 0);
        if (length >= 0) {
            fwrite(body, 1, length, stdout);
            putchar('\n');
        }
    } else if (!strcmp(verb, "exists") && count == 3) {
        length = ask(READ, key, size, "", 0, body, 1);
    } else if (!strcmp(verb, "write") && count % 2 == 0) {
        for (int at = 2; at < count; at += 2)
            if (ask(WRITE, words[at], strlen(words[at]) + 1, words[at + 1], strlen(words[at + 1]), body, 0) < 0)
                status = 1;
    } else if (!strcmp(verb, "rm") && count == 3) {
        length = ask(RM, key, size, "", 0, body, 0);
    } else if (!strcmp(verb, "list") && count == 3) {
        length = ask(DIRECTORY, key, size, "", 0, body, 0);
        for (char *at = body; at < body + length; at += strlen(at) + 1)
            puts(at);
    } else if (!strcmp(verb, "wait") && count == 4) {
        status = wait_for(key, atoi(words[3]));
    } else {
        fprintf(stderr, "xenstore: wrong use\n");
        return 2;
    }
    return length < 0 ? 1 : status;
}
