/*
 * A loaded host to measure on: processes with a real machine's mix of open files, listeners (one in five of
 * IPv6), and connections among themselves.
 *
 *     host PROCESSES FDS LISTENERS CONNECTIONS UDP
 *
 * Each is a number of the whole. It writes files into the folder that it is started in, prints a line `limit …`
 * for what it cannot reach, then `READY WORKERS`, and then obeys lines on stdin, answered by `done` or `failed …`:
 *
 *     churn N              from now on N TCP connections a second open and close between two of its processes
 *     listen PORT WORKER   makes that worker (process wWORKER), idle so far, listen on 127.0.0.1:PORT
 *
 * All of it ends with this process, and this process with its stdin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    PAIRS = 20,           /* of processes that hold the connections, one end each */
    BATCH = 64,           /* processes that start at a time */
    OWN_FDS = 4,          /* of every process: 0, 1, 2 and the way to answer */
    SPARE_FDS = 64,
    SPARE_PROCESSES = 200,
    PAIR_PORTS = 7000,
    CHURN_PORT = 7900,
    SERVICE_PORTS = 10000,
    UDP_PORTS = 20000,
    SERVICE_PORT_COUNT = 10000,
    BACKLOG = 4096,
    MOST_CHURN = 10000,
    FOLDERS = 20,
    FILES = 7,
};

struct load {
    long processes, fds, listeners, connections, udp;
};

/* What a process says to the first one when it has done as it was told. */
struct answer {
    pid_t pid;
    int error;
};

static int answers[2];
static sigset_t orders;
static bool has_ipv6;
static long unanswered, stopped_early;
static int first_error;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- what the machine allows ---- */

/* The first number in a file; `otherwise` where there is none, as in a cgroup's `max`. */
static long number_in(const char *path, const char *key, long otherwise)
{
    FILE *file = fopen(path, "r");
    if (!file) return otherwise;
    char line[256];
    long number = otherwise;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        sscanf(line + strlen(key), "%ld", &number);
        break;
    }
    fclose(file);
    return number;
}

static long raise_limit(int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit)) die("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(resource, &limit)) perror("setrlimit");
    return limit.rlim_max > LONG_MAX ? LONG_MAX : (long)limit.rlim_max;
}

static long at_most(long wanted, long possible, const char *what, const char *why)
{
    if (possible >= wanted) return wanted;
    if (possible < 0) possible = 0;
    printf("limit %ld of %ld %s: %s\n", possible, wanted, what, why);
    return possible;
}

/* In kilobytes, roughly: what a process, a file and both ends of a connection took when it was measured. */
static double memory_of(struct load load)
{
    return 140.0 * load.processes + 0.5 * load.fds + 7.0 * load.connections;
}

static struct load within_limits(struct load load, long files_each)
{
    double available = 0.8 * number_in("/proc/meminfo", "MemAvailable:", LONG_MAX / 1024);
    if (available < memory_of(load)) {
        double share = available / memory_of(load);
        printf("limit %.0f%% of it all: memory\n", 100 * share);
        load.processes *= share;
        load.fds *= share;
        load.listeners *= share;
        load.connections *= share;
        load.udp *= share;
    }
    long most = raise_limit(RLIMIT_NPROC);
    load.processes = at_most(load.processes, most - SPARE_PROCESSES, "processes", "RLIMIT_NPROC");
    most = number_in("/proc/sys/kernel/pid_max", "", LONG_MAX);
    load.processes = at_most(load.processes, most - SPARE_PROCESSES, "processes", "kernel.pid_max");
    most = number_in("/proc/sys/kernel/threads-max", "", LONG_MAX);
    load.processes = at_most(load.processes, most - SPARE_PROCESSES, "processes", "kernel.threads-max");
    /* Half of the processes may hold connections, two for each. */
    most = load.processes / 4 * (files_each - SPARE_FDS);
    load.connections = at_most(load.connections, most, "connections", "RLIMIT_NOFILE");
    most = (load.processes - 1) * (files_each - SPARE_FDS);
    load.fds = at_most(load.fds, most, "fds", "RLIMIT_NOFILE");
    most = number_in("/proc/sys/fs/file-max", "", LONG_MAX);
    load.fds = at_most(load.fds, most - most / 10, "fds", "fs.file-max");
    return load;
}

/* ---- processes ---- */

static void answer(int error)
{
    struct answer said = {getpid(), error};
    if (write(answers[1], &said, sizeof said) != sizeof said) _exit(1);
}

