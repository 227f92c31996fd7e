/* tokenquota_signals.h: reads from a vendor's response how many tokens it used and what is left of the quota.
 *
 * SPDX-License-Identifier: MIT
 *
 * tokenquota.h counts and decides. This library (libtokenquota-signals, which needs only libc) reads
 * responses for it: bytes go in, structs of tokenquota.h come out. It keeps no state between two calls and
 * opens no file or connection.
 *
 *     struct tq_response response = {.size = sizeof response, .status = 429, .fields = fields,
 *                                    .field_count = n, .body = body, .body_len = len,
 *                                    .sent_at_ns = sent_at_ns, .now_ns = tq_now_ns()};
 *     struct tq_quota_signal signal = {.size = sizeof signal};
 *
 *     if (tq_signal_read(&response, &signal) >= 0)
 *         tq_provider_apply(provider, &signal);
 *
 * PROFILES
 *
 * A profile says how the library reads the responses of one vendor: which headers there are, what their
 * values look like, what its error codes mean, and how its usage counts. docs/providers.md lists the
 * profiles, their sources, and whether each was seen on live traffic. NULL as a profile means "auto": the
 * library finds the vendor from headers and body. If it finds none, it reads the response as "generic":
 * Retry-After, retry-after-ms, the IETF fields RateLimit and RateLimit-Policy in the current draft and the
 * older forms, and X-RateLimit-*, whose values it interprets by their form and size.
 *
 * WHAT IS NEVER GUESSED
 *
 * A missing header is not 0. A negative limit, remainder or reset counts as missing. A value in a form that
 * the profile does not have is ignored and counted in `anomalies`. A window is identified by its length,
 * never by its position in the response, and by what the vendor calls it when it is not the whole account's
 * (window_name): "opus" through headers, events, logs, the status line and the usage endpoint alike.
 *
 * FOR ALL CALLS
 *
 *   input    Any bytes are safe.
 *   threads  Any thread may call anything. Only one thread at a time may use a stream.
 *   memory   Calls that read only headers or one JSON object do not allocate. Calls that read a body allocate
 *            when a document in it does not lie in one piece. tq_usage_stream_... say when they allocate.
 *   units    Instants (..._at_ns, now_ns) are nanoseconds since 1970-01-01T00:00:00Z.
 *   errors   Negative, as in tokenquota.h: TQ_EINVAL, TQ_ERANGE, TQ_ENOMEM.
 */
#ifndef TOKENQUOTA_SIGNALS_H
#define TOKENQUOTA_SIGNALS_H

#include <stddef.h>
#include <stdint.h>

#include <tokenquota.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- profiles ------------------------------------------------------------------------------------- */

struct tq_profile;

/* Finds a profile by its name ("openai", "anthropic-subscription"); case does not matter. Returns NULL when
 * there is none, and also for "auto" and "": see tq_profile_known. Profiles are static: never free them. */
TQ_API const struct tq_profile *tq_profile_find(const char *name, size_t len);

/* Is this "auto" or the name of a profile? 1 yes, 0 no. */
TQ_API int tq_profile_known(const char *name, size_t len);

/* Lists all profiles: index 0, 1, ... until it returns NULL. */
TQ_API const struct tq_profile *tq_profile_at(size_t index);

/* Finds a profile by its id (tq_quota_signal.profile, tq_verdict.profile); NULL when this version has
 * none. */
TQ_API const struct tq_profile *tq_profile_of(uint32_t id);

/* What a profile says. For NULL they return 0 or NULL. The texts are static. */
TQ_API uint32_t tq_profile_id(const struct tq_profile *profile);        /* 1 to 255; an id never changes */
TQ_API const char *tq_profile_name(const struct tq_profile *profile);   /* "openai" */
TQ_API const char *tq_profile_vendor(const struct tq_profile *profile); /* "OpenAI" */
TQ_API const char *tq_profile_source(const struct tq_profile *profile); /* the document that it follows */
TQ_API int tq_profile_seen_live(const struct tq_profile *profile);      /* 1: measured on live traffic */

/* ---- signals -------------------------------------------------------------------------------------- */

