-- .local/share/opencode/opencode.db: sqlite3 FILE <make.sql
PRAGMA page_size = 512;
CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER NOT NULL,
    time_updated INTEGER NOT NULL, data TEXT NOT NULL);
INSERT INTO message VALUES('msg_old', 'ses_1', 1777629600000, 1777629600000,
    '{"role":"assistant","modelID":"ignored","providerID":"openai","tokens":{"input":999999,"output":1},"time":{"created":1777629600000}}');
CREATE TABLE session_v2(id TEXT PRIMARY KEY, fork_session_id TEXT, fork_boundary INTEGER);
INSERT INTO session_v2 VALUES('ses_1', NULL, NULL), ('ses_2', 'ses_1', 3);
CREATE TABLE session_message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, type TEXT NOT NULL, seq INTEGER,
    time_created INTEGER NOT NULL, data TEXT NOT NULL);
INSERT INTO session_message VALUES
    ('m1', 'ses_1', 'user', 1, 1777629600000, '{"text":"\"tokens\"","time":{"created":1777629600000}}'),
    ('m2', 'ses_1', 'assistant', 2, 1777629600500, '{"agent":"build","model":{"id":"claude-sonnet-5","providerID":"anthropic"},"cost":0.0125,"tokens":{"input":12,"output":100,"reasoning":40,"cache":{"read":5000,"write":300}},"time":{"created":1777629600500,"completed":1777629609000}}'),
    ('m3', 'ses_1', 'assistant', 3, 1777629610000, '{"agent":"build","model":{"id":"claude-sonnet-5","providerID":"anthropic"},"cost":0,"tokens":{"input":0,"output":0,"reasoning":0,"cache":{"read":0,"write":0}},"time":{"created":1777629610000}}'),
    ('m4', 'ses_3', 'assistant', 2, 1777629620000, '{"agent":"general","model":{"id":"gpt-5","providerID":"github-copilot"},"tokens":{"input":70,"output":7,"reasoning":0,"cache":{"read":0,"write":0}},"time":{"created":1777629620000,"completed":1777629620900}}'),
    ('m5', 'ses_4', 'assistant', 2, 1777629620000, '{"agent":"general","model":{"id":"gpt-5","providerID":"github-copilot"},"tokens":{"input":80,"output":8,"reasoning":0,"cache":{"read":0,"write":0}},"time":{"created":1777629620000,"completed":1777629620950}}'),
    ('m6', 'ses_2', 'user', 1, 1777629600000, '{}'),
    ('m7', 'ses_2', 'assistant', 2, 1777629600500, '{"agent":"build","model":{"id":"claude-sonnet-5","providerID":"anthropic"},"cost":0.0125,"tokens":{"input":12,"output":100,"reasoning":40,"cache":{"read":5000,"write":300}},"time":{"created":1777629600500,"completed":1777629609000}}'),
    ('m8', 'ses_2', 'assistant', 4, 1777629700000, '{"agent":"build","model":{"id":"gemini-3-pro","providerID":"google-vertex"},"tokens":{"input":-5,"output":1},"time":{"created":1777629700000,"completed":1777629700001}}');
