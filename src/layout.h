/* layout.h: the bytes of a ledger, and only here. docs/format.md draws them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Everything is little-endian, of fixed width, at a fixed offset, and addressed by numbers, never by
 * pointers. So the same bytes serve private memory and a file that several processes map. A change here
 * changes the format: raise TQ__FORMAT and change docs/format.md with it.
 */
#ifndef TQ_LAYOUT_H
#define TQ_LAYOUT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a ledger is little-endian, and so must be the machine"
#endif

#define TQ__MAGIC UINT64_C(0x72656764656c7174) /* the bytes "tqledger" */
#define TQ__FORMAT 3u
#define TQ__FORMAT_OLDEST 1u /* converted when it is opened for writing */

#define TQ__HEADER_BYTES 4096u
#define TQ__SLOT_BYTES 192u   /* of a slot without its day words */
#define TQ__SLOT_BYTES_2 128u /* the same in formats 1 and 2 */
#define TQ__LIMITS_BYTES 2048u
#define TQ__RING_BYTES 1024u
#define TQ__HOLD_BYTES 64u
#define TQ__EXTENSION_BYTES 512u
#define TQ__NAME_INLINE 32u      /* bytes of a name in the slot; up to 31 it is whole, with its NUL */
#define TQ__SLOTS_MAX (1u << 24) /* names a ledger holds */

#define TQ__BUCKET_WORDS 8u      /* index words in one cache line */
#define TQ__TABLES 6u            /* tables of the cascade: */
#define TQ__TABLE_FIRST_LOG2 12u /* the first has 2^12 words, */
#define TQ__TABLE_GROWTH_LOG2 3u /* each next one eight times as many: 2^12 ... 2^27 */

#define TQ__SEGMENT_FIRST_LOG2 6u /* segment 0 has 2^6 records, each next one twice as many */
#define TQ__SEGMENTS 19u          /* 2^6 + 2^7 + ... + 2^24 > TQ__SLOTS_MAX */

/* A day word has the day's tag in its upper bits and the tokens in its lower ones. Day numbers count from
 * 1677-10-29, 64 days before the first accepted one, so that no tag of a real day is 0 and a zero word is
 * older than every day. */
#define TQ__COUNT_BITS 47u
#define TQ__COUNT_MAX ((UINT64_C(1) << TQ__COUNT_BITS) - 1) /* saturated: at least every budget */
#define TQ__DAY_BIAS 64u

#define TQ__LIMITS 8u       /* limits of a provider */
#define TQ__UNITS 8u        /* kinds of amounts; 0 is none */
#define TQ__ZONES 127u      /* zones in the header; 0 in a limit is UTC */
#define TQ__ZONE_CHANGES 8u /* times that a zone keeps of which its rule does not say what its file does */
#define TQ__RING_WORDS 128u /* buckets of a rolling limit that are kept */
#define TQ__OWNERS 1024u    /* of holds: lock bytes from TQ__LOCK_OWNERS on; 0 is nobody */
#define TQ__HOLD_BLOCK 64u  /* holds that follow each other are one provider's */
#define TQ__HOLD_BLOCKS 16u /* of a provider: 1,024 holds */

/* What the header counts, in this order. */
enum { TQ__LATE, TQ__TOO_OLD, TQ__CLOCK, TQ__SATURATED, TQ__REBUILT, TQ__RECOVERED, TQ__NOTES };

