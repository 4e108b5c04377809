/*
 * CPU time to the nanosecond, where /proc/PID/stat has ticks of 10 ms and a shell's `time` milliseconds.
 *
 *     measure run FILE COMMAND …   runs it with its output into FILE; prints wall and CPU time, of it and of all
 *                                  that it waited for, and its exit status
 *     measure clock PID …          the CPU time of each process so far, ended threads too; 0: it is gone
 *
 * Times are in nanoseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(clockid_t clock)
{
    struct timespec time;
    if (clock_gettime(clock, &time)) return 0;
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long long of_timeval(struct timeval time)
{
    return time.tv_sec * 1000000000LL + time.tv_usec * 1000LL;
}

static int run(const char *file, char **command)
{
    long long began = nanoseconds(CLOCK_MONOTONIC);
    pid_t pid = fork();
    if (pid < 0) {
        perror("measure: fork");
        return 1;
    }
    if (pid == 0) {
        int output = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (output < 0 || dup2(output, 1) < 0) {
            perror(file);
            _exit(126);
        }
        close(output);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno == EINTR) continue;
        perror("measure: wait4");
        return 1;
    }
    long long wall = nanoseconds(CLOCK_MONOTONIC) - began;
    long long cpu = of_timeval(usage.ru_utime) + of_timeval(usage.ru_stime);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("%lld %lld %d\n", wall, cpu, code);
    return 0;
}

int main(int count, char **arguments)
{
    if (count > 3 && strcmp(arguments[1], "run") == 0) return run(arguments[2], arguments + 3);
    if (count > 2 && strcmp(arguments[1], "clock") == 0) {
        for (int i = 2; i < count; i++) {
            clockid_t clock;
            int unknown = clock_getcpuclockid(atoi(arguments[i]), &clock);
            printf("%lld\n", unknown ? 0 : nanoseconds(clock));
        }
        return 0;
    }
    fprintf(stderr, "usage: measure run FILE COMMAND … | measure clock PID …\n");
    return 2;
}
