/* line.c: what a record and a verdict do with a limit, by the kind of its window.
 *
 * SPDX-License-Identifier: MIT
 */
#include "line.h"

#include "counted.h"
#include "first_use.h"
#include "refill.h"
#include "rolling.h"
#include "shared.h"

bool tq__line_ready(const struct tq__line *line, int64_t now_ns)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        return tq__first_use_ready(line, now_ns);
    case TQ_WINDOW_ROLLING:
        return tq__rolling_ready(line, now_ns);
    case TQ_WINDOW_REFILL:
        return tq__refill_ready(line, now_ns);
    default:
        return tq__limit_holds(tq__limit_bound(line->limit, line->word), line->word, tq__quarter_of(now_ns));
    }
}

void tq__line_settle(const struct tq__line *line, int64_t now_ns)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_settle(line, now_ns);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_settle(line, now_ns);
        break;
    case TQ_WINDOW_REFILL:
        tq__refill_settle(line, now_ns);
        break;
    case TQ_WINDOW_ONCE:
    case TQ_WINDOW_STATED:
        break;
    default:
        tq__counted_settle(line, now_ns);
    }
}

/* Are there other machines that share the limit? */
TQ__HOT bool is_shared(const struct tq__line *line, int64_t now_ns)
{
    return __builtin_expect(tq__sharing_of(line->ledger, line->limits, now_ns) != TQ__SHARED_NOT, 0);
}

static bool add_kind(const struct tq__line *line, int64_t amount, int64_t now_ns,
                     struct tq__standing *standing)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        return tq__first_use_add(line, amount, now_ns, standing);
    case TQ_WINDOW_ROLLING:
        return tq__rolling_add(line, amount, now_ns, standing);
    case TQ_WINDOW_REFILL:
        return tq__refill_add(line, amount, now_ns, standing);
    default:
        return tq__counted_add(line, amount, now_ns, standing);
    }
}

bool tq__line_add(const struct tq__line *line, int64_t amount, int64_t now_ns, struct tq__standing *standing)
{
    struct tq__terms terms;
    bool counted;

    *standing = (struct tq__standing){.terms = tq__limit_terms(line->limit, line->word)};
    if (!is_shared(line, now_ns))
        return add_kind(line, amount, now_ns, standing);
    terms = standing->terms;
    tq__part_begin(line, now_ns, standing);
    counted = add_kind(line, amount, now_ns, standing);
    tq__part_end(line, now_ns, false, &terms, standing);
    return counted;
}

void tq__line_subtract(const struct tq__line *line, int64_t amount, int64_t now_ns)
{
    struct tq__standing standing;

    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_subtract(line, amount, now_ns);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_subtract(line, amount, now_ns);
        break;
    case TQ_WINDOW_REFILL:
        standing = (struct tq__standing){.terms = tq__limit_terms(line->limit, line->word)};
        if (is_shared(line, now_ns))
            tq__part_begin(line, now_ns, &standing);
        tq__refill_subtract(line, amount, now_ns, &standing.terms);
        break;
    default:
        tq__counted_subtract(line, amount, now_ns);
    }
}

void tq__line_stand(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                    struct tq__standing *standing)
{
    *standing = (struct tq__standing){.terms = tq__limit_terms(line->limit, line->word)};
    tq__line_stand_by(line, now_ns, use_reserve, standing);
}

static void stand_kind(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing)
{
    switch (line->spec.window) {
    case TQ_WINDOW_FIRST_USE:
        tq__first_use_stand(line, now_ns, standing);
        break;
    case TQ_WINDOW_ROLLING:
        tq__rolling_stand(line, now_ns, use_reserve, standing);
        break;
    case TQ_WINDOW_REFILL:
        tq__refill_stand(line, now_ns, use_reserve, standing);
        break;
    default:
        tq__counted_stand(line, now_ns, standing);
    }
}

void tq__line_stand_by(const struct tq__line *line, int64_t now_ns, bool use_reserve,
                       struct tq__standing *standing)
{
    struct tq__terms terms;

    if (!is_shared(line, now_ns)) {
        stand_kind(line, now_ns, use_reserve, standing);
        return;
    }
    terms = standing->terms;
    tq__part_begin(line, now_ns, standing);
    stand_kind(line, now_ns, use_reserve, standing);
    tq__part_end(line, now_ns, use_reserve, &terms, standing);
}

bool tq__line_tag(const struct tq__line *line, int64_t now_ns, uint64_t *tag)
{
    uint64_t bound = tq__limit_bound(line->limit, line->word), number = 0;

    if (line->spec.window == TQ_WINDOW_FIRST_USE && !tq__first_use_number(line, now_ns, &number))
        return false;
    *tag = (uint64_t)line->spec.version << 16 | (number & 0xffff);
    if (!tq__window_is_counted(line->spec.window))
        return true;
    *tag = tq__tag_of(bound);
    return tq__limit_holds(bound, line->word, tq__quarter_of(now_ns));
}

/* The newest window's last: what is taken back of that one is noted. */
static void clear_counts_of(const struct tq__line *line)
{
    uint64_t newest = tq__tag_of(tq__limit_bound(line->limit, line->word));

    for (uint64_t i = 1; i <= 2; i++) {
        uint64_t dropped = tq__limit_drop(&line->limit->count[(newest + i) & 1], line->spec.version);

        tq__corrected_note(line, tq__tag_of(dropped) & 0xffff, dropped & TQ__METER_MAX);
    }
}

void tq__line_clear(const struct tq__line *line)
{
    /* By version: another limit may have the line by now. */
    tq__limit_drop(&line->rest->uncosted, line->spec.version);
    tq__limit_drop(&line->rest->taken, line->spec.version);
    if (line->spec.window == TQ_WINDOW_ROLLING) {
        tq__rolling_clear(line);
        return;
    }
    if (line->spec.window != TQ_WINDOW_STATED && tq__window_is_counted(line->spec.window)) {
        clear_counts_of(line);
        return;
    }
    tq__limit_drop(&line->limit->count[0], line->spec.version);
    if (line->spec.window == TQ_WINDOW_FIRST_USE)
        tq__limit_drop(&line->limit->bound, line->spec.version); /* after the count: first_use.c */
}

int64_t tq__line_length_ns(const struct tq__line *line, const struct tq__standing *standing)
{
    if (line->spec.window == TQ_WINDOW_ROLLING)
        return line->spec.length * TQ__MINUTE_NS;
    return line->spec.window == TQ_WINDOW_REFILL ? line->spec.length * TQ__SECOND_NS
                                                 : standing->end_ns - standing->start_ns;
}

int64_t tq__line_newest_ns(const struct tq__line *line)
{
    uint64_t bound;

    if (line->spec.window == TQ_WINDOW_FIRST_USE)
        return tq__first_use_newest_ns(line);
    bound = tq__limit_bound(line->limit, line->word);
    if (tq__version_of(bound) != line->spec.version)
        return 0;
    if (line->spec.window == TQ_WINDOW_ROLLING)
        return tq__instant_of(bound & (UINT64_MAX >> 8),
                              line->spec.length * TQ__MINUTE_NS / TQ__ROLLING_BUCKETS);
    return tq__window_turns(line->spec.window) ? tq__quarter_begin((uint32_t)(bound >> 16) & 0xffffff) : 0;
}
