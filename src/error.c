/* error.c: what numbers are called (codes, states, classes, axes, reasons, units, windows, the version), and
 * messages about files.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <string.h>

#include "error.h"

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

#define PATH_ROOM 16 /* with less of it than this a path in a message says nothing */

const char *tq_error_name(int code)
{
    switch (code) {
#define NAME(name, number, text)                                                                             \
    case number:                                                                                             \
        return #name;
        TQ_ERRORS(NAME)
#undef NAME
    default:
        return "TQ_EUNKNOWN";
    }
}

const char *tq_strerror(int code)
{
    switch (code) {
#define TEXT(name, number, text)                                                                             \
    case number:                                                                                             \
        return text;
        TQ_ERRORS(TEXT)
#undef TEXT
    case 0:
        return "available";
    case TQ_EXHAUSTED:
        return "exhausted";
    default:
        return "unknown error";
    }
}

const char *tq_state_name(int state)
{
    return state == TQ_AVAILABLE ? "available" : state == TQ_QUOTA_EXHAUSTED ? "quota_exhausted" : "unknown";
}

int tq_version(void)
{
    return TQ_VERSION;
}

const char *tq_version_string(void)
{
    return STRING(TQ_VERSION_MAJOR) "." STRING(TQ_VERSION_MINOR) "." STRING(TQ_VERSION_PATCH);
}

/* ---- words of signals and verdicts ----------------------------------------------------------- */

#define WORD_OF(list, number) ((number) < sizeof(list) / sizeof((list)[0]) ? (list)[number] : "unknown")

const char *tq_class_name(uint32_t refusal)
{
    static const char *const name[] = {
        [TQ_CLASS_NONE] = "none",
        [TQ_CLASS_THROTTLED] = "throttled",
        [TQ_CLASS_EXHAUSTED] = "exhausted",
        [TQ_CLASS_NO_MONEY] = "no-money",
        [TQ_CLASS_OVERLOADED] = "overloaded",
        [TQ_CLASS_TOO_LARGE] = "too-large",
    };

    return WORD_OF(name, refusal);
}

const char *tq_axis_name(uint32_t what)
{
    static const char *const name[] = {
        [TQ_AXIS_UNKNOWN] = "unknown",         [TQ_AXIS_REQUESTS] = "requests",
        [TQ_AXIS_TOKENS] = "tokens",           [TQ_AXIS_INPUT] = "input tokens",
        [TQ_AXIS_OUTPUT] = "output tokens",    [TQ_AXIS_MONEY] = "money",
        [TQ_AXIS_CONCURRENCY] = "concurrency",
    };

    return WORD_OF(name, what);
}

const char *tq_reason_name(uint32_t reason)
{
    static const char *const name[] = {
        [TQ_REASON_NONE] = "none",           [TQ_REASON_MARKED] = "marked",
        [TQ_REASON_REPORTED] = "reported",   [TQ_REASON_THROTTLED] = "throttled",
        [TQ_REASON_PREDICTED] = "predicted", [TQ_REASON_SPENT] = "spent",
        [TQ_REASON_HELD] = "held",           [TQ_REASON_SHARED] = "shared",
    };

    return WORD_OF(name, reason);
}

const char *tq_cut_name(uint32_t cut)
{
    static const char *const name[] = {
        [TQ_CUT_SHARE] = "share", [TQ_CUT_OPEN] = "open", [TQ_CUT_CLOSED] = "closed"};

    return WORD_OF(name, cut);
}

const char *tq_unit_name(uint32_t unit)
{
    static const char *const name[] = {
        "unknown",
        [TQ_UNIT_TOKENS] = "tokens",
        [TQ_UNIT_INPUT] = "input",
        [TQ_UNIT_OUTPUT] = "output",
        [TQ_UNIT_TOTAL] = "total",
        [TQ_UNIT_REQUESTS] = "requests",
        [TQ_UNIT_COST] = "cost",
        [TQ_UNIT_WEIGHTED] = "weighted",
        [TQ_UNIT_SHARE] = "share",
    };

    return WORD_OF(name, unit);
}

const char *tq_window_name(uint32_t window)
{
    static const char *const name[] = {
        "unknown",
        [TQ_WINDOW_DAY] = "day",
        [TQ_WINDOW_WEEK] = "week",
        [TQ_WINDOW_MONTH] = "month",
        [TQ_WINDOW_QUARTER] = "quarter",
        [TQ_WINDOW_YEAR] = "year",
        [TQ_WINDOW_FIXED] = "fixed",
        [TQ_WINDOW_FIRST_USE] = "first-use",
        [TQ_WINDOW_ROLLING] = "rolling",
        [TQ_WINDOW_REFILL] = "refill",
        [TQ_WINDOW_ONCE] = "once",
        [TQ_WINDOW_STATED] = "stated",
    };

    return WORD_OF(name, window);
}

const char *tq_policy_name(uint32_t policy)
{
    static const char *const name[] = {
        [TQ_POLICY_ORDER] = "order",
        [TQ_POLICY_STICKY] = "sticky",
        [TQ_POLICY_PRESSURE] = "pressure",
        [TQ_POLICY_STICKY_PRESSURE] = "sticky-pressure",
    };

    return WORD_OF(name, policy);
}

/* ---- messages -------------------------------------------------------------------------------- */

/* The path in out's `room` bytes, with its NUL. The end says more than the front, so that is what stays. */
static void put_path(char *out, size_t room, const char *path)
{
    size_t len = strlen(path), skip = 0;

    if (len >= room) {
        skip = len - room + sizeof "...";
        while ((path[skip] & 0xc0) == 0x80) /* not in the middle of a character */
            skip++;
    }
    snprintf(out, room, "%s%s", skip ? "..." : "", path + skip);
    for (; *out; out++)
        if ((unsigned char)*out < ' ' || *out == 0x7f)
            *out = '?';
}

void tq__error_fill(struct tq_error *error, int code, int sys, const char *path, const char *text)
{
    size_t text_bytes = strlen(text) + sizeof " ", len = 0;

    if (!error || error->size < sizeof *error)
        return;
    error->code = code;
    error->sys = sys;
    if (path && text_bytes + PATH_ROOM <= sizeof error->msg) {
        put_path(error->msg, sizeof error->msg - text_bytes + 1, path);
        len = strlen(error->msg);
    }
    snprintf(error->msg + len, sizeof error->msg - len, "%s%s", len ? " " : "", text);
}

int tq__error_give(struct tq_error *user_error, const struct tq_error *error, int answer)
{
    uint32_t size = user_error ? user_error->size : 0;

    if (size < sizeof *error)
        return answer;
    *user_error = answer < 0 || error->code == 0 ? *error : (struct tq_error){.code = 0};
    user_error->size = size;
    return answer;
}

int tq__cannot(const char *path, const char *what, int answer, struct tq_error *error)
{
    char text[160];

    snprintf(text, sizeof text, "%s: %s", what, tq_strerror(answer));
    return tq__fail(error, answer, 0, path, text);
}