struct tq__header {
    uint64_t magic;
    uint32_t format;
    uint32_t header_bytes;
    uint64_t fingerprint; /* sizes and limits above in one number: two builds that differ refuse each other */
    uint32_t features_incompatible;
    _Atomic uint32_t features_readable; /* TQ__FEATURE_... that only those may write who know them */
    uint32_t features_compatible;
    uint32_t history_days; /* day words of a slot: 8, 16, 32 or 64 */
    uint64_t seed;         /* of the hash */
    uint32_t rule;         /* TQ_RULE_... of providers without their own, */
    uint32_t rule_is_set;  /* 1: somebody chose it; 0: it is what the default was at creation */
    _Atomic uint32_t
        file_system; /* f_type of the one, not known to be local, on which it was allowed; 0 = none */
    uint32_t reserved;
    /* a line of its own, which inserts write */
    _Atomic uint32_t slots;      /* slot numbers given out */
    _Atomic uint32_t extensions; /* extension numbers given out */
    _Atomic uint64_t file_bytes; /* the file's pieces end here; the next one begins */
    _Atomic uint32_t gone;       /* compact has put another file in this one's place */
    _Atomic uint32_t events;     /* changes of state, counted above TQ__WAITER: a futex */
    uint8_t boot_id[16];         /* the boot in which the index was last known to be whole */
    _Atomic uint32_t busy_pid;   /* the process that rebuilds or compacts, 0 = none; a message names it */
    _Atomic uint32_t rebuilding; /* 1: the index is being made anew; names may be missing in it */
    uint64_t reserved_line;
    /* how often each happened, for people to see */
    _Atomic uint64_t notes[TQ__NOTES];
    uint64_t reserved_counts[2];
    /* where the pieces are in the file, 0 = not there; set once */
    _Atomic uint64_t table_at[TQ__TABLES];
    _Atomic uint64_t slots_at[TQ__SEGMENTS];
    _Atomic uint64_t extensions_at[TQ__SEGMENTS];
    /* the file that holds these bytes: in another one it is a copy, whose index must be made anew */
    _Atomic uint64_t inode;   /* 0 = unknown */
    _Atomic int64_t born_ns;  /* when the file was made, 0 = unknown */
    _Atomic uint64_t soonest; /* no exclusion ends and no probe is due before this: event.h */
    /* limits */
    _Atomic uint32_t limits; /* numbers given out of limits, rings and holds */
    _Atomic uint32_t rings;
    _Atomic uint32_t holds;
    _Atomic uint32_t reserved_number;
    _Atomic uint64_t limits_at[TQ__SEGMENTS];
    _Atomic uint64_t rings_at[TQ__SEGMENTS];
    _Atomic uint64_t holds_at[TQ__SEGMENTS];
    _Atomic uint64_t settings;        /* version of what is set, raised by each change */
    _Atomic int64_t settings_at_ns;   /* when it was raised */
    _Atomic uint32_t zone[TQ__ZONES]; /* extension number + 1 of each zone, 0 = none: zone_table.h */
    uint32_t reserved_zone;
    _Atomic uint8_t owner[TQ__OWNERS]; /* generations of owners of holds: hold_owner.h */
    _Atomic int64_t shared_until_ns;   /* until when what was told of other machines may be trusted, 0 = no
                                          machine shares: shared.h */
    uint8_t zero[TQ__HEADER_BYTES - 2592];
};

#define TQ__FEATURE_HOLDS 1u /* features_readable: there are blocks of holds, which a rebuild must know */
#define TQ__HIDDEN 1u        /* flags: forgotten, until something is counted or set under the name again */
#define TQ__OVERAGE_STOP 2u  /* flags: a plan that is spent excludes, although the vendor serves on credit */
#define TQ__WAITER 1u        /* events: somebody sleeps on it */
#define TQ__SOONEST_NONE (~UINT64_C(0) << 24) /* soonest: nothing ends */

struct tq__slot {
    /* first line: written at insertion, read by all */
    uint64_t hash;
    uint64_t name[TQ__NAME_INLINE / 8]; /* the name's first 32 bytes, zero-padded */
    uint32_t number;
    _Atomic uint32_t newest_day;
    _Atomic int64_t budget;     /* tokens a day, 0 = not set */
    _Atomic uint32_t extension; /* extension number + 1, 0 = none */
    _Atomic uint8_t name_len;
    _Atomic uint8_t rule; /* TQ_RULE_..., 0 = the ledger's */
    _Atomic uint8_t flags;
    _Atomic uint8_t care; /* of rule care: quarters + 1, 0 = the default */
    /* second line: what takes the provider out of routing */
    _Atomic int64_t mark;          /* instant until which a caller keeps it out, 0 = none */
    _Atomic uint64_t reported;     /* the vendor's refusal for the quota, 0 = none: refusal.h */
    _Atomic uint64_t throttled;    /* the vendor's refusal for the moment, 0 = none: refusal.h */
    _Atomic int64_t predicted;     /* the same for a rule, if nothing more is recorded */
    _Atomic uint64_t half_hour[2]; /* tokens of the last half hours: rule.h */
    _Atomic uint32_t limits;       /* number of the limits + 1, 0 = none */
    _Atomic uint32_t pool;         /* number + 1 of the slot of the provider's pool, 0 = none */
    _Atomic uint64_t mean_call;    /* 8 times the tokens of a mean call: rule.h */
    /* third line: what explains, and what a later version needs */
    _Atomic uint64_t reported_why; /* what explains `reported`: refusal.h */
    _Atomic uint64_t throttled_why;
    _Atomic int64_t marked_at_ns;  /* when a caller last made the provider available, 0 = never */
    _Atomic uint64_t probe;        /* [last probe, s, 32 | attempts, 8 | bits, 8 | told, 16]: probe.h */
    _Atomic int64_t polled_at_ns;  /* when the last run of its poller began, 0 = never: poll.c */
    _Atomic int64_t changed_at_ns; /* of a later version: of budget, limits or pool */
    _Atomic uint64_t others;       /* [day modulo 2^17, 17 | tokens of other machines, 47]: shared.h */
    _Atomic uint64_t corrected;    /* [day modulo 2^17, 17 | tokens taken back, 47] */
    /* history_days day words */
    _Atomic uint64_t day[];
};

