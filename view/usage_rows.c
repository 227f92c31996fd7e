/* usage_rows.c: to which row of the report a response belongs: its day, week, month, session, model, ...
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "cli/cli.h"
#include "usage.h"

static const char *const words[] = {"day", "week", "month", "session", "model", "provider", "tool"};

const char *usage_by_word(enum usage_by by)
{
    return words[by];
}

int64_t usage_day(const struct usage_request *request, int64_t at_ns)
{
    return bounds_day(at_ns, request->local);
}

struct text usage_day_text(int64_t day)
{
    return format_utc_day(day * DAY_NS);
}

/* A week begins on Monday and is called by that day; 1970-01-01 was a Thursday. */
struct text usage_day_key(const struct usage_request *request, int64_t day)
{
    struct text text;

    if (request->by == BY_WEEK)
        return usage_day_text(day - ((day + 3) % 7 + 7) % 7);
    text = usage_day_text(day);
    if (request->by == BY_MONTH)
        text.s[7] = '\0';
    return text;
}

static const char *or_unknown(const char *text)
{
    return *text ? text : "unknown";
}

/* The session and, in front of it, the last part of the project's path. */
static const char *session_key(char *key, size_t size, const struct tq_log_entry *entry)
{
    const char *slash = strrchr(entry->project, '/');
    const char *project = slash && slash[1] ? slash + 1 : entry->project;

    if (!*project)
        return or_unknown(entry->session);
    snprintf(key, size, "%.100s/%.150s", project, or_unknown(entry->session));
    return key;
}

const char *usage_key(const struct usage_request *request, const struct tq_log_source *source,
                      const struct tq_log_entry *entry)
{
    static char key[TQ_NAME_MAX + 1];
    struct text day;

    switch (request->by) {
    case BY_SESSION:
        return session_key(key, sizeof(key), entry);
    case BY_MODEL:
        return or_unknown(entry->model);
    case BY_PROVIDER:
        names_fill(key, names_pattern(request->logs.name, source), source, entry);
        return key;
    case BY_TOOL:
        return tq_log_source_title(source);
    case BY_DAY:
    case BY_WEEK:
    case BY_MONTH:
        break;
    }
    day = usage_day_key(request, usage_day(request, entry->at_ns));
    memcpy(key, day.s, sizeof(day.s));
    return key;
}
