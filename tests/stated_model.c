/* stated_model.c: what vendors state, as docs/verdicts.md defines it, slow and obvious, for tests to compare
 * with.
 *
 * SPDX-License-Identifier: MIT
 */
#include "stated_model.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define FULL 1000000
#define MOST (180 * DAY)
#define ONE_END (5 * MINUTE) /* ends that are closer are one */

enum happened { READING, REFUSED, SERVED, AVAILABLE, ANSWERED, RECORDED };

/* What was said of a window, and what else happened to it. */
struct event {
    enum happened what;
    int64_t at_ns, sent_ns, end_ns; /* sent: 0 unknown. end: 0 not said */
    bool has_share, credit, refills, excludes;
    uint32_t ppm, source, profile;
    int64_t stated, tokens, output;
};

struct line {
    struct tq_limit limit; /* size 0: the line is free */
    bool users;
    struct event *events;
    size_t count, room;
};

/* The words reported and throttled. */
struct refusal {
    int64_t said_ns, end_ns; /* end 0: there is none in force; SM_NEVER: not known */
    uint32_t class, attempts;
    int64_t taken_ns; /* 0: no caller holds the probe */
};

struct provider {
    struct line line[TQ_LIMITS_MAX];
    struct refusal reported, throttled;
    int64_t overruled_end_ns, marked_ns; /* of the word of `reported` that was overruled; 0: none */
    int64_t mark_ns;
    uint32_t overage;
    int pool;
    int64_t probe_ns, taken_ns; /* when the last probe was taken or failed; since when one is out */
    uint32_t attempts;
};

struct stated_model {
    size_t count;
    struct provider *providers;
};

struct stated_model *sm_new(size_t providers)
{
    struct stated_model *model = calloc(1, sizeof *model);

    if (!model || !(model->providers = calloc(providers, sizeof *model->providers)))
        abort();
    model->count = providers;
    for (size_t i = 0; i < providers; i++)
        model->providers[i].pool = SM_NONE;
    return model;
}

