-- How well what is under each volume is: one row for each source that was told last.

CREATE TABLE volume_health (
    id          INTEGER PRIMARY KEY,
    branch_id   INTEGER NOT NULL REFERENCES branches (id),
    agent_id    TEXT    NOT NULL REFERENCES agents (id),
    volume      TEXT    NOT NULL,
    place       INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    word        TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    figures     TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    since_ms    INTEGER NOT NULL,
    told_at_ms  INTEGER NOT NULL,
    UNIQUE (branch_id, volume, source, subject)
) STRICT;
