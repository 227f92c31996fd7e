/* count.c: counts one entry of a log: what is new of its response.
 *
 * SPDX-License-Identifier: MIT
 *
 * WHAT A KILL LEAVES
 *
 * Three things are stored for a response: its tokens in the ledger, its word in the table of responses, and,
 * much later, the cursor of its file. Each is one store of one word (half a cursor is ignored) into a mapped
 * file. So a killed process leaves everything that it had stored before.
 *
 * The ledger comes first, the word second. A kill before the ledger: neither is stored, and the next run
 * counts the response. A kill between the two: the ledger has the response, the next run does not know that,
 * and counts it again. A kill after the word: the cursor is older, so the next run reads the response again
 * and finds that it is known. So a kill counts at most one response twice. It loses none, because a cursor is
 * stored only after the words of all responses before it.
 *
 * Tokens are taken back in the opposite order: the word first, the ledger second. After a kill between the
 * two, too much stays counted, never too little. A response that moved to another day is added to the new
 * day, gets its word, and is then taken back from the old day.
 *
 * The rows, which have what import counted for each provider and day, come last. They are for warnings only.
 * The doubt in the header, which is set first, has the tokens that a row may lack after a kill.
 */
#include "import.h"

struct counting {
    struct import_feed *feed;
    uint64_t key;
    int64_t at_ns;
    struct tq_usage usage; /* of the entry, with its cost */
    bool bucket;           /* it is a sum over some time */
    struct store_seen now;
    struct store_seen before; /* when known */
    bool known;
    const struct tq_usage *counted; /* the usage that was counted before; NULL: only its tokens are known */
};

/* ---- what limits count of a response --------------------------------------------------------- */

/* The usage that limits count when so many tokens are added. When the usage before is not remembered, a sum
 * over some time grew in all counts alike, and any other response in its output. No log clears a refusal, so
 * it is not said when the request was sent. */
static struct tq_usage usage_to_add(const struct counting *counting, int64_t tokens, bool more)
{
    struct tq_usage usage = counting->usage;

    if (more && counting->counted) {
        usage_subtract(&usage, counting->counted);
    } else if (more) {
        usage_scale(&usage, tokens, counting->now.tokens > 0 ? counting->now.tokens : 1);
        if (!counting->bucket) {
            usage.known = TQ_USAGE_OUTPUT | (usage.known & TQ_USAGE_COST);
            usage.input = usage.cache_read = usage.cache_write = usage.requests = 0;
            usage.output = tokens;
        }
    }
    usage.flags = more ? TQ_USAGE_MORE : 0;
    usage.counted = tokens;
    usage.sent_at_ns = 0;
    return usage;
}

static bool is_nothing(const struct tq_usage *usage)
{
    struct classes classes = classes_of(usage);

    return usage->flags & TQ_USAGE_MORE && usage->counted == 0 && usage->requests == 0 &&
           usage->cost_nano_usd == 0 && classes_total(&classes) == 0;
}

/* ---- the ledger ------------------------------------------------------------------------------ */

static bool is_refusal(int answer)
{
    return answer == TQ_EAGE || answer == TQ_ECLOCK || answer == TQ_ERANGE;
}

/* 0: counted; 1: the ledger refused the instant; negative: as import_count. */
static int add(struct import *import, struct merge_file *file, const struct counting *counting,
               int64_t tokens, bool more)
{
    struct tq_usage usage = usage_to_add(counting, tokens, more);
    int answer = 0;

    if (is_nothing(&usage) || import->request.dry_run)
        return 0;
    store_row_begin(&import->store, (uint32_t)counting->feed->row, tokens);
    answer = tq_provider_observe_usage(counting->feed->handle, &usage, counting->at_ns, NULL);
    if (answer >= 0)
        return 0;
    if (!is_refusal(answer))
        return import_refused(import, counting->feed, answer);
    import->totals.clock += answer != TQ_EAGE;
    import->totals.older += answer == TQ_EAGE;
    file->again |= answer == TQ_ECLOCK; /* the clock may be wrong */
    return 1;
}

