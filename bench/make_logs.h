/* make_logs.h: what the makers of each tool's logs share: texts, instants, counts and files.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef BENCH_MAKE_LOGS_H
#define BENCH_MAKE_LOGS_H

#include <stdint.h>
#include <stdio.h>

struct made_usage {
    int64_t input, cache_write, cache_read, output, reasoning; /* output: reasoning included */
};

extern const char *const *made_models; /* of the tool, three; "" where there are fewer */
extern int64_t made_serial;            /* for names that are used once */

/* A number in [0, end). */
uint64_t draw(uint64_t end);

/* What is inside a JSON string. Most texts are short, one in forty is long. */
void put_text(FILE *file);

/* RFC 3339 with milliseconds; valid until the fourth call after this one. */
const char *instant(int64_t at_ms);

struct made_usage draw_usage(void);

/* Adds a response to what a reader must find. */
void count(int64_t at_ms, unsigned model, const struct made_usage *usage);

/* The next instant of a session, seconds to minutes later; it stays within the days. */
int64_t later(int64_t at_ms);
int64_t some_instant(void);

/* Opens a file below the folder for writing; the folders on the way are made. Ends the program when it
 * cannot. */
FILE *open_log(const char *name);
extern char made_path[4096]; /* of the file that was opened last */
void close_log(FILE *file);

/* One session of about so many bytes, in a file of its own or several. */
void make_claude_session(int64_t bytes);
void make_codex_session(int64_t bytes);
void make_gemini_session(int64_t bytes);
void make_litellm_session(int64_t bytes);
void make_pi_session(int64_t bytes);
void make_cline_session(int64_t bytes);
void make_qwen_session(int64_t bytes);
void make_kimi_session(int64_t bytes);
void make_grok_session(int64_t bytes);
void make_cursor_session(int64_t bytes);
void make_copilot_session(int64_t bytes);

#endif
