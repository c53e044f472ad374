"""The ledger as it stood at a moment: what is kept of the past, and the views that show it. I/O: SQL.

Records keep their versions; a pair that is taken apart and a finding that changes or goes leave a row here. Moments are
ISO-8601 UTC texts, which sort like times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Final

NOW: Final = "9999"
"""Later than every moment: the views show the ledger as it is."""
KEEP_FINDINGS: Final = (
    "INSERT INTO past_findings SELECT id, mapping, subject, field, kind, since, accepted, note, body, ? FROM findings"
    " WHERE "
)
"""The state of findings that ends now: the first value is the moment, the others are those of the condition."""
_KEEP_MEMBERS: Final = (
    "INSERT INTO past_members SELECT m.mapping, m.pair, m.side, m.record, p.rule, p.score, p.decided_by,"
    " iif(m.since = '', p.made_at, m.since), ? FROM pair_members m JOIN pairs p ON p.id = m.pair WHERE m.pair = ?"
)
_RECORDS: Final = """
CREATE TEMP VIEW records_as_of AS
WITH states AS (
    SELECT id AS record, seq, stored_at, '' AS until, gone, raw FROM records
    UNION ALL SELECT record, seq, stored_at, until, gone, raw FROM versions
)
SELECT k.system, k.kind, r.rid AS id, s.record AS number, s.stored_at, s.until, s.gone, CAST(s.raw AS TEXT) AS raw
FROM states s JOIN records r ON r.id = s.record JOIN kinds k ON k.id = r.kind
WHERE s.stored_at <= '{moment}' AND (s.until = '' OR s.until > '{moment}')
"""
_MEMBERS: Final = """
CREATE TEMP VIEW members_as_of AS
SELECT m.mapping, m.pair, m.side, m.record, p.rule, p.score, p.decided_by,
       iif(m.since = '', p.made_at, m.since) AS since
FROM pair_members m JOIN pairs p ON p.id = m.pair WHERE iif(m.since = '', p.made_at, m.since) <= '{moment}'
UNION ALL
SELECT mapping, pair, side, record, rule, score, decided_by, since FROM past_members
WHERE since <= '{moment}' AND until > '{moment}'
"""
_REF: Final = "{kind}.system || ':' || {kind}.kind || ':' || {record}.rid"
_PAIRS: Final = f"""
CREATE TEMP VIEW pairs_as_of AS
SELECT m.name AS mapping, {_REF.format(kind="lk", record="lr")} AS left, {_REF.format(kind="rk", record="rr")} AS right,
       l.rule, l.score, l.decided_by, max(l.since, r.since) AS since
FROM members_as_of l JOIN members_as_of r ON r.pair = l.pair AND r.side = 1
JOIN mappings m ON m.id = l.mapping
JOIN records lr ON lr.id = l.record JOIN kinds lk ON lk.id = lr.kind
JOIN records rr ON rr.id = r.record JOIN kinds rk ON rk.id = rr.kind
WHERE l.side = 0
"""
_FINDINGS: Final = f"""
CREATE TEMP VIEW findings_as_of AS
WITH states AS (
    SELECT id, mapping, subject, field, kind, since, note, body, '{NOW}' AS until FROM findings
    UNION ALL SELECT id, mapping, subject, field, kind, since, note, body, until FROM past_findings
), chosen AS (
    SELECT *, min(until) AS ends,
           iif(subject GLOB 'pair:*', json_extract(body, '$.records'),
               iif(subject GLOB 'left:*', substr(subject, 6) || ':', ':' || substr(subject, 7))) AS both
    FROM states WHERE since <= '{{moment}}' AND until > '{{moment}}' GROUP BY id
), said AS (
    SELECT json_extract(body, '$.finding') AS finding, json_extract(body, '$.note') AS note FROM audit
    WHERE event = 'finding.accepted' AND at <= '{{moment}}'
)
SELECT c.id AS number, m.name AS mapping, c.kind, c.field,
       {_REF.format(kind="lk", record="lr")} AS left, {_REF.format(kind="rk", record="rr")} AS right, c.since,
       EXISTS (SELECT 1 FROM said s WHERE s.finding = c.id AND s.note = c.note) AS accepted,
       iif(EXISTS (SELECT 1 FROM said s WHERE s.finding = c.id AND s.note = c.note), c.note, '') AS note, c.body
FROM chosen c JOIN mappings m ON m.id = c.mapping
LEFT JOIN records lr ON lr.id = CAST(substr(c.both, 1, instr(c.both, ':') - 1) AS INTEGER)
LEFT JOIN kinds lk ON lk.id = lr.kind
LEFT JOIN records rr ON rr.id = CAST(substr(c.both, instr(c.both, ':') + 1) AS INTEGER)
LEFT JOIN kinds rk ON rk.id = rr.kind
"""


def keep_findings(db: sqlite3.Connection, at: str, numbers: Iterable[int]) -> None:
    """These findings are about to change: how they stood until now is kept."""
    db.executemany(f"{KEEP_FINDINGS}id = ?", [(at, number) for number in numbers])


def keep_members(db: sqlite3.Connection, at: str, pair: int) -> None:
    """A pair is about to be taken apart: who was in it until now is kept."""
    db.execute(_KEEP_MEMBERS, (at, pair))


def show_as_of(db: sqlite3.Connection, moment: str) -> None:
    """Makes the views `records_as_of`, `pairs_as_of` and `findings_as_of` on this connection. `moment` is ISO-8601 UTC
    of our own making: it stands in the views' text."""
    views: Any = (_RECORDS, _MEMBERS, _PAIRS, _FINDINGS)
    for view in views:
        db.execute(view.format(moment=moment))
