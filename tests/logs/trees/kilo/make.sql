-- .local/share/kilo/kilo.db: sqlite3 FILE <make.sql
PRAGMA page_size = 512;
CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, time_created INTEGER NOT NULL,
    time_updated INTEGER NOT NULL, data TEXT NOT NULL);
INSERT INTO message VALUES
    ('msg_1', 'ses_1', 1777629600000, 1777629600000, '{"role":"user","time":{"created":1777629600000}}'),
    ('msg_2', 'ses_1', 1777629600100, 1777629609000, '{"role":"assistant","modelID":"moonshotai/kimi-k2.5","providerID":"openrouter","path":{"cwd":"/w/p"},"cost":0.001,"tokens":{"input":500,"output":20,"reasoning":5,"cache":{"read":100,"write":0}},"time":{"created":1777629600100,"completed":1777629609000}}');
