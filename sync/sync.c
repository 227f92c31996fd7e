/* sync.c: the loop of a node: states at once, counts each interval, and one line when it is cut off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "sync/loop.h"
#include "sync/merge.h"

#define SLICE_NS (200 * TQ__MS_NS) /* how soon *stop is seen */
#define GAP_PARTS 10               /* two flushes are at least a tenth of the interval apart */
#define PATIENCE_LEAST_NS (200 * TQ__MS_NS)
#define PATIENCE_MOST_NS (2 * TQ__SECOND_NS)
#define SAVE_NS TQ__SECOND_NS /* how old what the file says of the loop may be */
#define CUT_AGAIN_NS (60 * TQ__SECOND_NS)
#define REOPEN_NS TQ__SECOND_NS
#define CUT_NAMES 3 /* providers that a line names */

/* ---- what is said ---------------------------------------------------------------------------- */

static bool has_amount(const struct sync_provider *provider)
{
    for (size_t i = 0; i < provider->window_count; i++)
        if (provider->windows[i]->is_newest && provider->windows[i]->share.amount > 0)
            return true;
    return false;
}

/* What providers do while this machine is cut off: "openai spends its share, anthropic is out (closed)". */
static void describe_cut(const struct sync_node *node, char out[256])
{
    static const char *const does[] = {"spends its share", "goes on (open)", "is out (closed)"};
    size_t used = 0, named = 0, more = 0;

    *out = '\0';
    for (size_t i = 0; i < node->provider_count; i++) {
        const struct sync_provider *provider = &node->providers[i];
        uint32_t cut = provider->window_count > 0 ? provider->windows[0]->cut : 0;

        if (!provider->handle || !has_amount(provider) || cut > TQ_CUT_CLOSED)
            continue;
        if (named >= CUT_NAMES || used + strlen(provider->name) + 32 > 220) {
            more++;
            continue;
        }
        used += (size_t)snprintf(out + used, 256 - used, "%s%s %s", named++ ? ", " : ": ", provider->name,
                                 does[cut]);
    }
    if (more > 0)
        snprintf(out + used, 256 - used, ", and %zu more", more);
}

static void tell_trouble(struct loop *loop, const char *why)
{
    if (strcmp(loop->said, why) == 0)
        return;
    snprintf(loop->said, sizeof loop->said, "%s", why);
    if (*why)
        loop_say(loop, "%s", why);
}

static void tell_cut(struct loop *loop, const char *why)
{
    int64_t now_ns = sync_now_ns(), since_ns = loop->heard_ns ? loop->heard_ns : loop->began_ns;
    int64_t notice_ns = sync_notice_ms(loop->every_ns / TQ__MS_NS) * TQ__MS_NS;
    char does[256];

    if (now_ns - since_ns < notice_ns || (loop->cut_said_ns && now_ns - loop->cut_said_ns < CUT_AGAIN_NS))
        return;
    loop->cut_said_ns = now_ns;
    describe_cut(loop->node, does);
    loop_say(loop, "cut off from %s for %" PRId64 " s%s (%s)", sync_redis_name(loop->redis),
             (now_ns - since_ns) / TQ__SECOND_NS, does, why);
}

