/* exchange.h: what one flush says to the other machines, and what it hears: the border between the counting
 * and the server.
 *
 * SPDX-License-Identifier: MIT
 *
 * The server (Valkey or Redis) is a place where each machine, a *node*, leaves absolute totals under its own
 * name, and reads those of the others. Nothing is ever added there by a client: a flush that is lost, late,
 * doubled or overtaken is healed by the next one.
 *
 * ENTRIES. A hash for each window of each limit has a field for each node:
 *
 *     "SEQ START ADDED CORRECTED CLAIM UNTIL"
 *
 * SEQ rises with each flush of the node. START is the window's, in seconds since 1970 (first use alone has
 * windows of several starts in one hash; there the start is not in the key). ADDED and CORRECTED are
 * grow-only totals of the node in the window. CLAIM is up to where the node may spend (an absolute count, as
 * added - corrected is; 0: it claims nothing) until UNTIL, in ms by the server's clock. What a node weighs is
 * max(added - corrected, claim) while the claim lasts, else added - corrected.
 *
 * MERGE, by the script and by whoever reads entries (merge.h): of two entries of a node with one START, ADDED
 * and CORRECTED are the maxima, CLAIM and UNTIL those of the higher SEQ (of equal SEQs the greater CLAIM,
 * then the greater UNTIL); of two with different STARTs the one with the higher SEQ is kept whole (of equal
 * SEQs the later START). So merging is commutative and idempotent; it is associative because a node that left
 * a START never comes back to it.
 *
 * SUMS. The script keeps two running sums in fields of the same hash, of added and of corrected, so that a
 * node need not read thousands of entries. A sum that is not there, or is no number, is made anew from all
 * entries. Where claims decide (strict, refill, first use, near the limit), a node asks for all entries.
 *
 * MARKS. Each command of a node leaves a random mark in its tag. While the mark there is that of the node's
 * last command, nobody wrote its entries since, and those that it knows are there: so they are written, and
 * the sum is raised, without being read. Only somebody else with write access can make that untrue; an entry
 * that such a one wrote is written over, and the sum is wrong by it until it is made anew. A sum ends in ".0"
 * while something was taken back in the window: it cannot be raised unread, so the other sum is read, too.
 *
 * WORDS. What is no count (marks, refusals, "available again", settings) is a register by provider and name:
 * the value with the later instant is kept, of equal instants the one of the greater node name, of one node's
 * the greater value. A tag has a version, which rises with each word that is kept; a node asks for the words
 * behind the version that it has heard.
 *
 * A SERVER THAT LOST SOMETHING shows it by another epoch (all is gone), by an entry of the node's own that is
 * older than what it had heard of it, or not at all: a replica that took over may lack the last words. So a
 * node says everything again when the epoch or `connects` is another one, and sync_exchange answers version 0
 * for a tag that was reached by a new connection.
 */
#ifndef TOKENQUOTA_SYNC_EXCHANGE_H
#define TOKENQUOTA_SYNC_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYNC_NODE_MOST 63 /* bytes of a node's name */
#define SYNC_LIMIT_MOST                                                                                      \
    128 /* bytes of a limit's identity: its sentence without amount and reserve; "": the budget */
#define SYNC_TAGS_MOST 256
#define SYNC_TAGS 16              /* when nothing else is said; all nodes must have the same number */
#define SYNC_INSTANCE_MOST 63     /* bytes of an instance: visible characters */
#define SYNC_WORD_NAME_MOST 63    /* bytes of a register's name: as those of a node */
#define SYNC_WORD_VALUE_MOST 4096 /* bytes of its value: any */
#define SYNC_NODES_MOST 4096      /* that are heard, in all and of one window */
#define SYNC_AHEAD_MS (INT64_C(86400) * 1000) /* a word from further ahead of the server's clock is none */
/* ms: no server's clock and no word is so late, 2106 */
#define SYNC_CLOCK_MOST (INT64_C(4294967296) * 1000)
/* Of added and corrected: the script computes in doubles. */
#define SYNC_TOTAL_MOST ((INT64_C(1) << 47) - 1)

/* What one node left in one window. */
struct sync_entry {
    char node[SYNC_NODE_MOST + 1];
    uint64_t seq; /* below 2^53 */
    int64_t start_s;
    int64_t added, corrected;
    int64_t claim;    /* 0: none */
    int64_t until_ms; /* by the server's clock */
};

