/* reading.h: what the readers have found in one response, before anything is decided.
 *
 * SPDX-License-Identifier: MIT
 *
 * The readers of headers (axes.c, ietf.c), of bodies (refusal.c, limits.c) and of single vendors
 * (anthropic.c, claude.c, codex.c, copilot.c, google.c, poll.c) only note what they find. outcome.c decides
 * class and instant from it.
 */
#ifndef TQ_SIGNALS_READING_H
#define TQ_SIGNALS_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "profile.h"
#include "value.h"

/* What becomes of an instant: bounded below by now and above by this. */
#define TQ__LONGEST_NS (180 * TQ__DAY_NS)
#define TQ__LONGEST_OVERLOAD_NS TQ__DAY_NS

/* Waiting longer than this is no throttling: a bucket of a minute does not take hours. And windows longer
 * than this are quotas, not rates. */
#define TQ__LONGEST_THROTTLE_NS TQ__HOUR_NS

/* When a refusal ends, and where that was said; TQ_SOURCE_NONE: nowhere. */
struct tq__end {
    int64_t at_ns;
    uint32_t source; /* TQ_SOURCE_... */
};

struct tq__reading {
    struct tq_quota_signal *signal;
    const struct tq_profile *profile; /* never NULL; generic until somebody is recognised */
    const struct tq_profile *named;   /* by the caller; NULL: auto */
    bool may_recognise;               /* auto: the body may still say whose it is; */
    const struct tq_profile *weakly;  /* if it does not, it is theirs; NULL: of nobody known */
    uint32_t status;
    uint32_t day; /* TQ_DAY_OF_... */
    int64_t now_ns;

    uint32_t header_axes; /* the first axes of the signal, so many, are from headers */
    uint32_t rejecting; /* axes (bit 1 << index) that are at the end of a window: asking before is in vain */
    uint32_t filled;    /* those of them of which only the share says so */
    bool polled;        /* it is what a vendor answers who is asked for the usage: it served no request */

    struct tq__end retry_after;
    bool zero_wait;          /* it was said, as 0 */
    struct tq__end body;     /* an instant or a length of time in the body */
    bool in_prose;           /* which a sentence names: it may be rounded */
    struct tq__end calendar; /* the end of a day or month that the body names */
    struct tq__end day_end; /* the end of the vendor's day, for a limit of a day of which nothing says more */

    bool error;           /* the body is one, or the stream holds one */
    bool named_error;     /* the event that is read now has the name "error" */
    uint32_t error_class; /* TQ_CLASS_..., with error_known */
    bool error_known;     /* its code, type or text has a row */
    uint32_t named_what;  /* the axis that the body names, TQ_AXIS_UNKNOWN when it names none */
    int64_t named_window_ns;
    int32_t claimed; /* the axis that the vendor names as the one that binds, by index; -1 */
    bool no_plan;    /* a limit of 0 where the vendor means "no plan" */
    bool model_only; /* the body says that it is of the request's model */

    struct tq__span policy[TQ_AXES_MAX]; /* the names of the axes of RateLimit, by index */
    uint32_t violated;                   /* the axes (bit 1 << index) that the body says are violated */
};

/* Readies reading and signal (all but size and sent_at_ns of it are overwritten). profile NULL: auto. */
void tq__reading_begin(struct tq__reading *reading, struct tq_quota_signal *signal,
                       const struct tq_profile *profile, uint32_t status, int64_t now_ns, uint32_t day);

/* Headers that were looked for and found: see field.h. */
struct tq__fields;
void tq__read_axes(struct tq__reading *reading, const struct tq__fields *fields);
void tq__read_unified(struct tq__reading *reading, const struct tq__fields *fields);
void tq__read_codex(struct tq__reading *reading, const struct tq__fields *fields);
void tq__read_copilot(struct tq__reading *reading, const struct tq__fields *fields);
void tq__read_ietf(struct tq__reading *reading, const struct tq__fields *fields);

/* Reads an object in a body whose members are headers. */
void tq__reading_headers(struct tq__reading *reading, struct tq__span object);

/* Reads what the usage endpoint of a vendor answers; false when the object is none of that. */
bool tq__poll_read(struct tq__reading *reading, struct tq__span object);

/* The parts of it that single vendors have. */
void tq__anthropic_poll(struct tq__reading *reading, struct tq__span object);
void tq__codex_poll(struct tq__reading *reading, struct tq__span object);
void tq__copilot_poll(struct tq__reading *reading, struct tq__span object);

/* Limits in JSON: the members that tell the objects apart, and those that Codex has beside the windows. */
struct tq__limit_members {
    struct tq__json_item type, limits, info, claim, resets_at, primary, secondary;
    struct tq__json_item id, metered, name, credits, reached;
};

