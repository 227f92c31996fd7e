/* ietf.c: RateLimit and RateLimit-Policy, in the current draft and in the older forms.
 *
 * SPDX-License-Identifier: MIT
 *
 *     RateLimit-Policy: "burst";q=100;w=60,"daily";q=1000;w=86400     draft-ietf-httpapi-ratelimit-headers-11
 *     RateLimit: "burst";r=50;t=30
 *     RateLimit: limit=100, remaining=50, reset=30                    draft 7; its policy is 100;w=60
 *     RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset           drafts up to 6
 *
 * Several lines of one field are one list. One fault makes the whole field void, as structured fields require
 * (RFC 9651). These fields promise nothing, so they never turn a success into a refusal.
 */
#include "reading.h"

#include "field.h"

#define ITEMS_MAX TQ_AXES_MAX

/* The parameters that have a number: limit, seconds of the window, what remains, seconds to the reset. */
enum parameter { Q, W, R, T, PARAMETERS };

/* One member of a list, or all members of the dictionary of draft 7. */
struct item {
    struct tq__span name; /* between the quotes, as written */
    uint32_t has;         /* 1 << enum parameter */
    uint32_t what;
    int64_t number[PARAMETERS];
};

struct list {
    struct item item[ITEMS_MAX];
    uint32_t count;
    bool dropped; /* there were more */
};

static bool has_parameter(const struct item *item, enum parameter which)
{
    return item->has >> which & 1;
}

static bool take_byte(struct tq__span *left, char c)
{
    if (left->len == 0 || *left->at != c)
        return false;
    *left = tq__span_behind(*left, 1);
    return true;
}

static void skip_spaces(struct tq__span *left)
{
    while (take_byte(left, ' ') || take_byte(left, '\t'))
        continue;
}

static bool is_key(char c)
{
    return (c >= 'a' && c <= 'z') || tq__is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}

/* Can the character be in a value that is no string? Such a value matters only when it is a number. */
static bool is_bare(char c)
{
    return c > 0x20 && c < 0x7f && c != ',' && c != ';' && c != '"';
}

/* Takes the characters that are of a kind; false when there is none. */
static bool take_all(struct tq__span *left, bool (*is_kind)(char), struct tq__span *text)
{
    *text = (struct tq__span){left->at, 0};
    while (text->len < left->len && is_kind(left->at[text->len]))
        text->len++;
    *left = tq__span_behind(*left, text->len);
    return text->len > 0;
}

/* Takes "text" in quotes. A quote or a backslash inside has a backslash before it. */
static bool take_quoted(struct tq__span *left, struct tq__span *text)
{
    if (!take_byte(left, '"'))
        return false;
    text->at = left->at;
    while (left->len > 0 && *left->at != '"') {
        if (*left->at < 0x20 || *left->at > 0x7e)
            return false;
        if (take_byte(left, '\\') && (left->len == 0 || (*left->at != '"' && *left->at != '\\')))
            return false;
        *left = tq__span_behind(*left, 1);
    }
    text->len = (size_t)(left->at - text->at);
    return take_byte(left, '"');
}

static uint32_t axis_unit(struct tq__span unit)
{
    if (tq__span_matches(unit, "requests"))
        return TQ_AXIS_REQUESTS;
    if (tq__span_matches(unit, "concurrent-requests"))
        return TQ_AXIS_CONCURRENCY;
    return tq__span_matches(unit, "tokens") ? TQ_AXIS_TOKENS : TQ_AXIS_UNKNOWN;
}

/* Keeps a parameter that the draft knows and ignores any other. False when its value is wrong. */
static bool put_parameter(struct item *item, struct tq__span key, struct tq__span value, bool string)
{
    static const char *const keys[][2] = {
        [Q] = {"q", "limit"}, [W] = {"w", "w"}, [R] = {"r", "remaining"}, [T] = {"t", "reset"}};

    if (tq__span_matches(key, "qu")) {
        item->what = axis_unit(value);
        return string;
    }
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (!tq__span_matches(key, keys[i][0]) && !tq__span_matches(key, keys[i][1]))
            continue;
        item->has |= 1u << i;
        return !string && tq__value_count(tq__plain(value), &item->number[i]) == 0 &&
               (i != W || item->number[W] > 0);
    }
    return true;
}