/* Starts a process that dies with this one. -1: no more can be started. */
static pid_t start(const char *name, long number)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid > 0) unanswered++;
    if (pid != 0) return pid;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL)) die("prctl");
    if (getppid() != parent) _exit(1); /* it died before that */
    char comm[16];
    snprintf(comm, sizeof comm, number < 0 ? "%s" : "%s%ld", name, number);
    prctl(PR_SET_NAME, comm);
    close(answers[0]);
    int nowhere = open("/dev/null", O_RDWR);
    if (nowhere < 0 || dup2(nowhere, 0) < 0 || dup2(nowhere, 1) < 0) die("/dev/null");
    close(nowhere);
    return 0;
}

static struct answer await_answer(void)
{
    struct answer said;
    if (read(answers[0], &said, sizeof said) != sizeof said) die("a process ended");
    unanswered--;
    return said;
}

static void await_answers(void)
{
    while (unanswered > 0) {
        struct answer said = await_answer();
        if (!said.error) continue;
        stopped_early++;
        if (!first_error) first_error = said.error;
    }
}

/* ---- sockets ---- */

struct endpoint {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    socklen_t length;
};

static struct endpoint endpoint_of(bool six, bool everywhere, int port)
{
    struct endpoint made = {0};
    if (six) {
        made.length = sizeof made.address.v6;
        made.address.v6.sin6_family = AF_INET6;
        made.address.v6.sin6_port = htons(port);
        made.address.v6.sin6_addr = everywhere ? in6addr_any : in6addr_loopback;
    } else {
        made.length = sizeof made.address.v4;
        made.address.v4.sin_family = AF_INET;
        made.address.v4.sin_port = htons(port);
        made.address.v4.sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK);
    }
    return made;
}