void sm_free(struct stated_model *model)
{
    for (size_t i = 0; i < model->count; i++)
        for (int j = 0; j < TQ_LIMITS_MAX; j++)
            free(model->providers[i].line[j].events);
    free(model->providers);
    free(model);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool one_end(int64_t a, int64_t b)
{
    return (a > b ? a - b : b - a) <= ONE_END;
}

/* ---- what follows from the words of a window ---------------------------------------------------- */

struct fate {
    int64_t length_ns;
    struct event reading; /* the newest; at_ns 0: none */
    int64_t since;
    bool blocks, doubted;
    struct event block; /* the word that blocks */
    int64_t doubt_ns;
    bool lifted;
    int64_t lifted_end_ns; /* the end of the word that does not block again */
    int64_t marked_ns;
    bool unstopped; /* the user's stops of the window of the newest reading are lifted */
    /* The last reading with room, since it blocks, that had another share than the one before it. */
    bool contradicted;
    uint32_t ppm;
    int64_t ends_ns; /* of its window; 0: it is as old as the last refusal, so it tells of no growth */
};

/* When the window of a word ends. */
static int64_t ends_ns(const struct fate *f, const struct event *e)
{
    return e->end_ns != 0 ? e->end_ns : e->at_ns + f->length_ns;
}

static bool is_full(const struct event *e)
{
    return e->has_share && e->ppm >= FULL;
}

static void lift(struct fate *f)
{
    f->lifted = true;
    f->lifted_end_ns = f->block.end_ns;
    f->blocks = f->doubted = false;
}

/* Half a window apart, ends are those of two windows. */
static bool one_window(const struct fate *f, int64_t a, int64_t b)
{
    return (a > b ? a - b : b - a) < later(f->length_ns / 2, ONE_END);
}

/* A reading with room, later than the block. */
static void contradict(struct fate *f, const struct event *e)
{
    int64_t after_ns = f->block.end_ns + ONE_END;
    bool in_later = e->end_ns > after_ns, both_later = in_later && f->contradicted && f->ends_ns > after_ns;

    if (both_later && e->ppm > f->ppm && one_window(f, e->end_ns, f->ends_ns)) {
        lift(f);
        return;
    }
    if (!f->contradicted || e->ppm != f->ppm) {
        f->doubted = true;
        f->doubt_ns = e->at_ns;
        f->ends_ns = e->end_ns;
    } else if (in_later && !both_later) {
        f->ends_ns = e->end_ns;
    }
    f->contradicted = true;
    f->ppm = e->ppm;
}

static void block(struct fate *f, const struct event *e)
{
    if (!f->blocks)
        f->contradicted = false;
    f->block = *e;
    f->blocks = true;
    f->doubted = false;
}

/* A block that ended by itself is none. */
static void pass_time(struct fate *f, int64_t now_ns)
{
    if (f->blocks && f->block.end_ns <= now_ns)
        f->blocks = f->doubted = false;
}

/* A caller that brings a reading again does not know when it was said. */
static bool is_repeated(const struct event *old, const struct event *e)
{
    return e->source == TQ_SOURCE_CALLER && old->at_ns != 0 && old->ppm == e->ppm &&
           old->end_ns == e->end_ns && old->credit == e->credit &&
           (old->refills || !old->excludes) == (e->refills || !e->excludes);
}

/* Does the reading exclude by itself? */
static bool is_spent(const struct event *e)
{
    return is_full(e) && !e->credit && !e->refills && e->excludes && e->end_ns != 0;
}

/* Is it the word that blocks, or the one that was lifted? */
static bool is_known(const struct fate *f, const struct event *e)
{
    return (f->blocks && one_end(e->end_ns, f->block.end_ns)) ||
           (f->lifted && one_end(e->end_ns, f->lifted_end_ns));
}

static void keep_reading(struct fate *f, const struct event *e)
{
    int64_t stated = e->stated ? e->stated : f->reading.stated;

    f->unstopped = f->unstopped && one_end(f->reading.end_ns, e->end_ns);
    f->reading = *e;
    f->reading.stated = stated;
    f->since = 0;
}

static void read_word(struct fate *f, const struct event *e)
{
    if (e->at_ns < f->reading.at_ns)
        return;
    pass_time(f, e->at_ns);
    if (!is_repeated(&f->reading, e))
        keep_reading(f, e);
    if (f->blocks && e->at_ns < f->block.at_ns)
        return;
    if (is_spent(e) && !is_known(f, e))
        block(f, e);
    else if (f->blocks && e->has_share && !is_full(e) && e->at_ns > f->block.at_ns)
        contradict(f, e);
}

static void refuse(struct fate *f, const struct event *e)
{
    bool before = e->sent_ns != 0 && e->sent_ns < f->reading.at_ns, doubted;

    pass_time(f, e->at_ns);
    if (e->end_ns <= e->at_ns || (f->blocks && e->at_ns < f->block.at_ns))
        return;
    if (f->lifted && f->marked_ns != 0 && e->sent_ns != 0 && e->sent_ns < f->marked_ns &&
        one_end(e->end_ns, f->lifted_end_ns))
        return;
    doubted = f->blocks && f->doubted && before;
    block(f, e);
    f->doubted = doubted;
    f->ends_ns = 0;
    if (f->reading.has_share && !is_full(&f->reading) && f->reading.at_ns > e->at_ns)
        contradict(f, &f->reading);
}

/* A request was refused. It answers the readings, when the newest came before it was sent. */
static void answer(struct fate *f, const struct event *e)
{
    if (e->sent_ns == 0 || e->sent_ns >= f->reading.at_ns)
        f->doubted = false;
}

static int64_t counted(uint32_t unit, const struct event *e)
{
    switch (unit) {
    case TQ_UNIT_REQUESTS:
        return 1;
    case TQ_UNIT_INPUT:
    case TQ_UNIT_COST:
        return 0;
    case TQ_UNIT_OUTPUT:
        return e->output;
    default:
        return e->tokens;
    }
}

static void happen(struct fate *f, const struct event *e, uint32_t unit)
{
    switch (e->what) {
    case READING:
        read_word(f, e);
        break;
    case REFUSED:
        refuse(f, e);
        break;
    case SERVED:
        pass_time(f, e->sent_ns);
        if (f->blocks && e->sent_ns >= f->block.at_ns)
            lift(f);
        break;
    case AVAILABLE:
        pass_time(f, e->at_ns);
        if (f->blocks)
            lift(f);
        f->marked_ns = e->at_ns;
        f->unstopped = true;
        break;
    case ANSWERED:
        answer(f, e);
        break;
    case RECORDED:
        f->since += counted(unit, e);
        break;
    }
}

static struct fate fate_of(const struct line *line)
{
    struct fate f = {.length_ns = line->limit.length_ns};

    for (size_t i = 0; i < line->count; i++)
        happen(&f, &line->events[i], line->limit.unit);
    return f;
}

static void keep(struct line *line, struct event e)
{
    if (line->count == line->room) {
        line->room = line->room ? 2 * line->room : 16;
        line->events = realloc(line->events, line->room * sizeof *line->events);
        if (!line->events)
            abort();
    }
    line->events[line->count++] = e;
}

/* ---- lines -------------------------------------------------------------------------------------- */

static bool is_free(const struct line *line)
{
    return line->limit.size == 0;
}

static struct line *find(struct provider *p, const struct tq_limit *limit)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        const struct tq_limit *l = &p->line[i].limit;

        if (!is_free(&p->line[i]) && l->unit == limit->unit && l->window == limit->window &&
            l->length_ns == limit->length_ns && strcmp(l->zone, limit->zone) == 0)
            return &p->line[i];
    }
    return NULL;
}

