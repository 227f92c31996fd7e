/* sync.c: the loop of a node: states at once, counts each interval, and one line when it is cut off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "sync/merge.h"
#include "sync/node.h"
#include "sync/redis.h"
#include "sync/state.h"

#define MS_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)
#define SLICE_NS (200 * MS_NS) /* how soon *stop is seen */
#define GAP_PARTS 10           /* two flushes are at least a tenth of the interval apart */
#define PATIENCE_LEAST_NS (200 * MS_NS)
#define PATIENCE_MOST_NS (2 * SECOND_NS)
#define SAVE_NS SECOND_NS /* how old what the file says of the loop may be */
#define CUT_AGAIN_NS (60 * SECOND_NS)
#define REOPEN_NS SECOND_NS
#define CUT_NAMES 3 /* providers that a line names */

struct loop {
    const struct sync_options *options;
    struct sync_node *node;
    struct sync_node_options node_options;
    struct sync_redis *redis;
    struct tq_ledger *ledger;
    struct sync_state state; /* of the run before, then of this one */
    char name[SYNC_NODE_MOST + 1], instance[SYNC_INSTANCE_BYTES], before[SYNC_INSTANCE_BYTES];
    int64_t every_ns;
    int lock;
    int64_t saved_ns, began_ns;                   /* by the steady clock */
    int64_t heard_ns;                             /* of the last whole answer; 0: never */
    int64_t cut_said_ns;                          /* when a line said that it is cut off; 0: it is not */
    char said[sizeof((struct tq_error *)0)->msg]; /* the last trouble, which is not said twice */
};

/* ---- names ----------------------------------------------------------------------------------- */

const char *sync_node_name(const char *given, char name[SYNC_NODE_MOST + 1])
{
    char host[256] = "";

    if (!given && gethostname(host, sizeof host - 1) != 0)
        return "the host has no name: say --node NAME";
    if (strlen(given ? given : host) > SYNC_NODE_MOST)
        return "is longer than 63 bytes: say --node NAME";
    snprintf(name, SYNC_NODE_MOST + 1, "%s", given ? given : host);
    return sync_is_node(tq__span_of(name))
               ? NULL
               : "is no name of a node: use visible ASCII characters, and no ':' in front";
}

static void make_instance(char out[SYNC_INSTANCE_BYTES])
{
    uint64_t number = 0;

    if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
        number = (uint64_t)tq_now_ns() ^ (uint64_t)getpid() << 48;
    snprintf(out, SYNC_INSTANCE_BYTES, "%016" PRIx64, number);
}

