/* values.c: the values of registers as text: words of a provider, and readings of the windows its vendor
 * states.
 *
 * SPDX-License-Identifier: MIT
 *
 * Numbers are hexadecimal where they are words, decimal where they are instants. What was heard is read with
 * bounds, and everything that it says goes through a public call, which looks at it again.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "sync/registers.h"

#define MINUTE_NS (60 * TQ__SECOND_NS)
#define FOREVER_NS                                                                                           \
    (INT64_MAX - 400 * 86400 * TQ__SECOND_NS) /* a mark behind it is no instant that a clock moves */
#define STATED "stated:"

/* ---- instants and words, moved from one clock to another ------------------------------------- */

static int64_t moved_ns(int64_t at_ns, int64_t shift_s)
{
    int64_t moved;

    if (at_ns <= 0 || at_ns >= FOREVER_NS || __builtin_add_overflow(at_ns, shift_s * TQ__SECOND_NS, &moved) ||
        moved <= 0)
        return at_ns;
    return moved;
}

/* The upper half of a word is a second since 1970. */
static uint64_t moved_word(uint64_t word, int64_t shift_s)
{
    int64_t second = (int64_t)(word >> 32) + shift_s;

    if (word >> 32 == 0 || second <= 0 || second > UINT32_MAX)
        return word;
    return (uint64_t)second << 32 | (word & UINT32_MAX);
}

/* What explains a word has the low 16 bits of its second. */
static uint64_t moved_why(uint64_t why, uint64_t from, uint64_t to)
{
    if (why >> 48 != (from >> 32 & 0xffff))
        return why;
    return (to >> 32 & 0xffff) << 48 | (why & UINT64_C(0xffffffffffff));
}

/* ---- reading numbers ------------------------------------------------------------------------- */

/* Takes `count` numbers of a base, with a blank between; false: it is something else. */
static bool take_numbers(const char *text, int base, uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *end;

        if (base == 16 ? !isxdigit((unsigned char)*text) || text[1] == 'x' : !isdigit((unsigned char)*text))
            return false;
        errno = 0;
        numbers[i] = strtoull(text, &end, base);
        if (errno != 0 || *end != (i + 1 < count ? ' ' : '\0'))
            return false;
        text = end + (*end == ' ');
    }
    return true;
}

static bool take_instant(const char *text, int64_t *at_ns)
{
    uint64_t number;

    if (!take_numbers(text, 10, &number, 1) || number > INT64_MAX)
        return false;
    *at_ns = (int64_t)number;
    return true;
}

bool sync_value_is_empty(const char *value)
{
    for (; *value; value++)
        if (*value != '0' && *value != ' ')
            return false;
    return true;
}

/* ---- stated windows -------------------------------------------------------------------------- */

/* UNIT:MINUTES:NAME, of the vendor's name what is no letter, digit, '.', '-' or '_' as %XX. */
bool sync_stated_name(const struct tq_limit_state *state, char out[SYNC_REGISTER_NAME_MOST + 1])
{
    int used = snprintf(out, SYNC_REGISTER_NAME_MOST + 1, STATED "%" PRIu32 ":%" PRId64 ":",
                        state->limit.unit, state->limit.length_ns / MINUTE_NS);

    if (state->limit.window != TQ_WINDOW_STATED || used < 0)
        return false;
    for (const char *at = state->limit.zone; *at; at++) {
        unsigned char c = (unsigned char)*at;
        bool plain = isalnum(c) || strchr(".-_", c);

        if (used + 4 > SYNC_REGISTER_NAME_MOST)
            return false;
        used +=
            snprintf(out + used, (size_t)(SYNC_REGISTER_NAME_MOST + 1 - used), plain ? "%c" : "%%%02X", c);
    }
    return true;
}