/* Takes tokens back from a day, at the instant of it that is nearest to the entry: limits may have windows
 * within the day. */
static void take_back(struct import *import, const struct counting *counting, int64_t tokens, uint32_t day)
{
    int64_t start_ns = store_day_start(day), at_ns = counting->at_ns;

    if (tokens <= 0 || import->request.dry_run)
        return;
    if (at_ns < start_ns)
        at_ns = start_ns;
    if (at_ns - start_ns >= TQ__DAY_NS)
        at_ns = start_ns + TQ__DAY_NS - 1;
    /* A correction takes a request back, too. When the response stays, that is one that is counted here. */
    if (day == counting->now.day)
        (void)tq_provider_observe(counting->feed->handle, 0, at_ns, NULL);
    /* A day that the ledger no longer has needs no correction. */
    (void)tq_provider_correct(counting->feed->handle, tokens, at_ns);
}

static void note(struct import *import, struct import_feed *feed, uint32_t day, int64_t tokens)
{
    store_row_add(&import->store, (uint32_t)feed->row, day, tokens);
    feed->counted += tokens;
    import->totals.counted += tokens;
    if (!feed->fed || day < feed->first_day)
        feed->first_day = day;
    if (!feed->fed || day > feed->last_day)
        feed->last_day = day;
    feed->fed = true;
}

/* Changes the ledger from what was counted of the response before to what counts now. */
static int settle(struct import *import, struct merge_file *file, const struct counting *counting)
{
    const struct store_seen *now = &counting->now, *before = &counting->before;
    bool same_day = !counting->known || before->day == now->day;
    int64_t held = counting->known && same_day ? before->tokens : 0; /* of that day */
    int answer =
        add(import, file, counting, now->tokens > held ? now->tokens - held : 0, counting->known && same_day);

    if (answer != 0)
        return answer;
    answer = store_seen_set(&import->store, counting->key, now);
    if (answer < 0)
        return answer;
    if (held > now->tokens)
        take_back(import, counting, held - now->tokens, now->day);
    note(import, counting->feed, now->day, now->tokens - held);
    if (!same_day) {
        take_back(import, counting, before->tokens, before->day);
        note(import, counting->feed, before->day, -before->tokens);
    }
    return 0;
}

/* Does this entry replace what was counted of its response? Ranks on the disk are rounded. Of two equal ones,
 * the entry with more tokens is later, and a bucket replaces an older one even when it has fewer tokens. So
 * does what is left of a response that an earlier version counted. */
static bool is_better(const struct counting *counting, const struct tq_log_entry *entry,
                      const struct import_recent *recent)
{
    if (!counting->known)
        return true;
    if (entry->flags & TQ_LOG_ENTRY_REST && counting->now.tokens < counting->before.tokens)
        return true;
    if (recent && (recent->counted || entry->rank <= recent->rank))
        return entry->rank > recent->rank;
    if (counting->now.rank != counting->before.rank)
        return counting->now.rank > counting->before.rank;
    if (entry->flags & TQ_LOG_ENTRY_BUCKET)
        return counting->now.tokens != counting->before.tokens;
    return counting->now.tokens > counting->before.tokens;
}

/* What the entry has more than the entry before it for the same response. When that one is no longer
 * remembered, the whole growth is shown as output. */
static struct classes growth(const struct counting *counting, struct classes classes,
                             const struct import_recent *recent)
{
    struct classes before;

    if (!recent)
        return (struct classes){.output = counting->now.tokens - counting->before.tokens};
    before = classes_of(&recent->usage);
    classes_add(&classes, &before, -1);
    return classes;
}

/* Adds to the sums of the responses of this import. */
static void note_once(struct import_totals *totals, struct classes more, int64_t at_ns)
{
    if (totals->once.responses == 0 || at_ns < totals->first_at_ns)
        totals->first_at_ns = at_ns;
    if (totals->once.responses == 0 || at_ns > totals->last_at_ns)
        totals->last_at_ns = at_ns;
    classes_add(&totals->once, &more, 1);
}

