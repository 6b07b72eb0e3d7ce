-- The spine of the store. Times are milliseconds since 1970 in UTC, everywhere.
-- The PostgreSQL twin has the same tables and columns; only types differ.

CREATE TABLE regions (
    id            INTEGER PRIMARY KEY,
    parent_id     INTEGER REFERENCES regions (id),
    code          TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE branches (
    id            INTEGER PRIMARY KEY,
    region_id     INTEGER REFERENCES regions (id),
    code          TEXT    NOT NULL UNIQUE,   -- what people and tokens name
    name          TEXT    NOT NULL,
    time_zone     TEXT    NOT NULL,          -- IANA; its civil days are the branch's days
    created_at_ms INTEGER NOT NULL,
    closed_at_ms  INTEGER
) STRICT;

-- An agent is its key. A revoked one is kept for ever: its history names it.
CREATE TABLE agents (
    id                 TEXT    PRIMARY KEY,      -- UUID
    branch_id          INTEGER NOT NULL REFERENCES branches (id),
    key_fingerprint    BLOB    NOT NULL UNIQUE,  -- SHA-256 of its public key
    candidate_fingerprint BLOB UNIQUE,           -- a renewed key that has not connected yet
    host               TEXT    NOT NULL,
    version            TEXT    NOT NULL,
    joined_at_ms       INTEGER NOT NULL,
    certificate_ends_ms INTEGER NOT NULL,
    revoked_at_ms      INTEGER,
    revoked_reason     TEXT,
    connected_since_ms INTEGER,                  -- NULL while not connected
    heard_at_ms        INTEGER,                  -- by the coordinator's clock
    clock_ahead_ms     INTEGER,                  -- agent's clock minus ours, when last heard
    process            INTEGER
) STRICT;
CREATE INDEX agents_by_branch ON agents (branch_id);

-- What of each lane is stored: the whole of deduplication.
CREATE TABLE lanes (
    agent_id TEXT    NOT NULL REFERENCES agents (id),
    epoch    INTEGER NOT NULL,                   -- 64 bits, as they come
    lane     INTEGER NOT NULL,
    through  INTEGER NOT NULL,
    PRIMARY KEY (agent_id, epoch, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id            INTEGER PRIMARY KEY,
    secret_hash   BLOB    NOT NULL UNIQUE,       -- SHA-256; the secret itself is nowhere
    branch_id     INTEGER NOT NULL REFERENCES branches (id),
    uses_left     INTEGER NOT NULL,
    created_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER
) STRICT;

CREATE TABLE recorders (
    id        INTEGER PRIMARY KEY,
    branch_id INTEGER NOT NULL REFERENCES branches (id),
    name      TEXT    NOT NULL,                  -- in the branch's words
    agent_id  TEXT    NOT NULL REFERENCES agents (id), -- its one owner
    UNIQUE (branch_id, name)
) STRICT;

CREATE TABLE cameras (
    id           INTEGER PRIMARY KEY,
    branch_id    INTEGER NOT NULL REFERENCES branches (id),
    recorder_id  INTEGER NOT NULL REFERENCES recorders (id),
    name         TEXT    NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    oldest_ms    INTEGER,                        -- start of the oldest segment
    newest_ms    INTEGER,                        -- end of the newest footage
    sealed       INTEGER NOT NULL DEFAULT 0,
    open         INTEGER NOT NULL DEFAULT 0,
    opaque       INTEGER NOT NULL DEFAULT 0,
    corrupt      INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    segment_ms   INTEGER NOT NULL DEFAULT 0,
    told_at_ms   INTEGER NOT NULL,               -- when the agent saw this, by our clock; 0: not yet
    UNIQUE (recorder_id, name)
) STRICT;
CREATE INDEX cameras_by_branch ON cameras (branch_id);

-- Measured range by UTC day. What lies outside is unknown.
CREATE TABLE slices (
    camera_id         INTEGER NOT NULL REFERENCES cameras (id),
    day               INTEGER NOT NULL,          -- days since 1970 in UTC
    measured_start_ms INTEGER NOT NULL,
    measured_end_ms   INTEGER NOT NULL,
    PRIMARY KEY (camera_id, day)
) STRICT, WITHOUT ROWID;

-- One row a hole. A hole that late footage filled keeps its row.
CREATE TABLE holes (
    camera_id    INTEGER NOT NULL REFERENCES cameras (id),
    start_ms     INTEGER NOT NULL,
    end_ms       INTEGER NOT NULL,
    seen_at_ms   INTEGER NOT NULL,
    filled_at_ms INTEGER NOT NULL DEFAULT 0,     -- 0 while it stands
    PRIMARY KEY (camera_id, start_ms, filled_at_ms)
) STRICT, WITHOUT ROWID;

-- Footage that was recorded and is gone, as its agent noticed. Not a hole: it was there.
CREATE TABLE vanished (
    camera_id  INTEGER NOT NULL REFERENCES cameras (id),
    start_ms   INTEGER NOT NULL,
    end_ms     INTEGER NOT NULL,
    noticed_ms INTEGER NOT NULL,                 -- by our clock
    PRIMARY KEY (camera_id, start_ms, noticed_ms)
) STRICT, WITHOUT ROWID;

-- One row a camera and civil day of its branch. The day stands first: what is written together and
-- what a page across branches adds up lies together.
CREATE TABLE rollups (
    day            INTEGER NOT NULL,             -- yyyymmdd in the branch's zone
    branch_id      INTEGER NOT NULL REFERENCES branches (id),
    camera_id      INTEGER NOT NULL REFERENCES cameras (id),
    zone_version   TEXT    NOT NULL,             -- of the zone tables used
    expected_ms    INTEGER NOT NULL,
    recorded_ms    INTEGER NOT NULL,
    missing_ms     INTEGER NOT NULL,
    longest_gap_ms INTEGER NOT NULL,
    gaps           INTEGER NOT NULL,
    PRIMARY KEY (day, branch_id, camera_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE faults (
    camera_id  INTEGER NOT NULL REFERENCES cameras (id),
    path       TEXT    NOT NULL,
    start_ms   INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    gone_at_ms INTEGER,
    PRIMARY KEY (camera_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE volumes (
    id          INTEGER PRIMARY KEY,
    branch_id   INTEGER NOT NULL REFERENCES branches (id),
    agent_id    TEXT    NOT NULL REFERENCES agents (id),
    name        TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    presence    TEXT    NOT NULL,
    presence_since_ms INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    free_bytes  INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    told_at_ms  INTEGER NOT NULL,
    UNIQUE (branch_id, name)
) STRICT;

-- A watched file, its readings, and which of them a person approved.
CREATE TABLE watched (
    id          INTEGER PRIMARY KEY,
    branch_id   INTEGER NOT NULL REFERENCES branches (id),
    agent_id    TEXT    NOT NULL REFERENCES agents (id),
    name        TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    latest_id   INTEGER,                         -- newest reading by the agent's time
    baseline_id INTEGER,                         -- NULL until a person approved one
    UNIQUE (branch_id, name)
) STRICT;

CREATE INDEX watched_by_branch ON watched (branch_id, baseline_id, latest_id);

CREATE TABLE readings (
    id         INTEGER PRIMARY KEY,
    watched_id INTEGER NOT NULL REFERENCES watched (id),
    at_ms      INTEGER NOT NULL,                 -- by the agent's clock, corrected
    received_ms INTEGER NOT NULL,
    status     TEXT    NOT NULL,                 -- tree, missing, unreadable
    canonical  TEXT,                             -- redacted canonical JSON
    owner      TEXT,
    reason     TEXT
) STRICT;
CREATE INDEX readings_by_watched ON readings (watched_id, at_ms);

CREATE TABLE baselines (
    id          INTEGER PRIMARY KEY,
    watched_id  INTEGER NOT NULL REFERENCES watched (id),
    reading_id  INTEGER NOT NULL REFERENCES readings (id),
    approved_by TEXT    NOT NULL,
    approved_at_ms INTEGER NOT NULL,
    reason      TEXT    NOT NULL
) STRICT;

-- Evidence as it came, and what could not be judged. The key makes a second copy impossible.
CREATE TABLE evidence (
    agent_id    TEXT    NOT NULL REFERENCES agents (id),
    epoch       INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    sequence    INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,                -- by the agent's clock
    received_ms INTEGER NOT NULL,
    ahead_ms    INTEGER,                         -- agent's clock minus ours
    verdict     TEXT    NOT NULL,                -- judged, error
    version     INTEGER NOT NULL,
    coded       BLOB    NOT NULL,
    reason      TEXT,
    PRIMARY KEY (agent_id, epoch, lane, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
    id           INTEGER PRIMARY KEY,
    control      TEXT    NOT NULL,
    clause       TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    branch_id    INTEGER NOT NULL REFERENCES branches (id),
    camera_id    INTEGER REFERENCES cameras (id),
    subject      TEXT    NOT NULL,
    severity     TEXT    NOT NULL,
    pack_version TEXT    NOT NULL,
    evidence     TEXT    NOT NULL,               -- JSON, for pages
    since_ms     INTEGER NOT NULL,               -- when it began to be so
    opened_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER,
    closed_why   TEXT
) STRICT;
-- One open finding a control and subject.
CREATE UNIQUE INDEX findings_open ON findings (branch_id, control, subject) WHERE closed_at_ms IS NULL;
CREATE INDEX findings_by_camera ON findings (camera_id, kind, severity) WHERE closed_at_ms IS NULL;
-- What pages across branches count.
CREATE INDEX findings_standing ON findings (branch_id, kind, severity) WHERE closed_at_ms IS NULL;
CREATE INDEX findings_opened ON findings (opened_at_ms, branch_id);

CREATE TABLE alerts (
    id            INTEGER PRIMARY KEY,
    finding_id    INTEGER NOT NULL UNIQUE REFERENCES findings (id),
    branch_id     INTEGER NOT NULL REFERENCES branches (id),
    condition     TEXT    NOT NULL,              -- pending, firing, recovered, unknown
    handling      TEXT    NOT NULL,              -- new, acknowledged, snoozed, assigned, closed
    since_ms      INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    handled_by    TEXT,
    assigned_to   TEXT,
    snoozed_until_ms INTEGER,
    note          TEXT
) STRICT;
CREATE INDEX alerts_by_branch ON alerts (branch_id, condition);
CREATE INDEX alerts_standing ON alerts (condition, handling);
CREATE INDEX alerts_closed ON alerts (changed_at_ms, branch_id) WHERE handling = 'closed';
-- What pages count: few, however many were closed over the years.
CREATE INDEX alerts_open ON alerts (branch_id) WHERE handling <> 'closed';

CREATE TABLE alert_events (
    id       INTEGER PRIMARY KEY,
    alert_id INTEGER NOT NULL REFERENCES alerts (id),
    at_ms    INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    what     TEXT    NOT NULL,
    note     TEXT
) STRICT;
CREATE INDEX alert_events_by_alert ON alert_events (alert_id);

-- Notifications that must leave: written with what they tell, in one transaction.
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY,
    channel       TEXT    NOT NULL,
    key           TEXT    NOT NULL UNIQUE,       -- idempotency key, also sent
    body          TEXT    NOT NULL,              -- JSON
    created_at_ms INTEGER NOT NULL,
    due_at_ms     INTEGER NOT NULL,
    attempts      INTEGER NOT NULL DEFAULT 0,
    state         TEXT    NOT NULL,              -- waiting, sent, given_up
    answer        TEXT,                          -- what the receiver said last
    sent_at_ms    INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at_ms) WHERE state = 'waiting';

CREATE TABLE people (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL UNIQUE,       -- sign-in name
    password_hash TEXT    NOT NULL,              -- argon2id, PHC string
    role          TEXT    NOT NULL,              -- administrator, headquarters, region, branch
    region_id     INTEGER REFERENCES regions (id),
    branch_id     INTEGER REFERENCES branches (id),
    created_at_ms INTEGER NOT NULL,
    disabled_at_ms INTEGER
) STRICT;

CREATE TABLE sessions (
    token_hash    BLOB    PRIMARY KEY,           -- SHA-256
    person_id     INTEGER NOT NULL REFERENCES people (id),
    created_at_ms INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    ends_at_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Everything a person does: append-only, each row sealed by the one before.
CREATE TABLE deeds (
    sequence  INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    actor     TEXT    NOT NULL,
    verb      TEXT    NOT NULL,
    subject   TEXT    NOT NULL,
    body      TEXT    NOT NULL,                  -- JSON
    previous  BLOB    NOT NULL,                  -- hash of the row before
    hash      BLOB    NOT NULL
) STRICT;
