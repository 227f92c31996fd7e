/* poll.c: runs commands that ask the vendor of a provider, from one process of the machine, and applies what
 * they print.
 *
 * SPDX-License-Identifier: MIT
 *
 * The lease of tq_provider_poll_begin says which process runs the command of readings. It is kept between two
 * runs, so the others wait until that process ends. The lease of tq_provider_probe_take says who probes.
 */
#include "poll.h"

#include <stdlib.h>

#include "base/time.h"
#include "child.h"
#include "listener.h"
#include "response.h"
#include "verdict.h"

#define BACKOFF_NS (60 * TQ__MINUTE_NS) /* the longest wait after failures, unless every_ns is longer */
#define TAKEOVER_NS (2 * TQ__SECOND_NS) /* how late the end of the process that polls may be seen */

static const char *name_of(const struct poll *poll)
{
    return tq_provider_name(poll->provider);
}

/* What the library answered for the provider. */
static int refused_by_library(const struct poll *poll, int answer)
{
    if (answer < 0)
        (void)listener_fail(poll->listener, "\"%s\": %s", name_of(poll), tq_strerror(answer));
    return answer;
}

/* ---- what the command said -------------------------------------------------------------------------- */

/* NULL, or why it is not applied. An endpoint that refuses to say how the account stands refuses no work. */
static const char *unfit(const struct poll *poll, const struct tq_quota_signal *signal, int answer)
{
    if (poll->sent)
        return signal->refusal == TQ_CLASS_NONE && !(signal->flags & TQ_SIGNAL_SUCCESS)
                   ? "it neither serves nor refuses the request"
                   : NULL;
    if (signal->status >= 400 || (signal->refusal != TQ_CLASS_NONE && !signal->axis_count))
        return "its request was refused, which is no reading";
    return answer != 0 || !signal->axis_count ? "it says nothing about limits" : NULL;
}

static void tell_unfit(const struct poll *poll, const struct tq_quota_signal *signal, const char *why)
{
    bool refused = signal->status >= 400 || signal->refusal != TQ_CLASS_NONE;
    const char *hint = refused && !poll->sent && poll->hint ? poll->hint : "";

    if (signal->status)
        listener_trouble(poll->listener, "the answer with status %u was not applied: %s%s", signal->status,
                         why, hint);
    else
        listener_trouble(poll->listener, "the answer was not applied: %s%s", why, hint);
}

static int tell_failure(const struct poll *poll)
{
    listener_trouble(poll->listener, "%s", poll->listener->why);
    return POLL_FAILED;
}

/* POLL_DONE, POLL_FAILED, or negative. */
static int apply(struct poll *poll, const struct response *response, int64_t start_ns)
{
    struct tq_response asked = {
        .profile = poll->vendor,
        .sent_at_ns = poll->sent ? start_ns : 0,
        .now_ns = poll->answered_ns ? poll->answered_ns : tq_now_ns(),
    };
    struct tq_quota_signal signal;
    int answer = response_signal(response, &asked, &signal, poll->listener);
    const char *why = answer < 0 ? NULL : unfit(poll, &signal, answer);

    if (answer < 0)
        return tell_failure(poll);
    if (why) {
        tell_unfit(poll, &signal, why);
        return POLL_FAILED;
    }
    if (!poll->sent)
        signal.flags &= ~TQ_SIGNAL_SUCCESS;
    answer = tq_provider_apply(poll->provider, &signal);
    if (answer < 0)
        return refused_by_library(poll, answer);
    if (poll->applied)
        poll->applied(poll, &signal);
    poll->refused = poll->sent && signal.refusal != TQ_CLASS_NONE;
    return POLL_DONE;
}

/* ---- one run ---------------------------------------------------------------------------------------- */

/* The wait doubles with each failure. */
static int64_t wait_ns(const struct poll *poll)
{
    int64_t wait_ns = poll->every_ns;

    for (unsigned i = 0; i < poll->failures && wait_ns < BACKOFF_NS; i++)
        wait_ns = wait_ns * 2 < BACKOFF_NS ? wait_ns * 2 : BACKOFF_NS;
    return wait_ns;
}

/* As apply. */
static int run_command(struct poll *poll, char *const *command, int64_t start_ns)
{
    struct response response = {0};
    char *bytes;
    size_t len;
    int answer = child_run(command, poll->timeout_ns, poll->stop, &bytes, &len, poll->listener);

    if (answer != 0)
        return answer < 0 ? tell_failure(poll) : POLL_FAILED;
    if (len == 0) {
        listener_trouble(poll->listener, "the command printed nothing: %s", command[0]);
        free(bytes);
        return POLL_FAILED;
    }
    answer = response_take(&response, bytes, len, poll->listener) < 0 ? tell_failure(poll)
                                                                      : apply(poll, &response, start_ns);
    response_free(&response);
    return answer;
}

/* Runs the command, which is ours to run. As apply. */
static int run(struct poll *poll, int64_t now_ns, bool for_probe)
{
    bool probing = (for_probe || poll->sends) && tq_provider_probe_take(poll->provider, now_ns, NULL) == 0;
    bool is_command = !for_probe || poll->sends;
    int answer;

    if (for_probe && !probing)
        return POLL_DONE; /* another caller was quicker */
    poll->sent = for_probe || poll->sends;
    poll->refused = false;
    answer = run_command(poll, for_probe ? poll->probe : poll->command, now_ns);
    if (*poll->stop)
        answer = POLL_DONE;
    if (is_command) {
        poll->failures = answer == POLL_FAILED || poll->refused ? poll->failures + 1 : 0;
        poll->next_ns = now_ns + wait_ns(poll);
    }
    if (probing && answer == POLL_FAILED)
        (void)tq_provider_probe_failure(poll->provider, now_ns);
    return answer;
}

static bool probe_is_due(const struct tq_verdict *verdict)
{
    return verdict->probe_at_ns != 0 && verdict->probe_at_ns <= verdict->at_ns && !verdict->probing;
}

/* Another process has the lease, or ran the command not long ago. */
static int put_off(struct poll *poll, int64_t now_ns, int64_t at_ns)
{
    poll->next_ns = at_ns != 0 ? at_ns : now_ns + TAKEOVER_NS;
    if (at_ns != 0)
        return POLL_NOT_DUE;
    if (!poll->told && !poll->once)
        listener_trouble(poll->listener, "another process polls %s; waiting", name_of(poll));
    poll->told = true;
    return POLL_OTHER;
}

int poll_look(struct poll *poll, int64_t now_ns)
{
    struct tq_verdict verdict;
    int64_t at_ns;
    int answer = verdict_read(poll->provider, now_ns, 0, &verdict);
    bool for_probe = answer >= 0 && poll->probe && probe_is_due(&verdict);

    if (answer < 0)
        return refused_by_library(poll, answer);
    /* A clock that was set back would make it wait for as long. */
    if (!for_probe && (!poll->command || (now_ns < poll->next_ns && poll->next_ns - now_ns <= wait_ns(poll))))
        return POLL_NOT_DUE;
    if (for_probe && !poll->sends)
        return run(poll, now_ns, true);
    answer = tq_provider_poll_begin(poll->provider, for_probe ? 0 : poll->every_ns, now_ns, &at_ns);
    if (answer < 0)
        return refused_by_library(poll, answer);
    if (answer > 0)
        return put_off(poll, now_ns, at_ns);
    poll->told = false;
    return run(poll, now_ns, for_probe);
}