struct tq__extension {
    uint8_t name[256]; /* a name of 32 to 255 bytes, whole, with its NUL */
    uint8_t zero[TQ__EXTENSION_BYTES - 256];
};

/* A zone: an extension, too. law.h has the words. */
struct tq__zone_record {
    _Atomic uint64_t name[8];                  /* America/Los_Angeles, zero-padded */
    _Atomic uint64_t rule;                     /* what holds outside the times that follow */
    _Atomic uint64_t change[TQ__ZONE_CHANGES]; /* [from, 24 | until, 24 | offset, 16, in quarter hours] */
    uint8_t zero[TQ__EXTENSION_BYTES - 136];
};

/* One limit, what a record and a verdict need: limit.h has the words. */
struct tq__limit {
    _Atomic uint64_t spec;     /* [version, 8 | unit, 4 | window, 4 | zone, 8 | a, 20 | b, 20], 0 = free */
    _Atomic uint64_t amount;   /* [version, 8 | 0, 16 | amount, 40] */
    _Atomic uint64_t reserve;  /* [version, 8 | share in 1/10,000, 16 | units, 40] */
    _Atomic uint64_t bound;    /* [version, 8 | number, 16 | start, 24 | length, 16, in quarter hours] */
    _Atomic uint64_t count[2]; /* [version, 8 | number, 16 | count, 40], by the number's parity; of other
                                  windows: first_use.h, rolling.h, refill.h, stated.h */
    _Atomic uint64_t ring;     /* rolling: number of the ring + 1 */
    _Atomic uint64_t blocking; /* what the vendor said that blocks: stated.h */
};

/* One limit, the rest: what the vendor says of it (stated.h), and what is noted beside its count. */
struct tq__limit_rest {
    _Atomic uint64_t doubt;   /* the reading that last contradicted `blocking`, as `reading` */
    _Atomic uint64_t reading; /* the newest: [version, 8 | share in 1/10,000, 17 | flags, 7 | reset, s, 32] */
    _Atomic uint64_t reading_said; /* [version, 8 | source, 8 | profile, 8 | 0, 8 | said, s, 32] */
    _Atomic uint64_t earlier;      /* an earlier reading of its window, for growth, */
    _Atomic uint64_t earlier_said; /* and when that was said */
    _Atomic uint64_t
        counted_then;           /* the own count when `reading` was said: [version, 8 | 0, 16 | count, 40] */
    _Atomic uint64_t overruled; /* the `blocking` that was lifted last, in that form */
    _Atomic uint64_t stated;    /* the amount that the vendor states: [version, 8 | amount, 56] */
    _Atomic uint64_t others;    /* [version, 8 | number, 16 | count of other machines, 40]: shared.h */
    _Atomic int64_t others_at_ns; /* when that was told */
    _Atomic uint64_t leased;      /* [version, 8 | strict, 1 | s, 15 | wish, 40]: shared.h */
    _Atomic uint64_t corrected;   /* [version, 8 | number, 16 | taken back, 40] */
    _Atomic uint64_t uncosted;    /* [version, 8 | number, 16 | records without a cost, 40] */
    _Atomic uint64_t taken;       /* [version, 8 | s, 56]: a wrong clock took counts from before this */
    _Atomic uint64_t
        window_name;       /* stated: the first 7 bytes of the vendor's name, [version, 8 | bytes, 56] */
    _Atomic uint64_t told; /* what was warned of: [version, 8 | percent, 8 | 0, 8 | window's end, s, 32] */
};