/* One header. The texts need no NUL at the end. Blanks around the value are ignored. */
struct tq_field {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

/* Which day a daily quota means, when a vendor does not count days in UTC. */
#define TQ_DAY_OF_VENDOR 0 /* as the vendor documents it: Gemini counts days of Los Angeles */
#define TQ_DAY_OF_UTC 1

struct tq_response {
    uint32_t size;                 /* sizeof(struct tq_response) */
    uint32_t status;               /* the HTTP status; 0: unknown */
    const struct tq_field *fields; /* the headers in their order, any number */
    size_t field_count;
    const char *body; /* JSON, server-sent events or anything else; may be NULL */
    size_t body_len;
    const struct tq_profile *profile; /* NULL: auto */
    int64_t sent_at_ns;               /* when the request was sent; 0: unknown */
    int64_t now_ns;                   /* when the response arrived; "in 20 s" counts from here */
    uint32_t day;                     /* TQ_DAY_OF_... */
    uint32_t reserved;
};

/* Reads what a response says about quota. The caller sets signal->size; the call writes all other members that
 * the size has. A size that ends before `account` is accepted here and in all calls below.
 *
 *   - The answer of a vendor's usage endpoint (see tq_signal_read_limits) is known by its members. It is no
 *     success, because no request was served.
 *   - A response may be served and use up its window: then the signal has TQ_SIGNAL_SUCCESS and
 *     TQ_CLASS_EXHAUSTED.
 *   - An instant in the past becomes now_ns. An instant more than 180 days ahead (24 hours for
 *     TQ_CLASS_OVERLOADED) becomes that limit, and TQ_SIGNAL_CLAMPED is set.
 *   - A body longer than TQ_BODY_MAX is not parsed. The time is linear in the bytes of headers and body.
 *
 * Returns
 *   0          the response says something about quota
 *   1          it says nothing; the signal is filled all the same and says whether the status means success
 *   TQ_EINVAL  an argument is NULL, a size is too small, a text is NULL but its length is not 0, or `day` is
 *              unknown
 *   TQ_ERANGE  now_ns is before TQ_NOW_MIN_NS, or it is TQ_NOW_END_NS or later */
TQ_API int tq_signal_read(const struct tq_response *response, struct tq_quota_signal *signal);

#define TQ_BODY_MAX 16777216 /* the longest body that is parsed, in bytes */

/* Reads limits from one JSON object: an event of a stream, a part of a file that a tool keeps, or what a
 * client passes to its status line. Headers and bodies go through the same code, so the same statement has
 * the same meaning wherever it was found. These objects are known:
 *
 *     {"type": "codex.rate_limits", "rate_limits": {...}}        Codex: an event
 *     {"limit_id": "codex", "primary": {...}, "secondary": ...}  Codex: "rate_limits" in a log
 *     {"type": "rate_limit_event", "rate_limit_info": {...}}     Claude Code: an event
 *     {"status": ..., "rateLimitType": ..., "resetsAt": ...}     Claude Code: its rate_limit_info alone
 *     {"rate_limits": {"five_hour": {...}, "seven_day": {...}}}  Claude Code: the input of its status line
 *     {"type": "rate_limits.updated", "rate_limits": [...]}      OpenAI: the Realtime API
 *     {"error": {...}}                                           any vendor: an error
 *
 * and the answers of usage endpoints:
 *
 *     {"five_hour": {"utilization": 6.0, ...}, ...}              Anthropic: /api/oauth/usage
 *     {"plan_type": ..., "rate_limit": {...}, ...}               Codex: /backend-api/wham/usage
 *     {"quota_snapshots": {...}, ...}                            GitHub Copilot: /copilot_internal/user
 *     {"data": {"limits": [...]}}                                Z.ai: /api/monitor/usage/quota/limit
 *     {"usage": {"limit": ...}, "limits": [...]}                 Kimi: /coding/v1/usages
 *     {"data": {"limit_remaining": ..., "usage": ...}}           OpenRouter: /api/v1/key
 *
 *   - Codex also has limits for one model. Their limit_id or metered_limit_name is not "codex"; when both are
 *     missing, their limit_name is not. Such an axis has TQ_AXIS_MODEL_ONLY, a refusal TQ_SIGNAL_MODEL_ONLY.
 *   - A full window of Codex is a refusal when the object names a limit that was reached, or says that there
 *     are no credits. Otherwise it is only a reading.
 *   - A full window of the status line, or of a usage endpoint, is a refusal until the window ends. It has
 *     TQ_SIGNAL_READING. In a usage endpoint's answer it is only a reading where overage or credits may pay
 *     (TQ_AXIS_CREDIT), and always for Copilot, whose kinds of requests have quotas of their own.
 *
 *   profile  the vendor of the object; NULL: the call finds it from the form. It is written to the signal.
 *   now_ns   when the object was written. It becomes said_at_ns, and "in 20 s" counts from here.
 *
 * signal->sent_at_ns becomes 0, because nobody knows when the request was sent: the signal never clears an
 * earlier refusal. The call does not allocate. Its time is linear in len.
 *
 * Returns
 *   0          the signal says something
 *   1          it says nothing; the signal is filled all the same
 *   TQ_EINVAL  an argument is NULL, signal->size is too small, or the text is not one JSON object in UTF-8,
 *              at most 1024 levels deep and TQ_BODY_MAX bytes long
 *   TQ_ERANGE  now_ns, as in tq_signal_read */
TQ_API int tq_signal_read_limits(const struct tq_profile *profile, const char *json, size_t len,
                                 int64_t now_ns, struct tq_quota_signal *signal);

/* Reads what Claude Code passes to the command of its status line, and nothing else: rate_limits.five_hour,
 * rate_limits.seven_day and those of models (seven_day_opus), with used_percentage from 0 to 100 and resets_at.
 * The profile is anthropic-subscription. Returns the same values as tq_signal_read_limits. */
TQ_API int tq_signal_statusline(const char *json, size_t len, int64_t now_ns, struct tq_quota_signal *signal);

/* ---- usage ---------------------------------------------------------------------------------------- */

/* Reads the usage of a whole response body: JSON, or a stream as it arrived. The caller sets usage->size. The
 * lines of a batch's results are responses of their own: their usage is added up, and usage->requests counts
 * those that have some.
 *
 * Returns
 *   0          the body has usage
 *   1          it has none: all of usage is 0, which means unknown, not 0 tokens
 *   TQ_EINVAL  usage or body is NULL (a body of length 0 may be), or usage->size is too small */
TQ_API int tq_usage_read(const struct tq_profile *profile, const char *body, size_t len,
                         struct tq_usage *usage);

/* Reads the usage of a response that has it in its headers (Bedrock, Fireworks). Returns the same values as
 * tq_usage_read. */
TQ_API int tq_usage_read_fields(const struct tq_profile *profile, const struct tq_field *fields, size_t count,
                                struct tq_usage *usage);

/* A response that arrives in pieces: server-sent events, JSON lines, or one JSON document. The pieces may be
 * cut anywhere. */
struct tq_usage_stream;

/* Allocates a stream; NULL when there is no memory. profile NULL: auto. Free it with tq_usage_stream_free. */
TQ_API struct tq_usage_stream *tq_usage_stream_new(const struct tq_profile *profile);

/* Reads the next len bytes. The stream keeps only a document that is not complete yet, the text of an error,
 * and the text of a report of limits. Each has a buffer that grows to at most TQ_STREAM_LINE_MAX bytes and is
 * then used again: a long stream stops allocating.
 *
 * Returns
 *   0          the bytes are read
 *   TQ_EINVAL  stream is NULL, or bytes is NULL and len is not 0
 *   TQ_ENOMEM  one line or text was lost because there was no memory; the stream goes on without it */
TQ_API int tq_usage_stream_feed(struct tq_usage_stream *stream, const char *bytes, size_t len);

/* Reads what the stream has said so far: its usage and, when signal is not NULL, an error or a report of
 * limits in it. The caller sets size in both; now_ns and sent_at_ns are as in struct tq_response. Call it at
 * any time; the stream can be fed again afterwards. The call copies an unfinished document, so it may
 * allocate.
 *
 *   - Until the stream has ended, usage has TQ_USAGE_PARTIAL.
 *   - When a vendor repeats a growing count, the last value counts. Only the lines of a batch's results, and
 *     counts that a vendor states for each part, are added up.
 *
 * Returns
 *   0          the stream has usage
 *   1          it has none so far
 *   TQ_EINVAL  stream or usage is NULL, or a size is too small
 *   TQ_ENOMEM  there is no memory; the stream is unchanged */
TQ_API int tq_usage_stream_read(const struct tq_usage_stream *stream, int64_t sent_at_ns, int64_t now_ns,
                                struct tq_usage *usage, struct tq_quota_signal *signal);

#define TQ_STREAM_LINE_MAX 4194304 /* bytes; a longer line or document is skipped */

/* Frees a stream. NULL does nothing. */
TQ_API void tq_usage_stream_free(struct tq_usage_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