/* Takes key or key=value. */
static bool take_pair(struct tq__span *left, struct item *item)
{
    struct tq__span key, value = {"", 0};
    bool string = false;

    if (!take_all(left, is_key, &key))
        return false;
    if (take_byte(left, '=')) {
        string = left->len > 0 && *left->at == '"';
        if (!(string ? take_quoted(left, &value) : take_all(left, is_bare, &value)))
            return false;
    }
    return put_parameter(item, key, value, string);
}

/* Takes the head of a member: "name", a number (draft 7's policy), or the first pair of a dictionary. */
static bool take_item_head(struct tq__span *left, struct item *item)
{
    struct tq__span number;

    if (*left->at == '"')
        return take_quoted(left, &item->name);
    if (!tq__is_digit(*left->at)) {
        uint32_t before = item->has;

        return take_pair(left, item) && item->has != before;
    }
    item->has |= 1u << Q;
    return take_all(left, is_bare, &number) && tq__value_count(tq__plain(number), &item->number[Q]) == 0;
}

/* Hugging Face has a second text in quotes, which is the one that RateLimit repeats:
 * "fixed window";"api";q=500;w=300. */
static bool take_member(struct tq__span *left, struct item *item)
{
    if (left->len == 0 || !take_item_head(left, item))
        return false;
    for (;;) {
        skip_spaces(left);
        if (!take_byte(left, ';'))
            return true;
        skip_spaces(left);
        if (left->len > 0 && *left->at == '"' ? !take_quoted(left, &item->name) : !take_pair(left, item))
            return false;
    }
}

/* Reads one line of a field into the list. */
static bool read_line(struct list *list, struct tq__span left)
{
    struct item passed;

    for (;;) {
        bool fits = list->count < ITEMS_MAX;
        struct item *item = fits ? &list->item[list->count] : &passed;
        bool pair = left.len > 0 && *left.at >= 'a' && *left.at <= 'z';

        /* limit=100, remaining=50 belong to one item. */
        if (pair && list->count > 0)
            item = &list->item[list->count - 1];
        else
            *item = (struct item){.what = TQ_AXIS_REQUESTS};
        if (!take_member(&left, item))
            return false;
        list->count += fits && !(pair && list->count > 0);
        list->dropped |= !fits;
        skip_spaces(&left);
        if (left.len == 0)
            return true;
        if (!take_byte(&left, ','))
            return false;
        skip_spaces(&left);
    }
}

/* Reads all lines of a field. Each member must have the parameter `must`. A fault empties the list. */
static void read_lists(struct tq__reading *reading, const struct tq__list *fields, enum parameter must,
                       struct list *list)
{
    list->count = 0;
    list->dropped = false;
    for (uint32_t i = 0; i < fields->count; i++) {
        struct tq__span value = tq__field_value(fields->field[i]);
        uint32_t before = list->count;
        bool sound = value.len == 0 || read_line(list, value);

        for (uint32_t j = before; sound && j < list->count; j++)
            sound = has_parameter(&list->item[j], must);
        if (!sound) {
            reading->signal->anomalies++;
            list->count = 0;
            return;
        }
    }
}

/* Seconds in nanoseconds, unless that is too long; then `otherwise`. */
static int64_t seconds_ns(int64_t seconds, int64_t otherwise)
{
    int64_t ns;

    return __builtin_mul_overflow(seconds, TQ__SECOND_NS, &ns) ? otherwise : ns;
}

static void add_axis(struct tq__reading *reading, const struct item *policy, const struct item *state)
{
    const struct item *shape = policy ? policy : state;
    struct tq_axis *axis =
        tq__axis_add(reading, shape->what, has_parameter(shape, W) ? seconds_ns(shape->number[W], 0) : 0);

    if (!axis)
        return;
    reading->policy[axis - reading->signal->axis] = shape->name;
    if (has_parameter(shape, Q)) {
        axis->known |= TQ_AXIS_LIMIT;
        axis->limit = shape->number[Q];
    }
    if (state && has_parameter(state, R)) {
        axis->known |= TQ_AXIS_REMAINING;
        axis->remaining = state->number[R];
        axis->flags |= axis->remaining == 0 ? TQ_AXIS_EMPTY : 0;
    }
    if (state && has_parameter(state, T))
        tq__axis_reset(reading, axis,
                       tq__add_saturated(reading->now_ns, seconds_ns(state->number[T], INT64_MAX)));
}

