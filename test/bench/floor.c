/*
 * The least that the kernel's own interfaces cost: dumps of the socket tables by sock_diag(7), and a readlink of
 * every /proc/PID/fd/N. Nothing is kept, nothing is compared. And what a screen asks each second, once a second:
 * after each pause the processor's caches are others', and the same calls cost several times what they do in a loop.
 *
 *     floor ROUNDS
 *
 * Prints for each: its name, the median wall and CPU time in nanoseconds, and how many rows or fds there were.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LISTEN_STATE = 10, BUFFER = 64 * 1024 };

static int netlink;
/* Aligned as what lies in it asks. */
static long long buffer[BUFFER / sizeof(long long)];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static long dump(int family, int protocol, uint32_t states)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {
        .header = {
            .nlmsg_len = sizeof message,
            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
        },
        .request = {.sdiag_family = family, .sdiag_protocol = protocol, .idiag_states = states},
    };
    if (send(netlink, &message, sizeof message, 0) < 0) die("sock_diag");
    for (long rows = 0;;) {
        ssize_t length = recv(netlink, buffer, sizeof buffer, 0);
        if (length < 0) die("sock_diag");
        struct nlmsghdr *header = (struct nlmsghdr *)buffer;
        for (; NLMSG_OK(header, length); header = NLMSG_NEXT(header, length)) {
            if (header->nlmsg_type == NLMSG_DONE) return rows;
            if (header->nlmsg_type == NLMSG_ERROR) {
                errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
                die("sock_diag");
            }
            rows++;
        }
    }
}

static long dump_both(int protocol, uint32_t states)
{
    return dump(AF_INET, protocol, states) + dump(AF_INET6, protocol, states);
}

static long dump_listening(void)
{
    return dump_both(IPPROTO_TCP, 1u << LISTEN_STATE) + dump_both(IPPROTO_UDP, ~0u);
}

static long dump_all(void)
{
    return dump_both(IPPROTO_TCP, ~0u) + dump_both(IPPROTO_UDP, ~0u);
}

struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* Calls back for every name in a folder that begins with a digit. */
static long each_number(int folder, char *names, size_t size, long (*visit)(int folder, const char *name))
{
    long total = 0, length;
    while ((length = syscall(SYS_getdents64, folder, names, size)) > 0) {
        for (long at = 0; at < length;) {
            struct entry *entry = (struct entry *)(names + at);
            at += entry->length;
            if (entry->name[0] >= '0' && entry->name[0] <= '9') total += visit(folder, entry->name);
        }
    }
    return total;
}

static long read_fd(int folder, const char *name)
{
    char target[256];
    return readlinkat(folder, name, target, sizeof target) >= 0;
}

static long read_process(int proc, const char *pid)
{
    char path[32];
    snprintf(path, sizeof path, "%s/fd", pid);
    int folder = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return 0;
    long total = each_number(folder, (char *)buffer, sizeof buffer, read_fd);
    close(folder);
    return total;
}

static long walk(void)
{
    static long long names[BUFFER / sizeof(long long)];
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0) die("/proc");
    long total = each_number(proc, (char *)names, sizeof names, read_process);
    close(proc);
    return total;
}

enum { SEEN = 40 };

/* What a screen of so many rows asks: who listens, and of each row whether its owner still has it and its name. */
static struct { char link[48]; int comm; } seen[SEEN];
static int seen_count, loadavg;

static long look(int proc, const char *pid)
{
    if (seen_count == SEEN) return 0;
    char path[32], target[64];
    snprintf(seen[seen_count].link, sizeof seen[0].link, "/proc/%.12s/fd/0", pid);
    if (readlink(seen[seen_count].link, target, sizeof target) < 0) return 0;
    snprintf(path, sizeof path, "%.12s/comm", pid);
    int comm = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (comm < 0) return 0;
    seen[seen_count++].comm = comm;
    return 1;
}

static void open_screen(void)
{
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    loadavg = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    if (proc < 0 || loadavg < 0) die("/proc");
    while (seen_count < SEEN && each_number(proc, (char *)buffer, sizeof buffer, look) > 0);
    close(proc);
}

static long refresh(void)
{
    char text[256];
    for (int row = 0; row < seen_count; row++) {
        if (readlink(seen[row].link, text, sizeof text) < 0 && errno != ENOENT) die(seen[row].link);
        if (pread(seen[row].comm, text, sizeof text, 0) < 0 && errno != ESRCH) die("comm");
    }
    if (pread(loadavg, text, sizeof text, 0) < 0) die("loadavg");
    return dump_listening();
}

static long long nanoseconds(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
    long long left = *(const long long *)a, right = *(const long long *)b;
    return (left > right) - (left < right);
}

static void measure(const char *name, long (*what)(void), int rounds, int pause)
{
    long long *wall = calloc(rounds, sizeof *wall), *cpu = calloc(rounds, sizeof *cpu);
    if (!wall || !cpu) die("calloc");
    long count = 0;
    /* The first only fills the caches. */
    for (int round = -1; round < rounds; round++) {
        sleep(pause);
        long long began = nanoseconds(CLOCK_MONOTONIC), used = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        count = what();
        if (round < 0) continue;
        wall[round] = nanoseconds(CLOCK_MONOTONIC) - began;
        cpu[round] = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - used;
    }
    qsort(wall, rounds, sizeof *wall, by_size);
    qsort(cpu, rounds, sizeof *cpu, by_size);
    printf("%s %lld %lld %ld\n", name, wall[rounds / 2], cpu[rounds / 2], count);
    fflush(stdout);
    free(wall);
    free(cpu);
}

int main(int count, char **arguments)
{
    int rounds = count == 2 ? atoi(arguments[1]) : 0;
    if (rounds < 1) {
        fprintf(stderr, "usage: floor ROUNDS\n");
        return 2;
    }
    netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) die("netlink");
    measure("listening", dump_listening, rounds, 0);
    measure("all", dump_all, rounds, 0);
    measure("walk", walk, rounds, 0);
    open_screen();
    measure("refresh", refresh, rounds, 1);
    measure("all-slowly", dump_all, rounds, 1);
    return 0;
}
