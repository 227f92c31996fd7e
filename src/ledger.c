/* ledger.c: an open ledger in this process: made, given its header, told from another file.
 *
 * SPDX-License-Identifier: MIT
 */
#include "ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system.h"

void tq__header_init(struct tq__header *header, const struct tq_ledger_options *options)
{
    /* The seed is no secret, only a number that nobody who chooses names can know. Early in a boot there is
     * no randomness yet. */
    if (getrandom(&header->seed, sizeof header->seed, GRND_NONBLOCK) != (ssize_t)sizeof header->seed)
        header->seed = (uint64_t)tq_now_ns() ^ (uint64_t)(uintptr_t)header;
    header->magic = TQ__MAGIC;
    header->format = TQ__FORMAT;
    header->header_bytes = TQ__HEADER_BYTES;
    header->fingerprint = tq__fingerprint(TQ__FORMAT);
    header->history_days = options->history_days;
    header->rule = options->rule != TQ_RULE_DEFAULT ? options->rule : TQ_RULE_CARE;
    atomic_store_explicit(&header->soonest, TQ__SOONEST_NONE, memory_order_relaxed);
    header->rule_is_set = options->rule != TQ_RULE_DEFAULT;
}

void tq__ledger_attach(struct tq_ledger *ledger, struct tq__header *header, const struct tq__header *checked)
{
    const uint32_t record_bytes[TQ__ARRAYS] = {tq__slot_bytes(checked->format) + 8u * checked->history_days,
                                               TQ__EXTENSION_BYTES, TQ__LIMITS_BYTES, TQ__RING_BYTES,
                                               TQ__HOLD_BYTES};
    _Atomic uint32_t *const given_out[TQ__ARRAYS] = {&header->slots, &header->extensions, &header->limits,
                                                     &header->rings, &header->holds};
    bool in_file = ledger->path != NULL;

    ledger->header = header;
    ledger->format = checked->format;
    tq__hash_key_from_seed(&ledger->hash_key, checked->seed);
    ledger->history_log2 = tq__log2(checked->history_days);
    /* A ledger for which nobody chose a rule has the present default, also when the default was another at
     * its creation. */
    ledger->rule = tq__rule_chosen(checked);
    if (ledger->rule == TQ_RULE_DEFAULT)
        ledger->rule = TQ_RULE_CARE;
    atomic_store_explicit(&ledger->soonest_at_ns, tq__system_steady_ns(), memory_order_relaxed);
    for (uint32_t i = 0; i < TQ__ARRAYS; i++)
        *tq__ledger_array(ledger, i) =
            (struct tq__array){.record_bytes = record_bytes[i],
                               .backing = &ledger->backing,
                               .place = in_file ? tq__header_places(header, i) : NULL,
                               .given_out = given_out[i],
                               .dense = i == 0};
}

struct tq__array *tq__ledger_array(struct tq_ledger *ledger, uint32_t i)
{
    struct tq__array *const array[TQ__ARRAYS] = {&ledger->slots, &ledger->extensions, &ledger->limits,
                                                 &ledger->rings, &ledger->holds};

    return array[i];
}

_Atomic uint64_t *tq__header_places(struct tq__header *header, uint32_t i)
{
    _Atomic uint64_t *const places[TQ__ARRAYS] = {header->slots_at, header->extensions_at, header->limits_at,
                                                  header->rings_at, header->holds_at};

    return places[i];
}

struct tq_ledger *tq__ledger_new(void)
{
    struct tq_ledger *ledger = calloc(1, sizeof *ledger);

    if (!ledger)
        return NULL;
    ledger->backing.fd = -1;
    ledger->providers.record_bytes = sizeof(struct tq_provider);
    ledger->names[0].record_bytes = TQ__NAME_INLINE;
    ledger->names[1].record_bytes = TQ_NAME_MAX + 1;
    for (uint32_t i = 0; i < 2; i++)
        ledger->names[i].given_out = &ledger->names_used[i];
    ledger->slots_max = TQ__SLOTS_MAX;
    ledger->max_ahead_ns = INT64_MAX;
    ledger->tracker.ledger = ledger;
    ledger->store.ledger = ledger;
    return ledger;
}

int tq__ledger_identity(struct tq_ledger *ledger)
{
    struct stat named, file;
    int saved_errno = errno;
    bool same;

    if (!ledger->path)
        return 0;
    if (lstat(ledger->path, &named) == 0)
        same = named.st_dev == ledger->backing.device && named.st_ino == ledger->backing.inode;
    else /* not allowed to look: then at least the file must still have a name */
        same =
            errno != ENOENT && errno != ENOTDIR && fstat(ledger->backing.fd, &file) == 0 && file.st_nlink > 0;
    errno = saved_errno;
    if (!same || atomic_load_explicit(&ledger->header->gone, memory_order_relaxed) != 0)
        return tq__backing_give_up(&ledger->backing);
    return tq__backing_check(&ledger->backing);
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
