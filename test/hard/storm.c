/*
 * A storm of processes: each opens a TCP listener, calls itself by its port (`p12345`), lives some milliseconds (one
 * in eleven, longer), and ends. One in four hands its listener to a child before it ends, which has the same name.
 *
 *     storm AT_ONCE MILLISECONDS
 *
 * So many are there at a time, each for at most that long. Prints `ready`, and when its stdin ends how many processes there
 * were and in how many milliseconds: `12345 10002`.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void doze(long for_ms)
{
    struct timespec time = { for_ms / 1000, for_ms % 1000 * 1000000 };
    nanosleep(&time, NULL);
}

enum { STACK = 32 << 10, MOST = 4096, LONG = 25 };

/* They share their memory, so that to make one costs a fiftieth of what fork(2) takes; nothing else. */
struct place {
    char stacks[2][STACK];
    volatile pid_t pids[2];
    unsigned turn;
};

static struct place places[MOST];
static long count, for_ms;

static void start(struct place *place, int which, int (*life)(void *))
{
    place->pids[which] = clone(life, place->stacks[which] + STACK, CLONE_VM | SIGCHLD, place);
    if (place->pids[which] < 0) place->pids[which] = 0;
    else __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
}

static int outlive(void *argument)
{
    (void)argument;
    doze(1 + for_ms / 2);
    _exit(0);
}

/* The name is there before anybody can see a listener. */
static int live(void *argument)
{
    struct place *place = argument;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char name[16];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0) _exit(1);
    getsockname(listener, (struct sockaddr *)&address, &length);
    snprintf(name, sizeof name, "p%d", ntohs(address.sin_port));
    prctl(PR_SET_NAME, name);
    if (listen(listener, 8) != 0) _exit(1);
    doze(1 + for_ms * (place->turn % 7) / 6 * (place->turn % 11 == 0 ? LONG : 1));
    if (place->turn % 4 == 0) start(place, 1, outlive);
    _exit(0);
}

static void bury(pid_t pid)
{
    for (int at = 0; at < MOST; at++) {
        for (int which = 0; which < 2; which++) {
            if (places[at].pids[which] == pid) places[at].pids[which] = 0;
        }
    }
}

int main(int argc, char **argv)
{
    int at_once = argc > 1 ? atoi(argv[1]) : 20;
    for_ms = argc > 2 ? atol(argv[2]) : 10;
    if (at_once > MOST) at_once = MOST;
    /* Whose parent has ended comes to us. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    printf("ready\n");
    fflush(stdout);
    long began = milliseconds();
    unsigned turn = 0;
    struct pollfd end = { .fd = 0, .events = POLLIN };
    while (poll(&end, 1, 1) == 0) {
        pid_t pid;
        while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) bury(pid);
        for (int at = 0; at < at_once; at++) {
            if (places[at].pids[0] != 0 || places[at].pids[1] != 0) continue;
            places[at].turn = turn++;
            start(&places[at], 0, live);
        }
    }
    printf("%ld %ld\n", count, milliseconds() - began);
    return 0;
}
