/* ledger.c: opening and closing: where the bytes of a ledger come from.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L /* fdatasync */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "file.h"
#include "soonest.h"
#include "system.h"
#include "table.h"

/* Not a secret, only a number that nobody who chooses names can know. */
static uint64_t new_seed(const struct tq__header *header)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = (uint64_t)tq_now_ns() ^ (uint64_t)(uintptr_t)header; /* early boot: no randomness yet */
    return seed;
}

static int check_options(const struct tq_ledger_options *options, struct tq_ledger_options *out,
                         struct tq_error *error)
{
    *out = (struct tq_ledger_options){.size = sizeof *out, .history_days = 64, .rule = TQ_RULE_DEFAULT};
    if (!options)
        return 0;
    out->flags = options->flags;
    out->min_now_ns = options->min_now_ns;
    out->max_ahead_ns = options->max_ahead_ns;
    out->mode = options->mode;
    if (options->size < sizeof *options)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "options.size is not sizeof(struct tq_ledger_options)");
    if (options->reserved != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "options.reserved is not 0");
    if (options->history_days != 0)
        out->history_days = options->history_days;
    out->rule = options->rule;
    if (out->history_days < 8 || out->history_days > 64 || (out->history_days & (out->history_days - 1)) != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "options.history_days is not 8, 16, 32 or 64");
    if (out->rule > TQ_RULE_HORIZON)
        return tq__fail(error, TQ_EINVAL, 0, NULL, "options.rule is no TQ_RULE_... of this version");
    if ((out->flags & ~(TQ_OPEN_EXISTING | TQ_OPEN_READ_ONLY | TQ_OPEN_RESETTABLE | TQ_OPEN_FLUSH_ALWAYS |
                        TQ_OPEN_ANY_FILE_SYSTEM)) != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL,
                        "options.flags has a bit that is no TQ_OPEN_... of this version");
    if (out->min_now_ns < 0 || out->max_ahead_ns < 0 || (out->mode & ~0777u) != 0)
        return tq__fail(error, TQ_EINVAL, 0, NULL,
                        "options.min_now_ns, max_ahead_ns or mode is out of range");
    return 0;
}

void tq__header_init(struct tq__header *header, const struct tq_ledger_options *options)
{
    header->magic = TQ__MAGIC;
    header->format = TQ__FORMAT;
    header->header_bytes = TQ__HEADER_BYTES;
    header->fingerprint = tq__fingerprint();
    header->history_days = options->history_days;
    header->seed = new_seed(header);
    header->rule = options->rule != TQ_RULE_DEFAULT ? options->rule : TQ_RULE_HORIZON;
    atomic_store_explicit(&header->soonest, TQ__SOONEST_NONE, memory_order_relaxed);
    header->rule_is_set = options->rule != TQ_RULE_DEFAULT;
}

static int open_private(struct tq_ledger *ledger, const struct tq_ledger_options *options,
                        struct tq_error *error)
{
    struct tq__header *header = tq__memory_map(TQ__HEADER_BYTES);
    _Atomic uint64_t *table;

    if (!header)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    tq__header_init(header, options);
    tq__ledger_attach(ledger, header, header);
    if (tq__table_reach(ledger, 0, true, &table) < 0)
        return tq__fail(error, TQ_ENOMEM, 0, NULL, "out of memory");
    return tq__fail(error, 0, 0, NULL,
                    "the ledger is private memory: no other process sees it, and it ends with this one");
}

void tq__ledger_attach(struct tq_ledger *ledger, struct tq__header *header, const struct tq__header *checked)
{
    bool in_file = ledger->path != NULL;

    ledger->header = header;
    tq__hash_key_from_seed(&ledger->hash_key, checked->seed);
    ledger->history_log2 = tq__log2(checked->history_days);
    ledger->rule = tq__header_rule(checked);
    atomic_store_explicit(&ledger->soonest_at_ns, tq__system_steady_ns(), memory_order_relaxed);
    ledger->slots = (struct tq__pool){.record_bytes = tq__slot_stride(checked->history_days),
                                      .backing = &ledger->backing,
                                      .place = in_file ? header->slots_at : NULL,
                                      .dense = true};
    ledger->extensions = (struct tq__pool){.record_bytes = TQ__EXTENSION_BYTES,
                                           .backing = &ledger->backing,
                                           .place = in_file ? header->extensions_at : NULL};
}

