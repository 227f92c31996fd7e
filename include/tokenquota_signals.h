/* tokenquota_signals.h: what a vendor's response says: the tokens it used, and what is left of the quota.
 *
 * SPDX-License-Identifier: MIT
 *
 * tokenquota.h counts and decides; this library (libtokenquota-signals, which needs libc alone) reads
 * responses for it. It keeps nothing between two calls, opens no file and asks nobody: bytes go in, structs
 * of tokenquota.h come out.
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
 * A profile says how one vendor's responses are read: which headers there are, what their values look like,
 * what its error codes mean, and how its usage counts. docs/providers.md lists them with their sources and
 * whether each was seen on live traffic. NULL as a profile is "auto": each response says by its headers and
 * body whose it is; what no profile recognises is read as "generic": Retry-After, retry-after-ms, the IETF
 * fields RateLimit and RateLimit-Policy in their present draft and the older forms, and X-RateLimit-* with
 * values told by their looks.
 *
 * WHAT IS NEVER GUESSED
 *
 * A header that is missing is not 0. A negative limit, remaining or reset is not said. A value that fits no
 * form of its profile is left out and counted in `anomalies`. Windows are known by their length, never by the
 * place in which a vendor put them.
 *
 * Threads: every call may be made from any thread; a stream belongs to one at a time. Calls that read a body
 * may allocate, where a document does not lie in one piece; headers alone do not. Any bytes may be handed in.
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

/* The profile of a name ("openai", "anthropic-subscription", case-insensitive), NULL when there is none.
 * "auto" and "" give NULL, too: see tq_profile_known. Static storage. */
TQ_API const struct tq_profile *tq_profile_find(const char *name, size_t len);

/* Is it "auto", or a profile's name? 1 yes, 0 no. */
TQ_API int tq_profile_known(const char *name, size_t len);

/* All of them: index 0, 1, ... until NULL. */
TQ_API const struct tq_profile *tq_profile_at(size_t index);

/* The one of an id (tq_quota_signal.profile, tq_verdict.profile); NULL when this version has none. */
TQ_API const struct tq_profile *tq_profile_of(uint32_t id);

/* What a row says. NULL gives 0 or NULL. Static storage. */
TQ_API uint32_t tq_profile_id(const struct tq_profile *profile);        /* 1 to 255, the same for ever */
TQ_API const char *tq_profile_name(const struct tq_profile *profile);   /* "openai" */
TQ_API const char *tq_profile_vendor(const struct tq_profile *profile); /* "OpenAI" */
TQ_API const char *tq_profile_source(const struct tq_profile *profile); /* where what it says is written */
TQ_API int
tq_profile_seen_live(const struct tq_profile *profile); /* 1: somebody measured it on live traffic */

/* ---- signals -------------------------------------------------------------------------------------- */

/* One header. Neither text need end in a NUL; blanks around the value are not part of it. */
struct tq_field {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
};

/* Whose day a daily quota is, where a vendor counts days of its own. */
#define TQ_DAY_OF_VENDOR 0 /* as the vendor documents it: Gemini's days are those of Los Angeles */
#define TQ_DAY_OF_UTC 1

struct tq_response {
    uint32_t size;                 /* sizeof(struct tq_response) */
    uint32_t status;               /* of HTTP; 0: not known */
    const struct tq_field *fields; /* the headers, in their order, any number */
    size_t field_count;
    const char *body; /* or NULL; JSON, or server-sent events, or anything */
    size_t body_len;
    const struct tq_profile *profile; /* NULL: auto */
    int64_t sent_at_ns;               /* when the request was sent; 0: not known */
    int64_t now_ns;                   /* when the response came: what lengths of time count from */
    uint32_t day;                     /* TQ_DAY_OF_... */
    uint32_t reserved;
};

/* Reads what a response says about quota. 0: it says something; 1: it says nothing (signal is filled, too:
 * whether it was a success is known from the status). All of signal but size is written. A response that was
 * served and used up its window is both: TQ_SIGNAL_SUCCESS and TQ_CLASS_EXHAUSTED. TQ_EINVAL, TQ_ERANGE
 * (now_ns). Linear in the bytes of headers and body; bodies above TQ_BODY_MAX are not parsed. Instants that
 * have passed are now_ns; those further than 180 days after it (24 hours: overloaded) are cut to that. */
TQ_API int tq_signal_read(const struct tq_response *response, struct tq_quota_signal *signal);

#define TQ_BODY_MAX 16777216 /* bytes of a body that are parsed */

