/* ietf.c: RateLimit and RateLimit-Policy, in their present draft and in the older forms.
 *
 * SPDX-License-Identifier: MIT
 *
 *     RateLimit-Policy: "burst";q=100;w=60,"daily";q=1000;w=86400     draft-ietf-httpapi-ratelimit-headers-11
 *     RateLimit: "burst";r=50;t=30
 *     RateLimit: limit=100, remaining=50, reset=30                    draft 7; its policy is 100;w=60
 *     RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset           drafts up to 6
 *
 * Fields of several lines are one list. One fault makes the whole field void, as structured fields ask
 * (RFC 9651). What remains is no promise: a success is never made a refusal by it.
 */
#include "reading.h"

#include "field.h"

#define OLD_ROW (TQ__ROWS - 1) /* RateLimit-Limit, -Remaining, -Reset */
#define ITEMS_MAX TQ_AXES_MAX

#define HAS_Q 1u
#define HAS_W 2u
#define HAS_R 4u
#define HAS_T 8u

/* One member of a list, or all members of the dictionary of draft 7. */
struct item {
    struct tq__span name; /* between the quotes, as written */
    uint32_t has;
    uint32_t what;
    int64_t q, w, r, t;
};

struct list {
    struct item item[ITEMS_MAX];
    uint32_t count;
    bool dropped; /* there were more */
};

static bool at_end(const struct tq__span *left)
{
    return left->len == 0;
}

static bool take(struct tq__span *left, char c)
{
    if (at_end(left) || *left->at != c)
        return false;
    left->at++;
    left->len--;
    return true;
}

static void skip_blanks(struct tq__span *left)
{
    while (take(left, ' ') || take(left, '\t'))
        continue;
}

static bool is_key(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '*';
}

/* "text", whose quotes and backslashes have a backslash before them. */
static bool take_string(struct tq__span *left, struct tq__span *text)
{
    if (!take(left, '"'))
        return false;
    text->at = left->at;
    while (!at_end(left) && *left->at != '"') {
        if (*left->at < 0x20 || *left->at > 0x7e)
            return false;
        if (take(left, '\\') && (at_end(left) || (*left->at != '"' && *left->at != '\\')))
            return false;
        left->at++;
        left->len--;
    }
    text->len = (size_t)(left->at - text->at);
    return take(left, '"');
}

/* Any other value: up to what ends a parameter. Its inside does not matter unless it is a number. */
static bool take_bare(struct tq__span *left, struct tq__span *text)
{
    text->at = left->at;
    while (!at_end(left) && *left->at > 0x20 && *left->at < 0x7f && *left->at != ',' && *left->at != ';' &&
           *left->at != '"') {
        left->at++;
        left->len--;
    }
    text->len = (size_t)(left->at - text->at);
    return text->len > 0;
}

static uint32_t what_of(struct tq__span unit)
{
    if (tq__span_matches(unit, "requests"))
        return TQ_AXIS_REQUESTS;
    if (tq__span_matches(unit, "concurrent-requests"))
        return TQ_AXIS_CONCURRENCY;
    return tq__span_matches(unit, "tokens") ? TQ_AXIS_TOKENS : TQ_AXIS_UNKNOWN;
}

/* A parameter that the draft knows; others are passed by. False when its value is wrong. */
static bool put_parameter(struct item *item, struct tq__span key, struct tq__span value, bool string)
{
    static const struct {
        const char *key, *old;
        uint32_t bit;
    } known[] = {{"q", "limit", HAS_Q}, {"w", "w", HAS_W}, {"r", "remaining", HAS_R}, {"t", "reset", HAS_T}};
    int64_t *const place[] = {&item->q, &item->w, &item->r, &item->t};

    if (tq__span_matches(key, "qu")) {
        item->what = what_of(value);
        return string;
    }
    for (size_t i = 0; i < 4; i++) {
        if (!tq__span_matches(key, known[i].key) && !tq__span_matches(key, known[i].old))
            continue;
        item->has |= known[i].bit;
        return !string && tq__value_count(tq__plain(value), place[i]) == 0 &&
               (known[i].bit != HAS_W || *place[i] > 0);
    }
    return true;
}

/* key, key=value. */
static bool take_pair(struct tq__span *left, struct item *item)
{
    struct tq__span key = {left->at, 0}, value = {"", 0};
    bool string = false;

    while (!at_end(left) && is_key(*left->at)) {
        left->at++;
        left->len--;
    }
    key.len = (size_t)(left->at - key.at);
    if (key.len == 0)
        return false;
    if (!take(left, '='))
        return put_parameter(item, key, value, string);
    string = !at_end(left) && *left->at == '"';
    if (!(string ? take_string(left, &value) : take_bare(left, &value)))
        return false;
    return put_parameter(item, key, value, string);
}

/* The head of a member: "name", a number (draft 7's policy), or the first pair of a dictionary. */
static bool take_head(struct tq__span *left, struct item *item)
{
    struct tq__span number;

    if (*left->at == '"')
        return take_string(left, &item->name);
    if (*left->at < '0' || *left->at > '9') {
        uint32_t before = item->has;

        return take_pair(left, item) && item->has != before;
    }
    item->has |= HAS_Q;
    return take_bare(left, &number) && tq__value_count(tq__plain(number), &item->q) == 0;
}

static bool take_member(struct tq__span *left, struct item *item)
{
    if (at_end(left) || !take_head(left, item))
        return false;
    for (;;) {
        skip_blanks(left);
        if (!take(left, ';'))
            return true;
        skip_blanks(left);
        if (!take_pair(left, item))
            return false;
    }
}