/* The key of a response of this file in the store. */
static uint64_t key_in_store(uint64_t key, const struct import_feed *feed, const struct merge_file *file)
{
    key = tq__mix(tq__mix(key, tq_log_source_id(file->source)), feed->hash);
    return key != 0 ? key : 1;
}

/* Looks up what was counted of the response. An earlier version may have counted it under another key, which
 * may have stood for several responses. So each one takes from there as much as it used, and what is left is
 * for the next one. 0, or negative as import_count. */
static int look_up(struct import *import, const struct merge_file *file, struct counting *counting,
                   bool *first)
{
    struct store_seen *before = &counting->before, older = {0};
    int64_t held, more;
    uint64_t key;
    bool ignored;
    int answer;

    counting->known = store_seen_find(&import->store, counting->key, before, first);
    if (file->entry.older_key == 0)
        return 0;
    key = key_in_store(file->entry.older_key, counting->feed, file);
    held = counting->known ? before->tokens : 0;
    more = counting->now.tokens - held;
    if (more <= 0 || !store_seen_find(&import->store, key, &older, &ignored) || older.tokens == 0 ||
        (counting->known && before->day != older.day))
        return 0;
    more = more < older.tokens ? more : older.tokens;
    *before = (struct store_seen){.tokens = held + more, .rank = counting->now.rank, .day = older.day};
    *first |= !counting->known;
    counting->known = true;
    older.tokens -= more;
    answer = store_seen_set(&import->store, counting->key, before);
    return answer == 0 ? store_seen_set(&import->store, key, &older) : answer;
}

/* Adds to the totals what is new: a response, or what one has grown by. */
static void note_fresh(struct import *import, struct counting *counting, struct classes classes,
                       const struct import_recent *recent)
{
    struct classes more = classes;

    if (counting->known)
        more = growth(counting, classes, recent && recent->counted ? recent : NULL);
    classes_add(&import->totals.fresh, &more, 1);
    counting->feed->responses += !counting->known;
}

/* Takes back what an earlier version counted, and other entries of the file now have. */
static int take_back_all(struct import *import, struct merge_file *file, struct counting *counting)
{
    bool first;
    int answer;

    counting->known = store_seen_find(&import->store, counting->key, &counting->before, &first);
    if (!counting->known || counting->before.tokens == 0)
        return 0;
    answer = settle(import, file, counting);
    if (answer != 0)
        return answer < 0 ? answer : 0;
    classes_take(&import->totals.fresh, counting->before.tokens);
    import->totals.fresh.responses -= import->totals.fresh.responses > 0;
    counting->feed->responses -= counting->feed->responses > 0;
    return 0;
}

static int count_response(struct import *import, struct merge_file *file, struct counting *counting)
{
    const struct tq_log_entry *entry = &file->entry;
    struct import_recent *place = &import->recent[counting->key & (IMPORT_RECENT - 1)];
    const struct import_recent *recent = place->key == counting->key ? place : NULL;
    struct classes classes = classes_of(&entry->usage);
    bool first, better;
    int answer;

    classes_add(&import->totals.raw, &classes, 1);
    answer = look_up(import, file, counting, &first);
    if (answer < 0)
        return answer;
    counting->counted = recent && recent->counted ? &recent->usage : NULL;
    better = is_better(counting, entry, recent);
    if (better && (answer = settle(import, file, counting)) != 0)
        return answer < 0 ? answer : 0;
    if (better)
        note_fresh(import, counting, classes, recent);
    if (!counting->known || first)
        note_once(&import->totals, classes, counting->at_ns);
    else if (recent ? entry->rank > recent->rank : better)
        note_once(&import->totals, growth(counting, classes, recent), counting->at_ns);
    if (!recent || entry->rank > recent->rank)
        *place = (struct import_recent){counting->key, entry->rank, counting->usage, better};
    return 0;
}

/* ---- what a log says of limits --------------------------------------------------------------- */

