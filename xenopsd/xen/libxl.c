/*
 * libxl for an event loop that is not its own: operations end, and events come, in a list with an eventfd; a thread
 * pumps libxl's file descriptors; log lines are sent to a socket.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <libxl.h>
#include <libxl_event.h>
#include <libxl_utils.h>

#if !defined(LIBXL_HAVE_AO_ABORT) || !defined(LIBXL_HAVE_SRM_V2) || !defined(LIBXL_HAVE_FN_USING_QMP_ASYNC)
#error "this libxl is too old: Xen 4.13 or newer is needed"
#endif

/* --- Log: one send() a line, without lock or memory of its own, so it is safe in libxl's forked children too. */

typedef struct {
	xentoollog_logger vtable;
	int fd, least;
} logger_t;

static void log_send(logger_t *log, const char *line, int length, int room)
{
	int before = errno;

	/* A full socket loses the line: logging must not stop an operation. */
	if (send(log->fd, line, length < room ? length : room - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) { }
	errno = before;
}

static void log_message(xentoollog_logger *base, xentoollog_level level, int number, const char *context,
			const char *format, va_list arguments)
{
	logger_t *log = (logger_t *)base;
	char line[2048];
	int length;

	if ((int)level < log->least)
		return;
	length = snprintf(line, sizeof line, "%d ", (int)level);
	length += vsnprintf(line + length, sizeof line - length, format, arguments);
	if (number >= 0 && length < (int)sizeof line)
		length += snprintf(line + length, sizeof line - length, ": errno %d", number);
	log_send(log, line, length, sizeof line);
}

static void log_progress(xentoollog_logger *base, const char *context, const char *what, int percent,
			 unsigned long done, unsigned long total)
{
	char line[256];
	int length = snprintf(line, sizeof line, "P %d %s", percent, what);

	log_send((logger_t *)base, line, length, sizeof line);
}

static void log_destroy(xentoollog_logger *base)
{
	free(base);
}

static xentoollog_logger *logger_new(int fd, int least)
{
	logger_t *log = calloc(1, sizeof *log);

	log->vtable.vmessage = log_message;
	log->vtable.progress = log_progress;
	log->vtable.destroy = log_destroy;
	log->fd = fd;
	log->least = least;
	return &log->vtable;
}

/* --- What ended, and what happened. */

enum { ENDED = 1, EVENT = 2, DISASTER = 3 };

typedef struct record {
	struct record *next;
	int kind, rc, domid, type, reason;
	uint64_t operation;
} record_t;

typedef struct {
	pthread_mutex_t mutex;
	record_t *first, **last;
	int fd;
	libxl_event_hooks hooks;
	libxl_ctx *ctx;
} queue_t;

static queue_t *queue_new(void)
{
	queue_t *queue = calloc(1, sizeof *queue);

	pthread_mutex_init(&queue->mutex, NULL);
	queue->last = &queue->first;
	queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return queue;
}

static int queue_fd(queue_t *queue)
{
	return queue->fd;
}

static void queue_put(queue_t *queue, record_t record)
{
	record_t *copy = malloc(sizeof *copy);
	uint64_t one = 1;

	*copy = record;
	copy->next = NULL;
	pthread_mutex_lock(&queue->mutex);
	*queue->last = copy;
	queue->last = &copy->next;
	pthread_mutex_unlock(&queue->mutex);
	if (write(queue->fd, &one, sizeof one) < 0) { }
}

static int queue_take(queue_t *queue, record_t *out)
{
	record_t *record;

	pthread_mutex_lock(&queue->mutex);
	record = queue->first;
	if (record) {
		queue->first = record->next;
		if (!queue->first)
			queue->last = &queue->first;
		*out = *record;
	}
	pthread_mutex_unlock(&queue->mutex);
	free(record);
	return record != NULL;
}

static void on_event(void *user, libxl_event *event)
{
	queue_t *queue = user;
	record_t record = { .kind = EVENT, .domid = event->domid, .type = event->type };

	if (event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN)
		record.reason = event->u.domain_shutdown.shutdown_reason;
	queue_put(queue, record);
	libxl_event_free(queue->ctx, event);
}

static void on_disaster(void *user, libxl_event_type type, const char *message, int number)
{
	record_t record = { .kind = DISASTER, .rc = number };

	queue_put(user, record);
}

/* --- Context. SIGCHLD is libxl's here, and it reaps nobody's children but its own. */

static libxl_childproc_hooks selective = { .chldowner = libxl_sigchld_owner_libxl_always_selective_reap };

static libxl_ctx *context_new(xentoollog_logger *log, queue_t *queue)
{
	libxl_ctx *ctx = NULL;

	if (libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, log))
		return NULL;
	libxl_childproc_setmode(ctx, &selective, NULL);
	queue->ctx = ctx;
	queue->hooks.event_occurs_mask = LIBXL_EVENTMASK_ALL;
	queue->hooks.event_occurs = on_event;
	queue->hooks.disaster = on_disaster;
	libxl_event_register_callbacks(ctx, &queue->hooks, queue);
	return ctx;
}

