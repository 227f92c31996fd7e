/* doctor_limits.c: what `tokenquota doctor` finds about limits: their zones, and windows that a wrong clock
 * took.
 *
 * SPDX-License-Identifier: MIT
 */
#include <string.h>

#include "base/zone_file.h"
#include "cli/commands/doctor.h"

#define TAKEN_SHOWN 5
#define ZONES_MOST 127 /* that a ledger holds */

/* The zones that were looked at. */
struct zones {
    char names[ZONES_MOST][TQ__ZONE_NAME_BYTES];
    size_t count, bad;
};

static bool is_known(const struct zones *zones, const char *name)
{
    for (size_t i = 0; i < zones->count; i++)
        if (strcmp(zones->names[i], name) == 0)
            return true;
    return false;
}

/* The ledger needs no file for a zone that it has, so the library does not say that there is none. */
static bool has_file(const char *zone)
{
    struct tq__zone_file file;

    return tq__zone_file_read(&file, tq__span_of(zone)) == 0;
}

/* To set a limit as it is changes nothing of it, and reads its zone anew. */
static void look_at_zone(struct doctor *doctor, struct tq_provider *provider, const struct tq_limit *found,
                         struct zones *zones)
{
    struct tq_error error = {.size = sizeof error};
    struct tq_limit limit = *found;

    if (limit.window == TQ_WINDOW_STATED) /* its zone is the vendor's name of the window */
        return;
    if (!limit.zone[0] || zones->count == ZONES_MOST || is_known(zones, limit.zone))
        return;
    memcpy(zones->names[zones->count++], limit.zone, sizeof zones->names[0]);
    limit.known = 0;
    if (!has_file(limit.zone)) {
        doctor_tell(doctor, NOTE, "zone",
                    "the zone database has no file that can be read for %s; its limits go on with the rule "
                    "that the ledger has",
                    limit.zone);
        doctor_tell(doctor, ADVICE, NULL, "install the package tzdata anew");
        zones->bad++;
    } else if (tq_provider_set_limit(provider, &limit, &error) < 0) {
        doctor_tell(doctor, NOTE, "zone", "%s was not read anew: %s", limit.zone, error.msg);
        zones->bad++;
    }
}

static void tell_taken(struct doctor *doctor, const char *name, const struct tq_limit_state *state)
{
    char sentence[LIMIT_BYTES];
    struct text end = {""};

    limit_sentence(&state->limit, sentence);
    if (state->end_at_ns > 0)
        snprintf(end.s, sizeof end.s, " of the window that ends %.30sZ", format_utc(state->end_at_ns).s);
    doctor_tell(doctor, NOTE, "limit", "%s, limit %u (%s): a clock that was wrong took a part of the count%s",
                name, (unsigned)state->number, sentence, end.s);
    if (state->end_at_ns > 0)
        doctor_tell(doctor, ADVICE, NULL, "set that clock; the next window counts right");
    else if (state->limit.length_ns > 0)
        doctor_tell(doctor, ADVICE, NULL, "set that clock; the count is right again within %s",
                    format_length(state->limit.length_ns).s);
    else
        doctor_tell(doctor, ADVICE, NULL, "set that clock");
}

void doctor_look_at_limits(struct doctor *doctor, bool refresh)
{
    struct zones zones = {.count = 0};
    struct tq_provider *provider;
    size_t taken = 0;
    uint64_t cursor = 0;

    while (tq_ledger_walk(doctor->session.ledger, &cursor, &provider) == 0) {
        struct limits limits;

        if (limits_read(provider, tq_now_ns(), &limits) < 0)
            break;
        for (size_t i = 0; i < limits.count; i++) {
            if (limits.items[i].taken && taken++ < TAKEN_SHOWN)
                tell_taken(doctor, tq_provider_name(provider), &limits.items[i]);
            if (refresh)
                look_at_zone(doctor, provider, &limits.items[i].limit, &zones);
        }
        limits_free(&limits);
    }
    if (zones.count > zones.bad)
        doctor_tell(doctor, OK, "zones", "%s of limits read anew", plural(zones.count - zones.bad, "zone").s);
}