/* The latest instant in the signal. */
static int64_t end_of(const struct tq_quota_signal *signal)
{
    int64_t end_ns = signal->retry_at_ns;

    for (uint32_t i = 0; i < signal->axis_count && i < TQ_AXES_MAX; i++)
        if (signal->axis[i].known & TQ_AXIS_RESET && signal->axis[i].reset_at_ns > end_ns)
            end_ns = signal->axis[i].reset_at_ns;
    return end_ns;
}

/* A log may be weeks old, and is read again after a kill. So a signal counts only when it is newer than the
 * last one that was applied, and only until the windows in it end. */
static bool is_news(const struct import *import, const struct store_row *row,
                    const struct tq_quota_signal *signal)
{
    return signal->said_at_ns > row->signal_at_ns && end_of(signal) > import->request.at_ns &&
           signal->said_at_ns <= import->request.at_ns + TQ_MAX_AHEAD_NS;
}

static int take_signal(struct import *import, struct import_feed *feed, const struct tq_quota_signal *signal)
{
    struct store_row *row = &import->store.rows[feed->row];
    int answer = 0;

    if (!is_news(import, row, signal))
        return 0;
    if (!import->request.dry_run)
        answer = tq_provider_apply(feed->handle, signal);
    if (answer == TQ_EGONE || answer == TQ_EREADONLY)
        return import_refused(import, feed, answer);
    row->signal_at_ns = signal->said_at_ns;
    if (answer >= 0) /* otherwise the ledger's clock refuses its instant, and nothing is lost */
        import->totals.signals++;
    return 0;
}

/* ---- one entry ------------------------------------------------------------------------------- */

/* Does the entry count at all? Notes the reason when it does not. */
static bool takes(struct import *import, struct merge_file *file, uint32_t day)
{
    const struct tq_log_entry *entry = &file->entry;

    if (!entry->usage.known) /* a signal alone, or what another entry has */
        return entry->flags & TQ_LOG_ENTRY_REST && entry->at_ns >= import->request.since_ns;
    if (entry->at_ns < import->request.since_ns) {
        import->totals.skipped++;
        if (file->skipped_before_ns < import->request.since_ns)
            file->skipped_before_ns = import->request.since_ns;
        return false;
    }
    if (day == 0 && entry->at_ns > import->request.at_ns) { /* after the last day that has a number */
        import->totals.clock++;
        file->again = true;
        return false;
    }
    if (day < import->store.header->oldest_day) {
        struct classes classes = classes_of(&entry->usage);

        import->totals.older++;
        import->totals.older_tokens += classes_total(&classes);
        return false;
    }
    return true;
}

int import_count(struct import *import, struct merge_file *file)
{
    const struct tq_log_entry *entry = &file->entry;
    struct counting counting = {.at_ns = entry->at_ns};
    uint32_t day = store_day(entry->at_ns);
    bool counts = takes(import, file, day);
    char name[TQ_NAME_MAX + 1];
    int answer;

    if (!counts && !entry->signal)
        return 0;
    names_fill(name, names_pattern(file->logs->name, file->source), file->source, entry);
    counting.feed = import_feed_of(import, name, &answer);
    if (!counting.feed)
        return answer;
    if (entry->signal)
        answer = take_signal(import, counting.feed, entry->signal);
    if (!counting.feed || answer < 0 || !counts)
        return answer;

    int64_t tokens = classes_amount(&entry->usage, file->logs->count);

    counting.usage = entry->usage;
    counting.usage.size = sizeof counting.usage;
    if (entry->cost_nano_usd >= 0) {
        counting.usage.known |= TQ_USAGE_COST;
        counting.usage.cost_nano_usd = entry->cost_nano_usd;
    }
    counting.bucket = entry->flags & TQ_LOG_ENTRY_BUCKET;
    counting.key = key_in_store(entry->key, counting.feed, file);
    counting.now = (struct store_seen){
        .tokens = tokens < STORE_TOKENS_MAX ? tokens : STORE_TOKENS_MAX,
        .rank = store_rank(entry->rank),
        .day = day,
    };
    if (!entry->usage.known)
        return take_back_all(import, file, &counting);
    return count_response(import, file, &counting);
}