/* The limits of one provider, and what their units share. */
struct tq__limits {
    _Atomic uint32_t high;      /* lines in use are below it; it only rises */
    _Atomic uint32_t holds;     /* number of the first hold of its first block + 1, 0 = none: hold.h */
    _Atomic uint64_t weight[4]; /* thousandths of input, cache read, cache write, output; 0 = 1000 */
    _Atomic uint64_t price[4];  /* micro-dollars a million tokens + 1, of the same; 0 = not known */
    _Atomic uint64_t half_hour[TQ__UNITS][2]; /* by unit, as in the slot, which has that of tokens: rule.h */
    _Atomic uint64_t mean_call[TQ__UNITS];
    _Atomic uint64_t account;    /* hash of the account that the vendor names, 0 = it names none */
    _Atomic uint64_t ready;      /* [from, 24 | length, 24, in quarter hours | changes, 16]: limits.h */
    _Atomic uint32_t hold_high;  /* holds in use are in places below it; it only rises */
    _Atomic uint32_t hold_asked; /* 1: who frees a hold must tell: held.h */
    _Atomic uint32_t hold_base;  /* generation of what is free in a block that is made now */
    uint32_t reserved_hold;
    _Atomic uint32_t more_holds[TQ__HOLD_BLOCKS - 1]; /* of its further blocks, as holds */
    _Atomic uint32_t heard_s; /* when the two words that follow were told, in s since 1970, 0 = never */
    _Atomic uint64_t day_withheld, day_withheld_cut; /* [day modulo 2^17, 17 | tokens, 47]: shared.h */
    _Atomic uint64_t sharing;                        /* [probes until, s, 32 | machines, 16 | bits, 16] */
    _Atomic uint64_t withheld[TQ__LIMITS], withheld_cut[TQ__LIMITS]; /* [version, 8 | number, 16 | count, 40]
                                                                      */
    struct tq__limit line[TQ__LIMITS];
    struct tq__limit_rest rest[TQ__LIMITS];
};

/* The buckets of a rolling limit. */
struct tq__ring {
    _Atomic uint64_t bucket[TQ__RING_WORDS]; /* [version, 8 | number div 128, 16 | count, 40] */
};

/* A hold: hold.h has the words. */
struct tq__hold {
    _Atomic uint64_t word; /* [owner, 10 | generation, 6 | lease end, 26 | state, 2 | generation, 20] */
    _Atomic uint64_t amount[TQ__UNITS - 1]; /* [generation, 20 | amount, 44], by unit */
};

#define TQ__AT(type, field, offset) static_assert(offsetof(struct type, field) == (offset), #field " moved")
TQ__AT(tq__header, magic, 0);
TQ__AT(tq__header, format, 8);
TQ__AT(tq__header, header_bytes, 12);
TQ__AT(tq__header, fingerprint, 16);
TQ__AT(tq__header, features_incompatible, 24);
TQ__AT(tq__header, features_readable, 28);
TQ__AT(tq__header, features_compatible, 32);
TQ__AT(tq__header, history_days, 36);
TQ__AT(tq__header, seed, 40);
TQ__AT(tq__header, rule, 48);
TQ__AT(tq__header, rule_is_set, 52);
TQ__AT(tq__header, file_system, 56);
TQ__AT(tq__header, slots, 64);
TQ__AT(tq__header, extensions, 68);
TQ__AT(tq__header, file_bytes, 72);
TQ__AT(tq__header, gone, 80);
TQ__AT(tq__header, events, 84);
TQ__AT(tq__header, boot_id, 88);
TQ__AT(tq__header, busy_pid, 104);
TQ__AT(tq__header, rebuilding, 108);
TQ__AT(tq__header, notes, 120);
TQ__AT(tq__header, table_at, 184);
TQ__AT(tq__header, slots_at, 232);
TQ__AT(tq__header, extensions_at, 384);
TQ__AT(tq__header, inode, 536);
TQ__AT(tq__header, born_ns, 544);
TQ__AT(tq__header, soonest, 552);
TQ__AT(tq__header, limits, 560);
TQ__AT(tq__header, limits_at, 576);
TQ__AT(tq__header, rings_at, 728);
TQ__AT(tq__header, holds_at, 880);
TQ__AT(tq__header, settings, 1032);
TQ__AT(tq__header, zone, 1048);
TQ__AT(tq__header, owner, 1560);
TQ__AT(tq__header, shared_until_ns, 2584);
TQ__AT(tq__header, zero, 2592);
static_assert(sizeof(struct tq__header) == TQ__HEADER_BYTES, "header is one page");

