/* mcp.h: what the files of `tokenquota mcp` share: lines, messages, tools and the calls that wait.
 *
 * SPDX-License-Identifier: MIT
 *
 * mcp.c reads and waits, mcp_lines.c cuts lines, mcp_protocol.c knows JSON-RPC and the versions of MCP,
 * mcp_calls.c calls tools, mcp_tools.c has them, mcp_fields.c their schemas and arguments.
 */
#ifndef TOKENQUOTA_MCP_H
#define TOKENQUOTA_MCP_H

#include <jansson.h>

#include "base/text.h"
#include "cli/session.h"

/* ---- mcp_lines.c ----------------------------------------------------------------------------- */

#define MCP_LINE_MOST (1u << 20) /* bytes of a message */

struct mcp_lines {
    size_t most; /* bytes of a line; set by the caller */
    char *bytes;
    size_t len, capacity;
    size_t taken;  /* bytes of lines that were given */
    size_t looked; /* there is no line end before it */
    bool skipping; /* the rest of a line that is too long */
};

/* Makes room and says where; the caller puts bytes there, and says how many with lines->len. NULL: no memory.
 */
char *mcp_lines_room(struct mcp_lines *lines, size_t *room);

/* 1: a line without its end, which lives until the next call of mcp_lines_room; 0: there is no whole one; -1:
 * one was longer than `most`, which is said once for each. */
int mcp_lines_next(struct mcp_lines *lines, struct tq__span *line);

/* What is left behind the last line end; empty when that line was too long. */
struct tq__span mcp_lines_rest(const struct mcp_lines *lines);

void mcp_lines_free(struct mcp_lines *lines);

/* ---- mcp_fields.c ---------------------------------------------------------------------------- */

enum mcp_kind {
    MCP_TEXT,
    MCP_INSTANT, /* RFC 3339 */
    MCP_COUNT,   /* 0 or more; above 2^53 - 1 it is text */
    MCP_NUMBER,
    MCP_FLAG,
    MCP_NAMES, /* texts, at least one */
    MCP_WORDS, /* texts, or none */
    MCP_POLICY,
    MCP_ROWS, /* objects */
};

/* An argument of a tool, or a member of its answer. A list ends with a row without a name. */
struct mcp_field {
    const char *name;
    enum mcp_kind kind;
    bool required;
    const char *help;
    size_t to;                  /* of an argument: its offset in struct mcp_arguments */
    int64_t least, most;        /* of an argument that is a count */
    const struct mcp_field *of; /* the members of MCP_ROWS */
};

#define MCP_NAMES_MOST 256

struct mcp_names {
    const char *items[MCP_NAMES_MOST + 1]; /* a NULL ends them */
    size_t count;
};

/* The texts belong to the JSON that was read. */
struct mcp_arguments {
    struct mcp_names names;
    const char *last;
    uint32_t policy;
    int64_t need;
    int64_t seconds;
    bool use_reserve;
};

/* The JSON schema of an object. closed: it has no other members. */
json_t *mcp_schema(const struct mcp_field *fields, bool closed);

#define MCP_WHY 512

/* Reads the arguments of a call; object may be NULL. False: *why says what is wrong. */
bool mcp_arguments_read(const struct mcp_field *fields, const json_t *object, struct mcp_arguments *arguments,
                        char why[MCP_WHY]);

/* ---- mcp_tools.c ----------------------------------------------------------------------------- */

/* What a tool answers. */
struct mcp_result {
    json_t *document; /* NULL: it failed, and text says why */
    char *text;       /* for people */
};

struct mcp_tool {
    const char *name, *title, *description;
    const struct mcp_field *arguments, *members;
    /* Fills the result, and answers CLI_NO when it is worth looking again, CLI_YES when not. Or TQ_EGONE. */
    int (*call)(struct session *session, const struct mcp_arguments *arguments, struct mcp_result *result);
    bool waits; /* it is called again until it answers CLI_YES, or the time is over */
};

/* A tool without a name ends them. */
extern const struct mcp_tool mcp_tools[];

/* Opens the ledger and calls the tool. */
int mcp_tool_call(const struct mcp_tool *tool, const char *ledger, const struct mcp_arguments *arguments,
                  struct mcp_result *result);
void mcp_result_free(struct mcp_result *result);

/* ---- mcp_calls.c ----------------------------------------------------------------------------- */

#define MCP_WAITS_MOST 32

/* A call that waits. */
struct mcp_wait {
    json_t *message;                   /* the request, which the names of the arguments belong to */
    const json_t *id, *progress_token; /* parts of it; the token may be NULL */
    const struct mcp_tool *tool;
    struct mcp_arguments arguments;
    int64_t began_ns, give_up_ns, told_ns;
    bool modern;
};

struct mcp {
    struct request asked;
    bool greeted; /* by `initialize`: requests without a version of their own are served */
    struct mcp_wait waits[MCP_WAITS_MOST];
    size_t wait_count;
};

/* Calls the tool that a request names, or begins to wait for it. */
void mcp_call(struct mcp *mcp, json_t *message, const json_t *params, bool modern);

/* Looks at the calls that wait, answers those that are over, and tells the others how long they wait. */
void mcp_look(struct mcp *mcp);

/* The call that waits under this id; NULL: none does. */
struct mcp_wait *mcp_wait_find(struct mcp *mcp, const json_t *id);

/* Ends one without an answer; NULL: nothing is done. */
void mcp_wait_drop(struct mcp *mcp, struct mcp_wait *wait);

/* ---- mcp_protocol.c -------------------------------------------------------------------------- */

#define MCP_INVALID_PARAMS (-32602)

/* Sends a message, which is given away. When nobody is there to read it the command ends. */
void mcp_send(json_t *message);
void mcp_send_result(const json_t *id, bool modern, json_t *result);

/* id NULL: it could not be read. data is given away, and may be NULL. */
__attribute__((format(printf, 4, 5))) void mcp_send_error(const json_t *id, int code, json_t *data,
                                                          const char *format, ...);

/* Answers one line. */
void mcp_answer(struct mcp *mcp, struct tq__span line);

/* Answers that a line was too long. */
void mcp_answer_too_long(void);

#endif
