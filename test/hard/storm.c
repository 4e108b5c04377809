/*
 * A storm of processes: each opens a TCP listener, calls itself by its port (`p12345`), lives some milliseconds, and
 * ends. One in four hands its listener to a child before it ends, which has the same name.
 *
 *     storm AT_ONCE MILLISECONDS
 *
 * So many are there at a time, each for that long. Prints `ready`, and when its stdin ends how many processes there
 * were and in how many milliseconds: `12345 10002`.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* The name is there before anybody can see a listener. */
static void live(long for_ms, unsigned turn, long *count)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0) _exit(1);
    getsockname(listener, (struct sockaddr *)&address, &length);
    char name[16];
    snprintf(name, sizeof name, "p%d", ntohs(address.sin_port));
    prctl(PR_SET_NAME, name);
    if (listen(listener, 8) != 0) _exit(1);
    doze(1 + for_ms * (turn % 7) / 6);
    if (turn % 4 == 0 && fork() == 0) {
        __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
        doze(1 + for_ms / 2);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    long at_once = argc > 1 ? atol(argv[1]) : 20, for_ms = argc > 2 ? atol(argv[2]) : 10;
    long *count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (count == MAP_FAILED) return 1;
    /* Orphans of those that ended come to us. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    printf("ready\n");
    fflush(stdout);
    long began = milliseconds(), here = 0;
    unsigned turn = 0;
    struct pollfd end = { .fd = 0, .events = POLLIN };
    while (poll(&end, 1, 0) == 0) {
        while (here < at_once) {
            pid_t child = fork();
            if (child == 0) live(for_ms, turn, count);
            if (child < 0) break;
            __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
            turn++;
            here++;
        }
        while (waitpid(-1, NULL, WNOHANG) > 0) here--;
        doze(1);
        /* Of orphans more came back than were sent. */
        if (here < 0) here = 0;
    }
    printf("%ld %ld\n", *count, milliseconds() - began);
    fflush(stdout);
    kill(0, SIGTERM);
    return 0;
}
