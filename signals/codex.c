/* codex.c: the limits of a ChatGPT plan, in headers, in an event, in a log and from the usage endpoint.
 *
 * SPDX-License-Identifier: MIT
 *
 * The headers x-codex-primary-*, the event codex.rate_limits, the object in a log and the answer of the usage
 * endpoint say the same. All become a struct plan first, and axes after that.
 *
 * A window is identified by its minutes, not by "primary" or "secondary", because plans swap them. A limit
 * with another name than "codex" is for one model. A full window refuses when the vendor says so: by a type
 * that was reached, by the status of the response, or by saying that there are no credits. If there are
 * credits, or if nothing is said about them, a full window is only a reading.
 *
 * The limit of a model is called by its id without the "codex" in front, because headers, logs and the
 * endpoint all have the id: x-codex-bengalfox-primary-..., "codex_bengalfox". Its title counts where there is
 * no id.
 */
#include "reading.h"

#include "field.h"
#include "windows.h"

#define NAME_BYTES 64

struct plan {
    struct tq__windows windows;
    bool model_only;                        /* all of them */
    struct tq__span name;                   /* of all of them; len 0: their ids have it */
    struct tq__span has_credits, unlimited; /* true, false */
    struct tq__span balance;
    struct tq__span active; /* the limit that this request counted for */
    bool reached;           /* the vendor says that one of the limits was reached */
};

static bool has_credits(const struct plan *plan)
{
    return tq__span_matches(plan->has_credits, "true") || tq__span_matches(plan->unlimited, "true");
}

/* May the vendor serve at the end of a window? Also when nothing is said about credits. */
static bool may_have_credits(const struct plan *plan)
{
    return has_credits(plan) || !tq__span_matches(plan->has_credits, "false");
}

/* ---- a plan -> axes -------------------------------------------------------------------------- */

/* Does a window at its end refuse? */
static bool refuses(const struct tq__reading *reading, const struct plan *plan)
{
    return plan->reached || reading->status >= 400 || !may_have_credits(plan);
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
static bool is_absent(const struct tq__vendor_window *window)
{
    for (size_t i = 0; i < sizeof window->said / sizeof window->said[0]; i++)
        if (window->said[i].at && !tq__span_equals(window->said[i], "0"))
            return false;
    return true;
}

/* "codex_bengalfox", "codex-bengalfox-primary" -> bengalfox, with "_" for "-", which headers have for it. */
static void name_axis(struct tq__reading *reading, const struct tq_axis *axis, struct tq__span id)
{
    char name[NAME_BYTES];
    ptrdiff_t end;

    if (tq__span_begins(id, "codex") && id.len > 6 && (id.at[5] == '_' || id.at[5] == '-'))
        id = tq__span_behind(id, 6);
    end = tq__span_find(id, "-primary");
    end = end < 0 ? tq__span_find(id, "-secondary") : end;
    if (end >= 0)
        id.len = (size_t)end;
    if (id.len > sizeof name)
        id.len = sizeof name;
    for (size_t i = 0; i < id.len; i++)
        name[i] = id.at[i] == '-' ? '_' : id.at[i];
    tq__axis_name(reading, axis, (struct tq__span){name, id.len});
}

/* A plan without the window sends zeroes. */
static bool says_nothing(const struct tq_axis *axis)
{
    return axis->known == 0 || (axis->known == TQ_AXIS_USED && axis->window_ns == 0 && axis->used_ppm == 0);
}

/* All of the window is used. */
static void note_full(struct tq__reading *reading, const struct plan *plan, struct tq_axis *axis)
{
    axis->flags |= TQ_AXIS_EMPTY;
    if (refuses(reading, plan) || reading->error)
        axis->flags &= ~(uint32_t)TQ_AXIS_CREDIT;
    if (plan->reached || reading->status >= 400)
        tq__axis_reject(reading, axis);
    else if (refuses(reading, plan))
        tq__axis_fill(reading, axis);
}

/* Adds the window's axis. Is it at its end? */
static bool add_window(struct tq__reading *reading, const struct tq__vendor_window *window,
                       const struct plan *plan)
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
    if (says_nothing(axis)) {
        reading->signal->axis_count--;
        return false;
    }
    if (plan->model_only || !is_of_the_plan(window->id)) {
        axis->flags |= TQ_AXIS_MODEL_ONLY;
        name_axis(reading, axis, plan->name.len > 0 ? plan->name : window->id);
    }
    axis->flags |= may_have_credits(plan) ? TQ_AXIS_CREDIT : 0;
    if (axis->used_ppm < 1000000)
        return false;
    note_full(reading, plan, axis);
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
    if (plan.model_only)
        plan.name = plan.active;
    reading->model_only |= plan.model_only;
    add_plan(reading, &plan);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static bool is_other(const struct tq__json_item *item)
{
    return tq__json_is_name(item) && !tq__span_matches(item->text, "codex");
}

/* What calls the limits of a model: its id, else its title. */
static struct tq__span limit_name_of(const struct tq__limit_members *members)
{
    if (tq__json_is_name(&members->id) || tq__json_is_name(&members->metered))
        return is_other(&members->id) ? members->id.text : members->metered.text;
    return tq__json_text(&members->name);
}

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
    plan->windows.window[plan->windows.count++] = (struct tq__vendor_window){
        .id = tq__span_of(id),
        .said = {[TQ__WINDOW_USED] = tq__json_value(&used),
                 [TQ__WINDOW_MINUTES] = tq__json_value(&minutes),
                 [TQ__WINDOW_RESET_AT] = either(&at, &at_too),
                 [TQ__WINDOW_RESET_AFTER] = either(&after, &after_too)},
    };
}

