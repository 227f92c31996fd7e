/* codex.c: the limits of a ChatGPT plan, in headers, in an event and in a log.
 *
 * SPDX-License-Identifier: MIT
 *
 * The headers x-codex-primary-*, the event codex.rate_limits and the object in a log say the same. All become
 * a struct plan first, and axes after that.
 *
 * A window is identified by its minutes, not by "primary" or "secondary", because plans swap them. A limit
 * with another name than "codex" is for one model. A full window refuses when the vendor says so: by a type
 * that was reached, by the status of the response, or by saying that there are no credits. If there are
 * credits, or if nothing is said about them, a full window is only a reading.
 */
#include "reading.h"

#include "field.h"
#include "windows.h"

struct plan {
    struct tq__windows windows;
    bool model_only;                        /* all of them */
    struct tq__span has_credits, unlimited; /* true, false */
    struct tq__span balance;
    struct tq__span active; /* the limit that this request counted for */
    bool reached;           /* the vendor says that one of the limits was reached */
};

static bool has_credits(const struct plan *plan)
{
    return tq__span_matches(plan->has_credits, "true") || tq__span_matches(plan->unlimited, "true");
}

/* ---- a plan -> axes -------------------------------------------------------------------------- */

/* Does a window at its end refuse? */
static bool refuses(const struct tq__reading *reading, const struct plan *plan)
{
    return plan->reached || reading->status >= 400 ||
           (tq__span_matches(plan->has_credits, "false") && !has_credits(plan));
}

/* The length of the window; 0 for what is none. */
static int64_t read_length(struct tq__reading *reading, struct tq__span text)
{
    int64_t minutes;

    if (!text.at || !tq__reading_took(reading, tq__value_count(text, &minutes)))
        return 0;
    return minutes < 366 * 24 * 60 ? minutes * TQ__MINUTE_NS : 0;
}

/* Is the window with this id one of the whole plan? */
static bool is_of_the_plan(struct tq__span id)
{
    return tq__span_begins(id, "codex-primary") || tq__span_begins(id, "codex-secondary");
}

/* A plan without the window sends zeroes for it, or nothing. */
static bool is_absent(const struct tq__window *window)
{
    for (size_t i = 0; i < sizeof window->said / sizeof window->said[0]; i++)
        if (window->said[i].at && !tq__span_equals(window->said[i], "0"))
            return false;
    return true;
}

/* Adds the window's axis. Is it at its end? */
static bool add_window(struct tq__reading *reading, const struct tq__window *window, const struct plan *plan)
{
    const struct tq__span *said = window->said;
    struct tq_axis *axis;

    if (is_absent(window))
        return false;
    axis = tq__axis_add(reading, TQ_AXIS_UNKNOWN, read_length(reading, said[TQ__WINDOW_MINUTES]));
    if (!axis)
        return false;
    tq__axis_share(reading, axis, said[TQ__WINDOW_USED], 4);
    if (!tq__axis_instant(reading, axis, said[TQ__WINDOW_RESET_AT]))
        tq__axis_after(reading, axis, said[TQ__WINDOW_RESET_AFTER]);
    /* A plan without the window sends zeroes. */
    if (axis->known == 0 || (axis->known == TQ_AXIS_USED && axis->window_ns == 0 && axis->used_ppm == 0)) {
        reading->signal->axis_count--;
        return false;
    }
    axis->flags |= plan->model_only || !is_of_the_plan(window->id) ? TQ_AXIS_MODEL_ONLY : 0;
    if (axis->used_ppm < 1000000)
        return false;
    axis->flags |= TQ_AXIS_EMPTY;
    if (refuses(reading, plan))
        tq__axis_reject(reading, axis);
    return true;
}

static void add_balance(struct tq__reading *reading, const struct plan *plan)
{
    struct tq_axis *axis;
    int64_t balance;

    if (!plan->balance.at || tq__value_scaled(plan->balance, 0, &balance) != 0)
        return; /* it may be text */
    axis = tq__axis_add(reading, TQ_AXIS_MONEY, 0);
    if (axis) {
        axis->known = TQ_AXIS_REMAINING;
        axis->remaining = balance;
    }
}

static void add_plan(struct tq__reading *reading, const struct plan *plan)
{
    bool at_end = false;

    for (uint32_t i = 0; i < plan->windows.count; i++)
        at_end |= add_window(reading, &plan->windows.window[i], plan);
    if (has_credits(plan))
        add_balance(reading, plan);
    /* A limit was reached, and the windows do not show which. */
    if (plan->reached && !at_end) {
        reading->error_known = true;
        reading->error_class = TQ_CLASS_EXHAUSTED;
    }
}

/* ---- headers --------------------------------------------------------------------------------- */