/* `trouble` is what is wrong all the same. */
static void tell_back(struct loop *loop, const char *trouble)
{
    int64_t now_ns = sync_now_ns(), since_ns = loop->heard_ns ? loop->heard_ns : loop->began_ns;

    if (loop->cut_said_ns)
        loop_say(loop, "%s answers again, after %" PRId64 " s", sync_redis_name(loop->redis),
                 (now_ns - since_ns) / TQ__SECOND_NS);
    loop->cut_said_ns = 0;
    loop->heard_ns = now_ns;
    tell_trouble(loop, trouble);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

/* A server that is slower than the interval is still heard: a flush waits until the cut is noticed, which is
 * then said. */
static int64_t patience_of(const struct loop *loop)
{
    int64_t notice_ns = sync_notice_ms(loop->every_ns / TQ__MS_NS) * TQ__MS_NS;
    int64_t most_ns = notice_ns - loop->every_ns, left_ns = loop->heard_ns + notice_ns - sync_now_ns();

    if (most_ns > PATIENCE_MOST_NS)
        most_ns = PATIENCE_MOST_NS;
    if (left_ns <= 0 || left_ns > most_ns)
        return most_ns;
    return left_ns > PATIENCE_LEAST_NS ? left_ns : PATIENCE_LEAST_NS;
}

/* The file was replaced: what is at the path now may be an older ledger. */
static int reopen(struct loop *loop, struct tq_error *error)
{
    int answer;

    tq_ledger_close(loop->ledger);
    loop->ledger = NULL;
    answer = loop_open(loop, error);
    if (answer < 0)
        return answer;
    sync_bases_forget(loop->node, true); /* of another one that was put back */
    sync_node_attach(loop->node, loop->ledger, true);
    loop_say(loop, "%s was replaced: what other machines said is told to the new ledger",
             loop->options->ledger);
    return 0;
}

/* What `sync --status` shows of it. */
static void keep_trouble(struct loop *loop, const char *why)
{
    snprintf(loop->state.trouble, sizeof loop->state.trouble, "%s", why);
}

static int fail_refused(struct loop *loop, struct tq_error *error)
{
    return trouble_say(error, TQ_EDENIED, 0,
                       "another node is named %.63s (%.90s): give one of them another --node", loop->name,
                       loop->node->refused_by);
}

/* One round, and once more at once where something new must be said. */
static int round_once(struct loop *loop, struct tq_error *error)
{
    int answer = 0;

    for (int i = 0; i < 3 && answer == 0; i++) {
        answer =
            sync_node_round(loop->node, loop->redis, tq_now_ns(), sync_now_ns() + patience_of(loop), error);
        /* What a ledger lacks is kept before it is told: else a kill in between would add it once more. */
        if (loop->node->bases_changed && loop_save(loop) == 0)
            loop->node->bases_changed = false;
        if (!loop->node->wants_another)
            break;
    }
    if (answer == TQ_EDENIED && *loop->node->refused_by)
        return fail_refused(loop, error);
    return answer;
}

/* What came of a round is said and kept. Returns 0, or negative when the loop cannot go on. */
static int after_round(struct loop *loop, int answer, struct tq_error *error)
{
    const char *trouble = answer == 0 ? loop->node->trouble : *error->msg ? error->msg : tq_strerror(answer);

    if (answer == 0)
        tell_back(loop, trouble);
    else if (answer == TQ_EGONE || !loop->ledger)
        return 0;
    else if (answer == TQ_EDENIED)
        tell_trouble(loop, error->msg);
    else if (answer == TQ_EREADONLY)
        return answer;
    else
        tell_cut(loop, trouble);
    keep_trouble(loop, trouble);
    if (loop->node->words_changed || sync_now_ns() - loop->saved_ns > SAVE_NS)
        (void)loop_save(loop);
    return 0;
}

static bool is_stopped(const struct loop *loop)
{
    return loop->options->stop && atomic_load_explicit(loop->options->stop, memory_order_relaxed);
}

/* Sleeps in slices, so that *stop is seen, until the next flush is due or a state changed. Returns what
 * tq_ledger_wait answered last. */
static int wait_for_next(struct loop *loop, uint32_t *seen, int64_t flushed_ns)
{
    int64_t gap_ns = loop->every_ns / GAP_PARTS, left_ns;
    int answer = 1;

    while (!is_stopped(loop) && (left_ns = flushed_ns + loop->every_ns - sync_now_ns()) > 0) {
        answer = tq_ledger_wait(loop->ledger, seen, left_ns < SLICE_NS ? left_ns : SLICE_NS);
        if (answer != 1)
            break;
    }
    left_ns = flushed_ns + gap_ns - sync_now_ns();
    if (answer == 0 && left_ns > 0)
        nanosleep(&(struct timespec){.tv_sec = left_ns / TQ__SECOND_NS, .tv_nsec = left_ns % TQ__SECOND_NS},
                  NULL);
    return answer;
}

static void connect_anew(struct loop *loop)
{
    struct tq_error error = {.size = sizeof error};
    struct sync_redis *redis;

    if (!loop->options->reload ||
        !atomic_exchange_explicit(loop->options->reload, false, memory_order_relaxed))
        return;
    if (sync_redis_open(&redis, &loop->options->server, &error) < 0) {
        loop_say(loop, "%s; the connection before goes on", error.msg);
        return;
    }
    sync_redis_close(loop->redis);
    loop->redis = redis;
    loop_say(loop, "read the login again");
}

static void pause_for(int64_t ns)
{
    nanosleep(&(struct timespec){.tv_sec = ns / TQ__SECOND_NS, .tv_nsec = ns % TQ__SECOND_NS}, NULL);
}

static int run_loop(struct loop *loop, struct tq_error *error)
{
    uint32_t seen = 0;
    int answer = 0;

    while (!is_stopped(loop) && answer == 0) {
        int64_t flushed_ns = sync_now_ns();
        int round;

        connect_anew(loop);
        *error->msg = '\0';
        round = loop->ledger ? round_once(loop, error) : TQ_EGONE;
        answer = after_round(loop, round, error);
        if (answer == 0 && (round == TQ_EGONE || wait_for_next(loop, &seen, flushed_ns) == TQ_EGONE)) {
            if (reopen(loop, error) < 0) {
                tell_trouble(loop, error->msg);
                pause_for(REOPEN_NS / 5);
            }
            seen = 0;
        }
    }
    return answer;
}

/* Gives back what was claimed, so that the others need not keep it. */
static void leave(struct loop *loop)
{
    struct tq_error error = {.size = sizeof error};

    if (!loop->ledger)
        return;
    (void)sync_node_leave(loop->node, loop->redis, tq_now_ns(), sync_now_ns() + patience_of(loop), &error);
    (void)loop_save(loop);
}

int sync_run(const struct sync_options *options, struct tq_error *error)
{
    struct loop loop = {.options = options, .lock = -1, .began_ns = sync_now_ns()};
    int answer = loop_begin(&loop, false, error);

    if (answer == 0) {
        /* Whoever comes after a kill must be known to be this one: that is written before it is told. */
        loop.state.at_ns = tq_now_ns();
        (void)sync_state_save(options->ledger, loop.node, &loop.state, error);
        /* A name that is taken, and a server that refuses, are said at once; one that is away may come. */
        answer = round_once(&loop, error);
        if (answer == 0)
            tell_back(&loop, loop.node->trouble);
        if (answer == 1 && options->once)
            answer = TQ_ESYS; /* a part of the servers did not answer: error->msg says which */
        if (answer == TQ_ESYS && !options->once) {
            loop_say(&loop, "%s", error->msg);
            answer = 0;
        }
    }
    if (answer >= 0 && !options->once)
        answer = run_loop(&loop, error);
    if (answer >= 0 && loop.node)
        leave(&loop);
    loop_end(&loop);
    return answer < 0 ? answer : 0;
}