/* Serve libxl's file descriptors until `stop` is readable. */
static int context_pump(libxl_ctx *ctx, int stop)
{
	int room = 16, count, timeout, rc;
	struct pollfd *fds = calloc(room + 1, sizeof *fds);
	struct timeval now;

	for (;;) {
		for (;;) {
			count = room;
			timeout = -1;
			gettimeofday(&now, NULL);
			rc = libxl_osevent_beforepoll(ctx, &count, fds, &timeout, now);
			if (rc != ERROR_BUFFERFULL)
				break;
			room = count;
			fds = realloc(fds, (room + 1) * sizeof *fds);
		}
		if (rc)
			break;
		fds[count] = (struct pollfd){ .fd = stop, .events = POLLIN };
		if (poll(fds, count + 1, timeout) < 0) {
			if (errno == EINTR)
				continue;
			rc = -errno;
			break;
		}
		if (fds[count].revents)
			break;
		gettimeofday(&now, NULL);
		libxl_osevent_afterpoll(ctx, count, fds, now);
	}
	free(fds);
	return rc;
}

/* --- Operations. An operation owns all that libxl reads until it ended; it is freed after that. */

typedef struct {
	queue_t *queue;
	uint64_t number;
	uint32_t domid;
	int has_config, has_disk, has_nic;
	libxl_domain_config config;
	libxl_device_disk disk;
	libxl_device_nic nic;
	libxl_domain_restore_params restore;
	libxl_bitmap vcpus;
	libxl_asyncop_how how;
} operation_t;

static void on_end(libxl_ctx *ctx, int rc, void *user)
{
	operation_t *op = user;
	record_t record = { .kind = ENDED, .rc = rc, .operation = op->number };

	queue_put(op->queue, record);
}

static operation_t *operation_new(queue_t *queue, uint64_t number)
{
	operation_t *op = calloc(1, sizeof *op);

	op->queue = queue;
	op->number = number;
	op->domid = INVALID_DOMID;
	op->how.callback = on_end;
	op->how.u.for_callback = op;
	return op;
}

static void operation_free(operation_t *op)
{
	if (op->has_config)
		libxl_domain_config_dispose(&op->config);
	if (op->has_disk)
		libxl_device_disk_dispose(&op->disk);
	if (op->has_nic)
		libxl_device_nic_dispose(&op->nic);
	if (op->vcpus.map)
		libxl_bitmap_dispose(&op->vcpus);
	free(op);
}

static uint32_t operation_domid(operation_t *op)
{
	return op->domid;
}

static int operation_abort(libxl_ctx *ctx, operation_t *op)
{
	return libxl_ao_abort(ctx, &op->how);
}

static int read_config(libxl_ctx *ctx, operation_t *op, const char *json)
{
	libxl_domain_config_init(&op->config);
	op->has_config = 1;
	return libxl_domain_config_from_json(ctx, &op->config, json);
}

static int start_create(libxl_ctx *ctx, operation_t *op, const char *json)
{
	int rc = read_config(ctx, op, json);

	return rc ? rc : libxl_domain_create_new(ctx, &op->config, &op->domid, &op->how, NULL);
}

static int start_restore(libxl_ctx *ctx, operation_t *op, const char *json, int fd)
{
	int rc = read_config(ctx, op, json);

	if (rc)
		return rc;
	libxl_domain_restore_params_init(&op->restore);
	op->restore.stream_version = 2;
	return libxl_domain_create_restore(ctx, &op->config, &op->domid, fd, -1, &op->restore, &op->how, NULL);
}

static int start_suspend(libxl_ctx *ctx, operation_t *op, uint32_t domid, int fd, int flags)
{
#ifdef LIBXL_HAVE_NO_SUSPEND_RESUME
	return ERROR_NI;
#else
	return libxl_domain_suspend(ctx, domid, fd, flags, &op->how);
#endif
}

static int start_resume(libxl_ctx *ctx, operation_t *op, uint32_t domid, int cooperative)
{
#ifdef LIBXL_HAVE_NO_SUSPEND_RESUME
	return ERROR_NI;
#else
	return libxl_domain_resume(ctx, domid, cooperative, &op->how);
#endif
}

static int start_destroy(libxl_ctx *ctx, operation_t *op, uint32_t domid)
{
	return libxl_domain_destroy(ctx, domid, &op->how);
}

