"""The questions to the memory's tables, in SQL."""

from __future__ import annotations

BY_SOURCE = """SELECT * FROM entries WHERE source = ? AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
BY_SOURCE_AND_LINK = """SELECT * FROM entries WHERE source = ? AND link = ?
    ORDER BY status DESC, revision DESC LIMIT 1"""
BY_KEY = "SELECT * FROM entries WHERE key = ? AND source = ?"
BY_TEMPLATE = """SELECT * FROM entries WHERE template = ? AND template <> '' AND status >= ?
    ORDER BY status DESC, revision DESC LIMIT 5"""
BY_LINK = """SELECT * FROM entries WHERE link = ? AND link <> '' AND status >= ?
    ORDER BY revision LIMIT 50"""
NEWER = "SELECT source, revision FROM entries WHERE revision > ? AND status >= ?"
ALL = "SELECT * FROM entries WHERE status >= ? ORDER BY source, status DESC, key"
UPSERT = """INSERT INTO entries (key, source, target, status, origin, remark, kind, created, context, link,
        template, revision)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM entries))
    ON CONFLICT (key) DO UPDATE SET
        source = excluded.source, target = excluded.target, status = excluded.status,
        origin = excluded.origin, remark = excluded.remark, kind = excluded.kind,
        created = excluded.created, context = excluded.context, link = excluded.link,
        template = excluded.template, revision = excluded.revision
    WHERE excluded.status >= entries.status"""
ATTEMPT = """INSERT INTO attempts (key, source, target, findings, origin, created)
    VALUES (?, ?, ?, ?, ?, ?)"""
ATTEMPTS = "SELECT * FROM attempts WHERE key = ? ORDER BY id"
CAPABILITY = "SELECT facts FROM capabilities WHERE endpoint = ? AND model = ?"
LEARN = """INSERT INTO capabilities (endpoint, model, facts) VALUES (?, ?, ?)
    ON CONFLICT (endpoint, model) DO UPDATE SET facts = excluded.facts"""
REJECT = """INSERT INTO rejections (source, target, reason, created, decision)
    SELECT DISTINCT source, target, ?, ?, ? FROM entries WHERE source = ?"""
REJECT_TEXT = "INSERT INTO rejections (source, target, reason, created, decision) VALUES (?, ?, ?, ?, ?)"
REJECTED_BY = "SELECT target FROM rejections WHERE decision = ?"
REJECTIONS = "SELECT target, reason FROM rejections WHERE source = ? ORDER BY id"
STATE = "SELECT key, target, status FROM entries WHERE source = ? ORDER BY key"
HELD = """SELECT key, source, target, status, origin, remark, kind, created, context, link, template
    FROM entries WHERE source = ? ORDER BY revision"""
FORGET_VOUCHED = "DELETE FROM entries WHERE source = ? AND status >= ?"
DECIDE = """INSERT INTO decisions (source, verdict, target, reason, who, created, before, undoes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
LAST_LINE = "SELECT coalesce(max(id), 0) FROM decisions WHERE source = ?"
STANDING = """SELECT * FROM decisions WHERE source = ? AND undoes IS NULL
    AND id NOT IN (SELECT undoes FROM decisions WHERE undoes IS NOT NULL AND source = decisions.source)
    ORDER BY id DESC LIMIT 1"""
