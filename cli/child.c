/* child.c: running the commands that a user names: started, waited for, ended.
 *
 * SPDX-License-Identifier: MIT
 */
#include "cli/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/session.h"

#define NAP_MS 100   /* how late a signal that ends us may be seen while the command is silent, */
#define END_NAP_MS 5 /* and how late the end of a command that prints no more */
#define STOP_MS 1000 /* for its end after SIGTERM, before SIGKILL */

/* ---- starting and ending ---------------------------------------------------------------------------- */

_Noreturn static void become(char *const *argv, int output)
{
    int nothing = open("/dev/null", O_RDONLY);

    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    if (output >= 0) {
        setpgid(0, 0);
        dup2(output, STDOUT_FILENO);
    }
    execvp(argv[0], argv);
    report("%s: %s", argv[0], strerror(errno));
    _exit(127);
}

pid_t child_start(char *const *argv, int *output)
{
    int ends[2] = {-1, -1};
    pid_t child = output && pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();

    if (child == 0)
        become(argv, ends[1]);
    if (child < 0)
        report("the command cannot be started: %s", strerror(errno));
    if (!output)
        return child;
    if (child > 0)
        setpgid(child, child); /* here, too: it may be ended before it comes to it */
    if (ends[1] >= 0)
        close(ends[1]);
    if (child < 0 && ends[0] >= 0)
        close(ends[0]);
    *output = ends[0];
    return child;
}

bool child_did_well(int status, const char *command)
{
    if (WIFEXITED(status) && WEXITSTATUS(status))
        report("\"%s\" exited with status %d", command, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        report("\"%s\" was ended by signal %d", command, WTERMSIG(status));
    else
        return true;
    return false;
}

/* It stays a zombie, so that its number, which is its group's, is not given to another. */
static bool has_ended(pid_t child)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

static int reap(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

static void stop(pid_t child)
{
    kill(-child, SIGTERM);
    for (int ms = 0; ms < STOP_MS && !has_ended(child); ms += END_NAP_MS)
        (void)poll(NULL, 0, END_NAP_MS);
    kill(-child, SIGKILL);
    (void)reap(child);
}

/* ---- running one to its end ------------------------------------------------------------------------- */

struct running {
    pid_t child;
    struct pollfd output; /* fd is -1 once it has closed it */
    int64_t end_ns;       /* by the steady clock */
    char *bytes;          /* room for CHILD_BYTES_MOST + 1 */
    size_t len;
};

static int64_t steady_ns(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Waits a moment for output, and takes it. */
static void take_output(struct running *running)
{
    ssize_t got;

    if (poll(&running->output, 1, running->output.fd < 0 ? END_NAP_MS : NAP_MS) <= 0 ||
        !running->output.revents)
        return;
    got = read(running->output.fd, running->bytes + running->len, CHILD_BYTES_MOST + 1 - running->len);
    if (got > 0) {
        running->len += (size_t)got;
    } else if (got == 0 || errno != EINTR) {
        close(running->output.fd);
        running->output.fd = -1;
    }
}

/* 0: it has ended. 1: we shall end. -1, reported: it must be ended. */
static int wait_for(struct running *running, const char *command, int64_t timeout_ns)
{
    while (running->output.fd >= 0 || !has_ended(running->child)) {
        if (session_stopped)
            return 1;
        if (running->len > CHILD_BYTES_MOST) {
            report("the command printed more than %d bytes and was ended: %s", CHILD_BYTES_MOST, command);
            return -1;
        }
        if (steady_ns() >= running->end_ns) {
            report("the command took longer than %s and was ended: %s", format_length(timeout_ns).s, command);
            return -1;
        }
        take_output(running);
    }
    return 0;
}

int child_run(char *const *argv, int64_t timeout_ns, char **bytes, size_t *len)
{
    struct running running = {.output = {.fd = -1, .events = POLLIN}};
    int answer;

    *bytes = NULL;
    running.child = child_start(argv, &running.output.fd);
    if (running.child < 0)
        return -1;
    running.bytes = must_have(malloc(CHILD_BYTES_MOST + 1));
    if (__builtin_add_overflow(steady_ns(), timeout_ns, &running.end_ns))
        running.end_ns = INT64_MAX;
    answer = wait_for(&running, argv[0], timeout_ns);
    if (running.output.fd >= 0)
        close(running.output.fd);
    if (answer != 0)
        stop(running.child);
    else if (!child_did_well(reap(running.child), argv[0]))
        answer = -1;
    if (answer != 0) {
        free(running.bytes);
        return answer;
    }
    running.bytes[running.len] = '\0';
    *bytes = running.bytes;
    *len = running.len;
    return 0;
}
