/* windows.c: the windows of a subscription, as the headers or the JSON of its vendor name them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "windows.h"

static const struct {
    const char *end; /* of a header's name */
    enum tq__window_part part;
} parts[] = {
    {"-status", TQ__WINDOW_STATUS}, /* Anthropic */
    {"-utilization", TQ__WINDOW_USED},
    {"-reset", TQ__WINDOW_RESET_AT},
    {"-used-percent", TQ__WINDOW_USED}, /* Codex */
    {"-window-minutes", TQ__WINDOW_MINUTES},
    {"-reset-at", TQ__WINDOW_RESET_AT},
    {"-reset-after-seconds", TQ__WINDOW_RESET_AFTER},
    {"-reset-after", TQ__WINDOW_RESET_AFTER},
};

struct tq__vendor_window *tq__window_named(struct tq__reading *reading, struct tq__windows *windows,
                                           struct tq__span id)
{
    for (uint32_t i = 0; i < windows->count; i++)
        if (tq__spans_match(windows->window[i].id, id))
            return &windows->window[i];
    if (windows->count == TQ__WINDOWS_MAX) {
        reading->signal->flags |= TQ_SIGNAL_AXES_DROPPED;
        return NULL;
    }
    windows->window[windows->count] = (struct tq__vendor_window){.id = id};
    return &windows->window[windows->count++];
}

void tq__window_take(struct tq__reading *reading, struct tq__windows *windows, struct tq__span name,
                     struct tq__span value)
{
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t len = strlen(parts[i].end);
        struct tq__vendor_window *window;

        if (name.len <= len || !tq__span_ends(name, parts[i].end))
            continue;
        window = tq__window_named(reading, windows, (struct tq__span){name.at, name.len - len});
        if (window)
            tq__reading_keep(reading, &window->said[parts[i].part], value);
        return;
    }
}