/* Takes the members of an object. With checked false the text is checked in the same pass: the answer is
 * false unless it is one JSON object in UTF-8. */
bool tq__limit_members(struct tq__span object, bool checked, struct tq__limit_members *members);

/* Reads an event of a stream by its type; false when it is no event that reports limits. */
bool tq__limit_event(struct tq__reading *reading, struct tq__span object,
                     const struct tq__limit_members *members);

/* Reads the limits of Codex, in an event or by themselves. */
void tq__codex_limits(struct tq__reading *reading, const struct tq__limit_members *members);

/* Reads Claude Code's rate_limit_event. */
void tq__anthropic_event(struct tq__reading *reading, struct tq__span event);

/* Reads the member "rate_limits" of what a status line is given; false when it says nothing. */
bool tq__anthropic_status_line(struct tq__reading *reading, struct tq__span limits);

/* Is an error with this message one of Vertex? It is of the Gemini API otherwise. */
bool tq__google_is_vertex(struct tq__span message);

/* Reads google.rpc.QuotaFailure, ErrorInfo and RetryInfo among the details of an error, which are an array,
 * and its message. */
void tq__google_error(struct tq__reading *reading, struct tq__span details, struct tq__span message);

/* The next midnight in Los Angeles after now_ns. Days there have 23 to 25 hours. */
int64_t tq__day_end_los_angeles(int64_t now_ns);

/* Class, instant, source and axis of all that was noted. */
void tq__decide(struct tq__reading *reading);

/* The class that the status of a response says; TQ_CLASS_NONE when it is none of quota. */
uint32_t tq__class_of_status(uint32_t status);

/* Is it a response of this profile? When that is open, it is from now on. */
bool tq__reading_is(struct tq__reading *reading, uint32_t profile);

/* A new axis, zeroed but for these; NULL when there are TQ_AXES_MAX already. */
struct tq_axis *tq__axis_add(struct tq__reading *reading, uint32_t what, int64_t window_ns);

/* Is there a signal whose size has all members up to those of the first header? Only such a one may be given
 * to the calls here and in refusal.h. What a size lacks is not written. */
bool tq__signal_fits(const struct tq_quota_signal *signal);

/* Notes what the vendor calls the window of an axis that is not the whole account's: in lower case, with "_"
 * for a blank, as many characters as fit. Escapes of JSON are undone. */
void tq__axis_name(struct tq__reading *reading, const struct tq_axis *axis, struct tq__span name);

/* Notes whose account it is, by the first id that the vendor names. TQ__NO_ACCOUNT: nobody's so far. */
#define TQ__NO_ACCOUNT ((struct tq__span){NULL, 0})
void tq__account_note(struct tq__reading *reading, struct tq__span id);

/* Takes the answer of a reader of value.h: counts what has no form; true when there is a value. */
bool tq__reading_took(struct tq__reading *reading, int answer);

/* Keeps the value of a header that comes once: the first of several counts, the others are anomalies. */
void tq__reading_keep(struct tq__reading *reading, struct tq__span *place, struct tq__span value);

/* Notes the instant of an axis, brought into bounds. */
void tq__axis_reset(struct tq__reading *reading, struct tq_axis *axis, int64_t at_ns);

/* These read a text, when there is one, and note what it says about an axis: a limit or what remains of it
 * (bit is TQ_AXIS_LIMIT or TQ_AXIS_REMAINING), the share that is used or left (as tq__value_share), the
 * instant of its reset, the seconds until its reset. False when the text is missing or says nothing. A share
 * that cannot be is an anomaly. */
bool tq__axis_amount(struct tq__reading *reading, struct tq_axis *axis, uint32_t bit, struct tq__span text);
bool tq__axis_share(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text, int digits);
bool tq__axis_left(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text, int digits);
bool tq__axis_instant(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text);
bool tq__axis_after(struct tq__reading *reading, struct tq_axis *axis, struct tq__span text);

/* Notes the share that is used by the limit and what is used of it or, without that, what is left. */
bool tq__axis_parts(struct tq__reading *reading, struct tq_axis *axis, struct tq__span limit,
                    struct tq__span used, struct tq__span left);

/* The axis is at the end of its window, and that refuses. */
void tq__axis_reject(struct tq__reading *reading, struct tq_axis *axis);

/* The same of an axis of which nothing but the share says so. Nothing is done when less than all is used, or
 * when its window has ended. */
void tq__axis_fill(struct tq__reading *reading, struct tq_axis *axis);

/* The instant, not before now and at most TQ__LONGEST_NS after it; says so when it was further. */
int64_t tq__bounded(struct tq__reading *reading, int64_t at_ns, int64_t longest_ns);

#endif