TQ__AT(tq__slot, hash, 0);
TQ__AT(tq__slot, name, 8);
TQ__AT(tq__slot, number, 40);
TQ__AT(tq__slot, newest_day, 44);
TQ__AT(tq__slot, budget, 48);
TQ__AT(tq__slot, extension, 56);
TQ__AT(tq__slot, name_len, 60);
TQ__AT(tq__slot, rule, 61);
TQ__AT(tq__slot, flags, 62);
TQ__AT(tq__slot, mark, 64);
TQ__AT(tq__slot, reported, 72);
TQ__AT(tq__slot, throttled, 80);
TQ__AT(tq__slot, predicted, 88);
TQ__AT(tq__slot, half_hour, 96);
TQ__AT(tq__slot, limits, 112);
TQ__AT(tq__slot, pool, 116);
TQ__AT(tq__slot, mean_call, 120);
TQ__AT(tq__slot, reported_why, 128);
TQ__AT(tq__slot, throttled_why, 136);
TQ__AT(tq__slot, marked_at_ns, 144);
TQ__AT(tq__slot, probe, 152);
TQ__AT(tq__slot, polled_at_ns, 160);
TQ__AT(tq__slot, changed_at_ns, 168);
TQ__AT(tq__slot, others, 176);
TQ__AT(tq__slot, corrected, 184);
TQ__AT(tq__slot, day, 192);
TQ__AT(tq__zone_record, rule, 64);
TQ__AT(tq__zone_record, change, 72);
TQ__AT(tq__limits, weight, 8);
TQ__AT(tq__limits, price, 40);
TQ__AT(tq__limits, half_hour, 72);
TQ__AT(tq__limits, mean_call, 200);
TQ__AT(tq__limits, account, 264);
TQ__AT(tq__limits, ready, 272);
TQ__AT(tq__limits, hold_high, 280);
TQ__AT(tq__limits, more_holds, 296);
TQ__AT(tq__limits, heard_s, 356);
TQ__AT(tq__limits, day_withheld, 360);
TQ__AT(tq__limits, day_withheld_cut, 368);
TQ__AT(tq__limits, sharing, 376);
TQ__AT(tq__limits, withheld, 384);
TQ__AT(tq__limits, withheld_cut, 448);
TQ__AT(tq__limits, line, 512);
TQ__AT(tq__limits, rest, 1024);
static_assert(sizeof(struct tq__slot) == TQ__SLOT_BYTES, "a slot is three cache lines and its day words");
static_assert(sizeof(struct tq__extension) == TQ__EXTENSION_BYTES, "extension is 512 bytes");
static_assert(sizeof(struct tq__zone_record) == TQ__EXTENSION_BYTES, "a zone is an extension");
static_assert(sizeof(struct tq__limit) == 64, "what is hot of a limit is one cache line");
static_assert(sizeof(struct tq__limit_rest) == 128, "the rest of a limit is two");
static_assert(sizeof(struct tq__limits) == TQ__LIMITS_BYTES, "limits are 2,048 bytes");
static_assert(sizeof(struct tq__ring) == TQ__RING_BYTES, "a ring is 1,024 bytes");
static_assert(sizeof(struct tq__hold) == TQ__HOLD_BYTES, "a hold is one cache line");
static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_CHAR_LOCK_FREE == 2,
              "atomics must be plain words");

/* For functions on the fast path: a look-up must stay in registers, from the name's bytes to the slot. */
#define TQ__HOT static inline __attribute__((always_inline))
/* For functions off the fast path. */
#define TQ__COLD __attribute__((noinline, cold))

/* Can a slot have so many day words? */
static inline bool tq__history_ok(uint32_t history_days)
{
    return history_days == 8 || history_days == 16 || history_days == 32 || history_days == 64;
}

/* The bytes of a slot without its day words in a format. */
static inline uint32_t tq__slot_bytes(uint32_t format)
{
    return format < 3 ? TQ__SLOT_BYTES_2 : TQ__SLOT_BYTES;
}

/* What two builds must agree on to share bytes. */
static inline uint64_t tq__fingerprint(uint32_t format)
{
    return (uint64_t)TQ__HEADER_BYTES << 48 | (uint64_t)tq__slot_bytes(format) << 36 |
           (uint64_t)TQ__EXTENSION_BYTES << 24 | (uint64_t)TQ__TABLES << 20 |
           (uint64_t)TQ__TABLE_FIRST_LOG2 << 15 | (uint64_t)TQ__TABLE_GROWTH_LOG2 << 12 |
           (uint64_t)TQ__SEGMENT_FIRST_LOG2 << 7 | TQ__COUNT_BITS;
}

#endif