/* Of which window a register is. */
static bool read_stated_name(const char *name, struct tq_limit *limit)
{
    unsigned long unit, minutes;
    char *end;
    size_t used = 0;

    if (strncmp(name, STATED, strlen(STATED)) != 0 || !isdigit((unsigned char)name[strlen(STATED)]))
        return false;
    unit = strtoul(name + strlen(STATED), &end, 10);
    if (*end != ':' || !isdigit((unsigned char)end[1]) || unit > TQ_UNITS)
        return false;
    minutes = strtoul(end + 1, &end, 10);
    if (*end++ != ':' || minutes > 366 * 1440)
        return false;
    *limit = (struct tq_limit){.size = sizeof *limit,
                               .unit = (uint32_t)unit,
                               .window = TQ_WINDOW_STATED,
                               .length_ns = (int64_t)minutes * MINUTE_NS};
    for (; *end; end++) {
        unsigned code = (unsigned char)*end;

        if (code == '%' && (!isxdigit((unsigned char)end[1]) || !isxdigit((unsigned char)end[2]) ||
                            sscanf(end + 1, "%2X", &code) != 1 || code == 0))
            return false;
        end += *end == '%' ? 2 : 0;
        if (used + 1 >= TQ_WINDOW_NAME_MAX)
            return false;
        limit->zone[used++] = (char)code;
    }
    return true;
}

/* The line of a provider that keeps that window. 1: it has none. */
static int find_stated(const struct tq_provider *provider, const char *name, struct tq_limit_state *found)
{
    struct tq_limit_state states[TQ_LIMITS_MAX] = {{.size = sizeof states[0]}};
    int count = tq_provider_limits(provider, tq_now_ns(), states, TQ_LIMITS_MAX);
    char other[SYNC_REGISTER_NAME_MOST + 1];

    if (count < 0)
        return count;
    for (int i = 0; i < count && i < TQ_LIMITS_MAX; i++)
        if (sync_stated_name(&states[i], other) && strcmp(other, name) == 0) {
            *found = states[i];
            return 0;
        }
    return 1;
}

enum { SAID_PPM, SAID_FLAGS, SAID_AT_S, SAID_RESET_S, SAID_LIMIT, SAID_SOURCE, SAID_PROFILE, SAID_FIELDS };

static int read_stated(const struct tq_provider *provider, const char *name, int64_t shift_s, char *out)
{
    struct tq_limit_state state;
    int answer = find_stated(provider, name, &state);

    if (answer < 0)
        return answer;
    if (answer == 1 || state.said_at_ns == 0 || !(state.said & TQ_SAID_SHARE))
        return snprintf(out, SYNC_VALUE_BYTES, "0");
    return snprintf(out, SYNC_VALUE_BYTES,
                    "%" PRIu32 " %" PRIu32 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu32,
                    state.said_ppm, state.said & TQ_SAID_CREDIT,
                    moved_ns(state.said_at_ns, shift_s) / TQ__SECOND_NS,
                    moved_ns(state.said_reset_at_ns, shift_s) / TQ__SECOND_NS, state.said_limit,
                    state.said_source, state.said_profile);
}

/* The axis whose limits are counted in a unit; 0: no vendor states such a window. */
static uint32_t axis_of(uint32_t unit)
{
    switch (unit) {
    case TQ_UNIT_TOKENS:
        return TQ_AXIS_TOKENS;
    case TQ_UNIT_INPUT:
        return TQ_AXIS_INPUT;
    case TQ_UNIT_OUTPUT:
        return TQ_AXIS_OUTPUT;
    case TQ_UNIT_REQUESTS:
        return TQ_AXIS_REQUESTS;
    case TQ_UNIT_COST:
        return TQ_AXIS_MONEY;
    default:
        return TQ_AXIS_UNKNOWN;
    }
}