static void take_json_credits(struct plan *plan, struct tq__span object)
{
    struct tq__json_item has, unlimited, balance;
    const struct tq__json_wanted wanted[] = {
        {"has_credits", &has}, {"unlimited", &unlimited}, {"balance", &balance}};

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    plan->has_credits = tq__json_word(&has);
    plan->unlimited = tq__json_word(&unlimited);
    plan->balance = tq__json_value(&balance);
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
    if (plan.model_only)
        plan.name = limit_name_of(is_of_a_model(outer) ? outer : &inner);
    take_json_credits(&plan,
                      inner.credits.kind == TQ__JSON_OBJECT ? inner.credits.text : outer->credits.text);
    take_json_window(&plan, inner.primary.text, "codex-primary");
    take_json_window(&plan, inner.secondary.text, "codex-secondary");
    plan.reached = tq__json_is_name(&inner.reached) || tq__json_is_name(&outer->reached);
    tq__reading_is(reading, TQ__CODEX);
    reading->model_only |= plan.model_only && plan.reached;
    add_plan(reading, &plan);
}

/* ---- the usage endpoint ---------------------------------------------------------------------- */

/* A window whose length is in seconds. */
static void add_polled_window(struct tq__reading *reading, const struct plan *plan, struct tq__span object,
                              const char *id, bool *at_end)
{
    struct tq__json_item used, seconds, at, after;
    const struct tq__json_wanted wanted[] = {{"used_percent", &used},
                                             {"limit_window_seconds", &seconds},
                                             {"reset_at", &at},
                                             {"reset_after_seconds", &after}};
    struct tq__span length;
    char minutes[TQ__NUMBER_BYTES];
    int64_t number;

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    length = tq__json_value(&seconds);
    if (length.at && tq__reading_took(reading, tq__value_count(length, &number)))
        length = (struct tq__span){minutes, tq__number_write(minutes, number / 60, '\0')};
    else
        length = (struct tq__span){NULL, 0};
    *at_end |=
        add_window(reading,
                   &(struct tq__vendor_window){.id = tq__span_of(id),
                                               .said = {[TQ__WINDOW_USED] = tq__json_value(&used),
                                                        [TQ__WINDOW_MINUTES] = length,
                                                        [TQ__WINDOW_RESET_AT] = tq__json_value(&at),
                                                        [TQ__WINDOW_RESET_AFTER] = tq__json_value(&after)}},
                   plan);
}

/* Was the limit reached? Not where credits pay, or where the vendor serves all the same. */
static bool is_reached(const struct plan *plan, const struct tq__json_item *allowed,
                       const struct tq__json_item *reached)
{
    return !has_credits(plan) && (allowed->kind == TQ__JSON_FALSE ||
                                  (reached->kind == TQ__JSON_TRUE && allowed->kind != TQ__JSON_TRUE));
}

/* Reads the limit in an object: the plan's, or with a name another one. */
static void read_polled_limit(struct tq__reading *reading, const struct plan *said, struct tq__span name,
                              struct tq__span object)
{
    struct tq__json_item allowed, reached, primary, secondary;
    const struct tq__json_wanted wanted[] = {{"allowed", &allowed},
                                             {"limit_reached", &reached},
                                             {"primary_window", &primary},
                                             {"secondary_window", &secondary}};
    struct plan plan = *said;
    bool at_end = false;

    if (!tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]))
        return;
    plan.name = name;
    plan.model_only = name.len > 0;
    plan.reached = (said->reached && name.len == 0) || is_reached(&plan, &allowed, &reached);
    add_polled_window(reading, &plan, primary.text, "codex-primary", &at_end);
    add_polled_window(reading, &plan, secondary.text, "codex-secondary", &at_end);
    if (plan.reached && !at_end && !plan.model_only) {
        reading->error_known = true;
        reading->error_class = TQ_CLASS_EXHAUSTED;
    }
}

static void read_additional(struct tq__reading *reading, const struct plan *plan, struct tq__span array)
{
    struct tq__json_item entry, id, title, limit;
    const struct tq__json_wanted wanted[] = {
        {"metered_feature", &id}, {"limit_name", &title}, {"rate_limit", &limit}};
    struct tq__json json;

    tq__json_begin(&json, array, TQ__JSON_LAX);
    tq__json_enter_next(&json, '[');
    while (tq__json_next(&json, &entry) && tq__json_pass(&json, &entry))
        if (tq__json_members(entry.text, wanted, sizeof wanted / sizeof wanted[0]) &&
            (tq__json_is_name(&id) || tq__json_is_name(&title)))
            read_polled_limit(reading, plan, tq__json_is_name(&id) ? id.text : title.text, limit.text);
}

void tq__codex_poll(struct tq__reading *reading, struct tq__span object)
{
    struct tq__json_item limit, review, additional, credits, reached, account;
    const struct tq__json_wanted wanted[] = {
        {"rate_limit", &limit},
        {"code_review_rate_limit", &review},
        {"additional_rate_limits", &additional},
        {"credits", &credits},
        {"rate_limit_reached_type", &reached},
        {"account_id", &account},
    };
    struct plan plan = {.windows = {.count = 0}};

    (void)tq__json_members(object, wanted, sizeof wanted / sizeof wanted[0]);
    tq__account_note(reading, tq__json_text(&account));
    take_json_credits(&plan, credits.text);
    plan.reached = tq__json_is_name(&reached);
    read_polled_limit(reading, &plan, (struct tq__span){NULL, 0}, limit.text);
    read_polled_limit(reading, &plan, TQ__SPAN("code_review"), review.text);
    if (additional.kind == TQ__JSON_ARRAY)
        read_additional(reading, &plan, additional.text);
    if (has_credits(&plan))
        add_balance(reading, &plan);
}
