/* refusal.c: which of two refusals stands.
 *
 * SPDX-License-Identifier: MIT
 */
#include "refusal.h"

#include "probe.h"

#define WAIT_FIRST_S 30 /* of a throttle that names no time; doubled each time it is met again */
#define WAIT_LAST_S 300
#define WAIT_FORGOTTEN_S 3600 /* after its end: then the next one is the first again */

int64_t tq__said_latest_end(uint64_t reported, uint64_t throttled, int64_t end_ns)
{
    if (tq__said_end_ns(reported) > end_ns)
        end_ns = tq__said_end_ns(reported);
    return tq__said_end_ns(throttled) > end_ns ? tq__said_end_ns(throttled) : end_ns;
}

/* Was the refused request sent after the word was said? Not known: after its end it must have been. */
static bool sent_after(uint64_t seen, const struct tq__said *now, int64_t sent_at_ns)
{
    if (sent_at_ns > 0)
        return sent_at_ns >= tq__said_at_ns(seen);
    return (int64_t)now->at_s * TQ__SECOND_NS >= tq__said_end_ns(seen);
}

/* A throttle without a time gets one. */
static uint32_t wait_s(uint64_t seen, struct tq__said *now, int64_t sent_at_ns)
{
    uint32_t wait = WAIT_FIRST_S;

    if (seen != 0 && (int64_t)now->at_s <= tq__said_end_ns(seen) / TQ__SECOND_NS + WAIT_FORGOTTEN_S) {
        now->attempt = tq__said_unpack(seen).attempt;
        if (sent_after(seen, now, sent_at_ns) && now->attempt < TQ__SAID_ATTEMPT_MAX)
            now->attempt++;
    }
    for (uint32_t i = 0; i < now->attempt && wait < WAIT_LAST_S; i++)
        wait *= 2;
    return wait < WAIT_LAST_S ? wait : WAIT_LAST_S;
}

/* Neither has an end. A refused probe is one more attempt; what was in flight when the probe was taken says
 * nothing of it, and must not end it. */
static uint64_t merge_endless(uint64_t seen, struct tq__said now, int64_t sent_at_ns)
{
    const struct tq__said before = tq__said_unpack(seen);
    bool in_flight = sent_at_ns > 0 && sent_at_ns < tq__said_at_ns(seen);

    if (before.probing && in_flight)
        return seen;
    now.attempt = before.attempt;
    if (before.probing && now.attempt < TQ__SAID_ATTEMPT_MAX)
        now.attempt++;
    if (in_flight)
        now.refusal = before.refusal;
    if (now.at_s < before.at_s)
        now.at_s = before.at_s;
    return tq__said_pack(&now);
}

uint64_t tq__said_merge(uint64_t seen, const struct tq__said *said, int64_t sent_at_ns, bool *why_of_seen)
{
    struct tq__said now = *said, before = tq__said_unpack(seen);
    bool momentary = now.refusal == TQ_CLASS_THROTTLED || now.refusal == TQ_CLASS_OVERLOADED;
    uint64_t before_end_s = (uint64_t)before.at_s + before.length_s, now_end_s;

    *why_of_seen = false;
    if (momentary && now.length_s == TQ__SAID_NO_END)
        now.length_s = wait_s(seen, &now, sent_at_ns);
    if (seen == 0 || (!tq__said_no_end(seen) && before_end_s <= now.at_s))
        return tq__said_pack(&now);
    if (now.length_s == TQ__SAID_NO_END) {
        if (!tq__said_no_end(seen)) {
            now.at_s = now.at_s > before.at_s ? now.at_s : before.at_s;
            return tq__said_pack(&now);
        }
        return merge_endless(seen, now, sent_at_ns);
    }
    if (tq__said_no_end(seen)) {
        if (now.refusal == before.refusal && sent_at_ns > 0 && sent_at_ns >= tq__said_at_ns(seen))
            return tq__said_pack(&now); /* the vendor says by now what it did not say then */
        *why_of_seen = true;
        if (before.probing && (sent_at_ns <= 0 || sent_at_ns < tq__said_at_ns(seen)))
            return seen;
        if (before.probing) { /* the probe was answered: refused, by another class */
            before.probing = false;
            before.attempt += before.attempt < TQ__SAID_ATTEMPT_MAX;
        }
        before.at_s = now.at_s > before.at_s ? now.at_s : before.at_s;
        return tq__said_pack(&before);
    }
    now_end_s = (uint64_t)now.at_s + now.length_s;
    if (now_end_s < before_end_s) { /* the later end stands */
        *why_of_seen = true;
        now.refusal = before.refusal;
        now_end_s = before_end_s;
    }
    if (now.at_s < before.at_s)
        now.at_s = before.at_s;
    now.length_s = (uint32_t)(now_end_s - now.at_s);
    return tq__said_pack(&now);
}