static void take_field(struct tq__reading *reading, struct plan *plan, const struct tq_field *field)
{
    struct tq__span name = tq__field_name(field, 2), value = tq__field_value(field);

    /* Values for what a plan has not, by the vendor and by what passes them on. */
    if (value.len == 0 || tq__span_matches(value, "none") || tq__span_matches(value, "null"))
        return;
    if (tq__span_matches(name, "codex-credits-has-credits"))
        tq__reading_keep(reading, &plan->has_credits, value);
    else if (tq__span_matches(name, "codex-credits-unlimited"))
        tq__reading_keep(reading, &plan->unlimited, value);
    else if (tq__span_matches(name, "codex-credits-balance"))
        tq__reading_keep(reading, &plan->balance, value);
    else if (tq__span_matches(name, "codex-active-limit"))
        tq__reading_keep(reading, &plan->active, value);
    else if (tq__span_find(name, "-primary-") > 0 || tq__span_find(name, "-secondary-") > 0)
        tq__window_take(reading, &plan->windows, name, value);
}

void tq__read_codex(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct plan plan = {.windows = {.count = 0}};

    if (fields->list[TQ__LIST_CODEX].count == 0 || !(reading->profile->families & TQ__FAMILY_CODEX))
        return;
    for (uint32_t i = 0; i < fields->list[TQ__LIST_CODEX].count; i++)
        take_field(reading, &plan, fields->list[TQ__LIST_CODEX].field[i]);
    /* x-codex-primary-... are then of that limit, too; codex_NAME is one of a model. */
    plan.model_only = tq__span_begins(plan.active, "codex_");
    reading->model_only |= plan.model_only;
    add_plan(reading, &plan);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* The first of two that is there. */
static struct tq__span either(const struct tq__json_item *item, const struct tq__json_item *other)
{
    struct tq__span value = tq__json_value(item);

    return value.at ? value : tq__json_value(other);
}

static void take_json_window(struct plan *plan, struct tq__span object, const char *id)
{
    struct tq__json_item used, minutes, at, at_too, after, after_too;
    const struct tq__json_wanted wanted[] = {
        {"used_percent", &used}, {"window_minutes", &minutes},    {"reset_at", &at},
        {"resets_at", &at_too},  {"reset_after_seconds", &after}, {"resets_in_seconds", &after_too},
    };

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    plan->windows.window[plan->windows.count++] = (struct tq__window){
        .id = tq__span_of(id),
        .said = {[TQ__WINDOW_USED] = tq__json_value(&used),
                 [TQ__WINDOW_MINUTES] = tq__json_value(&minutes),
                 [TQ__WINDOW_RESET_AT] = either(&at, &at_too),
                 [TQ__WINDOW_RESET_AFTER] = either(&after, &after_too)},
    };
}

/* true and false as they are written, in quotes or not. */
static struct tq__span word_of(const struct tq__json_item *item)
{
    return item->kind == TQ__JSON_TRUE || item->kind == TQ__JSON_FALSE ? item->text : tq__json_text(item);
}

static void take_json_credits(struct plan *plan, struct tq__span object)
{
    struct tq__json_item has, unlimited, balance;
    const struct tq__json_wanted wanted[] = {
        {"has_credits", &has}, {"unlimited", &unlimited}, {"balance", &balance}};

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    plan->has_credits = word_of(&has);
    plan->unlimited = word_of(&unlimited);
    plan->balance = tq__json_value(&balance);
}

static bool is_other(const struct tq__json_item *item)
{
    return tq__json_is_name(item) && !tq__span_matches(item->text, "codex");
}

/* Is it the limit of one model? limit_id and metered_limit_name are words of the vendor; limit_name may be a
 * title for people, and says something only where neither of them is there. */
static bool is_of_a_model(const struct tq__limit_members *members)
{
    if (tq__json_is_name(&members->id) || tq__json_is_name(&members->metered))
        return is_other(&members->id) || is_other(&members->metered);
    return is_other(&members->name);
}

void tq__codex_limits(struct tq__reading *reading, const struct tq__limit_members *outer)
{
    struct tq__limit_members inner = *outer;
    struct plan plan = {.windows = {.count = 0}};

    /* An event has the windows in its member "rate_limits"; in a rollout they are in the object itself. */
    if (outer->limits.kind == TQ__JSON_OBJECT)
        (void)tq__limit_members(outer->limits.text, true, &inner);
    plan.model_only = is_of_a_model(outer) || is_of_a_model(&inner);
    take_json_credits(&plan,
                      inner.credits.kind == TQ__JSON_OBJECT ? inner.credits.text : outer->credits.text);
    take_json_window(&plan, inner.primary.text, "codex-primary");
    take_json_window(&plan, inner.secondary.text, "codex-secondary");
    plan.reached = tq__json_is_name(&inner.reached) || tq__json_is_name(&outer->reached);
    tq__reading_is(reading, TQ__CODEX);
    reading->model_only |= plan.model_only && plan.reached;
    add_plan(reading, &plan);
}
