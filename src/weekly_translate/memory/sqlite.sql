-- The schema of a memory in an SQLite file, version by version. All are one transaction, so that a kill leaves
-- the old one; what has been released does not change any more.

-- version 1
CREATE TABLE entries (
    key TEXT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL CHECK (typeof(source) = 'text'),
    target TEXT NOT NULL CHECK (typeof(target) = 'text'),
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
    origin TEXT NOT NULL,
    remark TEXT NOT NULL,
    kind TEXT NOT NULL,
    created TEXT NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX entries_by_source ON entries (source, status);
CREATE INDEX entries_by_length ON entries (length(source));
CREATE INDEX entries_by_revision ON entries (revision);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    findings TEXT NOT NULL,
    origin TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX attempts_by_key ON attempts (key);
CREATE TABLE capabilities (
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (endpoint, model)
);

-- version 2
ALTER TABLE entries ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE entries ADD COLUMN template TEXT NOT NULL DEFAULT '';
UPDATE entries SET template = template_of(source);
CREATE INDEX entries_by_link ON entries (link, status) WHERE link <> '';
CREATE INDEX entries_by_template ON entries (template, status) WHERE template <> '';
DROP INDEX entries_by_length;
CREATE TABLE rejections (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX rejections_by_source ON rejections (source);
CREATE TABLE claims (key TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL);
CREATE INDEX claims_by_owner ON claims (owner);

-- version 3
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    verdict TEXT NOT NULL,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    created TEXT NOT NULL,
    before TEXT NOT NULL,
    undoes INTEGER
);
CREATE INDEX decisions_by_source ON decisions (source);
ALTER TABLE rejections ADD COLUMN decision INTEGER NOT NULL DEFAULT 0;
INSERT INTO decisions (source, verdict, target, reason, who, created, before)
    SELECT source, 'rejected', max(target), reason, '', created, '[]' FROM rejections
    GROUP BY source, reason, created ORDER BY min(id);
UPDATE rejections SET decision = (
    SELECT id FROM decisions WHERE decisions.source = rejections.source
    AND decisions.reason = rejections.reason AND decisions.created = rejections.created);

-- version 4
CREATE TABLE outputs (
    name TEXT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL DEFAULT '',
    made TEXT NOT NULL DEFAULT '',
    written TEXT NOT NULL DEFAULT '',
    content BLOB NOT NULL DEFAULT x'',
    begun TEXT NOT NULL DEFAULT '',
    taken TEXT NOT NULL DEFAULT ''
);

-- version 5
CREATE TABLE batch_requests (
    id TEXT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    step TEXT NOT NULL,
    form TEXT NOT NULL,
    members TEXT NOT NULL
);
CREATE TABLE batches (
    nonce TEXT PRIMARY KEY NOT NULL,
    endpoint TEXT NOT NULL,
    model TEXT NOT NULL,
    job TEXT NOT NULL DEFAULT '',
    created TEXT NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE batch_parts (
    nonce TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (nonce, request)
);

-- version 6
CREATE TABLE proofreadings (
    key TEXT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    reader TEXT NOT NULL,
    errors TEXT NOT NULL,
    dropped INTEGER NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX proofreadings_by_text ON proofreadings (source, target);
CREATE TABLE dismissals (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    source_words TEXT NOT NULL,
    target_words TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE INDEX dismissals_by_text ON dismissals (source, target);
CREATE TABLE preferences (
    key TEXT PRIMARY KEY NOT NULL,
    better TEXT NOT NULL,
    judge TEXT NOT NULL,
    created TEXT NOT NULL
);

-- version 7
CREATE TABLE settlements (
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    who TEXT NOT NULL,
    checks TEXT NOT NULL,
    reason TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (source, target, who)
);

-- version 8
CREATE TABLE spending (day TEXT PRIMARY KEY NOT NULL, nanodollars INTEGER NOT NULL);

-- version 9
CREATE TABLE doubts (
    source TEXT PRIMARY KEY NOT NULL,
    doubts TEXT NOT NULL,
    translator TEXT NOT NULL,
    created TEXT NOT NULL
);

-- version 10
CREATE TABLE shares (
    season TEXT NOT NULL,
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    used TEXT NOT NULL,
    written INTEGER NOT NULL
);

-- version 11
CREATE TABLE past_outputs (
    name TEXT NOT NULL,
    written TEXT NOT NULL
);
CREATE INDEX past_outputs_by_name ON past_outputs (name);