/* One window that is exchanged. */
struct sync_item {
    const char *provider;
    const char *limit; /* its identity */
    int64_t key_s; /* in the key: the window's start; 0: one hash for all windows (first use, once, refill) */
    int64_t expire_ms; /* how long after the server's now the hash is kept: behind the window's end */
    bool writes;       /* false: only ask, as for a node that has not heard its own entry yet */
    bool asks_all;     /* all entries, not the sums alone */
    struct sync_entry own;
    /* heard: */
    bool is_heard;            /* the server answered this item */
    bool is_blocked;          /* its key is there and is no window: somebody else's (type) */
    struct sync_entry stored; /* the node's own entry after the merge; seq 0: there is none. Before the flush:
                                 what it was after the last one that was answered, or seq 0, which is always
                                 right; the other spares the server half the work */
    int64_t added, corrected; /* sums over all nodes, the own one, too. Before the flush: as `stored` */
    struct sync_entry *all;   /* asks_all: every node's; of the exchange's memory until sync_exchange_clear */
    size_t count;
};

/* One register. */
struct sync_word {
    const char *provider;
    const char *name; /* of the register: "mark", "reported", "settings", ... */
    int64_t at_ms;    /* when it was said */
    const char *node; /* by whom */
    const char *value;
    size_t len;
};

/* A node, as it is known by its last flush. */
struct sync_peer {
    char name[SYNC_NODE_MOST + 1];
    int64_t seen_ms;  /* by the server's clock */
    int64_t every_ms; /* its interval */
    int64_t rate;     /* tokens a second, the most of the last minute */
    uint32_t tags;    /* that it spreads providers over */
    uint32_t known;   /* how many nodes it knew when it was seen: sync_peers_sort */
};

/* One flush, to all tags of the server. The caller fills the first part; arrays are its own. */
struct sync_exchange {
    const char *node;
    const char *instance; /* random, of this run: of two nodes of one name the second is refused */
    const char
        *before; /* the instance of the run before on this ledger, which this one may replace; "" for none */
    int64_t every_ms, rate;
    struct sync_item *items;
    size_t item_count;
    const struct sync_word *words;
    size_t word_count;
    uint64_t seen_version[SYNC_TAGS_MOST]; /* by tag: the words that this node has heard; 0: none, all are
                                              asked for */
    bool wants_own;   /* also the words that this node said, as after its ledger was put back */
    bool skips_peers; /* peers need not be told: of many nodes they are most of an answer */
    /* heard: */
    bool is_refused; /* another node has this name, and nothing was written: refused_by says from where */
    char refused_by[128]; /* "host web-1, 3 s ago" */
    uint64_t connects;    /* rises with each connection that was made */
    uint64_t version[SYNC_TAGS_MOST];
    uint64_t epoch[SYNC_TAGS_MOST]; /* random, made when a tag's keys are made: another one than before: the
                                       server lost what it had; 0: not heard */
    int64_t epoch_age_ms[SYNC_TAGS_MOST]; /* how long the server has had it */
    int64_t server_ms;                    /* the server's clock, as the tag said that was answered fastest */
    int64_t answered_ns; /* and this machine's then (CLOCK_REALTIME); it was read half a round trip before */
    int64_t round_trip_ns;   /* the slowest of the tags */
    struct sync_word *heard; /* words of others that are newer than seen_version; at most 500 a tag, and the
                                next flush gives more. Without EVAL several of one register may be among them:
                                the latest counts (merge.h) */
    size_t heard_count;
    struct sync_peer *peers;
    size_t peer_count;
    void *memory; /* of what was heard */
};

struct sync_redis;
struct tq_error;

/* The tag of a provider, by its hash, below `tags`. */
unsigned sync_tag_of(const char *provider, unsigned tags);

/* Says and hears. Waits until deadline_ns (CLOCK_MONOTONIC) at the most, all tags together in one round trip
 * where the server is one. What was heard stands in *exchange also when only some tags answered.
 *
 *     0             every tag answered; or is_refused
 *     1             some did: is_heard says which items, an epoch that is not 0 which tags; error->msg says
 *                   why others did not
 *     TQ_ESYS       none did; error->msg says why, in one line that says what to do
 *     TQ_EINVAL     a name, an instance or a number is none
 *     TQ_ENOMEM */
int sync_exchange(struct sync_redis *redis, struct sync_exchange *exchange, int64_t deadline_ns,
                  struct tq_error *error);

/* Asks who there is, and writes nothing: fills peers, server_ms and whether another node has the name. 0; as
 * sync_exchange. */
int sync_exchange_peers(struct sync_redis *redis, struct sync_exchange *exchange, int64_t deadline_ns,
                        struct tq_error *error);

/* Frees what was heard; words and peers are gone, and entries of items. The caller's part stays for the next
 * flush. */
void sync_exchange_clear(struct sync_exchange *exchange);

#endif