/* One line of a field. */
static bool read_line(struct list *list, struct tq__span left)
{
    struct item passed;

    for (;;) {
        bool fits = list->count < ITEMS_MAX;
        struct item *item = fits ? &list->item[list->count] : &passed;
        bool pair = !at_end(&left) && *left.at >= 'a' && *left.at <= 'z';

        /* limit=100, remaining=50 are members of one thing. */
        if (pair && list->count > 0)
            item = &list->item[list->count - 1];
        else
            *item = (struct item){.what = TQ_AXIS_REQUESTS};
        if (!take_member(&left, item))
            return false;
        list->count += fits && !(pair && list->count > 0);
        list->dropped |= !fits;
        skip_blanks(&left);
        if (at_end(&left))
            return true;
        if (!take(&left, ','))
            return false;
        skip_blanks(&left);
    }
}

/* All lines of a field, each member with what it must have; a fault empties the list. */
static void read_lists(struct tq__reading *reading, const struct tq__list *fields, uint32_t must,
                       struct list *list)
{
    list->count = 0;
    list->dropped = false;
    for (uint32_t i = 0; i < fields->count; i++) {
        struct tq__span value = tq__field_value(fields->field[i]);
        uint32_t before = list->count;
        bool sound = value.len == 0 || read_line(list, value);

        for (uint32_t j = before; sound && j < list->count; j++)
            sound = list->item[j].has & must;
        if (!sound) {
            reading->signal->anomalies++;
            list->count = 0;
            return;
        }
    }
}

static void add_axis(struct tq__reading *reading, const struct item *policy, const struct item *state)
{
    const struct item *shape = policy ? policy : state;
    int64_t window_ns = 0;
    struct tq_axis *axis;

    if (shape->has & HAS_W && __builtin_mul_overflow(shape->w, TQ__SECOND_NS, &window_ns))
        window_ns = 0;
    axis = tq__axis_add(reading, shape->what, window_ns);
    if (!axis)
        return;
    if (shape->has & HAS_Q) {
        axis->known |= TQ_AXIS_LIMIT;
        axis->limit = shape->q;
    }
    if (state && state->has & HAS_R) {
        axis->known |= TQ_AXIS_REMAINING;
        axis->remaining = state->r;
        if (state->r == 0)
            axis->flags |= TQ_AXIS_EMPTY;
    }
    if (state && state->has & HAS_T) {
        int64_t ns;

        if (__builtin_mul_overflow(state->t, TQ__SECOND_NS, &ns))
            ns = INT64_MAX;
        tq__axis_reset(reading, axis, tq__add_saturated(reading->now_ns, ns));
    }
}

static const struct item *policy_of(const struct list *policies, const struct item *state)
{
    for (uint32_t i = 0; i < policies->count; i++) {
        const struct item *policy = &policies->item[i];

        if (state->name.at ? policy->name.at && tq__spans_match(policy->name, state->name)
                           : state->has & HAS_Q && policy->q == state->q)
            return policy;
    }
    return NULL;
}

/* RateLimit-Limit, -Remaining, -Reset as one state. The limit may be a list with policies in it. */
static bool read_old(struct tq__reading *reading, const struct tq__fields *fields, struct item *state)
{
    const struct tq_field *const *part = fields->part[OLD_ROW];
    struct list limits = {.count = 0};
    struct tq__list field = {1, {part[TQ__LIMIT]}};
    int64_t at_ns;

    *state = (struct item){.what = TQ_AXIS_REQUESTS};
    if (part[TQ__LIMIT]) {
        read_lists(reading, &field, HAS_Q, &limits);
        for (uint32_t i = limits.count; i-- > 0;) {
            if (i == 0 || (limits.item[i].q == limits.item[0].q && limits.item[i].has & HAS_W)) {
                state->w = limits.item[i].has & HAS_W ? limits.item[i].w : state->w;
                state->has |= limits.item[i].has;
                state->q = limits.item[i].q;
            }
        }
    }
    if (part[TQ__REMAINING] &&
        tq__reading_took(reading, tq__value_count(tq__field_value(part[TQ__REMAINING]), &state->r)))
        state->has |= HAS_R;
    /* In the wild it is an instant as often as a length. */
    if (part[TQ__RESET] &&
        tq__reading_took(reading, tq__value_reset(tq__field_value(part[TQ__RESET]), TQ__RESET_GUARD,
                                                  reading->now_ns, &at_ns))) {
        state->has |= HAS_T;
        state->t = at_ns > reading->now_ns ? (at_ns - reading->now_ns) / TQ__SECOND_NS : 0;
    }
    return state->has & (HAS_Q | HAS_R | HAS_T);
}

void tq__read_ietf(struct tq__reading *reading, const struct tq__fields *fields)
{
    struct list states, policies;
    bool used[ITEMS_MAX] = {false};

    if (fields->list[TQ__LIST_IETF_LIMIT].count + fields->list[TQ__LIST_IETF_POLICY].count == 0 &&
        !fields->part[OLD_ROW][TQ__LIMIT] && !fields->part[OLD_ROW][TQ__REMAINING] &&
        !fields->part[OLD_ROW][TQ__RESET])
        return;
    read_lists(reading, &fields->list[TQ__LIST_IETF_LIMIT], HAS_R, &states);
    read_lists(reading, &fields->list[TQ__LIST_IETF_POLICY], HAS_Q, &policies);
    if (states.count == 0 && read_old(reading, fields, &states.item[0]))
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
}
