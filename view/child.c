/* child.c: running the commands that a user names: started, waited for, ended.
 *
 * SPDX-License-Identifier: MIT
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "listener.h"
#include "steady.h"

#define NAP_MS 100   /* how late *stop may be seen while the command is silent, */
#define END_NAP_MS 5 /* and how late the end of a command that prints no more */
#define STOP_MS 1000 /* for its end after SIGTERM, before SIGKILL */

/* ---- starting and ending ---------------------------------------------------------------------------- */

int child_spawn(char *const *argv, const posix_spawn_file_actions_t *files, const sigset_t *mask, short flags,
                pid_t *child)
{
    posix_spawnattr_t attributes;
    sigset_t ignored;
    int wrong = posix_spawnattr_init(&attributes);

    if (wrong)
        return wrong;
    sigemptyset(&ignored); /* a daemon ignores these, a pipeline must not */
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    wrong = posix_spawnattr_setsigmask(&attributes, mask);
    if (!wrong)
        wrong = posix_spawnattr_setsigdefault(&attributes, &ignored);
    if (!wrong)
        wrong = posix_spawnattr_setflags(&attributes,
                                         (short)(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (!wrong)
        wrong = posix_spawnp(child, argv[0], files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    return wrong;
}

/* 0, or an errno. */
static int spawn(char *const *argv, int output, pid_t *child)
{
    posix_spawn_file_actions_t files;
    sigset_t none;
    int wrong = posix_spawn_file_actions_init(&files);

    if (wrong)
        return wrong;
    sigemptyset(&none);
    wrong = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!wrong && output >= 0)
        wrong = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    if (!wrong)
        wrong = child_spawn(argv, &files, &none, output >= 0 ? POSIX_SPAWN_SETPGROUP : 0, child);
    posix_spawn_file_actions_destroy(&files);
    return wrong;
}

pid_t child_start(char *const *argv, int *output, struct listener *listener)
{
    int ends[2] = {-1, -1}, wrong = output && pipe2(ends, O_CLOEXEC) < 0 ? errno : 0;
    pid_t child = -1;

    if (!wrong)
        wrong = spawn(argv, ends[1], &child);
    if (ends[1] >= 0)
        close(ends[1]);
    if (wrong && ends[0] >= 0)
        close(ends[0]);
    if (wrong)
        return listener_fail(listener, "%s cannot be started: %s", argv[0], strerror(wrong));
    if (output)
        *output = ends[0];
    return child;
}

bool child_did_well(int status, const char *command, struct listener *listener)
{
    if (WIFEXITED(status) && WEXITSTATUS(status))
        (void)listener_fail(listener, "\"%s\" exited with status %d", command, WEXITSTATUS(status));
    else if (WIFSIGNALED(status))
        (void)listener_fail(listener, "\"%s\" was ended by signal %d", command, WTERMSIG(status));
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

static void end(pid_t child)
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
    const atomic_bool *stop;
    int64_t end_ns; /* by the steady clock */
    char *bytes;    /* room for CHILD_BYTES_MOST + 1 */
    size_t len;
};

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

/* 0: it has ended. 1: we shall end. -1, with listener->why: it must be ended. */
static int wait_for(struct running *running, const char *command, int64_t timeout_ns,
                    struct listener *listener)
{
    char length[TQ__LENGTH_BYTES];

    while (running->output.fd >= 0 || !has_ended(running->child)) {
        if (*running->stop)
            return 1;
        if (running->len > CHILD_BYTES_MOST)
            return listener_fail(listener, "the command printed more than %d bytes and was ended: %s",
                                 CHILD_BYTES_MOST, command);
        if (steady_ns() >= running->end_ns) {
            tq__length_write(length, timeout_ns);
            return listener_fail(listener, "the command took longer than %s and was ended: %s", length,
                                 command);
        }
        take_output(running);
    }
    return 0;
}

int child_run(char *const *argv, int64_t timeout_ns, const atomic_bool *stop, char **bytes, size_t *len,
              struct listener *listener)
{
    struct running running = {.output = {.fd = -1, .events = POLLIN}, .stop = stop};
    int answer;

    *bytes = NULL;
    running.bytes = malloc(CHILD_BYTES_MOST + 1);
    if (!running.bytes)
        return listener_fail(listener, "out of memory");
    running.child = child_start(argv, &running.output.fd, listener);
    if (running.child < 0) {
        free(running.bytes);
        return -1;
    }
    if (__builtin_add_overflow(steady_ns(), timeout_ns, &running.end_ns))
        running.end_ns = INT64_MAX;
    answer = wait_for(&running, argv[0], timeout_ns, listener);
    if (running.output.fd >= 0)
        close(running.output.fd);
    if (answer != 0)
        end(running.child);
    else if (!child_did_well(reap(running.child), argv[0], listener))
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
