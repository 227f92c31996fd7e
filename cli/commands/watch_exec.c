/* watch_exec.c: the command of `tokenquota watch --exec`, one at a time, and what it is told.
 *
 * SPDX-License-Identifier: MIT
 *
 * It is told by its environment, never by its words: a provider's name is no part of what the shell reads.
 * Its standard input is empty.
 */
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch.h"

static int set_words(const struct watched *item, const struct tq_verdict *verdict)
{
    bool out = verdict->state == TQ_QUOTA_EXHAUSTED;
    char sentence[SENTENCE_BYTES];

    verdict_sentence(verdict, sentence);
    if (setenv("TOKENQUOTA_PROVIDER", item->name, 1) < 0 ||
        setenv("TOKENQUOTA_STATE", tq_state_name(verdict->state), 1) < 0 ||
        setenv("TOKENQUOTA_REASON", out ? tq_reason_name(verdict->reason) : "", 1) < 0 ||
        setenv("TOKENQUOTA_UNTIL",
               out && verdict->retry_at_ns < TQ_NOW_END_NS ? format_rfc3339(verdict->retry_at_ns).s : "",
               1) < 0 ||
        setenv("TOKENQUOTA_SENTENCE", sentence, 1) < 0)
        return -1;
    return 0;
}

/* The ledger's descriptor is close-on-exec: the shell does not have it. */
static int start(struct watch *watch, const struct watched *item, const struct tq_verdict *verdict)
{
    pid_t child = set_words(item, verdict) < 0 ? -1 : fork();

    if (child < 0) {
        report("the command cannot be started: %s", strerror(errno));
        return -1;
    }
    if (child == 0) {
        int nothing = open("/dev/null", O_RDONLY);

        if (nothing >= 0)
            dup2(nothing, STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", watch->exec, (char *)NULL);
        _exit(127);
    }
    watch->child = child;
    return 0;
}

static void report_end(const struct watch *watch, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status))
        report("the command exited with %d: %s", WEXITSTATUS(status), watch->exec);
    else if (WIFSIGNALED(status))
        report("the command was ended by signal %d: %s", WTERMSIG(status), watch->exec);
}

void watch_reap(struct watch *watch)
{
    int status;

    if (!watch->child)
        return;
    while (waitpid(watch->child, &status, 0) < 0 && errno == EINTR)
        continue;
    watch->child = 0;
}

/* True while it runs. */
static bool is_running(struct watch *watch)
{
    int status = 0;
    pid_t ended = watch->child ? waitpid(watch->child, &status, WNOHANG) : 0;

    if (watch->child && ended == 0)
        return true;
    if (ended > 0)
        report_end(watch, status);
    watch->child = 0;
    return false;
}

int watch_run(struct watch *watch)
{
    while (!is_running(watch) && watch->queue_count) {
        struct watched *item = &watch->items[watch->queue[watch->queue_first]];
        struct tq_verdict verdict = {.at_ns = tq_now_ns()};
        struct stand stand;

        if (item->provider && verdict_read(item->provider, verdict.at_ns, &verdict) < 0)
            return 0; /* the ledger was replaced: once another is open it is this one's turn again */
        watch->queue_first = (watch->queue_first + 1) % watch->capacity;
        watch->queue_count--;
        item->queued = false;
        stand = watch_stand(&verdict);
        if (watch_same(&item->told, &stand, verdict.at_ns))
            continue; /* it is as the command last heard */
        item->told = stand;
        if (start(watch, item, &verdict) < 0)
            return -1;
    }
    return 0;
}
