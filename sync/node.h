/* node.h: a node: a ledger and what its machine knows of the others; one round says and hears everything
 * once.
 *
 * SPDX-License-Identifier: MIT
 *
 *     shares of each provider -> items -> sync_exchange -> others, leases -> shares of the ledger
 *     words of each provider  -> registers                -> words, settings and readings of the ledger
 *
 * The node decides nothing about providers: the ledger does. It keeps in memory what was heard, so that it
 * can be told to a ledger that was put back. A node is used by one thread; others read what it saves
 * (state.h).
 */
#ifndef TOKENQUOTA_SYNC_NODE_H
#define TOKENQUOTA_SYNC_NODE_H

#include "base/list.h"
#include "sync/registers.h"
#include "sync/trouble.h"
#include "sync/window.h"

struct sync_redis;

#define SYNC_CATCH_UP 32
#define SYNC_HEARD_MOST 2048 /* providers that are known by words of others alone */

struct sync_node_options {
    const char *name;     /* of the node, 1 to SYNC_NODE_MOST visible characters */
    const char *instance; /* random, of this run */
    const char *before;   /* of the run before on this ledger; "" */
    int64_t every_ms;
    unsigned tags;
    bool (*is_local)(void *of, const char *provider); /* a run: it stays on this machine. NULL: none is */
    void *of;
};

/* A provider that is exchanged. */
struct sync_provider {
    const char *name;           /* of the node's own memory */
    struct tq_provider *handle; /* of the ledger that is open; NULL: it has none of this name */
    unsigned tag;
    bool is_local;
    uint64_t walked;  /* in which round it was in the walk */
    int64_t settings; /* tq_ledger_settings when the limits were read; -1: not yet */
    struct sync_limit limits[TQ_LIMITS_MAX + 1];
    uint32_t limit_count;
    struct sync_window **windows;
    size_t window_count, window_capacity;
    struct sync_registers registers;
    struct sync_base *bases; /* of limits, each for its newest window */
    size_t base_count, base_capacity;
    uint32_t machines;       /* as the ledger was told */
    int64_t probes_until_ns; /* as the ledger was told */
    bool asks_probe;         /* a probe is due soon */
    int64_t ticket_until_ms; /* the claim on it, by the server's clock, as said; 0: none */
    bool has_ticket, has_lost;
    uint64_t ticket_seq;
};

/* What an item of the exchange is about. */
struct sync_about {
    uint32_t provider;
    uint32_t window;
    enum sync_role role;
};

struct sync_node {
    struct sync_node_options options;
    struct tq_ledger *ledger;
    struct sync_provider *providers;
    size_t provider_count, provider_capacity;
    struct tq__index by_name;
    uint32_t heard_of; /* providers that others named first */
    uint64_t round;
    unsigned caught_up; /* whole rounds since something was missed, at most SYNC_CATCH_UP */
    bool catches_up;    /* in this round all buckets are said and asked for */
    bool has_looked;    /* at the words of all providers */
    bool is_put_back;   /* the ledger may be an older one: what was heard stands before what it has */
    /* of the flush: */
    struct sync_item *items;
    struct sync_about *abouts;
    size_t item_count, item_capacity, about_capacity;
    struct sync_says says;
    /* heard: */
    struct sync_peer *peers;
    size_t peer_count;
    uint32_t machines;
    uint32_t silent;   /* peers for which something is kept */
    int64_t offset_ms; /* the server's clock less this machine's */
    int64_t round_trip_ms, round_trip_ns;
    int64_t heard_at_ns; /* the ledger's clock at the last whole answer; 0: never */
    uint64_t connects;
    uint64_t version[SYNC_TAGS_MOST], epoch[SYNC_TAGS_MOST];
    int64_t epoch_at_ms[SYNC_TAGS_MOST];
    char refused_by[128];        /* another node has this name */
    char trouble[TROUBLE_BYTES]; /* what is wrong with what was heard, and what to do; "": nothing */
    uint32_t blocked;            /* windows of the last flush whose keys are somebody else's */
    bool knows_tags;             /* all nodes spread providers over as many tags */
    /* since the node began: */
    uint64_t flushes, failures, epochs_lost, words_refused;
    bool words_changed; /* since the state was written */
    bool bases_changed; /* the same */
    bool wants_another; /* something new must be said at once: a window was learned, a ticket was asked for */
};

/* A node without a ledger. NULL: no memory. */
struct sync_node *sync_node_new(const struct sync_node_options *options);
void sync_node_free(struct sync_node *node);

/* Gives it the ledger that is open now. was_put_back: it is not the one that was open before, so what others
 * said stands before what it says. */
void sync_node_attach(struct sync_node *node, struct tq_ledger *ledger, bool was_put_back);

/* Finds a provider of the node by its name, or makes it. NULL: no memory, or no name. */
struct sync_provider *sync_node_provider(struct sync_node *node, const char *name);

