-- What recording needs and was away, as agents saw it: a gap is told with its cause by it.
CREATE TABLE outages (
    branch_id INTEGER NOT NULL REFERENCES branches (id),
    kind      TEXT    NOT NULL,                  -- agent, recorder, camera, room
    subject   TEXT    NOT NULL,                  -- agent's id, recorder, volume
    camera    TEXT    NOT NULL,                  -- of a camera's outage, else empty
    from_ms   INTEGER NOT NULL,                  -- by the agent's clock, as file names are
    until_ms  INTEGER,                           -- NULL while it lasts
    PRIMARY KEY (branch_id, from_ms, kind, subject, camera)
) STRICT, WITHOUT ROWID;
CREATE INDEX outages_lasting ON outages (branch_id) WHERE until_ms IS NULL;
