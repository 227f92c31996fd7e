/* loop.c: a run of the loop begins with the ledger, the server and what the run before left; saves; and ends.
 *
 * SPDX-License-Identifier: MIT
 */
#include "sync/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "sync/merge.h"

/* ---- names ----------------------------------------------------------------------------------- */

const char *sync_node_name(const char *given, char name[SYNC_NODE_MOST + 1])
{
    char host[256] = "";
    const char *text = given ? given : host;
    size_t len;

    if (!given && gethostname(host, sizeof host - 1) != 0)
        return "the host has no name: say --node NAME";
    len = strlen(text);
    if (len > SYNC_NODE_MOST)
        return "is longer than 63 bytes: say --node NAME";
    memcpy(name, text, len + 1);
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

void loop_say(const struct loop *loop, const char *format, ...)
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

int loop_open(struct loop *loop, struct tq_error *error)
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
        .every_ms = loop->every_ns / TQ__MS_NS,
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
        loop_say(loop, "%s", error->msg);
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

/* Is it another file than that of the last run, or one in which less was set? Settings are counted up for
 * ever. */
static bool is_put_back(const struct loop *loop)
{
    return tq_ledger_settings(loop->ledger) < loop->state.settings ||
           (loop->state.inode != 0 && loop->state.inode != sync_state_inode(loop->options->ledger));
}

int loop_begin(struct loop *loop, bool only_looks, struct tq_error *error)
{
    int answer = name_node(loop, error);
    bool was_put_back;

    loop->every_ns = loop->options->every_ns ? loop->options->every_ns : SYNC_EVERY_NS;
    if (answer == 0 && (loop->every_ns < SYNC_EVERY_LEAST_NS || loop->every_ns > SYNC_EVERY_MOST_NS))
        answer = trouble_say(error, TQ_EINVAL, 0, "the interval is from 5 ms to 1 min");
    if (answer == 0)
        answer = sync_redis_open(&loop->redis, &loop->options->server, error);
    if (answer == 0 && only_looks && access(loop->options->ledger, F_OK) != 0)
        answer = tq_ledger_open(&loop->ledger, NULL, &loop->options->open, error); /* none is made */
    else if (answer == 0)
        answer = loop_open(loop, error);
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
    was_put_back = is_put_back(loop);
    if (!was_put_back)
        sync_bases_forget(loop->node, true); /* a restore that never came to its end */
    sync_node_attach(loop->node, loop->ledger, was_put_back);
    return 0;
}

void loop_end(struct loop *loop)
{
    sync_node_free(loop->node);
    sync_redis_close(loop->redis);
    tq_ledger_close(loop->ledger);
    if (loop->lock > 0)
        close(loop->lock);
}

/* ---- the file beside the ledger -------------------------------------------------------------- */

int loop_save(struct loop *loop)
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
    loop->state.blocked = node->blocked;
    loop->state.settings = tq_ledger_settings(loop->ledger);
    loop->state.inode = sync_state_inode(loop->options->ledger);
    snprintf(loop->state.to, sizeof loop->state.to, "%s", sync_redis_name(loop->redis));
    if (node->heard_at_ns > 0) {
        snprintf(loop->state.instance, sizeof loop->state.instance, "%s", loop->instance);
        *loop->state.next = '\0';
    }
    answer = sync_state_save(loop->options->ledger, node, &loop->state, &error);
    if (answer < 0 && strcmp(loop->said, error.msg) != 0)
        loop_say(loop, "%s", error.msg);
    if (answer < 0)
        snprintf(loop->said, sizeof loop->said, "%s", error.msg);
    loop->node->words_changed = false;
    loop->saved_ns = sync_now_ns();
    return answer;
}