static void clear(struct line *line)
{
    free(line->events);
    *line = (struct line){.count = 0};
}

/* May the line be taken for another window? */
static bool yields(const struct line *line, int64_t now_ns)
{
    struct fate f = fate_of(line);

    if (line->users || line->limit.window != TQ_WINDOW_STATED)
        return false;
    if (f.blocks && f.block.end_ns > now_ns)
        return false;
    return !f.lifted || f.lifted_end_ns <= now_ns;
}

static struct line *room(struct provider *p, int64_t now_ns)
{
    struct line *oldest = NULL;

    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (is_free(&p->line[i]))
            return &p->line[i];
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        struct line *line = &p->line[i];
        struct fate f = fate_of(line), old = oldest ? fate_of(oldest) : f;

        if (yields(line, now_ns) && (!oldest || f.reading.at_ns < old.reading.at_ns))
            oldest = line;
    }
    if (oldest)
        clear(oldest);
    return oldest;
}

bool sm_set(struct stated_model *model, int provider, const struct tq_limit *limit)
{
    struct provider *p = &model->providers[provider];
    struct line *line = find(p, limit);

    for (int i = 0; i < TQ_LIMITS_MAX && !line; i++)
        line = is_free(&p->line[i]) ? &p->line[i] : NULL;
    if (!line)
        return false;
    if (is_free(line))
        line->limit = *limit;
    line->users = true;
    if (limit->known & TQ_LIMIT_AMOUNT)
        line->limit.amount = limit->amount;
    if (limit->known & TQ_LIMIT_RESERVE)
        line->limit.reserve_share = limit->reserve_share;
    return true;
}

void sm_remove(struct stated_model *model, int provider, const struct tq_limit *limit)
{
    struct line *line = find(&model->providers[provider], limit);

    if (line)
        clear(line);
}

/* ---- what happens --------------------------------------------------------------------------------- */

/* When a refusal was said; while its probe is out: when that was taken. */
static int64_t said_ns(const struct refusal *r)
{
    return r->taken_ns ? r->taken_ns : r->said_ns;
}

static bool in_force(const struct refusal *r, int64_t now_ns)
{
    return r->end_ns > now_ns;
}

static void to_lines(struct provider *p, struct event e)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (!is_free(&p->line[i]))
            keep(&p->line[i], e);
}

int sm_pool(const struct stated_model *model, int provider)
{
    return model->providers[provider].pool;
}

void sm_set_pool(struct stated_model *model, int provider, int pool)
{
    model->providers[provider].pool = pool;
}

void sm_set_overage(struct stated_model *model, int provider, uint32_t overage)
{
    model->providers[provider].overage = overage;
}

void sm_mark(struct stated_model *model, int provider, int64_t retry_at_ns)
{
    model->providers[provider].mark_ns = retry_at_ns;
}

/* The probes of a level that was asked about something else. */
static void forget_probes(struct provider *p)
{
    p->probe_ns = p->taken_ns = 0;
    p->attempts = 0;
}

void sm_mark_available(struct stated_model *model, int provider, int64_t now_ns)
{
    struct provider *p = &model->providers[provider];

    p->mark_ns = 0;
    p->marked_ns = now_ns;
    if (p->reported.end_ns)
        p->overruled_end_ns = p->reported.end_ns;
    p->reported = p->throttled = (struct refusal){0};
    to_lines(p, (struct event){.what = AVAILABLE, .at_ns = now_ns});
    forget_probes(p);
}

