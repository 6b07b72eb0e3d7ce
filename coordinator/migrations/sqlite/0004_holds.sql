-- Footage that must outlive its retention: who wants it, and how it stands at its branch.
-- The PostgreSQL twin has the same tables and columns; only types differ.

CREATE TABLE holds (
    id             INTEGER PRIMARY KEY,
    key            TEXT    NOT NULL UNIQUE,      -- its own name, as the agent knows it
    branch_id      INTEGER NOT NULL REFERENCES branches (id),
    camera_id      INTEGER NOT NULL REFERENCES cameras (id),
    from_ms        INTEGER NOT NULL,
    to_ms          INTEGER NOT NULL,
    reason         TEXT    NOT NULL,
    placed_by      TEXT    NOT NULL,
    placed_at_ms   INTEGER NOT NULL,
    released_by    TEXT,
    released_at_ms INTEGER,
    release_reason TEXT,
    standing       TEXT,                         -- NULL until its agent told of it
    standing_since_ms INTEGER,
    told_at_ms     INTEGER,
    segments       INTEGER NOT NULL DEFAULT 0,
    bytes          INTEGER NOT NULL DEFAULT 0,
    covered_ms     INTEGER NOT NULL DEFAULT 0,
    copied         INTEGER NOT NULL DEFAULT 0,
    gone           INTEGER NOT NULL DEFAULT 0,
    changed        INTEGER NOT NULL DEFAULT 0,
    verified_at_ms INTEGER,
    first_ms       INTEGER                       -- where what is gone or changed begins
) STRICT;
CREATE INDEX holds_by_camera ON holds (camera_id);
CREATE INDEX holds_by_branch ON holds (branch_id, released_at_ms);
-- What agents have to know of: few, however many were released over the years.
CREATE INDEX holds_wanted ON holds (id) WHERE released_at_ms IS NULL
    OR standing IS NULL OR standing <> 'released';
