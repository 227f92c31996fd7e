/* running.c: runs a command in the place of this one: with our streams, our signals and its exit status.
 *
 * SPDX-License-Identifier: MIT
 *
 * A terminal sends Ctrl-C to all of its foreground processes: the command has it without us, and decides
 * whether it ends. What another process sends, it sends to us alone, so that is sent on. All these signals
 * stay blocked here and are taken one by one: none is lost between a look and a wait.
 */
#include "cli/running.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "cli/cli.h"
#include "view/child.h"

static const int sent_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

#define SENT_ON (sizeof sent_on / sizeof sent_on[0])

/* Starts it with the mask that we had. 0, or an errno. */
static int start(const struct running *running, const sigset_t *mask, pid_t *child)
{
    posix_spawn_file_actions_t files;
    int wrong = posix_spawn_file_actions_init(&files);

    if (wrong)
        return wrong;
    if (running->kept >= 0) /* the same number: that takes close-on-exec off */
        wrong = posix_spawn_file_actions_adddup2(&files, running->kept, running->kept);
    if (!wrong)
        wrong = child_spawn(running->argv, &files, mask, 0, child);
    posix_spawn_file_actions_destroy(&files);
    return wrong;
}

/* Has it ended? Then *status is what waitpid gives. */
static bool has_ended(pid_t child, int *status)
{
    return waitpid(child, status, WNOHANG) == child;
}

/* Waits for its end. */
static int await(const struct running *running, pid_t child, const sigset_t *signals)
{
    int64_t left_ns = running->look ? running->look(running->context) : INT64_MAX;
    int status = 0;

    while (!has_ended(child, &status)) {
        const struct timespec left = {.tv_sec = (time_t)(left_ns / SECOND_NS),
                                      .tv_nsec = (long)(left_ns % SECOND_NS)};
        siginfo_t info;
        int number = left_ns == INT64_MAX ? sigwaitinfo(signals, &info) : sigtimedwait(signals, &info, &left);

        if (number < 0 && errno == EAGAIN && running->look)
            left_ns = running->look(running->context);
        else if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
            kill(child, number);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int running_do(const struct running *running)
{
    sigset_t signals, mask;
    pid_t child;
    int wrong, status;

    signal(SIGCHLD, SIG_DFL); /* whoever ignores it would make us lose the exit status */
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    for (size_t i = 0; i < SENT_ON; i++)
        sigaddset(&signals, sent_on[i]);
    sigprocmask(SIG_BLOCK, &signals, &mask);
    wrong = start(running, &mask, &child);
    if (wrong) {
        report("%s cannot be run: %s", running->argv[0], strerror(wrong));
        status = wrong == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN;
    } else {
        status = await(running, child, &signals);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return status;
}