struct tq_ledger *tq__ledger_new(void)
{
    struct tq_ledger *ledger = calloc(1, sizeof *ledger);

    if (!ledger)
        return NULL;
    ledger->backing.fd = -1;
    ledger->private_backing.fd = -1;
    ledger->providers =
        (struct tq__pool){.record_bytes = sizeof(struct tq_provider), .backing = &ledger->private_backing};
    for (size_t i = 0; i < 2; i++)
        ledger->names[i] = (struct tq__pool){.record_bytes = i == 0 ? TQ__NAME_INLINE : TQ_NAME_MAX + 1,
                                             .backing = &ledger->private_backing};
    ledger->slots_max = TQ__SLOTS_MAX;
    ledger->max_ahead_ns = INT64_MAX;
    ledger->tracker.ledger = ledger;
    ledger->store.ledger = ledger;
    return ledger;
}

int tq_ledger_open(struct tq_ledger **out, const char *path, const struct tq_ledger_options *options,
                   struct tq_error *user_error)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_ledger_options checked;
    struct tq_ledger *ledger = NULL;
    int answer;

    if (!out)
        return tq__fail(user_error, TQ_EINVAL, 0, NULL, "ledger is NULL");
    *out = NULL;
    answer = check_options(options, &checked, &error);
    if (answer == 0) {
        ledger = tq__ledger_new();
        if (!ledger)
            answer = tq__fail(&error, TQ_ENOMEM, 0, NULL, "out of memory");
    }
    if (answer == 0) {
        ledger->min_now_ns = checked.min_now_ns;
        ledger->max_ahead_ns = checked.max_ahead_ns != 0 ? checked.max_ahead_ns
                               : path                    ? TQ_MAX_AHEAD_NS
                                                         : INT64_MAX;
        answer =
            path ? tq__file_open(ledger, path, &checked, &error) : open_private(ledger, &checked, &error);
    }
    if (answer < 0) {
        tq_ledger_close(ledger);
        ledger = NULL;
    }
    *out = ledger;
    tq__error_give(user_error, &error, answer);
    return answer;
}

void tq_ledger_close(struct tq_ledger *ledger)
{
    if (!ledger)
        return;
    tq__pool_unmap(&ledger->slots);
    tq__pool_unmap(&ledger->extensions);
    tq__pool_unmap(&ledger->providers);
    for (size_t i = 0; i < 2; i++)
        tq__pool_unmap(&ledger->names[i]);
    tq__table_drop_spares(ledger);
    tq__table_unmap(ledger);
    tq__memory_unmap(ledger->header, TQ__HEADER_BYTES);
    if (ledger->backing.fd >= 0 && tq__backing_check(&ledger->backing) == 0)
        close(ledger->backing.fd); /* and with it the lock */
    free(ledger->path);
    free(ledger);
}

int tq_ledger_flush(struct tq_ledger *ledger)
{
    int answer;

    if (!ledger)
        return TQ_EINVAL;
    answer = tq__ledger_identity(ledger);
    if (answer < 0 || !ledger->path)
        return answer;
    return fdatasync(ledger->backing.fd) == 0 ? 0 : TQ_ESYS;
}

struct tq_tracker *tq_ledger_tracker(struct tq_ledger *ledger)
{
    return ledger ? &ledger->tracker : NULL;
}

struct tq_store *tq_ledger_store(struct tq_ledger *ledger)
{
    return ledger ? &ledger->store : NULL;
}

int64_t tq_now_ns(void)
{
    return tq__system_now_ns();
}
