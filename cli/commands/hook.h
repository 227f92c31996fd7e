/* hook.h: what hook.c and hook_words.c share: which tool asks, and what it is told.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TOKENQUOTA_HOOK_H
#define TOKENQUOTA_HOOK_H

#include "cli/show/show.h"
#include "view/peak.h"

#define HOOK_WORDS 3072             /* of what people read */
#define HOOK_ID_MAX 128             /* bytes of a session's id that is shown */
#define HOOK_INPUT_MOST (64u << 20) /* a tool hands the whole input of its tool call over */

enum hook_tool { HOOK_CLAUDE, HOOK_CODEX, HOOK_GEMINI };

enum hook_event {
    HOOK_OTHER,  /* nothing is decided here */
    HOOK_PROMPT, /* a person, or a script, gave a task */
    HOOK_TOOL,   /* a tool of the agent is about to run */
};

struct hook {
    struct request asked;
    uint32_t warn;  /* percent; 0: never */
    uint32_t pause; /* percent; 0: only when the provider is out */
    int64_t max_wait_ns;
    const char *on_error; /* "stop" or "go"; NULL: stop */
    bool wait;
    /* What the input says. */
    enum hook_tool tool;
    enum hook_event event;
    char event_name[64];
    char session_id[HOOK_ID_MAX + 1]; /* "": none that can be shown */
    bool heard;                       /* there was an input */
};

/* Whether a call may be made now. */
struct hook_judgment {
    bool go;
    bool probe;               /* it is out, and this call asks whether it is back */
    int64_t until_ns;         /* (not go) when to look again; INT64_MAX: nobody knows */
    struct peak peak;         /* share_ppm -1: nothing is known */
    char why[HOOK_WORDS / 2]; /* why not, or what is to be said of a call that goes through; "": nothing */
};

/* Reads which tool asks, and at which event. False when it is not the JSON that a tool hands a hook. */
bool hook_hear(struct hook *hook, const char *json, size_t len);

/* "claude has used 83% of the 5 h limit, which resets 15:56, in 1 h 54 min" */
void hook_put_peak(const char *name, const struct peak *peak, int64_t now_ns, char *out, size_t capacity);

/* Print the answer of the hook on stdout, as the tool's contract has it. */
void hook_answer_go(const struct hook *hook, const struct hook_judgment *judgment, int64_t now_ns);
void hook_answer_stop(const struct hook *hook, const char *why);

/* Could not decide: says why, and then stops or lets the call through. Gives the exit status. */
int hook_answer_error(const struct hook *hook, const char *why);

#endif