/* What is said of the account belongs to the pool of a provider, whose own register says it. */
static int set_stated(struct tq_provider *provider, const char *name, const char *value, int64_t shift_s)
{
    struct tq_quota_signal signal = {.size = sizeof signal, .binds = -1, .axis_count = 1};
    uint64_t said[SAID_FIELDS];
    struct tq_provider *pool;
    struct tq_limit limit;
    struct tq_limit_state state;
    int answer;

    if (!read_stated_name(name, &limit) || !take_numbers(value, 10, said, SAID_FIELDS) ||
        said[SAID_PPM] > UINT32_MAX || said[SAID_AT_S] > UINT32_MAX || said[SAID_RESET_S] > UINT32_MAX ||
        said[SAID_LIMIT] >> 56 != 0 || said[SAID_SOURCE] > TQ_SOURCE_CALLER || said[SAID_PROFILE] > 255)
        return 1;
    answer = tq_provider_pool(provider, &pool);
    if (answer < 0)
        return answer;
    if (pool && !*limit.zone)
        return 0;
    signal.said_at_ns = moved_ns((int64_t)said[SAID_AT_S] * TQ__SECOND_NS, -shift_s);
    if (find_stated(provider, name, &state) == 0 && state.said_at_ns >= signal.said_at_ns)
        return 0; /* what is here is as new */
    signal.source = (uint32_t)said[SAID_SOURCE];
    signal.profile = (uint32_t)said[SAID_PROFILE];
    signal.flags = TQ_SIGNAL_READING;
    signal.axis[0] = (struct tq_axis){
        .what = axis_of(limit.unit),
        .known =
            TQ_AXIS_USED | (said[SAID_RESET_S] ? TQ_AXIS_RESET : 0) | (said[SAID_LIMIT] ? TQ_AXIS_LIMIT : 0),
        .flags =
            (said[SAID_FLAGS] & TQ_SAID_CREDIT ? TQ_AXIS_CREDIT : 0) | (*limit.zone ? TQ_AXIS_MODEL_ONLY : 0),
        .used_ppm = (uint32_t)said[SAID_PPM],
        .window_ns = limit.length_ns,
        .limit = (int64_t)said[SAID_LIMIT],
        .reset_at_ns = moved_ns((int64_t)said[SAID_RESET_S] * TQ__SECOND_NS, -shift_s),
    };
    memcpy(signal.window_name[0], limit.zone, TQ_WINDOW_NAME_MAX - 1);
    answer = tq_provider_apply(provider, &signal);
    return answer < 0 ? answer : 0;
}

/* ---- the words of the slot ------------------------------------------------------------------- */

int sync_value_read(struct tq_provider *provider, const char *name, int64_t served_ns, int64_t shift_s,
                    char out[SYNC_VALUE_BYTES])
{
    struct tq_words words = {.size = sizeof words};
    uint64_t moved;
    int answer;

    if (strcmp(name, "settings") == 0)
        return sync_settings_read(provider, out);
    if (strncmp(name, STATED, strlen(STATED)) == 0)
        return read_stated(provider, name, shift_s, out);
    if (strcmp(name, "served") == 0)
        return snprintf(out, SYNC_VALUE_BYTES, "%" PRId64, moved_ns(served_ns, shift_s));
    answer = tq_provider_words(provider, &words);
    if (answer < 0)
        return answer;
    if (strcmp(name, "mark") == 0)
        return snprintf(out, SYNC_VALUE_BYTES, "%" PRId64, moved_ns(words.mark_ns, shift_s));
    if (strcmp(name, "available") == 0)
        return snprintf(out, SYNC_VALUE_BYTES, "%" PRId64, moved_ns(words.marked_at_ns, shift_s));
    if (strcmp(name, "throttled") == 0) {
        moved = moved_word(words.throttled, shift_s);
        return snprintf(out, SYNC_VALUE_BYTES, "%" PRIx64 " %" PRIx64, moved,
                        words.throttled ? moved_why(words.throttled_why, words.throttled, moved) : 0);
    }
    moved = moved_word(words.reported, shift_s);
    return snprintf(out, SYNC_VALUE_BYTES, "%" PRIx64 " %" PRIx64 " %" PRIx64, moved,
                    words.reported ? moved_why(words.reported_why, words.reported, moved) : 0,
                    moved_word(words.probe, shift_s));
}