/* Does an answer to a request that was sent then lift a block of the level? */
static bool lifts(const struct provider *p, int64_t sent_ns)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        struct fate f = fate_of(&p->line[i]);

        if (!is_free(&p->line[i]) && f.blocks && sent_ns >= f.block.at_ns && f.block.end_ns > sent_ns)
            return true;
    }
    return p->reported.end_ns && sent_ns >= said_ns(&p->reported);
}

void sm_success(struct stated_model *model, int provider, int64_t sent_at_ns)
{
    for (int i = provider; i != SM_NONE && sent_at_ns > 0; i = sm_pool(model, i)) {
        struct provider *p = &model->providers[i];

        if (lifts(p, sent_at_ns))
            forget_probes(p);
        if (p->reported.end_ns && sent_at_ns >= said_ns(&p->reported))
            p->reported = (struct refusal){0};
        if (p->throttled.end_ns && sent_at_ns >= p->throttled.said_ns)
            p->throttled = (struct refusal){0};
        to_lines(p, (struct event){.what = SERVED, .sent_ns = sent_at_ns});
    }
}

/* What a response counts in each unit that is stated here. */
void sm_usage(struct stated_model *model, int provider, const struct tq_usage *usage)
{
    for (int i = provider; i != SM_NONE; i = sm_pool(model, i))
        to_lines(&model->providers[i],
                 (struct event){.what = RECORDED, .tokens = usage->counted, .output = usage->output});
    if (usage->known & TQ_USAGE_OUTPUT && usage->output > 0)
        sm_success(model, provider, usage->sent_at_ns);
}

/* Does anything block a level until an end that is known? */
static bool blocks_at(const struct provider *p, int64_t now_ns)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        struct fate f = fate_of(&p->line[i]);

        if (!is_free(&p->line[i]) && f.blocks && f.block.end_ns > now_ns)
            return true;
    }
    return p->reported.end_ns > now_ns && p->reported.end_ns != SM_NEVER;
}

/* A block may begin: when nothing else blocks, probes that failed were of an earlier one. */
static void begin_block(struct provider *p, int64_t now_ns)
{
    if (!blocks_at(p, now_ns))
        p->attempts = 0;
}

static uint32_t unit_of(uint32_t axis)
{
    static const uint32_t units[] = {TQ_UNIT_SHARE, TQ_UNIT_REQUESTS, TQ_UNIT_TOKENS,
                                     TQ_UNIT_INPUT, TQ_UNIT_OUTPUT,   TQ_UNIT_COST};

    return axis <= TQ_AXIS_MONEY ? units[axis] : 0;
}

static int top_of(const struct stated_model *model, int provider)
{
    while (sm_pool(model, provider) != SM_NONE)
        provider = sm_pool(model, provider);
    return provider;
}

static int owner_of(const struct stated_model *model, int provider, bool model_only)
{
    return model_only ? provider : top_of(model, provider);
}

/* The line of an axis, made when it is not there; NULL: it is not kept. */
static struct line *line_of(struct provider *p, const struct tq_axis *axis, const char *name, int64_t now_ns)
{
    struct tq_limit limit = {.size = sizeof limit,
                             .unit = unit_of(axis->what),
                             .window = TQ_WINDOW_STATED,
                             .length_ns = axis->window_ns};
    struct line *line;

    if (axis->window_ns < 10 * MINUTE || axis->window_ns > 366 * DAY || limit.unit == 0)
        return NULL;
    strcpy(limit.zone, name);
    line = find(p, &limit);
    if (!line && (line = room(p, now_ns)))
        line->limit = limit;
    return line;
}

static const char *name_of(const struct tq_quota_signal *s, uint32_t i)
{
    return !*s->window_name[i] && s->axis[i].flags & TQ_AXIS_MODEL_ONLY ? "model" : s->window_name[i];
}

/* Had the window ended when this was said of it? */
static bool has_ended(const struct tq_axis *axis, int64_t said_at_ns)
{
    return axis->known & TQ_AXIS_RESET && axis->reset_at_ns <= said_at_ns;
}

