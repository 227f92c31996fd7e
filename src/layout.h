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
#define TQ__FORMAT 2u
#define TQ__FORMAT_OLDEST 1u /* brought to TQ__FORMAT when it is opened for writing */

#define TQ__HEADER_BYTES 4096u
#define TQ__SLOT_BYTES 128u /* of a slot without its day words */
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

/* What the header counts, in this order. */
enum { TQ__LATE, TQ__TOO_OLD, TQ__CLOCK, TQ__SATURATED, TQ__REBUILT, TQ__RECOVERED, TQ__NOTES };

struct tq__header {
    uint64_t magic;
    uint32_t format;
    uint32_t header_bytes;
    uint64_t fingerprint; /* sizes and limits above in one number: two builds that differ refuse each other */
    uint32_t features_incompatible;
    uint32_t features_readable;
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
    uint8_t zero[TQ__HEADER_BYTES - 560];
};

#define TQ__HIDDEN 1u /* flags: forgotten, until something is counted or set under the name again */
#define TQ__WAITER 1u /* events: somebody sleeps on it */
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
    _Atomic uint16_t flags;
    /* second line: what takes the provider out of routing */
    _Atomic int64_t mark;          /* instant until which a caller keeps it out, 0 = none */
    _Atomic uint64_t reported;     /* the vendor's refusal for the quota, 0 = none: refusal.h */
    _Atomic uint64_t throttled;    /* the vendor's refusal for the moment, 0 = none: refusal.h */
    _Atomic int64_t predicted;     /* the same for a rule, if nothing more is recorded */
    _Atomic uint64_t half_hour[2]; /* tokens of the last half hours: rule.h */
    _Atomic uint64_t reported_why; /* what explains `reported`: refusal.h */
    _Atomic uint64_t throttled_why;
    /* history_days day words */
    _Atomic uint64_t day[];
};

struct tq__extension {
    uint8_t name[256]; /* a name of 32 to 255 bytes, whole, with its NUL */
    uint8_t zero[TQ__EXTENSION_BYTES - 256];
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
TQ__AT(tq__slot, reported_why, 112);
TQ__AT(tq__slot, throttled_why, 120);
TQ__AT(tq__slot, day, 128);
static_assert(sizeof(struct tq__slot) == TQ__SLOT_BYTES, "a slot is two cache lines and its day words");
static_assert(sizeof(struct tq__extension) == TQ__EXTENSION_BYTES, "extension is 512 bytes");
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

/* What two builds must agree on to share bytes. */
static inline uint64_t tq__fingerprint(void)
{
    return (uint64_t)TQ__HEADER_BYTES << 48 | (uint64_t)TQ__SLOT_BYTES << 36 |
           (uint64_t)TQ__EXTENSION_BYTES << 24 | (uint64_t)TQ__TABLES << 20 |
           (uint64_t)TQ__TABLE_FIRST_LOG2 << 15 | (uint64_t)TQ__TABLE_GROWTH_LOG2 << 12 |
           (uint64_t)TQ__SEGMENT_FIRST_LOG2 << 7 | TQ__COUNT_BITS;
}

#endif