int64_t sync_value_at_ms(const char *name, const char *value)
{
    uint64_t words[3] = {0}, stated[SAID_FIELDS];
    int64_t at_ns;

    if ((strcmp(name, "available") == 0 || strcmp(name, "served") == 0) && take_instant(value, &at_ns))
        return at_ns / TQ__MS_NS + 1;
    if ((strcmp(name, "throttled") == 0 && take_numbers(value, 16, words, 2)) ||
        (strcmp(name, "reported") == 0 && take_numbers(value, 16, words, 3)))
        return (int64_t)(words[0] >> 32) * 1000 + 1;
    if (strncmp(name, STATED, strlen(STATED)) == 0 && take_numbers(value, 10, stated, SAID_FIELDS) &&
        stated[SAID_AT_S] <= UINT32_MAX)
        return (int64_t)stated[SAID_AT_S] * 1000 + 1;
    return 1;
}

/* A request that was sent then was served: it lifts what the vendor stated before. */
static int set_served(struct tq_provider *provider, int64_t at_ns, int64_t now_ns)
{
    return at_ns > 0 && at_ns <= now_ns ? tq_provider_success(provider, at_ns) : 0;
}

static int set_refusal(const char *value, size_t count, int64_t shift_s, uint64_t words[3])
{
    uint64_t said[3] = {0};

    if (!sync_value_is_empty(value) && !take_numbers(value, 16, said, count))
        return 1;
    words[0] = moved_word(said[0], -shift_s);
    words[1] = moved_why(said[1], said[0], words[0]);
    words[2] = moved_word(said[2], -shift_s);
    return 0;
}

/* Fills what another value of a register changes in the words of the slot. 1: it is no value. */
static int change_words(const char *name, const char *value, int64_t shift_s, struct tq_words *words)
{
    uint64_t said[3];
    int64_t at_ns = 0;

    if (strcmp(name, "mark") == 0 || strcmp(name, "available") == 0) {
        if (!sync_value_is_empty(value) && !take_instant(value, &at_ns))
            return 1;
        *(*name == 'm' ? &words->mark_ns : &words->marked_at_ns) = moved_ns(at_ns, -shift_s);
        return 0;
    }
    if (set_refusal(value, strcmp(name, "reported") == 0 ? 3 : 2, shift_s, said) != 0)
        return 1;
    if (strcmp(name, "reported") == 0) {
        words->reported = said[0];
        words->reported_why = said[1];
        words->probe = said[2];
    } else {
        words->throttled = said[0];
        words->throttled_why = said[1];
    }
    return 0;
}

int sync_value_set(struct tq_ledger *ledger, struct tq_provider *provider, const char *name,
                   const char *value, int64_t shift_s, int64_t now_ns)
{
    struct tq_words from = {.size = sizeof from}, to;
    int64_t at_ns;
    int answer;

    if (strcmp(name, "settings") == 0)
        return sync_settings_set(ledger, provider, value, now_ns);
    if (strncmp(name, STATED, strlen(STATED)) == 0)
        return sync_value_is_empty(value) ? 0 : set_stated(provider, name, value, shift_s);
    if (strcmp(name, "served") == 0)
        return take_instant(value, &at_ns) ? set_served(provider, moved_ns(at_ns, -shift_s), now_ns) : 1;
    answer = tq_provider_words(provider, &from);
    if (answer < 0)
        return answer;
    to = from;
    if (change_words(name, value, shift_s, &to) != 0)
        return 1;
    answer = tq_provider_set_words(provider, &from, &to, now_ns);
    if (answer == 0 && strcmp(name, "available") == 0)
        answer = set_served(provider, to.marked_at_ns, now_ns);
    return answer;
}