static void read_axis(struct stated_model *model, int provider, const struct tq_quota_signal *s, uint32_t i)
{
    const struct tq_axis *axis = &s->axis[i];
    bool model_only = axis->flags & TQ_AXIS_MODEL_ONLY, empty = axis->flags & TQ_AXIS_EMPTY;
    struct provider *p = &model->providers[owner_of(model, provider, model_only)];
    struct line *line;

    if ((!(axis->known & TQ_AXIS_USED) && !empty) || has_ended(axis, s->said_at_ns))
        return;
    line = line_of(p, axis, name_of(s, i), s->said_at_ns);
    if (!line)
        return;
    begin_block(p, s->said_at_ns);
    keep(line, (struct event){.what = READING,
                              .at_ns = s->said_at_ns,
                              .end_ns = axis->known & TQ_AXIS_RESET ? axis->reset_at_ns : 0,
                              .has_share = true,
                              .ppm = axis->known & TQ_AXIS_USED ? axis->used_ppm : FULL,
                              .credit = axis->flags & TQ_AXIS_CREDIT,
                              .refills = axis->flags & TQ_AXIS_FULL_REFILL,
                              .excludes = !model_only || p->pool != SM_NONE,
                              .source = s->source,
                              .profile = s->profile,
                              .stated = axis->known & TQ_AXIS_LIMIT ? axis->limit : 0});
}

/* The table of docs/verdicts.md for two refusals of one word. */
static void merge(struct refusal *old, struct refusal new, int64_t sent_ns)
{
    bool before = sent_ns != 0 && sent_ns < said_ns(old), after = sent_ns != 0 && !before;

    if (!in_force(old, new.said_ns) || (old->end_ns != SM_NEVER && new.end_ns == SM_NEVER)) {
        new.said_ns = later(old->said_ns, new.said_ns);
        *old = new;
    } else if (old->end_ns != SM_NEVER) {
        old->class = new.end_ns < old->end_ns ? old->class : new.class;
        old->end_ns = later(old->end_ns, new.end_ns);
        old->said_ns = later(old->said_ns, new.said_ns);
    } else if (new.end_ns != SM_NEVER &&new.class == old->class &&after) {
        *old = new;
    } else if (!old->taken_ns || !before) {
        old->said_ns = later(old->said_ns, new.said_ns);
        if (new.end_ns == SM_NEVER && !before)
            old->class = new.class;
    }
}

/* A refused request may have been the probe. */
static void probe_refused(struct provider *p, int64_t sent_ns, int64_t now_ns)
{
    struct refusal *r = &p->reported;

    if (r->taken_ns && sent_ns >= r->taken_ns) {
        r->taken_ns = 0;
        r->said_ns = now_ns;
        r->attempts++;
    }
    if (p->taken_ns && sent_ns >= p->taken_ns) {
        p->taken_ns = 0;
        p->probe_ns = now_ns;
        p->attempts++;
    }
}

/* The axis that a refusal of a quota names. One of a model says nothing of a window of the account. */
static const struct tq_axis *named_by(const struct tq_quota_signal *s)
{
    const struct tq_axis *axis = s->binds >= 0 ? &s->axis[s->binds] : NULL;

    if (s->refusal != TQ_CLASS_EXHAUSTED || !axis || s->retry_at_ns == 0 ||
        (s->flags & TQ_SIGNAL_MODEL_ONLY && !(axis->flags & TQ_AXIS_MODEL_ONLY)))
        return NULL;
    return axis;
}

/* The line of the axis that a refusal names; NULL: none is kept. */
static struct line *named_line(struct stated_model *model, int provider, const struct tq_quota_signal *s,
                               struct provider **p)
{
    const struct tq_axis *axis = named_by(s);

    if (!axis)
        return NULL;
    *p = &model->providers[owner_of(model, provider, axis->flags & TQ_AXIS_MODEL_ONLY)];
    return line_of(*p, axis, name_of(s, (uint32_t)s->binds), s->said_at_ns);
}

static void refuse_word(struct provider *p, const struct tq_quota_signal *s, struct refusal new, bool quota)
{
    if (quota)
        begin_block(p, s->said_at_ns);
    if (quota && p->overruled_end_ns && s->sent_at_ns != 0 && s->sent_at_ns < p->marked_ns &&
        one_end(p->overruled_end_ns, new.end_ns))
        return;
    if (quota)
        p->overruled_end_ns = 0;
    merge(quota ? &p->reported : &p->throttled, new, s->sent_at_ns);
}

/* Is it about one request, or about a model of an account that has no provider for each? */
static bool is_about_nothing(const struct tq_quota_signal *s, const struct provider *own)
{
    return s->refusal == TQ_CLASS_TOO_LARGE || s->refusal == TQ_CLASS_NONE ||
           (s->flags & TQ_SIGNAL_MODEL_ONLY && own->pool == SM_NONE);
}

