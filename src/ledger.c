/* ledger.c: opening and closing: where the bytes of a ledger come from.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#include "ledger.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "table.h"

static int fail(struct tq_error *error, int code, const char *msg)
{
    if (error && error->size >= sizeof *error) {
        error->code = code;
        error->sys = 0;
        strncpy(error->msg, msg, sizeof error->msg - 1);
        error->msg[sizeof error->msg - 1] = '\0';
    }
    return code;
}

/* Not a secret, only a number that nobody who chooses names can know. */
static uint64_t new_seed(const struct tq_ledger *ledger)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)tq_now_ns() ^ (uint64_t)(uintptr_t)ledger; /* early boot: no randomness yet */
    return seed;
}

static int check_options(const struct tq_ledger_options *options, struct tq_ledger_options *out,
                         struct tq_error *error)
{
    *out = (struct tq_ledger_options){.size = sizeof *out, .history_days = 64, .rule = TQ_RULE_OFF};
    if (!options)
        return 0;
    if (options->size < sizeof *options)
        return fail(error, TQ_EINVAL, "options.size is not sizeof(struct tq_ledger_options)");
    if (options->reserved != 0)
        return fail(error, TQ_EINVAL, "options.reserved is not 0");
    if (options->history_days != 0)
        out->history_days = options->history_days;
    if (options->rule != TQ_RULE_DEFAULT)
        out->rule = options->rule;
    if (out->history_days < 8 || out->history_days > 64 || (out->history_days & (out->history_days - 1)) != 0)
        return fail(error, TQ_EINVAL, "options.history_days is not 8, 16, 32 or 64");
    if (out->rule > TQ_RULE_OFF)
        return fail(error, TQ_EINVAL, "options.rule is no TQ_RULE_... of this version");
    return 0;
}

static int open_private(struct tq_ledger *ledger, const struct tq_ledger_options *options)
{
    struct tq__header *header = tq__memory_map(TQ__HEADER_BYTES);

    if (!header)
        return TQ_ENOMEM;
    ledger->header = header;
    header->magic = TQ__MAGIC;
    header->format = TQ__FORMAT;
    header->header_bytes = TQ__HEADER_BYTES;
    header->fingerprint = tq__fingerprint();
    header->history_days = options->history_days;
    header->seed = new_seed(ledger);
    header->rule = options->rule;
    return tq__table_reach(ledger, 0) ? 0 : TQ_ENOMEM;
}

static void attach(struct tq_ledger *ledger)
{
    const struct tq__header *header = ledger->header;

    tq__hash_key_from_seed(&ledger->hash_key, header->seed);
    ledger->history_log2 = tq__log2(header->history_days);
    ledger->rule = header->rule;
    ledger->slots.record_bytes = tq__slot_stride(header->history_days);
    ledger->extensions.record_bytes = TQ__EXTENSION_BYTES;
    ledger->providers.record_bytes = sizeof(struct tq_provider);
    ledger->slots_max = TQ__SLOTS_MAX;
    ledger->tracker.ledger = ledger;
    ledger->store.ledger = ledger;
}

int tq_ledger_open(struct tq_ledger **out, const char *path, const struct tq_ledger_options *options,
                   struct tq_error *error)
{
    struct tq_ledger_options checked;
    struct tq_ledger *ledger;
    int answer;

    if (!out)
        return fail(error, TQ_EINVAL, "ledger is NULL");
    *out = NULL;
    answer = check_options(options, &checked, error);
    if (answer < 0)
        return answer;
    if (path)
        return fail(error, TQ_ENOTSUP,
                    "this version keeps ledgers in private memory only: pass NULL as path");
    ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        return fail(error, TQ_ENOMEM, "out of memory");
    answer = open_private(ledger, &checked);
    if (answer < 0) {
        tq_ledger_close(ledger);
        return fail(error, answer, "out of memory");
    }
    attach(ledger);
    *out = ledger;
    return 0;
}

void tq_ledger_close(struct tq_ledger *ledger)
{
    if (!ledger)
        return;
    tq__pool_unmap(&ledger->slots);
    tq__pool_unmap(&ledger->extensions);
    tq__pool_unmap(&ledger->providers);
    tq__table_unmap(ledger);
    tq__memory_unmap(ledger->header, TQ__HEADER_BYTES);
    free(ledger);
}

struct tq_tracker *tq_ledger_tracker(struct tq_ledger *ledger)
{
    return ledger ? &ledger->tracker : NULL;
}

struct tq_store *tq_ledger_store(struct tq_ledger *ledger)
{
    return ledger ? &ledger->store : NULL;
}

const char *tq__slot_name(struct tq_ledger *ledger, struct tq__slot *slot)
{
    uint32_t extension;

    if (slot->name_len < TQ__NAME_INLINE)
        return (const char *)slot->name;
    extension = atomic_load_explicit(&slot->extension, memory_order_relaxed);
    return tq__pool_at(&ledger->extensions, extension - 1); /* name is its first field */
}

int64_t tq_now_ns(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_REALTIME, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
