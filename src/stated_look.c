/* stated_look.c: what verdicts and people see of a vendor's word about a window, and the vendor's name of it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "stated.h"

#include "base/pace.h"

bool tq__stated_reading(const struct tq__line *line, struct tq__stated *stated)
{
    uint64_t reading = tq__stated_get(line, &line->rest->reading),
             said = tq__stated_get(line, &line->rest->reading_said);

    if (reading == 0 || said == 0)
        return false;
    *stated = (struct tq__stated){
        .share = tq__reading_share(reading),
        .flags = tq__reading_flags(reading),
        .reset_s = (uint32_t)reading,
        .said_s = (uint32_t)said,
        .source = (uint32_t)(said >> 48) & 0xff,
        .profile = (uint32_t)(said >> 40) & 0xff,
        .limit = tq__stated_get(line, &line->rest->stated) << 8 >> 8,
    };
    return true;
}

uint64_t tq__stated_blocking(const struct tq__line *line, int64_t now_ns)
{
    uint64_t blocking =
        atomic_load_explicit(&line->limit->blocking, memory_order_acquire); /* the swaps below */

    /* It has no version: another limit may have the line, and the word, by now. */
    return blocking >> 32 != 0 && tq__refusal_end_ns(blocking) > now_ns && tq__line_is_same(line) ? blocking
                                                                                                  : 0;
}

int64_t tq__stated_reset_ns(const struct tq__line *line, const struct tq__stated *stated)
{
    return stated->reset_s != 0 ? stated->reset_s * TQ__SECOND_NS
                                : stated->said_s * TQ__SECOND_NS + tq__spec_length_ns(&line->spec);
}

bool tq__stated_is_one(const struct tq__line *line, uint32_t a_s, uint32_t b_s)
{
    int64_t apart_ns = (a_s > b_s ? a_s - b_s : b_s - a_s) * TQ__SECOND_NS,
            half_ns = tq__spec_length_ns(&line->spec) / 2;
    int64_t least_ns = TQ__STATED_SAME_S * TQ__SECOND_NS;

    return apart_ns < (half_ns > least_ns ? half_ns : least_ns);
}

/* The reserve that the user set of a window that the vendor states. */
static uint32_t kept_share(const struct tq__line *line)
{
    return line->spec.window == TQ_WINDOW_STATED
               ? (uint32_t)(tq__stated_get(line, &line->limit->reserve) >> TQ__METER_BITS) & 0xffff
               : 0;
}

bool tq__stated_stops_at(const struct tq__line *line, const struct tq__stated *stated, bool overage_stop,
                         bool use_reserve)
{
    uint32_t reserve = kept_share(line);

    if (stated->share == TQ__STATED_UNKNOWN || stated->flags & TQ__READING_LIFTED)
        return false;
    if (overage_stop && stated->share >= TQ__STATED_WHOLE && !(stated->flags & TQ__READING_OPEN))
        return true;
    return !use_reserve && reserve > 0 && stated->share + reserve >= TQ__STATED_WHOLE;
}

int64_t tq__stated_end(const struct tq__line *line, uint32_t which, bool overage_stop, bool use_reserve,
                       int64_t now_ns)
{
    int64_t end_ns = which & TQ__STATED_BLOCKS ? tq__refusal_end_ns(tq__stated_blocking(line, now_ns)) : 0;
    struct tq__stated stated;
    int64_t reset_ns;

    if (!(which & TQ__STATED_STOPS) || !tq__stated_reading(line, &stated) ||
        !tq__stated_stops_at(line, &stated, overage_stop, use_reserve))
        return end_ns;
    reset_ns = tq__stated_reset_ns(line, &stated);
    return reset_ns > now_ns && reset_ns > end_ns ? reset_ns : end_ns;
}

int64_t tq__stated_since(const struct tq__line *line)
{
    uint64_t then = tq__stated_get(line, &line->rest->counted_then) & TQ__METER_MAX;
    uint64_t count = tq__stated_get(line, &line->limit->count[0]) & TQ__METER_MAX;

    if (line->spec.window != TQ_WINDOW_STATED || tq__stated_get(line, &line->rest->reading) == 0)
        return 0;
    return (int64_t)(count >= then ? count - then : count); /* less: it was reset meanwhile */
}

/* Up to which share the user lets it grow. */
static uint32_t most_of(const struct tq__line *line, const struct tq__stated *stated)
{
    uint32_t reserve = stated->flags & TQ__READING_LIFTED ? 0 : kept_share(line);

    return reserve < TQ__STATED_WHOLE ? TQ__STATED_WHOLE - reserve : 0;
}

int64_t tq__stated_out_ns(const struct tq__line *line)
{
    uint64_t earlier = tq__stated_get(line, &line->rest->earlier),
             earlier_said = tq__stated_get(line, &line->rest->earlier_said);
    struct tq__stated now;
    const int64_t length_ns = tq__spec_length_ns(&line->spec), least_ns = length_ns / TQ__PACE_PART;
    int64_t reset_ns, from_ns, said_ns, grew;
    tq__uint128 left; /* of a year and a share of 0.01 % it is more than 64 bits */
    uint32_t from = 0, most;

    if (!tq__stated_reading(line, &now) || now.share >= (most = most_of(line, &now)))
        return TQ__PACE_UNKNOWN;
    reset_ns = tq__stated_reset_ns(line, &now);
    said_ns = now.said_s * TQ__SECOND_NS;
    from_ns = reset_ns - length_ns; /* of the whole window, when nothing else is known */
    if (earlier != 0 && tq__reading_share(earlier) != TQ__STATED_UNKNOWN &&
        tq__stated_is_one(line, (uint32_t)earlier, now.reset_s) &&
        said_ns - (uint32_t)earlier_said * TQ__SECOND_NS >= least_ns) {
        from_ns = (uint32_t)earlier_said * TQ__SECOND_NS;
        from = tq__reading_share(earlier);
    }
    grew = (int64_t)now.share - from;
    if (said_ns - from_ns < least_ns || reset_ns <= said_ns || grew < 0)
        return TQ__PACE_UNKNOWN;
    if (grew == 0)
        return TQ__PACE_LASTS;
    left = (tq__uint128)(uint64_t)(said_ns - from_ns) * (most - now.share) / (uint64_t)grew;
    return left < (uint64_t)(reset_ns - said_ns) ? said_ns + (int64_t)left : TQ__PACE_LASTS;
}

/* ---- names ----------------------------------------------------------------------------------- */

void tq__stated_name_words(const char *name, uint64_t version, uint64_t words[TQ__STATED_NAME_WORDS])
{
    for (uint32_t i = 0; i < TQ__STATED_NAME_WORDS; i++) {
        words[i] = version << 56;
        for (uint32_t k = 0; k < 7 && *name; k++)
            words[i] |= (uint64_t)(uint8_t)*name++ << 8 * k;
    }
}

void tq__stated_name(const struct tq__line *line, char name[TQ_WINDOW_NAME_MAX])
{
    const uint64_t words[TQ__STATED_NAME_WORDS] = {tq__stated_get(line, &line->limit->bound),
                                                   tq__stated_get(line, &line->limit->count[1]),
                                                   tq__stated_get(line, &line->rest->window_name)};
    size_t len = 0;

    /* Cut at a byte that is in no name: the file may hold anything. */
    for (uint32_t i = 0; line->spec.window == TQ_WINDOW_STATED && i < 7 * TQ__STATED_NAME_WORDS; i++) {
        char byte = (char)(words[i / 7] >> 8 * (i % 7));

        if (byte <= ' ' || byte > '~')
            break;
        name[len++] = byte;
    }
    name[len] = '\0';
}