static void refuse_by(struct stated_model *model, int provider, const struct tq_quota_signal *s)
{
    bool quota = s->refusal == TQ_CLASS_EXHAUSTED || s->refusal == TQ_CLASS_NO_MONEY;
    struct provider *own = &model->providers[provider], *p = own;
    int64_t most_ns = s->said_at_ns + (quota ? MOST : DAY);
    struct refusal new = {.said_ns = s->said_at_ns, .class = s->refusal};
    struct line *line;

    if (is_about_nothing(s, own))
        return;
    new.end_ns = s->retry_at_ns == 0 ? SM_NEVER : s->retry_at_ns < most_ns ? s->retry_at_ns : most_ns;
    new.end_ns = later(new.end_ns, s->said_at_ns); /* one that has passed excludes nobody from then on */
    line = named_line(model, provider, s, &p);
    if (!line) {
        refuse_word(own, s, new, quota);
    } else {
        begin_block(p, s->said_at_ns);
        keep(line, (struct event){.what = REFUSED,
                                  .at_ns = s->said_at_ns,
                                  .sent_ns = s->sent_at_ns,
                                  .end_ns = new.end_ns,
                                  .source = s->source,
                                  .profile = s->profile});
        if (own->reported.end_ns == SM_NEVER && own->reported.class == s->refusal && s->sent_at_ns != 0 &&
            s->sent_at_ns >= said_ns(&own->reported))
            own->reported = (struct refusal){0};
    }
    for (int i = provider; i != SM_NONE && quota; i = sm_pool(model, i)) {
        probe_refused(&model->providers[i], s->sent_at_ns ? s->sent_at_ns : s->said_at_ns, s->said_at_ns);
        to_lines(&model->providers[i],
                 (struct event){.what = ANSWERED, .at_ns = s->said_at_ns, .sent_ns = s->sent_at_ns});
    }
}

/* The answer or the refusal is older than what it says of windows. A refusal that is only read says no more
 * than its axis, which is the first to get a line. */
void sm_apply(struct stated_model *model, int provider, const struct tq_quota_signal *s)
{
    struct provider *p;

    if (s->flags & TQ_SIGNAL_SUCCESS && s->sent_at_ns <= s->said_at_ns)
        sm_success(model, provider, s->sent_at_ns);
    if (s->flags & (TQ_SIGNAL_READING | TQ_SIGNAL_SUCCESS))
        named_line(model, provider, s, &p);
    else
        refuse_by(model, provider, s);
    for (uint32_t i = 0; i < s->axis_count; i++)
        read_axis(model, provider, s, i);
}

/* ---- what can be asked ------------------------------------------------------------------------------ */

/* Does the user stop it? A reserve holds for callers without the flag alone. */
static bool is_stopped(const struct stated_model *model, int provider, const struct line *line,
                       const struct fate *f, int64_t now_ns, uint32_t flags)
{
    const struct event *r = &f->reading;
    uint32_t reserve = line->limit.reserve_share * 100;

    if (!r->has_share || ends_ns(f, r) <= now_ns || f->unstopped)
        return false;
    if (is_full(r) && !r->refills && r->excludes && model->providers[provider].overage == TQ_OVERAGE_STOP)
        return true;
    return reserve > 0 && !(flags & TQ_USE_RESERVE) && r->ppm >= FULL - reserve;
}

static int64_t used_once(const struct line *line)
{
    int64_t used = 0;

    for (size_t i = 0; i < line->count; i++)
        used += line->events[i].what == RECORDED ? line->events[i].tokens : 0;
    return used;
}

/* Until when a line excludes; *reason is why. */
static int64_t line_end(const struct stated_model *model, int provider, const struct line *line,
                        int64_t now_ns, uint32_t flags, uint32_t *reasons)
{
    struct fate f = fate_of(line);
    int64_t end_ns = 0;

    if (line->limit.window != TQ_WINDOW_STATED) {
        if (line->limit.amount == 0 || used_once(line) < line->limit.amount)
            return 0;
        *reasons |= 1u << TQ_REASON_SPENT;
        return SM_NEVER;
    }
    if (f.blocks && f.block.end_ns > now_ns) {
        *reasons |= 1u << TQ_REASON_REPORTED;
        end_ns = f.block.end_ns;
    }
    if (is_stopped(model, provider, line, &f, now_ns, flags)) {
        *reasons |= 1u << TQ_REASON_SPENT;
        end_ns = later(end_ns, ends_ns(&f, &f.reading));
    }
    return end_ns;
}

