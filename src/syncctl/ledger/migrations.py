"""The ledger's tables, one function per version, applied by sqlite-utils. I/O: DDL.

Written as SQL because partial and covering indexes, WITHOUT ROWID and CHECKs are what makes the ledger fast and safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("syncctl")
MATCH_KEYS = 8
"""Key columns of `sides`: how many match rules one mapping may have."""


def _execute(database: Database, script: str) -> None:
    """Statement by statement: `executescript` would commit the migration's own transaction."""
    for statement in script.split(";"):
        if statement.strip():
            database.conn.execute(statement)


@migrations()
def records(database: Database) -> None:
    """What vendors sent: kinds with their cursor, records, earlier versions, rows set aside, live schemas."""
    _execute(
        database,
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO counters VALUES ('seq', 0), ('serial', 0);
        CREATE TABLE pins (system TEXT PRIMARY KEY, company TEXT NOT NULL, name TEXT NOT NULL, live INTEGER NOT NULL,
                           pinned_at TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE kinds (id INTEGER PRIMARY KEY, system TEXT NOT NULL, kind TEXT NOT NULL,
                            windows TEXT NOT NULL DEFAULT '[]',
                            full_open INTEGER NOT NULL DEFAULT 0,
                            complete_at TEXT NOT NULL DEFAULT '', pulled_at TEXT NOT NULL DEFAULT '',
                            schema TEXT NOT NULL DEFAULT '', UNIQUE (system, kind));
        CREATE TABLE records (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, rid TEXT NOT NULL, seq INTEGER NOT NULL,
                              hash BLOB NOT NULL, version TEXT NOT NULL, updated_at TEXT NOT NULL,
                              gone TEXT NOT NULL DEFAULT '', raw BLOB NOT NULL);
        CREATE UNIQUE INDEX records_rid ON records (kind, rid);
        CREATE INDEX records_seq ON records (kind, seq);
        CREATE TABLE versions (record INTEGER NOT NULL, seq INTEGER NOT NULL, until TEXT NOT NULL, gone TEXT NOT NULL,
                               raw BLOB NOT NULL, PRIMARY KEY (record, seq)) WITHOUT ROWID;
        CREATE TABLE poison (kind INTEGER NOT NULL, rid TEXT NOT NULL, reason TEXT NOT NULL, since TEXT NOT NULL,
                             raw BLOB NOT NULL, seen INTEGER NOT NULL DEFAULT 1,
                             PRIMARY KEY (kind, rid)) WITHOUT ROWID;
        CREATE TABLE seen (kind INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (kind, record)) WITHOUT ROWID;
        CREATE TABLE unread (kind INTEGER NOT NULL, rid TEXT NOT NULL, PRIMARY KEY (kind, rid)) WITHOUT ROWID;
        """,
    )


@migrations()
def reconciliation(database: Database) -> None:
    """What was made of it: canonical sides, pairs that persist, human decisions, findings."""
    keys = [f"k{number}" for number in range(MATCH_KEYS)]
    columns = ", ".join(f"{key} TEXT" for key in keys)
    indexes = "".join(
        f"CREATE INDEX sides_{key} ON sides (mapping, side, {key}) WHERE pair IS NULL AND {key} IS NOT NULL;"
        f"CREATE INDEX sides_{key}_paired ON sides (mapping, {key}) WHERE pair IS NOT NULL AND {key} IS NOT NULL;"
        for key in keys
    )
    _execute(
        database,
        f"""
        CREATE TABLE mappings (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, projection TEXT NOT NULL DEFAULT '',
                               verdicts TEXT NOT NULL DEFAULT '', seen_seq INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE sides (id INTEGER PRIMARY KEY, mapping INTEGER NOT NULL, side INTEGER NOT NULL,
                            record INTEGER NOT NULL, pair INTEGER, hash INTEGER NOT NULL,
                            scope TEXT NOT NULL,
                            amount INTEGER, currency TEXT, dated TEXT, name TEXT NOT NULL, body TEXT NOT NULL,
                            {columns});
        CREATE UNIQUE INDEX sides_record ON sides (mapping, side, record);
        CREATE INDEX sides_pair ON sides (mapping, pair, side, hash, scope);
        CREATE INDEX sides_totals ON sides (mapping, currency, pair, side, amount)
            WHERE scope = '' AND amount IS NOT NULL;
        {indexes}
        CREATE TABLE uses (kind INTEGER NOT NULL, rid TEXT NOT NULL, mapping INTEGER NOT NULL, side INTEGER NOT NULL,
                           record INTEGER NOT NULL, PRIMARY KEY (kind, rid, mapping, side, record)) WITHOUT ROWID;
        CREATE INDEX uses_record ON uses (mapping, side, record);
        CREATE TABLE stale_sides (mapping INTEGER NOT NULL, side INTEGER NOT NULL, record INTEGER NOT NULL,
                                  PRIMARY KEY (mapping, side, record)) WITHOUT ROWID;
        CREATE TABLE lookups (kind INTEGER NOT NULL, path TEXT NOT NULL, value TEXT NOT NULL, record INTEGER NOT NULL,
                              PRIMARY KEY (kind, path, value, record)) WITHOUT ROWID;
        CREATE INDEX lookups_record ON lookups (record);
        CREATE TABLE lookup_paths (kind INTEGER NOT NULL, path TEXT NOT NULL, seen_seq INTEGER NOT NULL,
                                   PRIMARY KEY (kind, path)) WITHOUT ROWID;
        CREATE TABLE pairs (id INTEGER PRIMARY KEY, mapping INTEGER NOT NULL, rule TEXT NOT NULL, score REAL NOT NULL,
                            decided_by TEXT NOT NULL, made_at TEXT NOT NULL, agreed_left INTEGER, agreed_right INTEGER,
                            base TEXT NOT NULL DEFAULT '{{}}');
        CREATE INDEX pairs_mapping ON pairs (mapping);
        CREATE INDEX pairs_agreed ON pairs (mapping) WHERE agreed_left IS NOT NULL;
        CREATE TABLE pair_members (mapping INTEGER NOT NULL, side INTEGER NOT NULL, record INTEGER NOT NULL,
                                   pair INTEGER NOT NULL, PRIMARY KEY (mapping, side, record)) WITHOUT ROWID;
        CREATE INDEX pair_members_pair ON pair_members (pair, side, record);
        CREATE TABLE decisions (mapping TEXT NOT NULL, left_ref TEXT NOT NULL, right_ref TEXT NOT NULL,
                                verdict TEXT NOT NULL CHECK (verdict IN ('confirm', 'reject')), by TEXT NOT NULL,
                                at TEXT NOT NULL, PRIMARY KEY (mapping, left_ref, right_ref)) WITHOUT ROWID;
        CREATE TABLE findings (id INTEGER PRIMARY KEY AUTOINCREMENT, mapping INTEGER NOT NULL, subject TEXT NOT NULL,
                               field TEXT NOT NULL, kind TEXT NOT NULL, print TEXT NOT NULL, since TEXT NOT NULL,
                               accepted TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '', body TEXT NOT NULL);
        CREATE UNIQUE INDEX findings_subject ON findings (mapping, subject, kind, field);
        """,
    )


@migrations()
def journal(database: Database) -> None:
    """What was and will be written: plans, operations, requests, runs, the lock, the audit chain."""
    _execute(
        database,
        """
        CREATE TABLE plans (id TEXT PRIMARY KEY, created_at TEXT NOT NULL, digest TEXT NOT NULL,
                            serial INTEGER NOT NULL, body TEXT NOT NULL,
                            applied_by TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
        CREATE TABLE operations (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, intent TEXT NOT NULL,
                                 plan TEXT NOT NULL, run TEXT NOT NULL, position INTEGER NOT NULL, state TEXT NOT NULL,
                                 generation INTEGER NOT NULL DEFAULT 1, system TEXT NOT NULL, target TEXT NOT NULL,
                                 change TEXT NOT NULL, sent TEXT NOT NULL DEFAULT '', base BLOB NOT NULL DEFAULT x'',
                                 ref TEXT NOT NULL DEFAULT '', read_back INTEGER NOT NULL DEFAULT 0,
                                 fingerprint TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '',
                                 message TEXT NOT NULL DEFAULT '', fix TEXT NOT NULL DEFAULT '',
                                 body TEXT NOT NULL DEFAULT '', updated_at TEXT NOT NULL,
                                 CHECK (state IN ('planned', 'held', 'sending', 'applied', 'rejected', 'conflict',
                                                  'unknown', 'review', 'lapsed')));
        CREATE UNIQUE INDEX operations_open ON operations (intent) WHERE state IN ('review', 'sending', 'unknown');
        CREATE INDEX operations_unsent ON operations (plan) WHERE state IN ('held', 'planned');
        CREATE INDEX operations_intent ON operations (intent, number);
        CREATE UNIQUE INDEX operations_plan ON operations (plan, intent);
        CREATE INDEX operations_target ON operations (plan, target);
        CREATE INDEX operations_run ON operations (run, position);
        CREATE TABLE requests (id INTEGER PRIMARY KEY, key TEXT NOT NULL, system TEXT NOT NULL, request TEXT NOT NULL,
                               sends INTEGER NOT NULL, first_sent_at TEXT NOT NULL, send_by REAL NOT NULL,
                               window_end TEXT NOT NULL, status INTEGER, vendor_request_id TEXT NOT NULL DEFAULT '',
                               answered_at TEXT NOT NULL DEFAULT '');
        CREATE TABLE request_rows (operation TEXT NOT NULL, request INTEGER NOT NULL, generation INTEGER NOT NULL,
                                   PRIMARY KEY (operation, request)) WITHOUT ROWID;
        CREATE INDEX request_rows_request ON request_rows (request);
        CREATE TABLE runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, started_at TEXT NOT NULL,
                           finished_at TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', exit_code INTEGER,
                           counts TEXT NOT NULL DEFAULT '{}', plan TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
        CREATE TABLE audit (id INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT NOT NULL, event TEXT NOT NULL,
                            body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
        """,
    )


@migrations()
def holds(database: Database) -> None:
    """Records that an undo took back: nothing is planned for their pairs until a person releases them."""
    _execute(
        database,
        """
        CREATE TABLE holds (operation TEXT PRIMARY KEY, system TEXT NOT NULL, kind TEXT NOT NULL, rid TEXT NOT NULL,
                            run TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX holds_record ON holds (system, kind, rid);
        CREATE INDEX operations_undoes ON operations (json_extract(change, '$.undoes'))
            WHERE json_extract(change, '$.undoes') <> '';
        """,
    )


@migrations()
def alerts(database: Database) -> None:
    """What was told: the troubles that are known, the alerts, and how far each is on its way to each channel."""
    _execute(
        database,
        """
        CREATE TABLE alert_troubles (key TEXT NOT NULL, job TEXT NOT NULL, state TEXT NOT NULL, about TEXT NOT NULL,
                                     what TEXT NOT NULL, since TEXT NOT NULL, seen_at TEXT NOT NULL,
                                     count INTEGER NOT NULL, told INTEGER NOT NULL, part INTEGER NOT NULL,
                                     PRIMARY KEY (key, job)) WITHOUT ROWID;
        CREATE TABLE alerts (id INTEGER PRIMARY KEY, at TEXT NOT NULL, run TEXT NOT NULL, kind TEXT NOT NULL,
                             title TEXT NOT NULL, body TEXT NOT NULL);
        CREATE TABLE alert_deliveries (alert INTEGER NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL,
                                       tries INTEGER NOT NULL DEFAULT 0, tried_at TEXT NOT NULL DEFAULT '',
                                       taken_until TEXT NOT NULL DEFAULT '', cause TEXT NOT NULL DEFAULT '',
                                       fix TEXT NOT NULL DEFAULT '', PRIMARY KEY (alert, channel),
                                       CHECK (state IN ('waiting', 'sent', 'given up'))) WITHOUT ROWID;
        CREATE INDEX alert_deliveries_waiting ON alert_deliveries (alert) WHERE state = 'waiting';
        """,
    )


@migrations()
def unkept(database: Database) -> None:
    """What vendors took and did not keep, and which applied writes were not looked at for that yet."""
    _execute(
        database,
        """
        CREATE TABLE unkept (mapping INTEGER NOT NULL, left_record INTEGER NOT NULL, right_record INTEGER NOT NULL,
                             toward TEXT NOT NULL, field TEXT NOT NULL, left_side TEXT NOT NULL,
                             right_side TEXT NOT NULL, words TEXT NOT NULL,
                             PRIMARY KEY (mapping, left_record, right_record, toward, field)) WITHOUT ROWID;
        ALTER TABLE operations ADD COLUMN checked INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX operations_unchecked ON operations (number) WHERE state = 'applied' AND checked = 0;
        """,
    )


@migrations()
def past(database: Database) -> None:
    """What the ledger held before: since when each state stands, and the pairs and findings that are no more."""
    _execute(
        database,
        """
        ALTER TABLE records ADD COLUMN stored_at TEXT NOT NULL DEFAULT '';
        ALTER TABLE versions ADD COLUMN stored_at TEXT NOT NULL DEFAULT '';
        ALTER TABLE pair_members ADD COLUMN since TEXT NOT NULL DEFAULT '';
        CREATE TABLE past_members (mapping INTEGER NOT NULL, pair INTEGER NOT NULL, side INTEGER NOT NULL,
                                   record INTEGER NOT NULL, rule TEXT NOT NULL, score REAL NOT NULL,
                                   decided_by TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL);
        CREATE TABLE past_findings (id INTEGER NOT NULL, mapping INTEGER NOT NULL, subject TEXT NOT NULL,
                                    field TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL,
                                    accepted TEXT NOT NULL, note TEXT NOT NULL, body TEXT NOT NULL,
                                    until TEXT NOT NULL);
        """,
    )


@migrations()
def made(database: Database) -> None:
    """Which record was made from which is found by mapping and source."""
    _execute(
        database,
        """
        CREATE INDEX operations_made
            ON operations (json_extract(change, '$.mapping'), json_extract(change, '$.source.id'), ref, plan, number)
            WHERE state = 'applied' AND ref <> '' AND json_extract(change, '$.action') = 'create';
        """,
    )


@migrations()
def acceptances(database: Database) -> None:
    """Who accepted a finding, and when."""
    _execute(
        database,
        """
        ALTER TABLE findings ADD COLUMN accepted_by TEXT NOT NULL DEFAULT '';
        ALTER TABLE findings ADD COLUMN accepted_at TEXT NOT NULL DEFAULT '';
        """,
    )


@migrations()
def joined(database: Database) -> None:
    """Equal hashes of a pair stand together, so that one ordered walk counts them; findings with a note are found."""
    _execute(
        database,
        """
        DROP INDEX sides_pair;
        CREATE INDEX sides_pair ON sides (mapping, pair, hash, side, scope);
        CREATE INDEX findings_noted ON findings (mapping, note) WHERE note <> '';
        """,
    )


@migrations()
def written(database: Database) -> None:
    """What was written to a record is found by the record alone, too."""
    _execute(
        database,
        """
        DROP INDEX operations_target;
        CREATE INDEX operations_target ON operations (target, plan);
        """,
    )
