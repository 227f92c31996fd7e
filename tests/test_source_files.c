/* test_source_files.c: each file of a tool once, in the order of names, from every place where it may be.
 *
 * SPDX-License-Identifier: MIT
 */

#include "entry_expect.h"
#include "no_places.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX]; /* of the test that runs */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

/* A tree of its own, and no place of the machine's. */
static int setup(void **state)
{
    const char *above = getenv("TMPDIR");

    (void)state;
    if (snprintf(root, sizeof(root), "%s/tqfiles-XXXXXX", above && *above ? above : "/tmp") >=
            (int)sizeof(root) ||
        !mkdtemp(root))
        return -1;
    forget_places();
    return setenv("HOME", root, 1);
}

static int teardown(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define tree_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* "root/name", valid until the fourth call after this one. */
static const char *below(const char *name)
{
    static char paths[4][PATH_MAX + 256];
    static unsigned next;
    char *path = paths[next++ % 4];

    assert_true(snprintf(path, sizeof(paths[0]), "%s/%s", root, name) < (int)sizeof(paths[0]));
    return path;
}

/* Makes a file, and the folders above it. */
static void make(const char *name)
{
    char path[PATH_MAX + 256];
    FILE *file;

    memcpy(path, below(name), strlen(below(name)) + 1);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static struct tq_log_files *open_files(const char *source, const char *path)
{
    struct tq_log_files *files;
    struct tq_log_error error;

    if (tq_log_files_open(&files, tq_log_source_find(source), path, &error) != 0)
        fail_msg("%s: %s", path ? path : "its places", error.msg);
    return files;
}

/* These files below the root, and no others; a NULL ends them. */
static void expect_files(const char *source, const char *path, const char *const names[])
{
    struct tq_log_files *files = open_files(source, path);
    const char *found;

    for (; *names; names++) {
        found = tq_log_files_next(files);
        if (!found)
            fail_msg("%s is not found", *names);
        assert_string_equal(found, below(*names));
    }
    found = tq_log_files_next(files);
    if (found)
        fail_msg("%s is found", found);
    assert_null(tq_log_files_next(files));
    tq_log_files_close(files);
}

#define EXPECT(source, path, ...) expect_files(source, path, (const char *const[]){__VA_ARGS__, NULL})
#define EXPECT_NONE(source, path) expect_files(source, path, (const char *const[]){NULL})

static void a_tool_is_looked_for_in_its_places(void **state)
{
    (void)state;
    EXPECT_NONE("claude", NULL);
    make(".claude/projects/-p/b.jsonl");
    make(".claude/projects/-p/b/subagents/agent-1.jsonl");
    make(".claude/projects/-p/a.jsonl");
    make(".claude/projects/-p/notes.txt");
    make(".claude/history.jsonl");
    make(".config/claude/projects/c.jsonl");
    EXPECT("claude", NULL, ".claude/projects/-p/a.jsonl", ".claude/projects/-p/b.jsonl",
           ".claude/projects/-p/b/subagents/agent-1.jsonl", ".config/claude/projects/c.jsonl");
    make("xdg/claude/projects/d.jsonl");
    setenv("XDG_CONFIG_HOME", below("xdg"), 1);
    EXPECT("claude", NULL, ".claude/projects/-p/a.jsonl", ".claude/projects/-p/b.jsonl",
           ".claude/projects/-p/b/subagents/agent-1.jsonl", "xdg/claude/projects/d.jsonl");
    make(".codex/sessions/2026/05/01/rollout-a.jsonl");
    make(".codex/sessions/2026/05/01/other.jsonl");
    make(".codex/archived_sessions/rollout-b.jsonl.zst");
    EXPECT("codex", NULL, ".codex/archived_sessions/rollout-b.jsonl.zst",
           ".codex/sessions/2026/05/01/rollout-a.jsonl");
    make(".gemini/tmp/h/chats/session-a.json");
    make(".gemini/tmp/h/chats/sub/session-b.jsonl");
    make(".gemini/tmp/h/logs.json");
    EXPECT("gemini", NULL, ".gemini/tmp/h/chats/session-a.json", ".gemini/tmp/h/chats/sub/session-b.jsonl");
    EXPECT_NONE("csv", NULL);
    EXPECT_NONE("jsonl", NULL);
}

/* Cowork keeps a copy of each session beside it, which is no session. */
static void claude_desktop_has_sessions_too(void **state)
{
    (void)state;
    make(".config/Claude/local-agent-mode-sessions/o/a/local_1/audit.jsonl");
    make(".config/Claude/local-agent-mode-sessions/o/a/local_1/.claude/projects/-p/s.jsonl");
    make("Library/Application "
         "Support/Claude/local-agent-mode-sessions/o/a/local_2/.claude/projects/-p/t.jsonl");
    make(".config/Claude/logs/main.jsonl");
    EXPECT("claude", NULL, ".config/Claude/local-agent-mode-sessions/o/a/local_1/.claude/projects/-p/s.jsonl",
           "Library/Application "
           "Support/Claude/local-agent-mode-sessions/o/a/local_2/.claude/projects/-p/t.jsonl");
    EXPECT("claude", below(".config/Claude"),
           ".config/Claude/local-agent-mode-sessions/o/a/local_1/.claude/projects/-p/s.jsonl",
           ".config/Claude/logs/main.jsonl");
    setenv("CLAUDE_CONFIG_DIR", below("elsewhere"), 1); /* of Claude Code alone */
    EXPECT("claude", NULL, ".config/Claude/local-agent-mode-sessions/o/a/local_1/.claude/projects/-p/s.jsonl",
           "Library/Application "
           "Support/Claude/local-agent-mode-sessions/o/a/local_2/.claude/projects/-p/t.jsonl");
}

/* Gemini CLI's variable is a home folder; Copilot's are its own folder, and one file of any name. */
static void variables_of_gemini_and_copilot(void **state)
{
    (void)state;
    make(".gemini/tmp/h/chats/a.json");
    make("other/.gemini/tmp/h/chats/b.json");
    make(".copilot/otel/a.jsonl");
    make("cp/otel/b.jsonl");
    make("spans/of-copilot");
    make("spans/else.jsonl");
    EXPECT("gemini", NULL, ".gemini/tmp/h/chats/a.json");
    setenv("GEMINI_CLI_HOME", below("other"), 1);
    EXPECT("gemini", NULL, "other/.gemini/tmp/h/chats/b.json");
    EXPECT("otel", NULL, ".copilot/otel/a.jsonl");
    setenv("COPILOT_OTEL_FILE_EXPORTER_PATH", below("spans/of-copilot"), 1);
    EXPECT("otel", NULL, ".copilot/otel/a.jsonl", "spans/of-copilot");
    setenv("COPILOT_HOME", below("cp"), 1);
    EXPECT("otel", NULL, "cp/otel/b.jsonl", "spans/of-copilot");
    setenv("COPILOT_OTEL_FILE_EXPORTER_PATH", below("spans/not-there"), 1);
    EXPECT("otel", NULL, "cp/otel/b.jsonl");
}

static void a_variable_takes_the_place_of_the_places(void **state)
{
    char list[4 * PATH_MAX];

    (void)state;
    make(".claude/projects/home.jsonl");
    make("one/projects/a.jsonl");
    make("two/projects/b.jsonl");
    assert_int_equal(symlink(below("one/projects/a.jsonl"), below("two/projects/link.jsonl")), 0);
    assert_int_equal(link(below("one/projects/a.jsonl"), below("two/projects/hard.jsonl")), 0);
    snprintf(list, sizeof(list), " %s/one/ ,%s/gone,,%s/two,", root, root, root);
    setenv("CLAUDE_CONFIG_DIR", list, 1);
    EXPECT("claude", NULL, "one/projects/a.jsonl", "two/projects/b.jsonl");
    setenv("CLAUDE_CONFIG_DIR", "", 1);
    EXPECT("claude", NULL, ".claude/projects/home.jsonl");
    make("elsewhere/sessions/rollout-a.jsonl");
    setenv("CODEX_HOME", below("elsewhere"), 1);
    EXPECT("codex", NULL, "elsewhere/sessions/rollout-a.jsonl");
}

static void the_first_variable_that_is_set_decides(void **state)
{
    (void)state;
    make(".pi/agent/sessions/p/home.jsonl");
    make(".omp/agent/sessions/p/omp.jsonl");
    make(".config/kimchi/harness/sessions/k.jsonl");
    make("agent/sessions/a.jsonl");
    make("agent/other.jsonl");
    make("sessions/s.jsonl");
    EXPECT("pi", NULL, ".config/kimchi/harness/sessions/k.jsonl", ".omp/agent/sessions/p/omp.jsonl",
           ".pi/agent/sessions/p/home.jsonl");
    setenv("PI_CODING_AGENT_DIR", below("agent"), 1);
    EXPECT("pi", NULL, ".config/kimchi/harness/sessions/k.jsonl", ".omp/agent/sessions/p/omp.jsonl",
           "agent/sessions/a.jsonl");
    setenv("PI_AGENT_DIR", below("sessions"), 1);
    setenv("XDG_CONFIG_HOME", "relative", 1); /* is ignored */
    EXPECT("pi", NULL, ".config/kimchi/harness/sessions/k.jsonl", ".omp/agent/sessions/p/omp.jsonl",
           "sessions/s.jsonl");
}

/* What a pattern would take for something else is a name like any other. */
static void a_variable_is_taken_literally(void **state)
{
    (void)state;
    make("{a;b}[x]*\\ ~/sessions/rollout-a.jsonl");
    make("a/sessions/rollout-b.jsonl");
    setenv("CODEX_HOME", below("{a;b}[x]*\\ ~/"), 1);
    EXPECT("codex", NULL, "{a;b}[x]*\\ ~/sessions/rollout-a.jsonl");
    setenv("HOME", below("{a,b}"), 1);
    make("{a,b}/.openclaw/agents/main/sessions/a.jsonl");
    EXPECT("openclaw", NULL, "{a,b}/.openclaw/agents/main/sessions/a.jsonl");
}

static void archives_and_old_names_are_found(void **state)
{
    (void)state;
    make(".openclaw/agents/main/sessions/a.jsonl");
    make(".openclaw/agents/main/sessions/b.jsonl.reset.2026-03-20T06-34-44.520Z");
    make(".openclaw/agents/main/sessions/c.jsonl.deleted.1700000000000.zst");
    make(".openclaw/agents/main/sessions/d.jsonl.bak");
    make(".openclaw/agents/main/sessions/sessions.json");
    make(".openclaw/agents/main/sessions/cold/00ff.jsonl.zst");
    make(".openclaw/agents/main/agent/cli-auth/codex/x/sessions/2026/rollout-e.jsonl");
    make(".openclaw/agents/main/agent/codex-home/archived_sessions/rollout-i.jsonl");
    make(".openclaw/agents/main/agent/openclaw-agent.sqlite");
    make(".openclaw/agents/main/agent/openclaw-agent.sqlite-wal");
    make(".openclaw/agents/main/agent/openclaw-agent.sqlite.bak");
    make(".openclaw/state/openclaw.sqlite");
    make(".openclaw-dev/agents/main/agent/openclaw-agent.sqlite");
    make(".clawdbot/agents/work/agent/openclaw-agent.sqlite");
    make(".clawdbot/agents/work/sessions/f.jsonl");
    make(".moltbot/agents/work/sessions/g.jsonl");
    EXPECT("openclaw", NULL, ".clawdbot/agents/work/agent/openclaw-agent.sqlite",
           ".clawdbot/agents/work/sessions/f.jsonl", ".moltbot/agents/work/sessions/g.jsonl",
           ".openclaw-dev/agents/main/agent/openclaw-agent.sqlite",
           ".openclaw/agents/main/agent/openclaw-agent.sqlite", ".openclaw/agents/main/sessions/a.jsonl",
           ".openclaw/agents/main/sessions/b.jsonl.reset.2026-03-20T06-34-44.520Z",
           ".openclaw/agents/main/sessions/c.jsonl.deleted.1700000000000.zst",
           ".openclaw/agents/main/sessions/cold/00ff.jsonl.zst");
    EXPECT("codex", NULL, ".openclaw/agents/main/agent/cli-auth/codex/x/sessions/2026/rollout-e.jsonl",
           ".openclaw/agents/main/agent/codex-home/archived_sessions/rollout-i.jsonl");
    make("state/agents/main/sessions/h.jsonl");
    setenv("OPENCLAW_STATE_DIR", below("state"), 1);
    EXPECT("openclaw", NULL, ".clawdbot/agents/work/agent/openclaw-agent.sqlite",
           ".clawdbot/agents/work/sessions/f.jsonl", ".moltbot/agents/work/sessions/g.jsonl",
           "state/agents/main/sessions/h.jsonl");
}

/* The tools that keep JSON: each in the places that its row of the table names, and in those that it is told.
 */
static void each_tool_has_its_places(void **state)
{
    (void)state;
    make(".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json");
    make(".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/api_conversation_history.json");
    make(".config/Code - Insiders/User/globalStorage/rooveterinaryinc.roo-cline/tasks/2/ui_messages.json");
    make(".config/Code/User/globalStorage/other.extension/tasks/3/ui_messages.json");
    make(".vscode-server/data/User/globalStorage/kilocode.kilo-code/tasks/4/ui_messages.json");
    make(".cline/data/sessions/s/s.messages.json");
    make(".cline/data/tasks/5/my_ui_messages.json");
    EXPECT("cline", NULL, ".cline/data/sessions/s/s.messages.json",
           ".config/Code - Insiders/User/globalStorage/rooveterinaryinc.roo-cline/tasks/2/ui_messages.json",
           ".config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json",
           ".vscode-server/data/User/globalStorage/kilocode.kilo-code/tasks/4/ui_messages.json");
    make("cline/data/sessions/t/t.messages.json");
    setenv("CLINE_DIR", below("cline"), 1);
    setenv("HOME", below("nobody"), 1);
    EXPECT("cline", NULL, "cline/data/sessions/t/t.messages.json");
    make("qwen/projects/p/chats/a.jsonl");
    make("qwen/projects/p/b.jsonl");
    setenv("QWEN_HOME", below("qwen"), 1);
    EXPECT("qwen", NULL, "qwen/projects/p/chats/a.jsonl");
    make("kimi/sessions/wd/s/agents/main/wire.jsonl");
    make("share/sessions/h/s/wire.jsonl");
    make("share/sessions/h/s/context.jsonl");
    setenv("KIMI_CODE_HOME", below("kimi"), 1);
    setenv("KIMI_SHARE_DIR", below("share"), 1);
    EXPECT("kimi", NULL, "kimi/sessions/wd/s/agents/main/wire.jsonl", "share/sessions/h/s/wire.jsonl");
    make("grok/sessions/p/s/updates.jsonl");
    make("grok/sessions/p/s/events.jsonl");
    setenv("GROK_HOME", below("grok"), 1);
    EXPECT("grok", NULL, "grok/sessions/p/s/updates.jsonl");
}

static void links_are_followed_once(void **state)
{
    (void)state;
    make("tree/a.jsonl");
    make("tree/folder/b.jsonl");
    make("other/c.jsonl");
    assert_int_equal(symlink("..", below("tree/folder/up")), 0);
    assert_int_equal(symlink(".", below("tree/self")), 0);
    assert_int_equal(symlink("../other", below("tree/other")), 0);
    assert_int_equal(symlink("nowhere", below("tree/dead.jsonl")), 0);
    EXPECT("claude", below("tree"), "tree/a.jsonl", "tree/folder/b.jsonl", "tree/other/c.jsonl");
}

static void a_path_may_be_a_file_of_any_name(void **state)
{
    (void)state;
    make("telemetry.log");
    EXPECT("gemini", below("telemetry.log"), "telemetry.log");
    EXPECT("codex", below("telemetry.log"), "telemetry.log");
}

static void packed_files_are_known_by_what_is_packed(void **state)
{
    (void)state;
    make("d/a.csv");
    make("d/b.csv.gz");
    make("d/c.csv.zst");
    make("d/d.csv.bz2");
    make("d/e.gz");
    make("d/.csv");
    make("d/f.jsonl.gz");
    EXPECT("csv", below("d"), "d/a.csv", "d/b.csv.gz", "d/c.csv.zst");
    EXPECT("jsonl", below("d"), "d/f.jsonl.gz");
    EXPECT("csv", below("d//"), "d/a.csv", "d/b.csv.gz", "d/c.csv.zst");
}

static void folders_are_told_for_who_watches(void **state)
{
    struct tq_log_files *files;

    (void)state;
    make("tree/b/x.jsonl");
    make("tree/a/notes.txt");
    files = open_files("claude", below("tree"));
    assert_string_equal(tq_log_files_next_folder(files), below("tree"));
    assert_string_equal(tq_log_files_next_folder(files), below("tree/a"));
    assert_string_equal(tq_log_files_next_folder(files), below("tree/b"));
    assert_null(tq_log_files_next_folder(files));
    assert_string_equal(tq_log_files_next(files), below("tree/b/x.jsonl"));
    tq_log_files_close(files);
    tq_log_files_close(NULL);
}

/* A tree that is deeper than any tool makes one is left where it is too deep. */
static void depth_is_bounded(void **state)
{
    char name[512] = "t";
    size_t len = 1;
    struct tq_log_files *files;

    (void)state;
    for (int i = 0; i < 40; i++) {
        memcpy(name + len, "/d", 3);
        len += 2;
        memcpy(name + len, "/x.jsonl", sizeof("/x.jsonl"));
        make(name);
    }
    files = open_files("claude", below("t"));
    for (int i = 0; i < 32; i++)
        assert_non_null(tq_log_files_next(files));
    assert_null(tq_log_files_next(files));
    tq_log_files_close(files);
}

static void what_was_given_and_is_not_there_is_an_error(void **state)
{
    struct tq_log_files *files = (struct tq_log_files *)root;
    struct tq_log_error error = {0};

    (void)state;
    assert_int_equal(tq_log_files_open(&files, tq_log_source_find("claude"), below("none"), &error),
                     TQ_LOG_BROKEN);
    assert_null(files);
    assert_int_equal(error.sys, ENOENT);
    assert_int_equal(error.line, 0);
    assert_non_null(strstr(error.msg, "cannot read"));
    if (geteuid() == 0)
        return; /* root may read everything */
    make("closed/a.jsonl");
    make("tree/closed/a.jsonl");
    make("tree/open/a.jsonl");
    assert_int_equal(chmod(below("closed"), 0) + chmod(below("tree/closed"), 0), 0);
    assert_int_equal(tq_log_files_open(&files, tq_log_source_find("claude"), below("closed"), &error),
                     TQ_LOG_BROKEN);
    EXPECT("claude", below("tree"), "tree/open/a.jsonl");
    assert_int_equal(chmod(below("closed"), 0700) + chmod(below("tree/closed"), 0700), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        tree_test(a_tool_is_looked_for_in_its_places),
        tree_test(claude_desktop_has_sessions_too),
        tree_test(variables_of_gemini_and_copilot),
        tree_test(a_variable_takes_the_place_of_the_places),
        tree_test(the_first_variable_that_is_set_decides),
        tree_test(a_variable_is_taken_literally),
        tree_test(archives_and_old_names_are_found),
        tree_test(each_tool_has_its_places),
        tree_test(links_are_followed_once),
        tree_test(a_path_may_be_a_file_of_any_name),
        tree_test(packed_files_are_known_by_what_is_packed),
        tree_test(folders_are_told_for_who_watches),
        tree_test(depth_is_bounded),
        tree_test(what_was_given_and_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests_name("source_files", tests, NULL, NULL);
}
