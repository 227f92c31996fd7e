/* window.h: what a node remembers of one window of a limit, and the items by which it is exchanged.
 *
 * SPDX-License-Identifier: MIT
 *
 * A window that holds the present is *newest*: it has a lease (lease.h) and is told to the ledger. The one
 * before it is exchanged as long as late records still change it. A first-use window that ended is not
 * exchanged: it keeps nobody out, and a node that is still in it, by a slower clock, keeps the most that it
 * heard of those that left it (others.h). A rolling limit is exchanged as buckets of a hundredth of its
 * length, whose sum is the others' count, and its claims stand in a hash of their own.
 */
#ifndef TOKENQUOTA_SYNC_WINDOW_H
#define TOKENQUOTA_SYNC_WINDOW_H

#include "sync/others.h"
#include "tokenquota.h"

#define SYNC_BUCKETS 128      /* places, of which 101 are in use: a power of two */
#define SYNC_BUCKETS_BACK 100 /* that count beside the newest one */

/* A bucket of a rolling limit. */
struct sync_bucket {
    int64_t number;                     /* its start by its length; 0: nothing is known */
    int64_t added, corrected;           /* the ledger's */
    int64_t base_added, base_corrected; /* what the server has beyond it: PUT BACK of lease.h */
    bool is_learned;                    /* that is known */
    int64_t others; /* what is left of the sums without them, so what the own entry has more, too */
    int64_t said_added, said_corrected; /* as the server acknowledged; -1: not yet */
};

/* What all windows of one flush have in common. */
struct sync_moment {
    const char *node;
    int64_t now_ns;    /* the ledger's clock, when the question was asked */
    int64_t heard_ns;  /* and when it was answered; as now_ns while it is not */
    int64_t server_ms; /* the server's clock at that instant */
    int64_t every_ms, round_trip_ms;
    int64_t epoch_at_ms;
    uint64_t epoch;
    uint32_t machines;
    bool has_silent;
    const struct sync_peer *peers; /* sorted */
    size_t peer_count;
};

/* A limit of a provider, as it is set. */
struct sync_limit {
    uint32_t number; /* 0: the budget */
    uint32_t window; /* TQ_WINDOW_... */
    int64_t length_ns;
    char identity[SYNC_LIMIT_MOST + 1];
};

/* What of a limit was told beyond what the ledger has: PUT BACK of lease.h. */
struct sync_base {
    char identity[SYNC_LIMIT_MOST + 1];
    int64_t start_s, added, corrected;
    bool is_had; /* it is no base yet, but what the ledger had of its newest window when it was put back */
};

struct sync_window {
    struct sync_limit limit;
    int64_t start_at_ns; /* that of the ledger; of a rolling limit 0, as all its buckets are this window */
    bool is_newest;
    uint64_t listed; /* in which round it was listed last */
    struct tq_share share;
    struct sync_lease lease;
    struct sync_base base; /* as it is kept for the next run */
    struct sync_others others;
    int64_t said_added, said_corrected; /* of the one before: as acknowledged; -1: not yet */
    struct sync_entry stored;           /* of the newest: as the server has it; seq 0: not known */
    int64_t sum_corrected;              /* and the sum of all nodes' there */
    struct sync_entry said;             /* of the newest: as said last; seq 0: nothing yet */
    int64_t bound;                      /* how far all nodes together can go beyond the amount */
    uint32_t cut;                       /* TQ_CUT_... of the provider */
    struct sync_bucket *buckets;        /* rolling: SYNC_BUCKETS of them; NULL */
    int64_t first_bucket;               /* rolling: the newest one in the first round; 0: not yet */
    int64_t grown;                      /* rolling: all that was ever seen to be added */
};

/* In bases.c. What the ledger had, when it was put back, of the window that begins at start_s. false: nobody
 * noted it, or the base is known by now. */
bool sync_had(const struct sync_base *base, int64_t start_s, int64_t *added, int64_t *corrected);

/* What an item of an exchange is about. */
enum sync_role { SYNC_ROLE_LEASE, SYNC_ROLE_BEFORE, SYNC_ROLE_BUCKET, SYNC_ROLE_PROBE };

/* The window's key: in a hash of its own, or 0. */
int64_t sync_window_key(const struct sync_window *window);

/* Fills what the node says of the newest window, and asks. */
void sync_window_item(struct sync_window *window, const struct sync_moment *moment, struct sync_item *item);

/* The same of the window before. false: there is nothing new to say of it. */
bool sync_window_item_before(struct sync_window *window, const struct sync_moment *moment,
                             struct sync_item *item);

/* Takes what was heard of the newest window, and tells the ledger what it does not have yet. 0; 1 the ledger
 * has no such window any more; negative from the library. */
int sync_window_hear(struct sync_window *window, const struct sync_moment *moment,
                     const struct sync_item *item, struct tq_provider *provider);

/* Takes what was heard of it. Returns whether only now something can be said. */
bool sync_window_hear_before(struct sync_window *window, const struct sync_item *item);

/* While there is no answer: closes what has ended. As sync_window_hear. */
int sync_window_alone(struct sync_window *window, const struct sync_moment *moment,
                      struct tq_provider *provider);

/* The node leaves: its claim is what it used and holds, which is told to the ledger before it is said. */
int sync_window_leave(struct sync_window *window, const struct sync_moment *moment,
                      struct tq_provider *provider);

/* The server may have lost what it acknowledged: all of it is said again. */
void sync_window_say_again(struct sync_window *window);

void sync_window_free(struct sync_window *window);

/* ---- buckets.c: rolling limits ------------------------------------------------------------------ */

/* Notes what the ledger counted in a bucket. false: no memory. */
bool sync_bucket_note(struct sync_window *window, const struct tq_share *share);

/* Fills the item of a bucket by its number. false: there is no such bucket, or nothing to say and nothing to
 * ask. */
bool sync_bucket_item(struct sync_window *window, int64_t number, const struct sync_moment *moment, bool asks,
                      struct sync_item *item);

/* Takes what was heard of it. Returns whether only now something can be said. */
bool sync_bucket_hear(struct sync_window *window, const struct sync_item *item);

/* The number of the bucket that holds an instant. */
int64_t sync_bucket_at(const struct sync_window *window, int64_t at_ns);

/* What is kept of its bases for the next run: that of its first bucket. false: it is not known yet. */
bool sync_buckets_base(const struct sync_window *window, struct sync_base *base);

void sync_buckets_forget(struct sync_window *window);

/* What the others counted in the length that ends now. */
int64_t sync_buckets_others(const struct sync_window *window, int64_t now_ns);

#endif