/* -1 and errno when it cannot be had. */
static int bound_socket(int type, struct endpoint where)
{
    int one = 1;
    int made = socket(where.address.any.sa_family, type, 0);
    if (made < 0) return -1;
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (where.address.any.sa_family == AF_INET6) {
        setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    if (bind(made, &where.address.any, where.length) == 0) return made;
    int error = errno;
    close(made);
    errno = error;
    return -1;
}

static int listener(struct endpoint where, int backlog)
{
    int made = bound_socket(SOCK_STREAM, where);
    if (made >= 0 && listen(made, backlog)) {
        close(made);
        return -1;
    }
    return made;
}

/* Every fifth, where there is IPv6. */
static bool is_ipv6(long index)
{
    return has_ipv6 && index % 5 == 4;
}

static bool find_ipv6(void)
{
    int tried = bound_socket(SOCK_STREAM, endpoint_of(true, false, 0));
    if (tried < 0) return false;
    close(tried);
    return true;
}

/* ---- the holders of connections ---- */

static void hold_accepted(int from, long count)
{
    /* Or it would wait for ever for a client that has reached its limit. */
    struct timeval patience = {.tv_sec = 10};
    setsockopt(from, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (count > 0 && accept(from, NULL, NULL) >= 0) count--;
    answer(count > 0 ? errno : 0);
    for (;;) pause();
}

static void hold_connected(struct endpoint server, long count)
{
    int error = 0;
    for (; count > 0 && !error; count--) {
        int made = socket(server.address.any.sa_family, SOCK_STREAM, 0);
        if (made < 0 || connect(made, &server.address.any, server.length)) error = errno;
    }
    answer(error);
    for (;;) pause();
}

static bool start_pair(long index, long connections)
{
    struct endpoint server = endpoint_of(is_ipv6(index), false, PAIR_PORTS + index);
    /* Made before either starts, so that the client need not wait for the server. */
    int listening = listener(server, BACKLOG);
    if (listening < 0) die("listen");
    pid_t first = start("server", index);
    if (first == 0) hold_accepted(listening, connections);
    close(listening);
    pid_t second = first < 0 ? -1 : start("client", index);
    if (second == 0) hold_connected(server, connections);
    return second > 0;
}

/* ---- churn ---- */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

/* Ends a connection by a reset: a proper end would leave a TIME_WAIT for a minute, and thousands pile up. */
static void reset_connection(int *connection)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    if (*connection < 0) return;
    setsockopt(*connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(*connection);
    *connection = -1;
}

static void churn_client(struct endpoint server, long most)
{
    int *connections = malloc(most * sizeof *connections);
    if (!connections) die("malloc");
    for (long i = 0; i < most; i++) connections[i] = -1;
    long rate = 0, oldest = 0;
    double owed = 0, then = 0;
    answer(0);
    for (;;) {
        struct timespec slot = {.tv_nsec = 10 * 1000 * 1000};
        siginfo_t order;
        int signal = rate ? sigtimedwait(&orders, &order, &slot) : sigwaitinfo(&orders, &order);
        double now = seconds_now();
        if (signal > 0) {
            for (long i = 0; i < rate; i++) reset_connection(&connections[i]);
            rate = order.si_value.sival_int < most ? order.si_value.sival_int : most;
            oldest = 0;
            owed = 0;
            then = now;
            answer(0);
        }
        /* As many live as open in a second, so each lives a second. */
        owed += (now - then) * rate;
        then = now;
        if (owed > rate) owed = rate;
        for (; owed >= 1; owed--) {
            int *connection = &connections[oldest];
            oldest = (oldest + 1) % rate;
            reset_connection(connection);
            *connection = socket(server.address.any.sa_family, SOCK_STREAM, 0);
            if (*connection >= 0) connect(*connection, &server.address.any, server.length);
        }
    }
}

static void churn_server(int listening)
{
    int events = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening};
    if (events < 0 || epoll_ctl(events, EPOLL_CTL_ADD, listening, &event)) die("epoll");
    answer(0);
    for (;;) {
        if (epoll_wait(events, &event, 1, -1) != 1) continue;
        if (event.data.fd != listening) {
            close(event.data.fd);
            continue;
        }
        int accepted = accept(listening, NULL, NULL);
        event.data.fd = accepted;
        if (accepted >= 0) epoll_ctl(events, EPOLL_CTL_ADD, accepted, &event);
    }
}

static pid_t start_churners(long most)
{
    struct endpoint server = endpoint_of(false, false, CHURN_PORT);
    int listening = listener(server, BACKLOG);
    if (listening < 0) die("listen");
    if (start("churnsrv", -1) == 0) churn_server(listening);
    close(listening);
    pid_t client = start("churncli", -1);
    if (client == 0) churn_client(server, most);
    return client;
}

/* ---- services and workers ---- */

static void name_file(char *path, size_t size, long folder, long file)
{
    snprintf(path, size, "files/%ld/some/deeper/path/%ld.log", folder % FOLDERS, file % FILES);
}

static void make_files(void)
{
    static const char *const below[] = {"", "/some", "/some/deeper", "/some/deeper/path"};
    char path[64];
    if (mkdir("files", 0755) && errno != EEXIST) die("mkdir");
    for (long folder = 0; folder < FOLDERS; folder++) {
        for (size_t depth = 0; depth < sizeof below / sizeof *below; depth++) {
            snprintf(path, sizeof path, "files/%ld%s", folder, below[depth]);
            if (mkdir(path, 0755) && errno != EEXIST) die("mkdir");
        }
        for (long file = 0; file < FILES; file++) {
            name_file(path, sizeof path, folder, file);
            int made = open(path, O_CREAT | O_WRONLY, 0644);
            if (made < 0) die(path);
            close(made);
        }
    }
}

/* Opens what processes have open beside their sockets; no two have it in the same order. */
static int open_others(long count, long seed)
{
    /* File, pipe, unix socket pair, event, null device. */
    static const char mix[] = "fenfpfsefnefpfesnfen";
    char path[64];
    int both[2];
    for (long i = seed; count > 0; i++) {
        char kind = mix[i % (sizeof mix - 1)];
        if (count == 1 && (kind == 'p' || kind == 's')) kind = 'n';
        int failed = 0;
        switch (kind) {
        case 'f':
            name_file(path, sizeof path, seed, i);
            failed = open(path, O_RDONLY) < 0;
            break;
        case 'p':
            failed = pipe(both);
            break;
        case 's':
            failed = socketpair(AF_UNIX, SOCK_STREAM, 0, both);
            break;
        case 'e':
            failed = eventfd(0, 0) < 0;
            break;
        case 'n':
            failed = open("/dev/null", O_RDWR) < 0;
            break;
        }
        if (failed) return errno;
        count -= kind == 'p' || kind == 's' ? 2 : 1;
    }
    return 0;
}

static int open_services(long first, long listeners, long first_udp, long udp)
{
    for (long i = first; i < first + listeners; i++) {
        struct endpoint where = endpoint_of(is_ipv6(i), i % 2, SERVICE_PORTS + i % SERVICE_PORT_COUNT);
        if (listener(where, 128 + i % 64) < 0) return errno;
    }
    for (long i = first_udp; i < first_udp + udp; i++) {
        struct endpoint where = endpoint_of(is_ipv6(i), i % 2, UDP_PORTS + i % SERVICE_PORT_COUNT);
        if (bound_socket(SOCK_DGRAM, where) < 0) return errno;
    }
    return 0;
}

static void obey_orders(void)
{
    for (;;) {
        siginfo_t order;
        if (sigwaitinfo(&orders, &order) < 0) continue;
        int made = listener(endpoint_of(false, false, order.si_value.sival_int), 128);
        answer(made < 0 ? errno : 0);
    }
}

/* The part of `whole` before the index-th of so many shares. */
static long share(long whole, long index, long shares)
{
    return shares > 0 ? whole * index / shares : 0;
}

/* The first `services` of them listen. How many could be started; the pids of all are put into `pids`. */
static long start_ordinary(struct load left, long services, pid_t *pids)
{
    long count = left.processes;
    for (long i = 0; i < count; i++) {
        bool serves = i < services;
        long first = serves ? share(left.listeners, i, services) : 0;
        long first_udp = serves ? share(left.udp, i, services) : 0;
        long listeners = serves ? share(left.listeners, i + 1, services) - first : 0;
        long udp = serves ? share(left.udp, i + 1, services) - first_udp : 0;
        long others = share(left.fds, i + 1, count) - share(left.fds, i, count);
        pids[i] = start(serves ? "svc" : "w", serves ? i : i - services);
        if (pids[i] < 0) {
            printf("limit %ld of %ld processes: %s\n", i, count, strerror(errno));
            count = i;
        } else if (pids[i] == 0) {
            int error = open_services(first, listeners, first_udp, udp);
            answer(error ? error : open_others(others, i));
            obey_orders();
        }
        if (i % BATCH == BATCH - 1) await_answers();
    }
    await_answers();
    return count;
}

/* ---- orders ---- */

static void give_order(pid_t to, long value)
{
    union sigval what = {.sival_int = (int)value};
    if (sigqueue(to, SIGRTMIN, what)) {
        printf("failed: %s\n", strerror(errno));
        return;
    }
    unanswered++;
    int error = await_answer().error;
    if (error) printf("failed: %s\n", strerror(error));
    else printf("done\n");
}

static void take_orders(pid_t churner, const pid_t *workers, long count)
{
    char line[256];
    long value, worker;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "churn %ld", &value) == 1 && value >= 0) {
            give_order(churner, value);
        } else if (sscanf(line, "listen %ld %ld", &value, &worker) == 2 && worker >= 0 && worker < count) {
            give_order(workers[worker], value);
        } else {
            printf("failed: no such order: %s", line);
        }
        fflush(stdout);
    }
}