static void say(const struct loop *loop, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(const struct loop *loop, const char *format, ...)
{
    char line[512];
    va_list values;

    va_start(values, format);
    vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (loop->options->say)
        loop->options->say(loop->options->of, line);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static int open_ledger(struct loop *loop, struct tq_error *error)
{
    return tq_ledger_open(&loop->ledger, loop->options->ledger, &loop->options->open, error);
}

static int name_node(struct loop *loop, struct tq_error *error)
{
    const char *wrong = sync_node_name(loop->options->node, loop->name);

    return wrong ? trouble_say(error, TQ_EINVAL, 0, "\"%.80s\" %s",
                               loop->options->node ? loop->options->node : loop->name, wrong)
                 : 0;
}

static int make_node(struct loop *loop, struct tq_error *error)
{
    make_instance(loop->instance);
    loop->node_options = (struct sync_node_options){
        .name = loop->name,
        .instance = loop->instance,
        .before = loop->before,
        .every_ms = loop->every_ns / MS_NS,
        .tags = sync_redis_tags(loop->redis),
        .is_local = loop->options->is_local,
        .of = loop->options->of,
    };
    loop->node = sync_node_new(&loop->node_options);
    return loop->node ? 0 : trouble_say(error, TQ_ENOMEM, 0, "out of memory");
}

/* A file that cannot be read is one that is not there: then words are compared by when they were said. */
static int load_state(struct loop *loop, struct tq_error *error)
{
    int answer = sync_state_load(loop->options->ledger, loop->node, &loop->state, error);

    if (answer == TQ_ENOMEM)
        return answer;
    if (answer < 0)
        say(loop, "%s", error->msg);
    snprintf(loop->before, sizeof loop->before, "%s", loop->state.instance);
    /* A run was killed before it knew whether the server had heard of it: this one is known under either. */
    if (*loop->state.next)
        snprintf(loop->instance, sizeof loop->instance, "%s", loop->state.next);
    /* Under another name it is another node, with words of its own. */
    loop->state = (struct sync_state){.settings = loop->state.settings, .inode = loop->state.inode};
    snprintf(loop->state.node, sizeof loop->state.node, "%s", loop->name);
    snprintf(loop->state.instance, sizeof loop->state.instance, "%s", loop->before);
    snprintf(loop->state.next, sizeof loop->state.next, "%s", loop->instance);
    snprintf(loop->state.to, sizeof loop->state.to, "%s", sync_redis_name(loop->redis));
    loop->state.every_ms = loop->node_options.every_ms;
    loop->state.tags = loop->node_options.tags;
    return 0;
}

static uint64_t inode_of(const char *path)
{
    struct stat file;

    return stat(path, &file) == 0 ? (uint64_t)file.st_ino : 0;
}

/* Is it another file than that of the last run, or one in which less was set? Settings are counted up for
 * ever. */
static bool is_put_back(const struct loop *loop)
{
    return tq_ledger_settings(loop->ledger) < loop->state.settings ||
           (loop->state.inode != 0 && loop->state.inode != inode_of(loop->options->ledger));
}

static int begin(struct loop *loop, bool only_looks, struct tq_error *error)
{
    int answer = name_node(loop, error);

    loop->every_ns = loop->options->every_ns ? loop->options->every_ns : SYNC_EVERY_NS;
    if (answer == 0 && (loop->every_ns < SYNC_EVERY_LEAST_NS || loop->every_ns > SYNC_EVERY_MOST_NS))
        answer = trouble_say(error, TQ_EINVAL, 0, "the interval is from 5 ms to 1 min");
    if (answer == 0)
        answer = sync_redis_open(&loop->redis, &loop->options->server, error);
    if (answer == 0)
        answer = open_ledger(loop, error);
    if (answer == 0 && !only_looks) {
        loop->lock = sync_state_lock(loop->options->ledger, error);
        answer = loop->lock < 0 ? loop->lock : 0;
    }
    if (answer == 0)
        answer = make_node(loop, error);
    if (answer == 0)
        answer = load_state(loop, error);
    if (answer < 0)
        return answer;
    sync_node_attach(loop->node, loop->ledger, is_put_back(loop));
    return 0;
}

static void end(struct loop *loop)
{
    sync_node_free(loop->node);
    sync_redis_close(loop->redis);
    tq_ledger_close(loop->ledger);
    if (loop->lock > 0)
        close(loop->lock);
}

/* ---- how it goes ----------------------------------------------------------------------------- */

static int save(struct loop *loop)
{
    struct tq_error error = {.size = sizeof error};
    const struct sync_node *node = loop->node;
    int answer;

    loop->state.at_ns = tq_now_ns();
    loop->state.heard_at_ns = node->heard_at_ns;
    loop->state.round_trip_ns = node->round_trip_ns;
    loop->state.offset_ms = node->offset_ms;
    loop->state.flushes = node->flushes;
    loop->state.failures = node->failures;
    loop->state.epochs_lost = node->epochs_lost;
    loop->state.refused = node->words_refused;
    loop->state.machines = node->machines;
    loop->state.settings = tq_ledger_settings(loop->ledger);
    loop->state.inode = inode_of(loop->options->ledger);
    snprintf(loop->state.to, sizeof loop->state.to, "%s", sync_redis_name(loop->redis));
    if (node->heard_at_ns > 0) {
        snprintf(loop->state.instance, sizeof loop->state.instance, "%s", loop->instance);
        *loop->state.next = '\0';
    }
    answer = sync_state_save(loop->options->ledger, node, &loop->state, &error);
    if (answer < 0 && strcmp(loop->said, error.msg) != 0)
        say(loop, "%s", error.msg);
    if (answer < 0)
        snprintf(loop->said, sizeof loop->said, "%s", error.msg);
    loop->node->words_changed = false;
    loop->saved_ns = sync_now_ns();
    return answer;
}

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

static void tell_cut(struct loop *loop, const char *why)
{
    int64_t now_ns = sync_now_ns(), since_ns = loop->heard_ns ? loop->heard_ns : loop->began_ns;
    int64_t notice_ns = sync_notice_ms(loop->every_ns / MS_NS) * MS_NS;
    char does[256];

    if (now_ns - since_ns < notice_ns || (loop->cut_said_ns && now_ns - loop->cut_said_ns < CUT_AGAIN_NS))
        return;
    loop->cut_said_ns = now_ns;
    describe_cut(loop->node, does);
    say(loop, "cut off from %s for %" PRId64 " s%s (%s)", sync_redis_name(loop->redis),
        (now_ns - since_ns) / SECOND_NS, does, why);
}

static void tell_back(struct loop *loop)
{
    int64_t now_ns = sync_now_ns(), since_ns = loop->heard_ns ? loop->heard_ns : loop->began_ns;

    if (loop->cut_said_ns)
        say(loop, "%s answers again, after %" PRId64 " s", sync_redis_name(loop->redis),
            (now_ns - since_ns) / SECOND_NS);
    loop->cut_said_ns = 0;
    loop->heard_ns = now_ns;
    *loop->said = '\0';
}

static void tell_trouble(struct loop *loop, const char *why)
{
    if (strcmp(loop->said, why) == 0)
        return;
    snprintf(loop->said, sizeof loop->said, "%s", why);
    say(loop, "%s", why);
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static int64_t patience_of(const struct loop *loop)
{
    if (loop->every_ns < PATIENCE_LEAST_NS)
        return PATIENCE_LEAST_NS;
    return loop->every_ns < PATIENCE_MOST_NS ? loop->every_ns : PATIENCE_MOST_NS;
}

/* The file was replaced: what is at the path now may be an older ledger. */
static int reopen(struct loop *loop, struct tq_error *error)
{
    int answer;

    tq_ledger_close(loop->ledger);
    loop->ledger = NULL;
    answer = open_ledger(loop, error);
    if (answer < 0)
        return answer;
    sync_node_attach(loop->node, loop->ledger, true);
    say(loop, "%s was replaced: what other machines said is told to the new ledger", loop->options->ledger);
    return 0;
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
    if (answer == 0)
        tell_back(loop);
    else if (answer == TQ_EGONE || !loop->ledger)
        return 0;
    else if (answer == TQ_EDENIED)
        tell_trouble(loop, error->msg);
    else if (answer == TQ_EREADONLY)
        return answer;
    else
        tell_cut(loop, *error->msg ? error->msg : tq_strerror(answer));
    if (loop->node->words_changed || sync_now_ns() - loop->saved_ns > SAVE_NS)
        (void)save(loop);
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
        nanosleep(&(struct timespec){.tv_sec = left_ns / SECOND_NS, .tv_nsec = left_ns % SECOND_NS}, NULL);
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
        say(loop, "%s; the connection before goes on", error.msg);
        return;
    }
    sync_redis_close(loop->redis);
    loop->redis = redis;
    say(loop, "read the login again");
}

static void pause_for(int64_t ns)
{
    nanosleep(&(struct timespec){.tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS}, NULL);
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
    (void)save(loop);
}

int sync_run(const struct sync_options *options, struct tq_error *error)
{
    struct loop loop = {.options = options, .lock = -1, .began_ns = sync_now_ns()};
    int answer = begin(&loop, false, error);

    if (answer == 0) {
        /* Whoever comes after a kill must be known to be this one: that is written before it is told. */
        loop.state.at_ns = tq_now_ns();
        (void)sync_state_save(options->ledger, loop.node, &loop.state, error);
        /* A name that is taken, and a server that refuses, are said at once; one that is away may come. */
        answer = round_once(&loop, error);
        if (answer == 0)
            tell_back(&loop);
        if (answer == 1 && options->once)
            answer = TQ_ESYS; /* a part of the servers did not answer: error->msg says which */
        if (answer == TQ_ESYS && !options->once) {
            say(&loop, "%s", error->msg);
            answer = 0;
        }
    }
    if (answer >= 0 && !options->once)
        answer = run_loop(&loop, error);
    if (answer >= 0 && loop.node)
        leave(&loop);
    end(&loop);
    return answer < 0 ? answer : 0;
}

/* ---- a plan ---------------------------------------------------------------------------------- */

static int plan_line(struct sync_plan *plan, size_t *capacity, const struct sync_provider *provider,
                     const struct sync_window *window)
{
    struct sync_plan_line *lines = tq__list_room(plan->lines, plan->line_count, capacity, sizeof *lines);

    if (!lines)
        return TQ_ENOMEM;
    plan->lines = lines;
    lines[plan->line_count] = (struct sync_plan_line){
        .cut = window->cut,
        .is_strict = window->share.flags & TQ_SHARE_STRICT,
        .used = window->share.used,
        .others = window->lease.others,
        .amount = window->share.amount,
        .bound = window->bound,
    };
    snprintf(lines[plan->line_count].provider, sizeof lines->provider, "%s", provider->name);
    snprintf(lines[plan->line_count++].limit, sizeof lines->limit, "%s", window->limit.identity);
    return 0;
}

static int fill_plan(const struct sync_node *node, struct sync_plan *plan)
{
    size_t capacity = 0;
    int answer = 0;

    plan->machines = node->machines;
    for (size_t i = 0; i < node->provider_count; i++) {
        const struct sync_provider *provider = &node->providers[i];

        plan->runs += provider->is_local;
        plan->providers += !provider->is_local && provider->window_count > 0;
        for (size_t k = 0; k < provider->window_count && answer == 0; k++)
            if (provider->windows[k]->is_newest)
                answer = plan_line(plan, &capacity, provider, provider->windows[k]);
    }
    plan->windows = plan->line_count;
    if (node->peer_count > 0 && answer == 0) {
        plan->peers = malloc(node->peer_count * sizeof *plan->peers);
        if (!plan->peers)
            return TQ_ENOMEM;
        memcpy(plan->peers, node->peers, node->peer_count * sizeof *plan->peers);
        plan->peer_count = node->peer_count;
    }
    return answer;
}

int sync_plan_make(const struct sync_options *options, struct sync_plan *plan, struct tq_error *error)
{
    struct loop loop = {.options = options, .lock = -1};
    int answer;

    *plan = (struct sync_plan){.machines = 0};
    answer = begin(&loop, true, error);
    if (answer == 0) {
        snprintf(plan->node, sizeof plan->node, "%s", loop.name);
        answer = sync_server_facts(loop.redis, &plan->facts, sync_now_ns() + PATIENCE_MOST_NS, error);
    }
    if (answer == 0)
        answer = sync_node_plan(loop.node, loop.redis, tq_now_ns(), sync_now_ns() + PATIENCE_MOST_NS, error);
    if (answer == 0) {
        snprintf(plan->refused_by, sizeof plan->refused_by, "%s", loop.node->refused_by);
        answer = fill_plan(loop.node, plan);
    }
    end(&loop);
    return answer;
}

void sync_plan_free(struct sync_plan *plan)
{
    free(plan->peers);
    free(plan->lines);
    *plan = (struct sync_plan){.machines = 0};
}
