/* refusal.c: which of two refusals stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "refusal.h"

#define WAIT_FIRST_S 30 /* of a throttle that names no time; doubled each time it is met again */
#define WAIT_LAST_S 300
#define WAIT_FORGOTTEN_S 3600 /* after its end: then the next one is the first again */

int64_t tq__refusal_latest_end(uint64_t reported, uint64_t throttled, int64_t end_ns)
{
    if (tq__refusal_end_ns(reported) > end_ns)
        end_ns = tq__refusal_end_ns(reported);
    return tq__refusal_end_ns(throttled) > end_ns ? tq__refusal_end_ns(throttled) : end_ns;
}

/* ---- two refusals ---------------------------------------------------------------------------- */

/* A refusal that meets the one in force. */
struct meeting {
    struct tq__refusal before, now;
    bool sent_after;  /* the refused request was sent after `before` was said, */
    bool sent_before; /* or before it; neither: nobody knows */
};

/* The three that a provider can be in, by the word in force. */
enum force { NONE, ENDS, ENDLESS };

static enum force force_of(const struct tq__refusal *said)
{
    return said->length_s == TQ__REFUSAL_NO_END ? ENDLESS : ENDS;
}

static uint64_t end_s(const struct tq__refusal *said)
{
    return (uint64_t)said->at_s + said->length_s;
}

static uint32_t later_s(const struct meeting *meeting)
{
    return meeting->now.at_s > meeting->before.at_s ? meeting->now.at_s : meeting->before.at_s;
}

static void count_attempt(struct tq__refusal *said)
{
    if (said->attempt < TQ__REFUSAL_ATTEMPT_MAX)
        said->attempt++;
}

static struct tq__refusal new_stands(const struct meeting *meeting, bool *old_stands)
{
    struct tq__refusal said = meeting->now;

    *old_stands = false;
    said.at_s = later_s(meeting);
    return said;
}

static struct tq__refusal later_end_stands(const struct meeting *meeting, bool *old_stands)
{
    uint64_t before_s = end_s(&meeting->before), now_s = end_s(&meeting->now);
    struct tq__refusal said = new_stands(meeting, old_stands);

    *old_stands = now_s < before_s;
    if (*old_stands)
        said.refusal = meeting->before.refusal;
    said.length_s = (uint32_t)((*old_stands ? before_s : now_s) - said.at_s);
    return said;
}

/* The vendor names an end. It ends the refusal without one only by its own class, and by a request that was
 * sent after: the vendor says now what it did not say then. Else the old one stands. A probe that another
 * class refused was answered, and is one more attempt. */
static struct tq__refusal endless_meets_end(const struct meeting *meeting, bool *old_stands)
{
    struct tq__refusal said = meeting->before;

    *old_stands = meeting->now.refusal != said.refusal || !meeting->sent_after;
    if (!*old_stands)
        return meeting->now;
    if (said.probing && !meeting->sent_after)
        return said;
    if (said.probing)
        count_attempt(&said);
    said.probing = false;
    said.at_s = later_s(meeting);
    return said;
}

/* A probe that was refused is one more attempt. A request that was in flight when the probe was taken says
 * nothing about the probe, and must not end it. */
static struct tq__refusal endless_meets_endless(const struct meeting *meeting, bool *old_stands)
{
    const struct tq__refusal *before = &meeting->before;
    struct tq__refusal said = new_stands(meeting, old_stands);

    if (before->probing && meeting->sent_before)
        return *before;
    said.attempt = before->attempt;
    if (before->probing)
        count_attempt(&said);
    if (meeting->sent_before)
        said.refusal = before->refusal;
    return said;
}

/* The table of docs/verdicts.md: by what is in force, and by whether the new refusal has an end. */
static struct tq__refusal (*const stands[][3])(const struct meeting *meeting, bool *old_stands) = {
    /* in force     the new one ends             and does not */
    [NONE] = {[ENDS] = new_stands, [ENDLESS] = new_stands},
    [ENDS] = {[ENDS] = later_end_stands, [ENDLESS] = new_stands},
    [ENDLESS] = {[ENDS] = endless_meets_end, [ENDLESS] = endless_meets_endless},
};

/* Gives a throttle without a time one: longer each time it is met again. */
static void set_wait(struct meeting *meeting, uint64_t seen)
{
    int64_t seen_end_s = tq__refusal_end_ns(seen) / TQ__SECOND_NS;
    struct tq__refusal *now = &meeting->now;
    bool sent_after = meeting->sent_after || (!meeting->sent_before && now->at_s >= seen_end_s);

    if (seen != 0 && now->at_s <= seen_end_s + WAIT_FORGOTTEN_S) {
        now->attempt = meeting->before.attempt;
        if (sent_after)
            count_attempt(now);
    }
    now->length_s = WAIT_FIRST_S;
    for (uint32_t i = 0; i < now->attempt && now->length_s < WAIT_LAST_S; i++)
        now->length_s *= 2;
    if (now->length_s > WAIT_LAST_S)
        now->length_s = WAIT_LAST_S;
}

uint64_t tq__refusal_merge(uint64_t seen, const struct tq__refusal *said, int64_t sent_at_ns,
                           bool *why_of_seen)
{
    struct meeting meeting = {
        .before = tq__refusal_unpack(seen),
        .now = *said,
        .sent_after = sent_at_ns > 0 && sent_at_ns >= tq__refusal_at_ns(seen),
        .sent_before = sent_at_ns > 0 && sent_at_ns < tq__refusal_at_ns(seen),
    };
    enum force force = seen == 0 ? NONE : force_of(&meeting.before);
    struct tq__refusal merged;

    if (force == ENDS && end_s(&meeting.before) <= said->at_s)
        force = NONE; /* it is over */
    if (tq__refusal_momentary(said->refusal) && said->length_s == TQ__REFUSAL_NO_END)
        set_wait(&meeting, seen);
    merged = stands[force][force_of(&meeting.now)](&meeting, why_of_seen);
    return tq__refusal_pack(&merged);
}