static uint32_t said_bits(const struct stated_model *model, int provider, const struct line *line,
                          const struct fate *f, int64_t now_ns)
{
    bool fresh = f->reading.at_ns != 0 && ends_ns(f, &f->reading) > now_ns;
    bool blocks = f->blocks && f->block.end_ns > now_ns;

    return (fresh ? TQ_SAID_READING : 0) | (f->reading.has_share ? TQ_SAID_SHARE : 0) |
           (blocks ? TQ_SAID_BLOCKS : 0) | (fresh && f->reading.credit ? TQ_SAID_CREDIT : 0) |
           (is_stopped(model, provider, line, f, now_ns, 0) ? TQ_SAID_STOPS : 0) |
           (f->lifted && f->lifted_end_ns > now_ns ? TQ_SAID_OVERRULED : 0) |
           (blocks && f->doubted ? TQ_SAID_DOUBTED : 0);
}

static void show(const struct stated_model *model, int provider, const struct line *line, int64_t now_ns,
                 struct sm_line *out)
{
    struct fate f = fate_of(line);
    uint32_t reasons = 0;

    *out = (struct sm_line){.limit = line->limit, .since = f.since, .ppm = f.reading.ppm};
    out->until_ns = line_end(model, provider, line, now_ns, 0, &reasons);
    out->said = said_bits(model, provider, line, &f, now_ns);
    out->source = f.reading.source;
    out->profile = f.reading.profile;
    out->said_at_ns = f.reading.at_ns;
    out->reset_at_ns = f.reading.end_ns;
    out->stated = f.reading.stated;
    out->spent = line_end(model, provider, line, now_ns, TQ_USE_RESERVE, &reasons) != 0;
}

int sm_lines(const struct stated_model *model, int provider, int64_t now_ns, struct sm_line *out)
{
    const struct provider *p = &model->providers[provider];
    int count = 0;

    for (int i = 0; i < TQ_LIMITS_MAX; i++)
        if (!is_free(&p->line[i])) {
            if (out)
                show(model, provider, &p->line[i], now_ns, &out[count]);
            count++;
        }
    return count;
}

static void add(struct sm_verdict *v, uint32_t reason, int64_t end_ns, int level, int64_t said_ns)
{
    v->reasons |= 1u << reason;
    if (end_ns < v->retry_at_ns)
        return;
    v->tie = end_ns == v->retry_at_ns;
    v->retry_at_ns = end_ns;
    v->reason = reason;
    v->level = level;
    v->said_at_ns = said_ns;
    v->limit.size = 0;
}

static void add_lines(const struct stated_model *model, int provider, int level, int64_t now_ns,
                      uint32_t flags, struct sm_verdict *v)
{
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        const struct line *line = &model->providers[provider].line[i];
        uint32_t reasons = 0;
        int64_t end_ns = is_free(line) ? 0 : line_end(model, provider, line, now_ns, flags, &reasons);
        struct fate f;

        if (end_ns == 0)
            continue;
        f = fate_of(line);
        if (reasons & 1u << TQ_REASON_REPORTED)
            add(v, TQ_REASON_REPORTED, f.block.end_ns, level, f.block.at_ns);
        if (v->retry_at_ns == f.block.end_ns && reasons & 1u << TQ_REASON_REPORTED)
            v->limit = line->limit;
        if (reasons & 1u << TQ_REASON_SPENT)
            add(v, TQ_REASON_SPENT,
                line->limit.window == TQ_WINDOW_STATED ? ends_ns(&f, &f.reading) : SM_NEVER, level, 0);
        if (v->reason == TQ_REASON_SPENT && v->retry_at_ns == end_ns)
            v->limit = line->limit;
    }
}

void sm_verdict(const struct stated_model *model, int provider, int64_t now_ns, uint32_t flags,
                struct sm_verdict *v)
{
    int level = 0;

    *v = (struct sm_verdict){0};
    for (int i = provider; i != SM_NONE; i = sm_pool(model, i), level++) {
        const struct provider *p = &model->providers[i];

        if (p->mark_ns > now_ns)
            add(v, TQ_REASON_MARKED, p->mark_ns, level, 0);
        if (in_force(&p->reported, now_ns))
            add(v, TQ_REASON_REPORTED, p->reported.end_ns, level, said_ns(&p->reported));
        if (in_force(&p->throttled, now_ns))
            add(v, TQ_REASON_THROTTLED, p->throttled.end_ns, level, p->throttled.said_ns);
        add_lines(model, i, level, now_ns, flags, v);
    }
}

