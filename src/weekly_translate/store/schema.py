"""The tables of the memory's file, as a list of migrations: one for each version of the schema.

Each runs in one transaction, so that a kill leaves the old version usable.
"""

from __future__ import annotations

APPLICATION_ID = 0x77746D31  # "wtm1"
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE entries (
            key TEXT PRIMARY KEY NOT NULL,
            source TEXT NOT NULL CHECK (typeof(source) = 'text'),
            target TEXT NOT NULL CHECK (typeof(target) = 'text'),
            status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
            origin TEXT NOT NULL,
            remark TEXT NOT NULL,
            kind TEXT NOT NULL,
            created TEXT NOT NULL,
            revision INTEGER NOT NULL
        )""",
        "CREATE INDEX entries_by_source ON entries (source, status)",
        "CREATE INDEX entries_by_length ON entries (length(source))",
        "CREATE INDEX entries_by_revision ON entries (revision)",
        """CREATE TABLE attempts (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            findings TEXT NOT NULL,
            origin TEXT NOT NULL,
            created TEXT NOT NULL
        )""",
        "CREATE INDEX attempts_by_key ON attempts (key)",
        """CREATE TABLE capabilities (
            endpoint TEXT NOT NULL,
            model TEXT NOT NULL,
            facts TEXT NOT NULL,
            PRIMARY KEY (endpoint, model)
        )""",
    ),
    (
        "ALTER TABLE entries ADD COLUMN context TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE entries ADD COLUMN link TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE entries ADD COLUMN template TEXT NOT NULL DEFAULT ''",
        "UPDATE entries SET template = template_of(source)",
        "CREATE INDEX entries_by_link ON entries (link, status) WHERE link <> ''",
        "CREATE INDEX entries_by_template ON entries (template, status) WHERE template <> ''",
        "DROP INDEX entries_by_length",
        """CREATE TABLE rejections (
            id INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            target TEXT NOT NULL,
            reason TEXT NOT NULL,
            created TEXT NOT NULL
        )""",
        "CREATE INDEX rejections_by_source ON rejections (source)",
        "CREATE TABLE claims (key TEXT PRIMARY KEY NOT NULL, owner TEXT NOT NULL)",
        "CREATE INDEX claims_by_owner ON claims (owner)",
    ),
    (
        """CREATE TABLE decisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            source TEXT NOT NULL,
            verdict TEXT NOT NULL,
            target TEXT NOT NULL,
            reason TEXT NOT NULL,
            who TEXT NOT NULL,
            created TEXT NOT NULL,
            before TEXT NOT NULL,
            undoes INTEGER
        )""",
        "CREATE INDEX decisions_by_source ON decisions (source)",
        "ALTER TABLE rejections ADD COLUMN decision INTEGER NOT NULL DEFAULT 0",
        """INSERT INTO decisions (source, verdict, target, reason, who, created, before)
            SELECT source, 'rejected', max(target), reason, '', created, '[]' FROM rejections
            GROUP BY source, reason, created ORDER BY min(id)""",
        """UPDATE rejections SET decision = (
            SELECT id FROM decisions WHERE decisions.source = rejections.source
            AND decisions.reason = rejections.reason AND decisions.created = rejections.created)""",
    ),
    (
        """CREATE TABLE outputs (
            name TEXT PRIMARY KEY NOT NULL,
            source TEXT NOT NULL DEFAULT '',
            made TEXT NOT NULL DEFAULT '',
            written TEXT NOT NULL DEFAULT '',
            content BLOB NOT NULL DEFAULT x'',
            begun TEXT NOT NULL DEFAULT '',
            taken TEXT NOT NULL DEFAULT ''
        )""",
    ),
    (
        """CREATE TABLE batch_requests (
            id TEXT PRIMARY KEY NOT NULL,
            source TEXT NOT NULL,
            step TEXT NOT NULL,
            form TEXT NOT NULL,
            members TEXT NOT NULL
        )""",
        """CREATE TABLE batches (
            nonce TEXT PRIMARY KEY NOT NULL,
            endpoint TEXT NOT NULL,
            model TEXT NOT NULL,
            job TEXT NOT NULL DEFAULT '',
            created TEXT NOT NULL,
            ended INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE batch_parts (
            nonce TEXT NOT NULL,
            request TEXT NOT NULL,
            PRIMARY KEY (nonce, request)
        )""",
    ),
)
TABLES = (
    *("entries", "attempts", "capabilities", "rejections", "decisions", "outputs"),
    *("batch_requests", "batches", "batch_parts"),
)
"""What is read of a damaged file: all but the claims, which end with their runs."""
