/* care_model.c: the rule care as include/tokenquota.h defines it, slow and obvious, for tests to compare
 * with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "care_model.h"

#include <stdlib.h>

#include "naive_calendar.h"

#define HALF_HOUR_NS INT64_C(1800000000000)
#define NOTE_MAX ((INT64_C(1) << 40) - 1) /* saturated */
#define NEVER INT64_MIN

void cm_add(struct cm_notes *notes, const struct cm_note *note)
{
    if (notes->count == notes->room) {
        notes->room = notes->room ? 2 * notes->room : 64;
        notes->list = realloc(notes->list, notes->room * sizeof *notes->list);
        if (!notes->list)
            abort();
    }
    notes->list[notes->count++] = *note;
}

void cm_clear(struct cm_notes *notes)
{
    free(notes->list);
    *notes = (struct cm_notes){0};
}

/* ---- adding up -------------------------------------------------------------------------------- */

static int64_t half_hour_of(int64_t at_ns)
{
    return nc_divide(at_ns, HALF_HOUR_NS);
}

static bool is_odd(int64_t half_hour)
{
    return half_hour & 1;
}

/* A half hour and every second one before and behind it share a place, which has the newest of them. So a
 * record is too old when a record of its place was of a later half hour. */
struct place {
    int64_t half_hour;
    int64_t sum;
};

/* The places after all notes, and 8 times the mean call. */
static void add_up(const struct cm_notes *notes, uint32_t unit, struct place places[2], cm_wide *call)
{
    places[0] = places[1] = (struct place){.half_hour = NEVER};
    *call = 0;
    for (size_t i = 0; i < notes->count; i++) {
        const struct cm_note *note = &notes->list[i];
        int64_t half_hour = half_hour_of(note->at_ns), amount = note->of[unit];
        struct place *place = &places[is_odd(half_hour)];

        if (!(note->units >> unit & 1) || half_hour < place->half_hour)
            continue;
        if (note->taken_back) {
            if (half_hour == place->half_hour)
                place->sum = amount < place->sum ? place->sum - amount : 0;
            continue;
        }
        if (half_hour > place->half_hour)
            *place = (struct place){.half_hour = half_hour};
        amount = amount < NOTE_MAX ? amount : NOTE_MAX;
        place->sum = place->sum + amount < NOTE_MAX ? place->sum + amount : NOTE_MAX;
        if (amount > 0)
            *call = *call == 0 ? 8 * (cm_wide)amount : *call - *call / 8 + amount;
    }
}

/* ---- the half hour ---------------------------------------------------------------------------- */

/* The half hour that holds an instant, and the one before it. */
struct took {
    int64_t half_hour;
    cm_wide this, before;
};

static struct took took_of(const struct cm_question *question)
{
    struct took took = {.half_hour = half_hour_of(question->now_ns)};
    struct place places[2];
    cm_wide call;

    add_up(question->notes, question->unit, places, &call);
    if (places[is_odd(took.half_hour)].half_hour == took.half_hour)
        took.this = places[is_odd(took.half_hour)].sum;
    if (places[!is_odd(took.half_hour)].half_hour == took.half_hour - 1)
        took.before = places[!is_odd(took.half_hour)].sum;
    return took;
}

/* 4 x H x H times what the rule expects at an instant of now or later, if nothing more is recorded. */
static unsigned __int128 expects_at(const struct cm_question *question, const struct took *took,
                                    int64_t at_ns)
{
    int64_t half_hours = half_hour_of(at_ns) - took->half_hour, gone_ns;
    int64_t left_ns = question->end_ns == INT64_MAX || question->end_ns - at_ns > HALF_HOUR_NS
                          ? HALF_HOUR_NS
                          : question->end_ns - at_ns;
    cm_wide this = half_hours == 0 ? took->this : 0, before = 0;

    gone_ns = at_ns - half_hour_of(at_ns) * HALF_HOUR_NS;
    if (half_hours < 2)
        before = half_hours == 0 ? took->before : took->this;
    return (unsigned __int128)((this * HALF_HOUR_NS + before * (HALF_HOUR_NS - gone_ns)) * left_ns) *
           question->care;
}

static bool exceeds_at(const struct cm_question *question, const struct took *took, int64_t at_ns)
{
    cm_wide room = (cm_wide)question->budget - question->used;

    if (room > INT64_C(1) << 44) /* more than 8 times what two half hours can hold */
        return false;
    return expects_at(question, took, at_ns) >
           (unsigned __int128)(4 * room * HALF_HOUR_NS) * (unsigned __int128)HALF_HOUR_NS;
}

bool cm_took_exceeds(const struct cm_question *question)
{
    const struct took took = took_of(question);

    return exceeds_at(question, &took, question->now_ns);
}

/* Found digit by digit. */
int64_t cm_took_end(const struct cm_question *question)
{
    const struct took took = took_of(question);
    int64_t at_ns = question->now_ns;

    for (int64_t step_ns = INT64_C(1000000000000); step_ns > 0; step_ns /= 10)
        while (question->end_ns - at_ns > step_ns && exceeds_at(question, &took, at_ns + step_ns))
            at_ns += step_ns;
    return at_ns + 1;
}

int64_t cm_took_expects(const struct cm_question *question)
{
    const struct took took = took_of(question);
    unsigned __int128 whole = (unsigned __int128)4 * (uint64_t)HALF_HOUR_NS * (uint64_t)HALF_HOUR_NS;
    unsigned __int128 expects = expects_at(question, &took, question->now_ns);

    return (int64_t)(expects / whole + (expects % whole != 0));
}

/* ---- the mean call ---------------------------------------------------------------------------- */

static cm_wide call_of(const struct cm_question *question)
{
    struct place places[2];
    cm_wide call;

    add_up(question->notes, question->unit, places, &call);
    return call;
}

bool cm_call_exceeds(const struct cm_question *question)
{
    cm_wide room = (cm_wide)question->budget - question->used;

    return 4 * room < question->budget && 32 * room < question->care * call_of(question);
}

int64_t cm_call_expects(const struct cm_question *question)
{
    return (int64_t)((question->care * call_of(question) + 31) / 32);
}