/* ---- probes ---------------------------------------------------------------------------------------- */

/* 5 minutes, doubled by each attempt, up to an hour. */
static int64_t wait_ns(uint32_t attempts)
{
    int64_t wait = 5 * MINUTE;

    while (attempts-- > 0 && wait < HOUR)
        wait *= 2;
    return wait < HOUR ? wait : HOUR;
}

/* All that blocks one level until a known end. */
struct blocks {
    int64_t said_ns, end_ns, doubt_ns; /* the latest; said 0: nothing blocks */
    bool doubted;
};

static struct blocks blocks_of(const struct provider *p, int64_t now_ns)
{
    bool ends = p->reported.end_ns != SM_NEVER && in_force(&p->reported, now_ns);
    struct blocks b = {.doubted = !ends};

    if (ends)
        b.said_ns = p->reported.said_ns, b.end_ns = p->reported.end_ns;
    for (int i = 0; i < TQ_LIMITS_MAX; i++) {
        struct fate f = fate_of(&p->line[i]);

        if (is_free(&p->line[i]) || !f.blocks || f.block.end_ns <= now_ns)
            continue;
        b.said_ns = later(b.said_ns, f.block.at_ns);
        b.end_ns = later(b.end_ns, f.block.end_ns);
        b.doubted = b.doubted && f.doubted;
        b.doubt_ns = later(b.doubt_ns, f.doubt_ns);
    }
    return b;
}

/* When the probe of what blocks one level until a known end is due; 0: nothing does. */
static int64_t windows_due(const struct provider *p, int64_t now_ns)
{
    struct blocks b = blocks_of(p, now_ns);
    int64_t due_ns = later(b.said_ns, p->probe_ns) + HOUR, turn_ns = p->taken_ns + TQ_PROBE_LEASE_NS;

    if (b.said_ns == 0)
        return 0;
    if (p->taken_ns && (p->taken_ns >= b.said_ns || turn_ns > now_ns))
        return turn_ns;
    if (b.doubted && p->attempts > 0)
        b.doubt_ns = later(b.doubt_ns, p->probe_ns + wait_ns(p->attempts - 1));
    due_ns = b.doubted && b.doubt_ns < due_ns ? b.doubt_ns : due_ns;
    return due_ns < b.end_ns ? due_ns : b.end_ns; /* what remains after it may be asked for then */
}

void sm_probe_due(const struct stated_model *model, int provider, int64_t now_ns, struct sm_due *due)
{
    struct sm_verdict v;

    *due = (struct sm_due){0};
    sm_verdict(model, provider, now_ns, 0, &v);
    if (v.reasons != 1u << TQ_REASON_REPORTED)
        return;
    for (int i = provider; i != SM_NONE; i = sm_pool(model, i)) {
        const struct provider *p = &model->providers[i];
        const struct refusal *r = &p->reported;
        int64_t low_ns = windows_due(p, now_ns), high_ns = low_ns;

        if (r->end_ns == SM_NEVER) {
            low_ns = later(low_ns, r->taken_ns ? r->taken_ns + TQ_PROBE_LEASE_NS
                                               : r->said_ns + wait_ns(r->attempts) / 8 * 7 - SECOND);
            high_ns = later(high_ns, r->taken_ns ? r->taken_ns + TQ_PROBE_LEASE_NS
                                                 : r->said_ns + wait_ns(r->attempts) / 8 * 9 + SECOND);
        }
        due->low_ns = later(due->low_ns, low_ns);
        due->high_ns = later(due->high_ns, high_ns);
    }
    if (due->low_ns >= v.retry_at_ns)
        due->low_ns = due->high_ns = 0;
}

void sm_probe_taken(struct stated_model *model, int provider, int64_t now_ns)
{
    for (int i = provider; i != SM_NONE; i = sm_pool(model, i)) {
        struct provider *p = &model->providers[i];

        if (windows_due(p, now_ns) != 0)
            p->taken_ns = p->probe_ns = now_ns;
        if (p->reported.end_ns == SM_NEVER)
            p->reported.taken_ns = now_ns;
    }
}

void sm_probe_failure(struct stated_model *model, int provider, int64_t now_ns)
{
    for (int i = provider; i != SM_NONE; i = sm_pool(model, i))
        probe_refused(&model->providers[i], SM_NEVER, now_ns);
}
