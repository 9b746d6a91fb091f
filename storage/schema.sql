-- Resguardo's database, schema 5. Only src/store/ speaks SQL. Every table is
-- STRICT; ids are opaque text; times are UTC milliseconds unless a name ends
-- in _s (provider seconds). A column named *_sealed holds XChaCha20-Poly1305
-- under a key derived from the field key and a shred slot: overwrite the slot
-- and every copy of the value, here, in the WAL and in backups, is noise.
-- (A CHECK is a chain of OR: for IN, SQLite fills a table at every write.)

-- Small facts of the instance: schema, slot_next, index_slot, dedup_slot,
-- dedup_slot_former, dedup_since, ledger_tree, origin and a few times.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- A data subject. Nothing here says who it is.
CREATE TABLE subject (
    id            TEXT PRIMARY KEY,
    content_slot  INTEGER NOT NULL, -- handles, names, captions, chat
    evidence_slot INTEGER NOT NULL, -- what proves the decisions
    created       INTEGER NOT NULL
) STRICT;

-- How a person is reached (phone, bsuid, parent) and the profile name. Found by
-- a keyed index, whose key can be destroyed; a name finds nobody, and its idx
-- begins as the subject's id does: people come in the order of their ids, so
-- names are added at the end of the table and not all over it.
CREATE TABLE handle (
    kind         TEXT NOT NULL
        CHECK (kind = 'phone' OR kind = 'bsuid' OR kind = 'parent' OR
            kind = 'name'),
    idx          BLOB NOT NULL,     -- 16 bytes, keyed BLAKE2b(kind, value)
    subject      TEXT NOT NULL REFERENCES subject(id),
    value_sealed BLOB NOT NULL,
    seen         INTEGER NOT NULL,
    PRIMARY KEY (kind, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX handle_subject ON handle(subject, kind, seen);

-- The state of each decision; the history is in the ledger, and `check`
-- recomputes this from it.
CREATE TABLE consent (
    subject    TEXT NOT NULL REFERENCES subject(id),
    policy     TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    state      TEXT NOT NULL
        CHECK (state = 'none' OR state = 'given' OR state = 'refused' OR
            state = 'withdrawn'),
    yes_s      INTEGER NOT NULL DEFAULT 0,
    no_s       INTEGER NOT NULL DEFAULT 0,
    reprompted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, policy, purpose)
) STRICT, WITHOUT ROWID;

-- A question that was, or is about to be, put to a person.
CREATE TABLE prompt (
    id             TEXT PRIMARY KEY,
    subject        TEXT NOT NULL REFERENCES subject(id),
    policy         TEXT NOT NULL,
    purpose        TEXT NOT NULL,
    notice_version TEXT NOT NULL,
    language       TEXT NOT NULL,
    with_notice    INTEGER NOT NULL,
    prompt_sha256  BLOB NOT NULL,
    outbox         TEXT NOT NULL,
    state          TEXT NOT NULL
        CHECK (state = 'open' OR state = 'answered' OR state = 'failed'),
    asked          INTEGER NOT NULL,
    handed_s       INTEGER NOT NULL DEFAULT 0, -- 0: not yet handed to Graph
    presented      INTEGER NOT NULL DEFAULT 0  -- the ledger says it was shown
) STRICT;
CREATE INDEX prompt_open ON prompt(subject, policy) WHERE state = 'open';
CREATE INDEX prompt_outbox ON prompt(outbox);

-- What a person's documents are collected under (`case` is a word of SQL).
CREATE TABLE cases (
    id      TEXT PRIMARY KEY, -- the code that the customer is told
    subject TEXT NOT NULL REFERENCES subject(id),
    policy  TEXT NOT NULL,
    state   TEXT NOT NULL
        CHECK (state = 'open' OR state = 'complete' OR state = 'closed'),
    opened  INTEGER NOT NULL,
    closed  INTEGER
) STRICT;
CREATE INDEX cases_subject ON cases(subject, policy, opened);
CREATE INDEX cases_state ON cases(state, opened);

-- A file that somebody announced. Never its bytes.
CREATE TABLE attachment (
    id             TEXT PRIMARY KEY,
    subject        TEXT NOT NULL REFERENCES subject(id),
    policy         TEXT NOT NULL,
    number         TEXT NOT NULL, -- phone_number_id it was sent to
    kind           TEXT NOT NULL,
    state          TEXT NOT NULL
        CHECK (state = 'held' OR state = 'queued' OR
            state = 'fetching' OR state = 'judging' OR
            state = 'stored' OR state = 'refused' OR
            state = 'quarantined' OR state = 'expired' OR
            state = 'dropped'),
    announced_type TEXT NOT NULL, -- the sender's claim, "" when absent
    claims_sealed  BLOB NOT NULL, -- media id, hash, file name, caption, wamid
    purposes       TEXT NOT NULL, -- required, comma-separated, fixed here
    received       INTEGER NOT NULL,
    provider_s     INTEGER NOT NULL,
    deadline       INTEGER NOT NULL, -- a yes after this comes too late
    lifetime       INTEGER NOT NULL, -- Meta's id is dead after this
    warn_at        INTEGER, -- when to alarm that it will expire; NULL: done
    next_try       INTEGER NOT NULL DEFAULT 0, -- queued: not before this;
                            -- fetching, judging: given up after this
    turn           INTEGER NOT NULL DEFAULT 0, -- place in the fair queue; 0:
                            -- waits for next_try
    tries          INTEGER NOT NULL DEFAULT 0,
    hash_failures  INTEGER NOT NULL DEFAULT 0,
    judge_deaths   INTEGER NOT NULL DEFAULT 0,
    payload        TEXT, -- id of the payload file being written
    epoch          INTEGER NOT NULL DEFAULT 0, -- of the last order: what comes
                            -- of it is sealed to this one
    case_id        TEXT REFERENCES cases(id),
    reason         TEXT,
    told           INTEGER NOT NULL DEFAULT 0, -- the customer knows the end
    meta_copy      INTEGER NOT NULL DEFAULT 0  -- 0 keep, 1 to delete, 2 done
) STRICT;
CREATE INDEX attachment_subject ON attachment(subject, policy, state, purposes);
CREATE INDEX attachment_waits ON attachment(next_try)
    WHERE state = 'queued' AND turn = 0;
CREATE INDEX attachment_turn ON attachment(turn, lifetime)
    WHERE state = 'queued' AND turn > 0;
CREATE INDEX attachment_person ON attachment(subject, turn) WHERE turn > 0;
CREATE INDEX attachment_warn ON attachment(warn_at)
    WHERE state = 'queued' AND warn_at IS NOT NULL;
CREATE INDEX attachment_held ON attachment(deadline) WHERE state = 'held';
CREATE INDEX attachment_lifetime ON attachment(lifetime)
    WHERE state = 'queued';
CREATE INDEX attachment_active ON attachment(next_try)
    WHERE state IN ('fetching','judging');
CREATE INDEX attachment_delete ON attachment(next_try) WHERE meta_copy = 1;
-- For lists and counts. An expression, so that only those who write it so get
-- it: for what is due the planner would take it, too, and walk all of a state.
CREATE INDEX attachment_state ON attachment(state || '');

-- Payload ids that may exist on disk without a document row. Only these are
-- ever unlinked.
CREATE TABLE loose (
    payload TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- A sealed document: header here, wrapped by its slot; payload in its file.
-- A header that was moved to another epoch is unproven until an officer has
-- opened it: the last proven one stays beside it so long (former_*, by the same
-- slot), because a header that opens nothing would lose the document.
CREATE TABLE document (
    id               TEXT PRIMARY KEY,
    attachment       TEXT NOT NULL UNIQUE REFERENCES attachment(id),
    subject          TEXT NOT NULL REFERENCES subject(id),
    case_id          TEXT NOT NULL REFERENCES cases(id),
    policy           TEXT NOT NULL,
    state            TEXT NOT NULL
        CHECK (state = 'stored' OR state = 'quarantined' OR
            state = 'blocked' OR state = 'erased'),
    media_type       TEXT NOT NULL,
    size             INTEGER NOT NULL, -- the customer's file
    purposes         TEXT NOT NULL,
    received         INTEGER NOT NULL,
    slot             INTEGER NOT NULL UNIQUE,
    epoch            INTEGER NOT NULL,
    header_wrapped   BLOB NOT NULL,
    former_epoch     INTEGER,
    former_wrapped   BLOB,
    moved_by         INTEGER, -- uid of the officer who must not prove it alone
    payload          TEXT NOT NULL UNIQUE,
    payload_size     INTEGER NOT NULL,
    payload_sha256   BLOB NOT NULL,
    file_name_sealed BLOB,
    caption_sealed   BLOB
) STRICT;
CREATE INDEX document_case ON document(case_id);
CREATE INDEX document_subject ON document(subject, policy, state);
CREATE INDEX document_erased ON document(state) WHERE state = 'erased';
CREATE INDEX document_epoch ON document(epoch) WHERE state <> 'erased';
CREATE INDEX document_unproven ON document(former_epoch, id)
    WHERE former_epoch IS NOT NULL;

-- What is to be said to customers.
CREATE TABLE outbox (
    id          TEXT PRIMARY KEY,
    subject     TEXT NOT NULL REFERENCES subject(id),
    policy      TEXT NOT NULL,
    number      TEXT NOT NULL,
    kind        TEXT NOT NULL
        CHECK (kind = 'prompt' OR kind = 'receipt' OR kind = 'say'),
    state       TEXT NOT NULL
        CHECK (state = 'pending' OR state = 'sending' OR
            state = 'sent' OR state = 'unknown' OR state = 'failed'),
    body_sealed BLOB NOT NULL, -- the message object without recipient
    attempt     TEXT,          -- biz_opaque_callback_data of the last try
    wamid_idx   BLOB,          -- keyed hash of Meta's id
    delivery    TEXT,          -- sent < delivered < read < played; failed
    created     INTEGER NOT NULL,
    next_try    INTEGER NOT NULL DEFAULT 0, -- sending: given up after this;
                         -- unknown: nothing is known by then
    tries       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_due ON outbox(next_try) WHERE state = 'pending';
CREATE INDEX outbox_sending ON outbox(next_try) WHERE state = 'sending';
CREATE INDEX outbox_unknown ON outbox(next_try)
    WHERE state = 'unknown' AND kind = 'prompt';
CREATE INDEX outbox_wamid ON outbox(wamid_idx) WHERE wamid_idx IS NOT NULL;
CREATE INDEX outbox_attempt ON outbox(attempt) WHERE attempt IS NOT NULL;

-- Files whose end a person has not been told yet, collected into one receipt.
CREATE TABLE burst (
    subject   TEXT NOT NULL REFERENCES subject(id),
    policy    TEXT NOT NULL,
    number    TEXT NOT NULL,
    first_end INTEGER NOT NULL,
    due       INTEGER NOT NULL,
    PRIMARY KEY (subject, policy, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX burst_due ON burst(due);

-- Messages seen: 16 bytes of BLAKE2b(de-duplication key, wamid). The key is
-- replaced every 10 days, the former kept 10 more.
CREATE TABLE seen (
    slot   INTEGER NOT NULL, -- of the key
    digest BLOB NOT NULL,
    PRIMARY KEY (slot, digest)
) STRICT, WITHOUT ROWID;

-- What proves a person and a decision: age files to the custody recipient,
-- headers wrapped by the evidence slot.
CREATE TABLE evidence (
    id             TEXT PRIMARY KEY,
    subject        TEXT NOT NULL REFERENCES subject(id),
    kind           TEXT NOT NULL CHECK (kind IN ('person','decision')),
    created        INTEGER NOT NULL,
    header_wrapped BLOB NOT NULL,
    payload        BLOB NOT NULL
) STRICT;
CREATE INDEX evidence_subject ON evidence(subject, kind);

-- Free text that a ledger entry only commits to (reasons of staff).
CREATE TABLE note (
    id          TEXT PRIMARY KEY,
    subject     TEXT NOT NULL REFERENCES subject(id),
    text_sealed BLOB NOT NULL -- JSON {salt, text}
) STRICT;

-- The ledger: canonical JSON, one line an event, and its leaf hash. Nothing
-- may be updated or deleted here (the authorizer says no to every statement).
CREATE TABLE ledger (
    idx   INTEGER PRIMARY KEY,
    entry BLOB NOT NULL,
    leaf  BLOB NOT NULL
) STRICT;

-- Published notices, as filled. A version never changes.
CREATE TABLE notice (
    policy    TEXT NOT NULL,
    version   TEXT NOT NULL,
    language  TEXT NOT NULL,
    sha256    BLOB NOT NULL,
    bytes     BLOB NOT NULL,
    published INTEGER NOT NULL,
    PRIMARY KEY (policy, version, language)
) STRICT, WITHOUT ROWID;

-- The keyring log and the grants (see vault.h). Append-only like the ledger.
CREATE TABLE keyring (
    seq       INTEGER PRIMARY KEY,
    entry     BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE keyring_grant (
    epoch    INTEGER NOT NULL,
    uid      INTEGER NOT NULL,
    age_file BLOB NOT NULL, -- the epoch's identity, sealed to the reader
    PRIMARY KEY (epoch, uid)
) STRICT, WITHOUT ROWID;

-- Events that could not be applied for a reason of their own, sealed.
CREATE TABLE dead_letter (
    id           TEXT PRIMARY KEY,
    slot         INTEGER NOT NULL,
    event_sealed BLOB NOT NULL,
    error        TEXT NOT NULL,
    received     INTEGER NOT NULL,
    tries        INTEGER NOT NULL
) STRICT;