/* Is the error the ledger's own? One that refuses what others said refuses that alone: the rest is still
 * told. */
bool sync_is_of_the_ledger(int answer);

/* Does it know the provider, or has it room for one more that others name? */
bool sync_node_takes(struct sync_node *node, const char *name);

/* One round at now_ns, by the clock of tq_now_ns.
 *
 *     0             all was said and heard
 *     1             a part was
 *     TQ_ESYS       nothing was: error->msg says why. Leases that ended are closed
 *     TQ_EDENIED    another node has the name: node->refused_by; or the nodes have another number of tags
 *     TQ_EGONE      the ledger's file was replaced: attach the new one
 *     TQ_ENOMEM, TQ_EREADONLY, ... */
int sync_node_round(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                    struct tq_error *error);

/* The two halves of a round, between which sync_exchange is. The first fills *exchange, which has the node's
 * memory; it answers 0 or negative. The second takes what was heard and the answer of the exchange, at the
 * now_ns of the first; it answers as the round does, and frees nothing. */
int sync_node_say(struct sync_node *node, int64_t now_ns, struct sync_exchange *exchange);
int sync_node_hear(struct sync_node *node, int64_t now_ns, struct sync_exchange *exchange, int answer);

/* What a round would be about: the windows are gathered, and it is asked who else there is. Nothing is
 * written, to the server or to the ledger. */
int sync_node_plan(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                   struct tq_error *error);

/* The last round: gives back what was claimed. As sync_node_round. */
int sync_node_leave(struct sync_node *node, struct sync_redis *redis, int64_t now_ns, int64_t deadline_ns,
                    struct tq_error *error);

/* ---- conflicts.c --------------------------------------------------------------------------------- */

/* Asks, until it is known, whether the nodes that were seen of late have as many tags as this one. 0, also
 * when that is not known yet; TQ_EDENIED with a line. */
int sync_tags_check(struct sync_node *node, struct sync_redis *redis, int64_t deadline_ns,
                    struct tq_error *error);

/* Do the nodes of an answer that was heard have as many tags? As sync_tags_check. */
int sync_tags_compare(const struct sync_node *node, const struct sync_exchange *exchange,
                      struct tq_error *error);

/* Notes in node->trouble what is wrong with what was heard, and counts node->blocked. */
void sync_trouble_note(struct sync_node *node, struct sync_redis *redis,
                       const struct sync_exchange *exchange);

/* ---- around.c ------------------------------------------------------------------------------------ */

/* Takes the server's clock, by which offset and round trip are. */
void sync_take_clock(struct sync_node *node, const struct sync_exchange *exchange);

/* Takes who else there is. An answer that names nobody leaves it as it was. 0; TQ_ENOMEM. */
int sync_take_peers(struct sync_node *node, struct sync_exchange *exchange);

/* Takes what the tags are: what a server may lack that it acknowledged is said again. */
void sync_take_tags(struct sync_node *node, const struct sync_exchange *exchange);

/* ---- gather.c ------------------------------------------------------------------------------------ */

/* Walks the ledger: which providers and windows there are, and fills the items. 0; negative. */
int sync_gather(struct sync_node *node, const struct sync_moment *moment);

/* What all windows of a tag have in common. */
struct sync_moment sync_moment_of(const struct sync_node *node, unsigned tag, int64_t now_ns);

/* ---- bases.c ------------------------------------------------------------------------------------- */

/* Keeps the base of a limit, or what the ledger had of it. false: no memory. */
bool sync_base_set(struct sync_provider *provider, const char *identity, int64_t start_s, int64_t added,
                   int64_t corrected, bool is_had);

/* Forgets all bases, or all that the ledger had. */
void sync_bases_forget(struct sync_node *node, bool had);

/* Gives a window that begins here the base that is kept of its limit. */
void sync_base_recall(const struct sync_provider *provider, struct sync_window *window);

/* Keeps the base of a window. 0: as it was; 1: another; TQ_ENOMEM. */
int sync_base_keep(struct sync_provider *provider, struct sync_window *window);

/* ---- probes.c ------------------------------------------------------------------------------------ */

#define SYNC_PROBE "?probe" /* a limit's identity that no limit has: the ticket for the provider's probe */

/* Is a probe due soon? Fills the item of the ticket. */
bool sync_probe_item(struct sync_provider *provider, const struct sync_moment *moment,
                     struct sync_item *item);
void sync_probe_hear(struct sync_provider *provider, const struct sync_moment *moment,
                     const struct sync_item *item);

/* Tells the ledger how many machines there are, the silent ones, too: a window that begins while this one is
 * cut off is divided by them. And until when it may hand out probes. 0; negative. */
int sync_probe_tell(struct sync_provider *provider, const struct sync_node *node, bool is_cut);

#endif