static long argument(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (*end == '\0' && number >= 0) return number;
    fprintf(stderr, "host: %s is no number\n", text);
    exit(2);
}

int main(int count, char **arguments)
{
    if (count != 6) {
        fprintf(stderr, "usage: host PROCESSES FDS LISTENERS CONNECTIONS UDP\n");
        return 2;
    }
    struct load load = {
        .processes = argument(arguments[1]),
        .fds = argument(arguments[2]),
        .listeners = argument(arguments[3]),
        .connections = argument(arguments[4]),
        .udp = argument(arguments[5]),
    };
    /* What whoever started it left open would be in every process. */
    for (int left_open = 3; left_open < 1024; left_open++) close(left_open);
    long files_each = raise_limit(RLIMIT_NOFILE);
    load = within_limits(load, files_each);
    has_ipv6 = find_ipv6();
    if (!has_ipv6) printf("limit 0 of IPv6: there is none\n");
    fflush(stdout); /* or each process would have it to print too */

    signal(SIGPIPE, SIG_IGN);
    /* Blocked from the start: an order may come before the process waits for one. */
    sigemptyset(&orders);
    sigaddset(&orders, SIGRTMIN);
    if (sigprocmask(SIG_BLOCK, &orders, NULL)) die("sigprocmask");
    if (pipe(answers)) die("pipe");
    make_files();

    long most_churn = files_each - SPARE_FDS < MOST_CHURN ? files_each - SPARE_FDS : MOST_CHURN;
    pid_t churner = start_churners(most_churn);
    if (churner < 0) die("fork");
    await_answers();

    long room = files_each - SPARE_FDS;
    long pairs = (load.connections + room - 1) / room;
    if (pairs < PAIRS) pairs = load.processes / 10 < PAIRS ? load.processes / 10 : PAIRS;
    long ready = 0;
    for (; ready < pairs; ready++) {
        long connections = share(load.connections, ready + 1, pairs) - share(load.connections, ready, pairs);
        if (!start_pair(ready, connections)) break;
        if (ready % 4 == 3) await_answers();
    }
    await_answers();

    /* What is left of each for the ordinary processes: the first process and the churning pair are there too. */
    struct load left = load;
    left.processes -= 3 + 2 * ready;
    left.listeners -= 1 + ready;
    if (left.processes < 1) left.processes = 1;
    if (left.listeners < 0) left.listeners = 0;
    left.fds -= OWN_FDS * load.processes + 2 * load.connections + load.listeners + load.udp;
    if (left.fds < 0) left.fds = 0;
    long services = left.processes / 5;
    if (services > left.listeners) services = left.listeners;
    pid_t *pids = calloc(left.processes, sizeof *pids);
    if (!pids) die("calloc");
    long started = start_ordinary(left, services, pids);
    if (stopped_early) {
        printf("limit %ld processes have less than they should: %s\n", stopped_early, strerror(first_error));
    }
    long workers = started > services ? started - services : 0;
    printf("READY %ld\n", workers);
    fflush(stdout);
    take_orders(churner, pids + services, workers);
    return 0;
}
