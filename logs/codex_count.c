/* codex_count.c: what an event token_count of Codex, or a record of a response, counts.
 *
 * SPDX-License-Identifier: MIT
 */
#include "codex.h"

#include <string.h>

/* The counts of which the memory keeps the totals, in this order: it is kept on disk. */
const enum tq__count tq__codex_total[TQ__CODEX_TOTALS] = {TQ__WHOLE_INPUT, TQ__READ_WITHIN, TQ__WRITE_WITHIN,
                                                          TQ__OUTPUT, TQ__REASONING};

/* Subtracts the totals of the event before. */
static void subtract(struct tq__counts *counts, const struct tq__codex_memory *memory)
{
    int64_t *count = counts->count;

    for (int i = 0; i < TQ__CODEX_TOTALS; i++)
        count[tq__codex_total[i]] -= memory->total[i];
    if (counts->known >> TQ__TOTAL & 1)
        count[TQ__TOTAL] = tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__OUTPUT]);
}

uint64_t tq__codex_key(struct tq__span session, const int64_t *total, const struct tq__codex_memory *memory)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__CODEX_SOURCE_ID, total ? "totals" : "event");

    tq__log_hash_text(&hash, session);
    tq__log_hash_number(&hash, total ? memory->starts : memory->without_totals);
    for (int i = 0; total && i < TQ__CODEX_TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)total[i]);
    return session.len > 0 ? tq__log_hash_end(hash) : 0;
}

uint64_t tq__codex_older_key(struct tq__span session, const struct tq__codex_line *record,
                             const struct tq__codex_memory *memory)
{
    bool known = memory->flags & TQ__CODEX_KNOWS_TOTAL;
    const struct tq__log_usage *first = record->total.is_there ? &record->total : &record->last;
    int64_t total[TQ__CODEX_TOTALS];

    for (int i = 0; i < TQ__CODEX_TOTALS; i++) {
        enum tq__count count = tq__codex_total[i];

        total[i] = known ? tq__add_saturated(memory->total[i], record->last.counts.count[count])
                         : first->counts.count[count];
    }
    return tq__codex_key(session, total, memory);
}

bool tq__codex_uses(const struct tq__log_usage *usage)
{
    return usage->counts.count[TQ__WHOLE_INPUT] > 0 || usage->counts.count[TQ__OUTPUT] > 0;
}

/* Takes an event with the totals of the session into the memory, and fills *used with what the response used:
 * the growth of the totals, or, after a fall, the totals themselves. Behind records the growth is needed even
 * where the last response is there, because some responses of the growth may have no record. False when the
 * event is a repeat: its totals are those of the event before. */
static bool count_totals(const struct tq__codex_line *line, struct tq__codex_memory *memory,
                         struct tq__log_usage *used)
{
    bool known = memory->flags & TQ__CODEX_KNOWS_TOTAL, fallen = false, moved = !known, grown;
    int64_t total[TQ__CODEX_TOTALS];

    for (int i = 0; i < TQ__CODEX_TOTALS; i++) {
        total[i] = line->total.counts.count[tq__codex_total[i]];
        fallen |= known && total[i] < memory->total[i];
        moved |= total[i] != memory->total[i];
    }
    grown = known && !fallen && (memory->flags & TQ__CODEX_HAS_RECORDS || !line->last.is_there);
    *used = grown || !line->last.is_there ? line->total : line->last;
    if (grown)
        subtract(&used->counts, memory);
    memory->starts += fallen;
    memory->flags |= TQ__CODEX_KNOWS_TOTAL;
    memcpy(memory->total, total, sizeof(total));
    return moved;
}

/* Takes an event without totals. False when the event is a repeat: its timestamp and its counts are those of
 * the event before. */
static bool count_alone(const struct tq__codex_line *line, int64_t at_ns, struct tq__codex_memory *memory,
                        struct tq__log_usage *used)
{
    struct tq__log_hash hash = tq__log_hash_begin(TQ__CODEX_SOURCE_ID, "repeat");

    tq__log_hash_number(&hash, (uint64_t)at_ns);
    for (int i = 0; i < TQ__CODEX_TOTALS; i++)
        tq__log_hash_number(&hash, (uint64_t)line->last.counts.count[tq__codex_total[i]]);
    *used = line->last;
    if (memory->without_totals > 0 && memory->last == tq__log_hash_end(hash))
        return false;
    memory->without_totals++;
    memory->last = tq__log_hash_end(hash);
    return true;
}

void tq__codex_note_record(const struct tq__codex_line *line, struct tq__codex_memory *memory)
{
    if (!(memory->flags & TQ__CODEX_HAS_RECORDS))
        memset(memory->of.recorded, 0, sizeof(memory->of.recorded));
    memory->flags |= TQ__CODEX_HAS_RECORDS;
    for (int i = 0; i < TQ__CODEX_TOTALS; i++)
        memory->of.recorded[i] =
            tq__add_saturated(memory->of.recorded[i], line->last.counts.count[tq__codex_total[i]]);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Leaves out what the records since the last event have, and forgets those. A compaction has a record and is
 * in no total, so the records may have more than the total grew by. */
static void take_off_records(const struct tq_log_reader *reader, struct tq__codex_memory *memory,
                             struct tq__log_usage *used)
{
    int64_t *count = used->counts.count;

    for (int i = 0; i < TQ__CODEX_TOTALS; i++) {
        int64_t recorded = memory->of.recorded[i];

        count[tq__codex_total[i]] -= recorded > 0 ? least(recorded, count[tq__codex_total[i]]) : 0;
    }
    count[TQ__READ_WITHIN] = least(count[TQ__READ_WITHIN], count[TQ__WHOLE_INPUT]);
    count[TQ__WRITE_WITHIN] = least(count[TQ__WRITE_WITHIN], count[TQ__WHOLE_INPUT] - count[TQ__READ_WITHIN]);
    count[TQ__REASONING] = least(count[TQ__REASONING], count[TQ__OUTPUT]);
    if (used->counts.known >> TQ__TOTAL & 1)
        count[TQ__TOTAL] = tq__add_saturated(count[TQ__WHOLE_INPUT], count[TQ__OUTPUT]);
    memory->flags &= ~TQ__CODEX_HAS_RECORDS;
    memcpy(memory->of.session, reader->own_id, sizeof(memory->of.session));
}

bool tq__codex_count(const struct tq_log_reader *reader, const struct tq__codex_line *event, int64_t at_ns,
                     bool copied, struct tq__codex_memory *memory, struct tq__log_usage *used,
                     bool *succeeded)
{
    bool anew;

    *succeeded = false;
    if (event->total.is_there)
        anew = count_totals(event, memory, used);
    else if (event->last.is_there)
        anew = count_alone(event, at_ns, memory, used);
    else
        return false;
    *succeeded = anew && !copied && tq__codex_uses(used);
    if (memory->flags & TQ__CODEX_HAS_RECORDS)
        take_off_records(reader, memory, used);
    return *succeeded && tq__codex_uses(used);
}