/* Of policies that share one unit and one length, each has a name of its own. */
static void name_axes(struct tq__reading *reading, uint32_t first)
{
    const struct tq_quota_signal *signal = reading->signal;
    const struct tq_axis *axis = signal->axis;

    for (uint32_t i = first; i < signal->axis_count; i++)
        for (uint32_t j = first; j < signal->axis_count; j++)
            if (i != j && axis[i].what == axis[j].what && axis[i].window_ns == axis[j].window_ns &&
                reading->policy[i].at)
                tq__axis_name(reading, &axis[i], reading->policy[i]);
}

static const struct item *policy_of(const struct list *policies, const struct item *state)
{
    for (uint32_t i = 0; i < policies->count; i++) {
        const struct item *policy = &policies->item[i];

        if (state->name.at ? policy->name.at && tq__spans_match(policy->name, state->name)
                           : has_parameter(state, Q) && policy->number[Q] == state->number[Q])
            return policy;
    }
    return NULL;
}

/* Reads RateLimit-Limit, -Remaining and -Reset as one state. The limit may be a list with policies in it. */
static bool read_old(struct tq__reading *reading, const struct tq__fields *fields, struct item *state)
{
    const struct tq_field *const *part = fields->part[TQ__IETF_ROW];
    struct list limits = {.count = 0};
    struct tq__list field = {1, {part[TQ__LIMIT]}};
    int64_t at_ns;

    *state = (struct item){.what = TQ_AXIS_REQUESTS};
    if (part[TQ__LIMIT]) {
        read_lists(reading, &field, Q, &limits);
        for (uint32_t i = limits.count; i-- > 0;) {
            const struct item *limit = &limits.item[i];

            if (i > 0 && (limit->number[Q] != limits.item[0].number[Q] || !has_parameter(limit, W)))
                continue;
            if (has_parameter(limit, W))
                state->number[W] = limit->number[W];
            state->has |= limit->has;
            state->number[Q] = limit->number[Q];
        }
    }
    if (part[TQ__REMAINING] &&
        tq__reading_took(reading, tq__value_count(tq__field_value(part[TQ__REMAINING]), &state->number[R])))
        state->has |= 1u << R;
    /* Vendors send an instant as often as a length of time. */
    if (part[TQ__RESET] &&
        tq__reading_took(reading, tq__value_reset(tq__field_value(part[TQ__RESET]), TQ__RESET_GUARD,
                                                  reading->now_ns, &at_ns))) {
        state->has |= 1u << T;
        state->number[T] = at_ns > reading->now_ns ? (at_ns - reading->now_ns) / TQ__SECOND_NS : 0;
    }
    return has_parameter(state, Q) || has_parameter(state, R) || has_parameter(state, T);
}

void tq__read_ietf(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct list states, policies;
    bool used[ITEMS_MAX] = {false}, old = fields->rows >> TQ__IETF_ROW & 1;
    uint32_t first = reading->signal->axis_count;

    if (fields->list[TQ__LIST_IETF_LIMIT].count + fields->list[TQ__LIST_IETF_POLICY].count == 0 && !old)
        return;
    read_lists(reading, &fields->list[TQ__LIST_IETF_LIMIT], R, &states);
    read_lists(reading, &fields->list[TQ__LIST_IETF_POLICY], Q, &policies);
    if (states.count == 0 && old && read_old(reading, fields, &states.item[0]))
        states.count = 1;
    if (states.dropped || policies.dropped)
        reading->signal->flags |= TQ_SIGNAL_AXES_DROPPED;
    for (uint32_t i = 0; i < states.count; i++) {
        const struct item *policy = policy_of(&policies, &states.item[i]);

        if (policy)
            used[policy - policies.item] = true;
        add_axis(reading, policy, &states.item[i]);
    }
    for (uint32_t i = 0; i < policies.count; i++) {
        if (!used[i])
            add_axis(reading, &policies.item[i], NULL);
    }
    name_axes(reading, first);
}