static int start_pause(libxl_ctx *ctx, operation_t *op, uint32_t domid)
{
	return libxl_domain_pause(ctx, domid, &op->how);
}

static int start_unpause(libxl_ctx *ctx, operation_t *op, uint32_t domid)
{
	return libxl_domain_unpause(ctx, domid, &op->how);
}

static int start_power_button(libxl_ctx *ctx, operation_t *op, uint32_t domid)
{
	return libxl_send_trigger(ctx, domid, LIBXL_TRIGGER_POWER, 0, &op->how);
}

static int start_vcpus(libxl_ctx *ctx, operation_t *op, uint32_t domid, int count, int maximum)
{
	int n, rc = libxl_cpu_bitmap_alloc(ctx, &op->vcpus, maximum);

	if (rc)
		return rc;
	for (n = 0; n < count; n++)
		libxl_bitmap_set(&op->vcpus, n);
	return libxl_set_vcpuonline(ctx, domid, &op->vcpus, &op->how);
}

enum { ADD, REMOVE, DESTROY, INSERT };

static int start_disk(libxl_ctx *ctx, operation_t *op, uint32_t domid, const char *json, int action)
{
	int rc;

	libxl_device_disk_init(&op->disk);
	op->has_disk = 1;
	rc = libxl_device_disk_from_json(ctx, &op->disk, json);
	if (rc)
		return rc;
	switch (action) {
	case ADD:
		return libxl_device_disk_add(ctx, domid, &op->disk, &op->how);
	case REMOVE:
		return libxl_device_disk_remove(ctx, domid, &op->disk, &op->how);
	case DESTROY:
		return libxl_device_disk_destroy(ctx, domid, &op->disk, &op->how);
	case INSERT:
		return libxl_cdrom_insert(ctx, domid, &op->disk, &op->how);
	}
	return ERROR_INVAL;
}

static int start_nic(libxl_ctx *ctx, operation_t *op, uint32_t domid, const char *json, int action)
{
	int rc;

	libxl_device_nic_init(&op->nic);
	op->has_nic = 1;
	rc = libxl_device_nic_from_json(ctx, &op->nic, json);
	if (rc)
		return rc;
	switch (action) {
	case ADD:
		return libxl_device_nic_add(ctx, domid, &op->nic, &op->how);
	case REMOVE:
		return libxl_device_nic_remove(ctx, domid, &op->nic, &op->how);
	case DESTROY:
		return libxl_device_nic_destroy(ctx, domid, &op->nic, &op->how);
	}
	return ERROR_INVAL;
}

/* --- Short calls. Strings are the caller's to free. */

static char *normal_config(libxl_ctx *ctx, const char *json)
{
	libxl_domain_config config;
	char *text = NULL;

	libxl_domain_config_init(&config);
	if (!libxl_domain_config_from_json(ctx, &config, json))
		text = libxl_domain_config_to_json(ctx, &config);
	libxl_domain_config_dispose(&config);
	return text;
}

static char *normal_disk(libxl_ctx *ctx, const char *json)
{
	libxl_device_disk disk;
	char *text = NULL;

	libxl_device_disk_init(&disk);
	if (!libxl_device_disk_from_json(ctx, &disk, json))
		text = libxl_device_disk_to_json(ctx, &disk);
	libxl_device_disk_dispose(&disk);
	return text;
}

static char *normal_nic(libxl_ctx *ctx, const char *json)
{
	libxl_device_nic nic;
	char *text = NULL;

	libxl_device_nic_init(&nic);
	if (!libxl_device_nic_from_json(ctx, &nic, json))
		text = libxl_device_nic_to_json(ctx, &nic);
	libxl_device_nic_dispose(&nic);
	return text;
}

static char *current_config(libxl_ctx *ctx, uint32_t domid)
{
	libxl_domain_config config;
	char *text = NULL;

	libxl_domain_config_init(&config);
	if (!libxl_retrieve_domain_configuration(ctx, domid, &config, NULL))
		text = libxl_domain_config_to_json(ctx, &config);
	libxl_domain_config_dispose(&config);
	return text;
}

/* What dom0 drives, pciback gets; and back again, by what libxl remembers. */
static int pci_assignable(libxl_ctx *ctx, const char *json, int add)
{
	libxl_device_pci pci;
	int rc;

	libxl_device_pci_init(&pci);
	rc = libxl_device_pci_from_json(ctx, &pci, json);
	if (!rc)
		rc = add ? libxl_device_pci_assignable_add(ctx, &pci, 1) : libxl_device_pci_assignable_remove(ctx, &pci, 1);
	libxl_device_pci_dispose(&pci);
	return rc;
}
