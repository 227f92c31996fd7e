/* claude_limit.c: reads from the words of Claude Code until when the account is over its limit.
 *
 * SPDX-License-Identifier: MIT
 *
 *     Claude AI usage limit reached|1777640400
 *     You've hit your session limit · resets 3pm (America/Bogota)
 *     You've hit your limit · resets Jul 23 at 6:30pm (America/Los_Angeles)
 *     You're out of extra usage · resets 5pm (Asia/Calcutta)
 *     Weekly limit reached ∙ resets 10am (Asia/Seoul)
 *     Claude usage limit reached. Your limit will reset at 3pm (America/Santiago).
 *
 * A local time is the next one there after the line was written. Without the name of a zone it is no instant.
 */
#include "claude.h"

#include "base/prose_time.h"
#include "base/zone_file.h"

#define TEXT_BYTES 1024 /* of a message that is looked at */
#define SESSION_MAX_NS (5 * TQ__HOUR_NS + TQ__MINUTE_NS)
#define SESSION_NAME "five_hour"
#define OTHER_MAX_NS (32 * TQ__DAY_NS)

/* The text from a word on, in upper or lower case; at is NULL where it does not stand there. */
static struct tq__span find(struct tq__span text, const char *word)
{
    ptrdiff_t at = tq__span_find(text, word);

    return at < 0 ? (struct tq__span){NULL, 0} : tq__span_behind(text, (size_t)at);
}

/* Which window it is that has no room, by the name that Claude Code has for it elsewhere; "": not said. */
static const char *window_of(struct tq__span text)
{
    static const char *const names[][2] = {
        {"opus", "seven_day_opus"},      {"sonnet", "seven_day_sonnet"}, {"weekly limit", "seven_day"},
        {"session limit", SESSION_NAME}, {"5-hour limit", SESSION_NAME}, {"5 hour limit", SESSION_NAME},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (find(text, names[i][0]).at)
            return names[i][1];
    return "";
}

static bool read_epoch(struct tq__span text, struct tq__claude_limit *limit)
{
    const char *at = memmem(text.at, text.len, TQ__CLAUDE_LIMIT_WORDS, strlen(TQ__CLAUDE_LIMIT_WORDS));

    if (!at)
        return false;
    text = tq__span_behind(text, (size_t)(at - text.at) + strlen(TQ__CLAUDE_LIMIT_WORDS));
    limit->window = "";
    return tq__prose_epoch(&text, &limit->end_ns);
}

/* The text from the words on that say that there is no room. How much was used is said with the same end, and
 * is no refusal. */
static struct tq__span find_refusal(struct tq__span text)
{
    static const char *const words[] = {"hit your", "reached", "out of extra usage"};
    struct tq__span found = {NULL, 0};

    if (!find(text, "limit").at && !find(text, "extra usage").at)
        return found;
    for (size_t i = 0; !found.at && i < sizeof(words) / sizeof(words[0]); i++)
        found = find(text, words[i]);
    return found;
}

/* Reads what stands behind "reset": s 3pm (America/Bogota) */
static bool read_time(struct tq__span text, struct tq__prose_time *time)
{
    (void)tq__prose_take(&text, "s");
    tq__prose_skip_blanks(&text);
    if (tq__prose_take(&text, "at") || tq__prose_take(&text, "on"))
        tq__prose_skip_blanks(&text);
    return tq__prose_time(&text, time);
}

bool tq__claude_read_limit(struct tq__span content, int64_t at_ns, struct tq__claude_limit *limit)
{
    char bytes[TEXT_BYTES];
    struct tq__prose_time time;
    struct tq__zone_file zone;
    struct tq__span text, reset;
    bool session;

    if (content.len == 0)
        return false;
    if (read_epoch(content, limit))
        return true;
    if (content.len > sizeof(bytes))
        return false;
    text = tq__json_unescape(content, bytes, sizeof(bytes));
    reset = find(find_refusal(text), "reset");
    if (!reset.at || !read_time(tq__span_behind(reset, strlen("reset")), &time) ||
        (!time.has_zone && tq__zone_file_read(&zone, time.zone_name) != 0) ||
        !tq__prose_instant(&time, &zone.zone, at_ns, &limit->end_ns))
        return false;
    limit->window = window_of(text);
    session = strcmp(limit->window, SESSION_NAME) == 0;
    return limit->end_ns > at_ns && limit->end_ns - at_ns <= (session ? SESSION_MAX_NS : OTHER_MAX_NS);
}