/* Reads limits out of one JSON object, wherever it was found: in an event of a stream, in a file that a tool
 * keeps, in what a client hands to its status line. Headers and bodies that say the same are read by the same
 * code, so that one statement has one meaning through whichever door it comes.
 *
 *     {"type": "codex.rate_limits", "rate_limits": {...}}        Codex: an event, as it is
 *     {"limit_id": "codex", "primary": {...}, "secondary": ...}  Codex: "rate_limits" of a token_count in a
 * rollout
 *     {"type": "rate_limit_event", "rate_limit_info": {...}}     Claude Code: an event, or its
 * rate_limit_info alone
 *     {"rate_limits": {"five_hour": {...}, "seven_day": {...}}}  Claude Code: what its status line is given
 *     {"type": "rate_limits.updated", "rate_limits": [...]}      OpenAI's Realtime API
 *     {"error": {...}}                                           any vendor's error
 *
 * A limit with another name than the account's (limit_id or metered_limit_name other than "codex", or where
 * neither is there limit_name) is of one model: TQ_AXIS_MODEL_ONLY, and TQ_SIGNAL_MODEL_ONLY when it refuses.
 * A window of Codex that is full is a refusal when a reached type or credits that are stated and absent say
 * so; else it is a reading. A window of the status line that is full and not over is a refusal.
 *
 * profile: whose the object is, NULL to tell by its form. It is written to the signal.
 * now_ns: when the object was written; lengths of time count from it, and it becomes said_at_ns. sent_at_ns
 * becomes 0: when the request was sent is not known, so that the signal never clears anything.
 *
 * Returns
 *   0          the signal says something
 *   1          it says nothing; the signal is filled all the same
 *   TQ_EINVAL  an argument is NULL, signal->size is too small, or the text is no JSON object in UTF-8 (also
 * one that is nested deeper than 1024, or longer than TQ_BODY_MAX) TQ_ERANGE  now_ns Does not allocate.
 * Linear in len. */
TQ_API int tq_signal_read_limits(const struct tq_profile *profile, const char *json, size_t len,
                                 int64_t now_ns, struct tq_quota_signal *signal);

/* Reads what Claude Code hands the command of its status line, and nothing else: rate_limits.five_hour and
 * .seven_day, with used_percentage from 0 to 100 and resets_at. It is tq_signal_read_limits with the profile
 * anthropic-subscription, and returns what that returns. */
TQ_API int tq_signal_statusline(const char *json, size_t len, int64_t now_ns, struct tq_quota_signal *signal);

/* ---- usage ---------------------------------------------------------------------------------------- */

/* Reads the usage of a whole response body (JSON, or a stream as it came). 0; 1: it has none (usage is
 * zeroed: unknown, not 0 tokens); TQ_EINVAL. */
TQ_API int tq_usage_read(const struct tq_profile *profile, const char *body, size_t len,
                         struct tq_usage *usage);

/* Reads the usage of a response whose headers carry it (Bedrock); the same answers. */
TQ_API int tq_usage_read_fields(const struct tq_profile *profile, const struct tq_field *fields, size_t count,
                                struct tq_usage *usage);

/* A response that comes in pieces: server-sent events, JSON lines, or one JSON document, in chunks cut
 * anywhere. */
struct tq_usage_stream;

/* NULL when there is no memory. profile NULL: auto. Free it with tq_usage_stream_free. */
TQ_API struct tq_usage_stream *tq_usage_stream_new(const struct tq_profile *profile);

/* The next len bytes. Kept of them is only a document that a chunk's end has cut, and the text of an error or
 * of a report of limits: each in a buffer that grows to at most TQ_STREAM_LINE_MAX bytes and is then used
 * again, so that a stream that goes on does not allocate. 0; TQ_EINVAL; TQ_ENOMEM (the stream goes on without
 * that line). */
TQ_API int tq_usage_stream_feed(struct tq_usage_stream *stream, const char *bytes, size_t len);

/* What the stream has said so far: usage, and, when signal is not NULL, an error or a report of limits inside
 * of it (the caller fills size in both; now_ns and sent_at_ns as in struct tq_response). A stream whose end
 * was not seen is marked TQ_USAGE_PARTIAL. Counts that grow are taken at their last, never added up. May be
 * called at any time, and the stream may be fed on. 0 usage is there; 1 it has none so far; TQ_EINVAL,
 * TQ_ENOMEM. */
TQ_API int tq_usage_stream_read(const struct tq_usage_stream *stream, int64_t sent_at_ns, int64_t now_ns,
                                struct tq_usage *usage, struct tq_quota_signal *signal);

#define TQ_STREAM_LINE_MAX 4194304

/* NULL is left alone. */
TQ_API void tq_usage_stream_free(struct tq_usage_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
