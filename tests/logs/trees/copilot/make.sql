-- .copilot/session-store.db: sqlite3 FILE <make.sql
PRAGMA page_size = 512;
CREATE TABLE schema_version(version INTEGER);
INSERT INTO schema_version VALUES(8);
CREATE TABLE assistant_usage_events(id INTEGER PRIMARY KEY, session_id TEXT, model TEXT, copilot_usage_model TEXT,
    input_tokens INTEGER, output_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER,
    reasoning_tokens INTEGER, total_nano_aiu INTEGER, request_multiplier REAL, initiator TEXT, created_at TEXT);
INSERT INTO assistant_usage_events VALUES
    (1, 'new-1', 'claude-sonnet-5', NULL, 43792, 120, 42698, 904, 20, 5000, 1.0, 'user', '2026-09-10T08:00:00.250Z'),
    (2, 'new-1', 'claude-sonnet-5', NULL, 44000, 90, 43600, 200, 0, 4000, 0.0, 'agent', '2026-09-10 08:00:09'),
    (3, 'new-1', 'gpt-5.6', 'gpt-5.6-sol', 60000, 700, 0, NULL, NULL, 9000, 1.0, 'compaction', '2026-09-10 08:05:00'),
    (4, 'new-1', 'gpt-5.6', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.0, 'user', '2026-09-10 08:06:00'),
    (5, 'new-1', 'gpt-5.6', NULL, 100, 'many', 0, 0, 0, 1, 0.0, 'user', '2026-09-10 08:06:00');
