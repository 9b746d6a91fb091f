-- Resguardo's database, schema 10. Only src/store/ speaks SQL. Every table is
-- STRICT; ids are opaque text; times are UTC milliseconds unless a name ends
-- in _s (provider seconds). A column named *_sealed holds XChaCha20-Poly1305
-- under a key derived from the field key and a shred slot: overwrite the slot
-- and every copy of the value, here, in the WAL and in backups, is noise.
-- (A CHECK is a chain of OR: for IN, SQLite fills a table at every write.)

-- Small facts of the instance: schema, slot_next, index_slot, dedup_slot,
-- dedup_slot_former, dedup_since, ledger_tree, origin and a few times. While
-- handles move to a new index key: index_slot_former, rekey_at, and always how
-- many such changes began and ended (rekey_begun, rekey_done). How far into
-- keys/destroyed this database was compared with it: destroyed_seen. That there
-- were two officers once: two_officers. What came in and became of it, as JSON:
-- traffic. The key of the index of excluded numbers, once there are any:
-- excluded_slot.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- A data subject. Nothing here says who it is. The row outlives the person's
-- erasure for as long as there is evidence.
CREATE TABLE subject (
    id            TEXT PRIMARY KEY,
    content_slot  INTEGER NOT NULL UNIQUE, -- handles, names, chat
    evidence_slot INTEGER NOT NULL UNIQUE, -- what proves the decisions
    created       INTEGER NOT NULL,
    contact       INTEGER NOT NULL, -- last heard of, to a day
    review        INTEGER NOT NULL, -- when to look whether they still have
                                    -- anything here
    blocked       INTEGER,          -- since when nobody sees them, and until
    block_until   INTEGER,          -- when; then they are erased
    minor         INTEGER NOT NULL DEFAULT 0
        CHECK (minor >= 0 AND minor <= 2), -- 1: they said that they are under
                                    -- age; 2: and a representative answered
    language      TEXT,             -- that they chose to be written to in;
                                    -- NULL: the policy's first
    asks          INTEGER,          -- until when an answer to how it was (or
                                    -- the comment on it) is taken; see rating
    has           INTEGER NOT NULL DEFAULT 0 -- where they may have rows: a bit
                                    -- each (store.h), set with the first row
                                    -- and never taken away, but for
                                    -- PERSON_MOVED, which means no rows
) STRICT;
CREATE INDEX subject_review ON subject(review) WHERE blocked IS NULL;
CREATE INDEX subject_blocked ON subject(blocked) WHERE blocked IS NOT NULL;

-- Two references that are one person: an officer said so, and how they know
-- lies sealed in a note. Ended, the row stays. No reference: it says that of
-- somebody whose own row may be gone.
CREATE TABLE link (
    id        TEXT PRIMARY KEY,
    subject   TEXT NOT NULL,    -- the newer one
    former    TEXT NOT NULL,
    kind      TEXT NOT NULL
        CHECK (kind = 'number_change' OR kind = 'two_numbers'),
    proof     TEXT NOT NULL     -- '': consent was not carried over
        CHECK (proof = '' OR proof = 'same_document' OR
            proof = 'branch_visit' OR proof = 'signed_form' OR
            proof = 'previous_number_confirmed'),
    linked    INTEGER NOT NULL,
    linked_by INTEGER NOT NULL, -- uid
    ended     INTEGER,
    ended_by  INTEGER           -- uid; NULL: one of the two was erased
) STRICT;
CREATE INDEX link_subject ON link(subject) WHERE ended IS NULL;
CREATE INDEX link_former ON link(former) WHERE ended IS NULL;

-- The consents that a link carried over, and the second of the yes: what was
-- decided since is another one.
CREATE TABLE carried (
    link    TEXT NOT NULL REFERENCES link(id),
    policy  TEXT NOT NULL,
    purpose TEXT NOT NULL,
    yes_s   INTEGER NOT NULL,
    PRIMARY KEY (link, policy, purpose)
) STRICT, WITHOUT ROWID;

-- Meta says that somebody has another number or user id: for an officer to look
-- at, and no more than that. The newest of a person.
CREATE TABLE suggestion (
    subject    TEXT PRIMARY KEY REFERENCES subject(id), -- as they were known
    how        TEXT NOT NULL
        CHECK (how = 'user_changed_number' OR how = 'user_changed_user_id'),
    now_sealed BLOB NOT NULL, -- JSON {phone?, user_id?}, by the content slot
    made       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX suggestion_made ON suggestion(made);

-- How a person is reached (phone, bsuid, parent) and the profile name. Found by
-- a keyed index, whose key can be destroyed; a name finds nobody, and its idx
-- begins as the subject's id does: people come in the order of their ids, so
-- names are added at the end of the table and not all over it.
CREATE TABLE handle (
    kind         TEXT NOT NULL
        CHECK (kind = 'phone' OR kind = 'bsuid' OR kind = 'parent' OR
            kind = 'name'),
    idx          BLOB NOT NULL,     -- 16 bytes, keyed BLAKE2b(kind, value)
    key_slot     INTEGER NOT NULL,  -- of the index key behind idx
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
            state = 'withdrawn' OR state = 'expired' OR
            state = 'informed' OR -- on another basis: the notice was delivered
            state = 'acknowledged'),
    yes_s      INTEGER NOT NULL DEFAULT 0,
    no_s       INTEGER NOT NULL DEFAULT 0,
    reprompted INTEGER NOT NULL DEFAULT 0,
    notice_version TEXT NOT NULL DEFAULT '', -- that the last yes was to, or
                                             -- that was delivered
    expires    INTEGER, -- when a yes runs out
    PRIMARY KEY (subject, policy, purpose)
) STRICT, WITHOUT ROWID;
CREATE INDEX consent_expires ON consent(expires) WHERE expires IS NOT NULL;

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
CREATE INDEX prompt_subject ON prompt(subject, policy, state);
CREATE INDEX prompt_outbox ON prompt(outbox);

-- What a person's documents are collected under (`case` is a word of SQL).
CREATE TABLE cases (
    id      TEXT PRIMARY KEY, -- the code that the customer is told
    subject TEXT NOT NULL REFERENCES subject(id),
    policy  TEXT NOT NULL,
    state   TEXT NOT NULL
        CHECK (state = 'open' OR state = 'complete' OR state = 'closed'),
    opened  INTEGER NOT NULL,
    closed  INTEGER,
    procedure TEXT NOT NULL DEFAULT '', -- of the policy; '' none was picked
    picked    INTEGER NOT NULL DEFAULT 0, -- last, by the person
    completed INTEGER,                  -- all that it needs was there
    owner    INTEGER,                   -- uid of who works on it
    priority INTEGER NOT NULL DEFAULT 1
        CHECK (priority >= 0 AND priority <= 3), -- low, normal, high, urgent
    touched  INTEGER NOT NULL DEFAULT 0, -- staff last did something to it
    step     INTEGER NOT NULL DEFAULT 0, -- escalations since then
    due      INTEGER,                    -- of the next one
    relation TEXT NOT NULL DEFAULT '' -- of who writes to whose papers they are
        CHECK (relation = '' OR relation = 'parent_guardian' OR
            relation = 'legal_representative' OR relation = 'heir' OR
            relation = 'attorney' OR relation = 'other' OR
            relation = 'adult'), -- theirs, or of a grown-up: nothing to say
    mandate  TEXT NOT NULL DEFAULT ''    -- may they? '' their own papers
        CHECK (mandate = '' OR mandate = 'needed' OR mandate = 'asked' OR
            mandate = 'declared' OR mandate = 'ended'),
    mandated INTEGER NOT NULL DEFAULT 0, -- last asked, declared, or told
    represented INTEGER NOT NULL DEFAULT 0 -- 1: all of it is somebody else's
) STRICT;
CREATE INDEX cases_opened ON cases(opened);
CREATE INDEX cases_closed ON cases(closed) WHERE closed IS NOT NULL;
CREATE INDEX cases_subject ON cases(subject, policy, opened);
CREATE INDEX cases_state ON cases(state, opened);

-- What staff say of a case's item: that it came by another channel than the
-- chat, or that a document of it was no good: what came before is not enough.
CREATE TABLE case_item (
    case_id  TEXT NOT NULL REFERENCES cases(id),
    item     TEXT NOT NULL,
    received INTEGER, -- by another channel
    taken_by INTEGER, -- uid
    returned INTEGER, -- the last time that one was sent back
    PRIMARY KEY (case_id, item),
    CHECK ((received IS NULL) = (taken_by IS NULL))
) STRICT, WITHOUT ROWID;

-- Contacts with a person that were not in the chat: a call, a visit, a letter.
-- Staff note them; what was said is a note beside it (chat), sealed.
CREATE TABLE elsewhere (
    id       TEXT PRIMARY KEY,
    subject  TEXT NOT NULL REFERENCES subject(id),
    policy   TEXT NOT NULL,
    case_id  TEXT NOT NULL REFERENCES cases(id),
    channel  TEXT NOT NULL
        CHECK (channel = 'phone' OR channel = 'branch' OR channel = 'email' OR
            channel = 'letter' OR channel = 'sms' OR channel = 'visit' OR
            channel = 'other'),
    ours     INTEGER NOT NULL, -- 1: we went to them, 0: they came to us
    day      INTEGER NOT NULL, -- of the policy's calendar, since 1970
    at       INTEGER NOT NULL, -- noon, where no more than the day is known
    noted_by INTEGER NOT NULL  -- uid
) STRICT;
CREATE INDEX elsewhere_subject ON elsewhere(subject, ours, day);
CREATE INDEX elsewhere_case ON elsewhere(case_id);

-- Which entries of the ledger are a person's history, for the timeline of their
-- cases: what they decided and what staff did. What happened stands there alone.
CREATE TABLE happened (
    idx     INTEGER PRIMARY KEY, -- of the ledger
    subject TEXT NOT NULL REFERENCES subject(id)
) STRICT;
CREATE INDEX happened_subject ON happened(subject, idx);

-- How often a person was answered with words of our own (menu, status …) since
-- they last chose something: another bot must not keep us talking.
CREATE TABLE guide (
    subject TEXT NOT NULL REFERENCES subject(id),
    policy  TEXT NOT NULL,
    since   INTEGER NOT NULL, -- of the count
    answers INTEGER NOT NULL,
    menu    INTEGER NOT NULL, -- when the menu was last shown; 0 never
    hinted  INTEGER NOT NULL, -- … that something did not arrive
    lined   INTEGER NOT NULL, -- … how to answer, or that nobody understood
    PRIMARY KEY (subject, policy)
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_due ON cases(due) WHERE due IS NOT NULL;
CREATE INDEX cases_owner ON cases(owner) WHERE owner IS NOT NULL;

-- A file that somebody announced. Never its bytes. Its slot seals what was said
-- of it, and the document that it becomes: either goes alone.
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
    slot           INTEGER NOT NULL,
    claims_sealed  BLOB NOT NULL, -- media id, hash, file name, caption, wamid
    purposes       TEXT NOT NULL, -- required, comma-separated, fixed here
    item           TEXT NOT NULL DEFAULT '', -- of the case's procedure; '' no
                                  -- procedure, '?' unclear, '!' they were
                                  -- asked, '-' none asks for it
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
    meta_copy      INTEGER NOT NULL DEFAULT 0, -- 0 keep, 1 to delete, 2 done
    represented    INTEGER NOT NULL DEFAULT 0, -- 1: somebody else's papers; not
                            -- before the case's mandate is declared
    matched        INTEGER NOT NULL DEFAULT 0  -- what has to be said of how its
                            -- item was found: 1 it is a guess, 2 of another
                            -- case than the one picked last, 4 beyond what the
                            -- item takes, 8 they named one that is not for the
                            -- chat
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
CREATE INDEX attachment_case ON attachment(case_id)
    WHERE case_id IS NOT NULL;
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
    slot             INTEGER NOT NULL UNIQUE, -- its attachment's
    epoch            INTEGER NOT NULL,
    header_wrapped   BLOB NOT NULL,
    former_epoch     INTEGER,
    former_wrapped   BLOB,
    moved_by         INTEGER, -- uid of the officer who must not prove it alone
    moved_at         INTEGER,
    payload          TEXT NOT NULL UNIQUE,
    payload_size     INTEGER NOT NULL,
    payload_sha256   BLOB NOT NULL,
    file_name_sealed BLOB,
    caption_sealed   BLOB,
    item             TEXT NOT NULL DEFAULT '', -- as its attachment's
    apart_until      INTEGER, -- of what no item asked for: then it goes
    case_closed      INTEGER, -- when its case was
    blocked          INTEGER, -- since when
    block_cause      TEXT
        CHECK (block_cause = 'withdrawn' OR block_cause = 'retention' OR
            block_cause = 'erase'),
    block_until      INTEGER, -- of a rule's blocking; a withdrawal's follows
                              -- from the policy, an erasure's is the person's
    open_to          INTEGER  -- 1: blocked, but for the person's own access
) STRICT;
CREATE INDEX document_case ON document(case_id);
CREATE INDEX document_subject ON document(subject, policy, state);
CREATE INDEX document_erased ON document(state) WHERE state = 'erased';
-- What retention counts from.
CREATE INDEX document_kept ON document(policy, media_type, received)
    WHERE blocked IS NULL;
CREATE INDEX document_closed ON document(policy, media_type, case_closed)
    WHERE blocked IS NULL AND case_closed IS NOT NULL;
CREATE INDEX document_withdrawn ON document(policy, media_type, blocked)
    WHERE block_cause = 'withdrawn';
CREATE INDEX document_blocked ON document(block_until)
    WHERE block_until IS NOT NULL;
CREATE INDEX document_apart ON document(apart_until)
    WHERE apart_until IS NOT NULL;
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
        CHECK (kind = 'prompt' OR kind = 'receipt' OR kind = 'say' OR
            kind = 'notice' OR kind = 'rating' OR kind = 'document' OR
            kind = 'reply'), -- an agent's: its words go when it was sent
    state       TEXT NOT NULL
        CHECK (state = 'pending' OR state = 'sending' OR
            state = 'sent' OR state = 'unknown' OR state = 'failed'),
    body_sealed BLOB NOT NULL, -- the message object without recipient
    attempt     TEXT,          -- biz_opaque_callback_data of the last try
    wamid_idx   BLOB,          -- of Meta's id, under the de-duplication key:
                         -- found for 10 days at least, 20 at most
    delivery    TEXT,          -- sent < delivered < read < played; failed
    created     INTEGER NOT NULL,
    next_try    INTEGER NOT NULL DEFAULT 0, -- sending: given up after this;
                         -- unknown: nothing is known by then
    tries       INTEGER NOT NULL DEFAULT 0,
    heeds       INTEGER NOT NULL DEFAULT 0, -- looked at before it goes, bits:
                         -- 1 the hours of contact, 2 whether they may still be
                         -- asked
    about       TEXT     -- the case that it is said of: not said any more once
                         -- that is open, or complete, anew
) STRICT;
CREATE INDEX outbox_subject ON outbox(subject);
CREATE INDEX outbox_due ON outbox(next_try) WHERE state = 'pending';
CREATE INDEX outbox_sending ON outbox(next_try) WHERE state = 'sending';
CREATE INDEX outbox_unknown ON outbox(next_try)
    WHERE state = 'unknown' AND kind = 'prompt';
CREATE INDEX outbox_about ON outbox(about)
    WHERE about IS NOT NULL AND state = 'pending';
CREATE INDEX outbox_wamid ON outbox(wamid_idx) WHERE wamid_idx IS NOT NULL;
CREATE INDEX outbox_attempt ON outbox(attempt) WHERE attempt IS NOT NULL;

-- Reminders and notices to who did not just write: one a row of somebody's list,
-- whether it went or a rule of contact forbade it. The words are in outbox.
CREATE TABLE outbound (
    id       TEXT PRIMARY KEY,
    subject  TEXT NOT NULL REFERENCES subject(id),
    policy   TEXT NOT NULL,
    template TEXT NOT NULL,
    class    TEXT NOT NULL,
    batch    TEXT NOT NULL,    -- 32 hex digits, drawn from the list; at random
                               -- for what is in none
    row      INTEGER NOT NULL, -- of the list, from 1
    state    TEXT NOT NULL CHECK (state = 'queued' OR state = 'denied'),
    rule     TEXT,             -- denied: which
    outbox   TEXT,             -- queued: the message
    counts   INTEGER NOT NULL, -- 1: it is a contact by the rules
    day      INTEGER NOT NULL, -- of the policy's calendar, since 1970
    made     INTEGER NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0 -- what they answered: a bit for each
                               -- thing that a button leads to
) STRICT;
CREATE UNIQUE INDEX outbound_row ON outbound(batch, row);
CREATE INDEX outbound_day ON outbound(subject, day);
CREATE INDEX outbound_outbox ON outbound(outbox) WHERE outbox IS NOT NULL;

-- By when somebody said, in answer to a reminder, that they will pay: a day, and
-- no word. One that runs keeps collection from them; the institution says
-- whether it was kept.
CREATE TABLE promise (
    id         TEXT PRIMARY KEY,
    subject    TEXT NOT NULL REFERENCES subject(id),
    policy     TEXT NOT NULL,
    template   TEXT NOT NULL,
    outbound   TEXT NOT NULL,    -- that it answers
    state      TEXT NOT NULL
        CHECK (state = 'open' OR state = 'kept' OR state = 'broken' OR
            state = 'replaced'), -- by another day
    day        INTEGER NOT NULL, -- of the policy's calendar, since 1970
    until      INTEGER NOT NULL, -- the instant after which it is over
    made       INTEGER NOT NULL,
    decided    INTEGER,
    decided_by INTEGER           -- uid; NULL: the person changed it
) STRICT;
CREATE UNIQUE INDEX promise_open ON promise(subject, policy)
    WHERE state = 'open';
CREATE INDEX promise_subject ON promise(subject, made);
CREATE INDEX promise_state ON promise(state, until);

-- Numbers of people who want no advertising (in Colombia the register of
-- excluded numbers, Ley 2300 de 2023, art. 5). Nothing but a keyed index, under
-- a key of its own (meta: excluded_slot): whoever has a number can look it up,
-- and nobody can read the list.
CREATE TABLE excluded (
    idx   BLOB PRIMARY KEY, -- 16 bytes, keyed BLAKE2b(kind, number)
    added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A code that staff gave a person over another channel, and that they are to
-- write in the chat before a document is sent there: who has the phone is the
-- person, then. Three tries, half an hour; `passed` is good for an hour.
CREATE TABLE identity_check (
    id       TEXT PRIMARY KEY,
    subject  TEXT NOT NULL REFERENCES subject(id),
    policy   TEXT NOT NULL,
    number   TEXT NOT NULL,
    case_id  TEXT NOT NULL,
    until    INTEGER NOT NULL, -- not after
    tries    INTEGER NOT NULL, -- wrong ones
    passed   INTEGER NOT NULL, -- when; 0 not
    code_idx BLOB NOT NULL     -- 16 bytes, keyed by the person's content slot
) STRICT;
CREATE INDEX identity_check_subject ON identity_check(subject, policy);

-- A document that staff send to a customer. Its bytes are never here: they go
-- through memory, from the socket to Meta. ordered: they are awaited.
CREATE TABLE delivery (
    id          TEXT PRIMARY KEY,
    subject     TEXT NOT NULL REFERENCES subject(id),
    policy      TEXT NOT NULL,
    number      TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    state       TEXT NOT NULL
        CHECK (state = 'ordered' OR state = 'sent' OR state = 'failed'),
    reason      TEXT,             -- failed: why
    ordered_by  INTEGER NOT NULL, -- uid
    made        INTEGER NOT NULL,
    template    TEXT,             -- that carries it outside of the window
    outbox      TEXT,             -- sent: the message
    forget      TEXT,             -- uploaded: what Meta has to delete
    file_sealed BLOB NOT NULL     -- JSON {name, salt, sha256, size, caption,
                                  -- values}
) STRICT;
CREATE INDEX delivery_subject ON delivery(subject);
CREATE INDEX delivery_ordered ON delivery(made) WHERE state = 'ordered';
CREATE INDEX delivery_outbox ON delivery(outbox) WHERE outbox IS NOT NULL;

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
    kind           TEXT NOT NULL
        CHECK (kind = 'person' OR kind = 'decision' OR kind = 'erasure'),
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
CREATE INDEX note_subject ON note(subject);

-- What is destroyed, or will be: everything of a person (subject), some of
-- their documents (documents), or, later, what proved their decisions
-- (evidence). The row stays when the person's are gone, with the certificate.
CREATE TABLE erasure (
    id           TEXT PRIMARY KEY,
    kind         TEXT NOT NULL
        CHECK (kind = 'subject' OR kind = 'documents' OR kind = 'evidence'),
    subject      TEXT NOT NULL,    -- no reference: it outlives that row
    ground       TEXT NOT NULL,    -- see erasure_ground_valid in registrar.h
    cause        TEXT NOT NULL
        CHECK (cause = 'request' OR cause = 'retention' OR
            cause = 'blocking_over' OR cause = 'evidence_over' OR
            cause = 'restored'),
    state        TEXT NOT NULL
        CHECK (state = 'waiting' OR state = 'running' OR state = 'done'),
    step         TEXT NOT NULL     -- of a running one; it goes on from there
        CHECK (step = '' OR step = 'cancel' OR step = 'shred' OR
            step = 'rekey' OR step = 'finish'),
    requested    INTEGER NOT NULL,
    requested_by INTEGER,          -- uid; NULL: a rule, not a person
    approved_by  INTEGER,          -- uid of a second officer
    due          INTEGER NOT NULL, -- not before
    executed     INTEGER,          -- the last slot was overwritten
    finished     INTEGER,
    documents    INTEGER NOT NULL DEFAULT 0, -- destroyed so far
    rekey        INTEGER NOT NULL DEFAULT 0, -- the change of the index key
                                   -- that must have ended
    leaf         INTEGER,          -- place of subject_erased in the ledger
    asked_until  INTEGER,          -- so long Meta is asked to delete what it has
    untold       INTEGER,          -- who asked for it has to be told, and was
                                   -- not: to be looked at
    notice       TEXT              -- how they were told; failed: not yet
        CHECK (notice = 'message' OR notice = 'elsewhere' OR
            notice = 'failed'),
    farewell     TEXT,             -- the message that tells them, in outbox
    certificate  TEXT              -- RFC 8785
) STRICT;
CREATE INDEX erasure_due ON erasure(due) WHERE state = 'waiting';
CREATE INDEX erasure_running ON erasure(step, requested)
    WHERE state = 'running';
CREATE INDEX erasure_subject ON erasure(subject, kind);
CREATE INDEX erasure_untold ON erasure(untold) WHERE untold IS NOT NULL;

-- The documents of an erasure: named beforehand for kind 'documents', the rest
-- filled in when the document goes; kept until the certificate holds them.
CREATE TABLE erasure_item (
    erasure        TEXT NOT NULL REFERENCES erasure(id),
    document       TEXT NOT NULL,
    slot           INTEGER,        -- NULL: not destroyed yet; 0: was gone
    payload        TEXT,
    payload_sha256 BLOB,
    PRIMARY KEY (erasure, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_item_document ON erasure_item(document);
CREATE INDEX erasure_item_open ON erasure_item(erasure, document)
    WHERE slot IS NULL;

-- What Meta has still to be asked to delete: for people whose rows are gone a
-- file or an entry of the contact book, and what was uploaded for a document
-- that goes to somebody. Nothing here says whose it was; what is asked
-- for is sealed under a slot that goes with the row.
CREATE TABLE forget (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind = 'media' OR kind = 'contact'),
    state       TEXT NOT NULL
        CHECK (state = 'open' OR state = 'done'), -- done: the slot is to go
    number      TEXT NOT NULL,    -- phone_number_id
    slot        INTEGER NOT NULL,
    what_sealed BLOB NOT NULL,    -- media id or bsuid
    until       INTEGER NOT NULL, -- given up after this
    next_try    INTEGER NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX forget_due ON forget(next_try) WHERE state = 'open';
CREATE INDEX forget_done ON forget(state) WHERE state = 'done';

-- The ledger: canonical JSON, one line an event, and its leaf hash. Nothing
-- may be updated or deleted here: the authorizer says no to every statement of
-- ours (whose handles run no triggers, so that none that was slipped in does
-- anything), the triggers to any other program that does not take them away
-- first, and signatures find what it did then.
CREATE TABLE ledger (
    idx   INTEGER PRIMARY KEY,
    entry BLOB NOT NULL,
    leaf  BLOB NOT NULL
) STRICT;

CREATE TRIGGER ledger_follows BEFORE INSERT ON ledger
    WHEN NEW.idx IS NOT (SELECT ifnull(max(idx), -1) + 1 FROM ledger)
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_stays BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_keeps BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

-- The tree above the leaves, every eighth level of it: the root of each run of
-- 256, 65,536 and so on, which is a hash in a tile of c2sp.org/tlog-tiles. With
-- them a proof about any entry reads a few hundred hashes, however long the log
-- is. All of it can be made again from the leaves, and no proof is believed
-- that does not give the root.
CREATE TABLE tile (
    level INTEGER NOT NULL, -- 1: of 256 leaves each
    n     INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, n)
) STRICT, WITHOUT ROWID;

-- What an authority of time said of checkpoints (RFC 3161): its answer, the
-- query and the checkpoint that it is about, byte for byte.
CREATE TABLE stamp (
    id       INTEGER PRIMARY KEY,
    idx      INTEGER NOT NULL, -- of the entry that says so
    size     INTEGER NOT NULL, -- of the tree
    note     BLOB NOT NULL,
    query    BLOB NOT NULL,
    answer   BLOB NOT NULL,
    stamped  INTEGER NOT NULL, -- the authority's time
    received INTEGER NOT NULL  -- ours
) STRICT;

-- Where the consent log is in the ledger, so that a filtered export begins at
-- once however long the ledger is. All of it follows from the leaves; `check`
-- compares. A kind is what many entries have alike: event_type, policy,
-- purpose, notice_version, language, channel, legal_basis and actor, a line
-- each. There are few, and each says in which blocks of 512 entries it is.
CREATE TABLE consent_kind (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE consent_block (
    kind  INTEGER NOT NULL REFERENCES consent_kind(id),
    block INTEGER NOT NULL,
    PRIMARY KEY (kind, block)
) STRICT, WITHOUT ROWID;
-- A person's entries in it. The ids are in the ledger for ever, too.
CREATE TABLE consent_person (
    subject TEXT NOT NULL,
    idx     INTEGER NOT NULL,
    kind    INTEGER NOT NULL REFERENCES consent_kind(id),
    PRIMARY KEY (subject, idx)
) STRICT, WITHOUT ROWID;
-- Entries whose time is before that of the entry before: the clock was set
-- back. Between two of these times only rise, and can be searched.
CREATE TABLE ledger_step (
    idx INTEGER PRIMARY KEY
) STRICT;
-- What the commitment of a consent_exported is of: ids, names of closed lists
-- and times.
CREATE TABLE exported (
    id     TEXT PRIMARY KEY, -- evidence.export_id of the entry
    salt   BLOB NOT NULL,
    filter TEXT NOT NULL
) STRICT;
-- Checkpoints that witnesses signed beside us, with their lines.
CREATE TABLE cosigned (
    size INTEGER PRIMARY KEY, -- of the tree
    note BLOB NOT NULL
) STRICT;

-- Published notices, as filled. A version never changes.
CREATE TABLE notice (
    policy    TEXT NOT NULL,
    version   TEXT NOT NULL,
    language  TEXT NOT NULL,
    sha256    BLOB NOT NULL,
    bytes     BLOB NOT NULL,
    published INTEGER NOT NULL,
    terms     TEXT NOT NULL, -- JSON: bases, validity … that it fixes, too
    PRIMARY KEY (policy, version, language)
) STRICT, WITHOUT ROWID;

-- The words of every question that people could be asked, as they were sent:
-- entries cite them by their hash. Nothing in them is of a person.
CREATE TABLE question (
    sha256 BLOB PRIMARY KEY,
    text   TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- Versions of a notice that a later one changed substantially, by purpose: a
-- yes to one of them opens nothing any more.
CREATE TABLE superseded (
    policy  TEXT NOT NULL,
    version TEXT NOT NULL,
    purpose TEXT NOT NULL,
    PRIMARY KEY (policy, version, purpose)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER notice_stays BEFORE UPDATE ON notice
    BEGIN SELECT RAISE(ABORT, 'a published notice does not change'); END;
CREATE TRIGGER notice_keeps BEFORE DELETE ON notice
    BEGIN SELECT RAISE(ABORT, 'a published notice does not change'); END;

-- The keyring log and the grants (see vault.h). Append-only like the ledger.
CREATE TABLE keyring (
    seq       INTEGER PRIMARY KEY,
    entry     BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TRIGGER keyring_stays BEFORE UPDATE ON keyring
    BEGIN SELECT RAISE(ABORT, 'the keyring log is append-only'); END;
CREATE TRIGGER keyring_keeps BEFORE DELETE ON keyring
    BEGIN SELECT RAISE(ABORT, 'the keyring log is append-only'); END;
-- Nobody here sees what is in one: what is given again replaces no first one.
CREATE TABLE keyring_grant (
    epoch    INTEGER NOT NULL,
    uid      INTEGER NOT NULL,
    newer    INTEGER NOT NULL, -- 0: the first; 1: the latest after it
    age_file BLOB NOT NULL,    -- the epoch's identity, sealed to the reader
    PRIMARY KEY (epoch, uid, newer)
) STRICT, WITHOUT ROWID;

-- Events that could not be applied for a reason of their own, sealed.
CREATE TABLE dead_letter (
    id           TEXT PRIMARY KEY,
    slot         INTEGER NOT NULL,
    event_sealed BLOB NOT NULL, -- empty: ended, its slot is to go
    error        TEXT NOT NULL,
    received     INTEGER NOT NULL,
    tries        INTEGER NOT NULL
) STRICT;

-- Who answers a person at a number: the bot, nobody yet, or an agent. There is
-- a row once a person was asked for.
CREATE TABLE conversation (
    id       TEXT PRIMARY KEY,
    subject  TEXT NOT NULL REFERENCES subject(id),
    policy   TEXT NOT NULL,
    number   TEXT NOT NULL,
    mode     TEXT NOT NULL
        CHECK (mode = 'bot' OR mode = 'waiting' OR mode = 'person'),
    since    INTEGER NOT NULL,           -- of the mode
    who      INTEGER,                    -- uid of the agent
    heard    INTEGER NOT NULL,           -- the customer's last message
    told     INTEGER NOT NULL DEFAULT 0, -- their place in the queue, last
    kept     INTEGER NOT NULL DEFAULT 0, -- messages in chat, ever
    priority INTEGER NOT NULL DEFAULT 1
        CHECK (priority >= 0 AND priority <= 3),
    step     INTEGER NOT NULL DEFAULT 0, -- escalations since it waits
    due      INTEGER,                    -- of the next escalation; person: or
                                         -- when silence ends it
    unanswered INTEGER,                  -- since when their words, or the wish
                                         -- for a person, have no answer
    spoke    INTEGER,                    -- the agent last took it, or wrote
    withdrew INTEGER                     -- they took something back since the
                                         -- agent took it
) STRICT;
CREATE UNIQUE INDEX conversation_person ON conversation(subject, policy,
    number);
CREATE INDEX conversation_mode ON conversation(mode, priority DESC, since);
CREATE INDEX conversation_queue ON conversation(policy, since, id)
    WHERE mode = 'waiting';
CREATE INDEX conversation_due ON conversation(due) WHERE due IS NOT NULL;
CREATE INDEX conversation_agent ON conversation(who) WHERE mode = 'person';
CREATE INDEX conversation_unanswered ON conversation(unanswered)
    WHERE unanswered IS NOT NULL AND mode = 'person';

-- Each time that a person had, or waited for, an agent.
CREATE TABLE handover (
    id           TEXT PRIMARY KEY,
    conversation TEXT NOT NULL REFERENCES conversation(id),
    subject      TEXT NOT NULL REFERENCES subject(id),
    policy       TEXT NOT NULL,
    asked        INTEGER,          -- NULL: the agent began it
    taken        INTEGER,
    taken_by     INTEGER,          -- uid
    replied      INTEGER,          -- when an agent first wrote
    ended        INTEGER,
    how          TEXT
        CHECK (how = 'customer' OR how = 'agent' OR how = 'silence' OR
            how = 'blocked' OR how = 'erased'),
    outbound     TEXT,             -- the reminder that it answers; no reference
    place        INTEGER           -- in the queue, when they asked
) STRICT;
CREATE INDEX handover_subject ON handover(subject, policy);
CREATE INDEX handover_open ON handover(conversation, ended);
CREATE INDEX handover_asked ON handover(asked) WHERE asked IS NOT NULL;
CREATE INDEX handover_taken ON handover(policy, taken)
    WHERE taken IS NOT NULL AND asked IS NOT NULL;

-- What was written while a person had the conversation, what a customer wrote
-- to how it was, and notes of staff on a case: age files to the epoch's readers, headers wrapped by the content
-- slot. The server opens none of them.
CREATE TABLE chat (
    id             TEXT PRIMARY KEY,
    subject        TEXT NOT NULL REFERENCES subject(id),
    policy         TEXT NOT NULL,
    conversation   TEXT REFERENCES conversation(id),
    case_id        TEXT REFERENCES cases(id),
    kind           TEXT NOT NULL
        CHECK (kind = 'in' OR kind = 'out' OR kind = 'note' OR
            kind = 'comment'),
    made           INTEGER NOT NULL,
    author         INTEGER, -- uid of staff
    outbox         TEXT,    -- the message that carries an 'out'
    epoch          INTEGER NOT NULL,
    header_wrapped BLOB NOT NULL,
    payload        BLOB NOT NULL
) STRICT;
CREATE INDEX chat_subject ON chat(subject, policy);
CREATE INDEX chat_conversation ON chat(conversation, id)
    WHERE conversation IS NOT NULL;
CREATE INDEX chat_case ON chat(case_id, id) WHERE case_id IS NOT NULL;
CREATE INDEX chat_epoch ON chat(epoch);

-- The one question how it was: of a case that was closed, or of a hand-over of
-- somebody without a case. At most one each. What a person wrote to it is in
-- chat.
CREATE TABLE rating (
    id        TEXT PRIMARY KEY,
    subject   TEXT NOT NULL REFERENCES subject(id),
    policy    TEXT NOT NULL,
    number    TEXT NOT NULL,
    case_id   TEXT UNIQUE REFERENCES cases(id),
    handover  TEXT UNIQUE,              -- no reference: those go earlier
    state     TEXT NOT NULL
        CHECK (state = 'waiting' OR state = 'asked' OR state = 'rated' OR
            state = 'ended'),           -- not asked, or not answered
    due       INTEGER,                  -- waiting: to be asked; asked: an
                                        -- answer, rated: a comment is taken
                                        -- until then; NULL: it is over
    made      INTEGER NOT NULL,
    asked     INTEGER,
    outbox    TEXT,                     -- the message that asks
    score     INTEGER CHECK (score >= 1 AND score <= 5),
    rated     INTEGER
) STRICT;
CREATE INDEX rating_due ON rating(due) WHERE due IS NOT NULL;
CREATE INDEX rating_subject ON rating(subject, policy, asked);
CREATE INDEX rating_asked ON rating(asked) WHERE asked IS NOT NULL;
CREATE INDEX rating_outbox ON rating(outbox) WHERE outbox IS NOT NULL;

-- What needs a second officer. The row goes once it ended and its slot was
-- erased; what remains is in the ledger.
CREATE TABLE approval (
    id          TEXT PRIMARY KEY,
    action      TEXT NOT NULL
        CHECK (action = 'erase' OR action = 'staff_add' OR
            action = 'reveal' OR action = 'release' OR
            action = 'bulk_read' OR action = 'link'),
    slot        INTEGER NOT NULL UNIQUE, -- its own
    what_sealed BLOB NOT NULL,    -- exactly what is asked: JSON {salt, what}
    subject     TEXT,             -- whom it is about, if one
    asked_by    INTEGER NOT NULL, -- uid
    asked       INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    approved_by INTEGER,          -- uid
    approved    INTEGER,
    state       TEXT NOT NULL
        CHECK (state = 'asked' OR state = 'granted' OR state = 'ended')
) STRICT;
CREATE INDEX approval_live ON approval(asked_by, action)
    WHERE state <> 'ended';
CREATE INDEX approval_due ON approval(expires) WHERE state <> 'ended';
CREATE INDEX approval_subject ON approval(subject) WHERE state <> 'ended';
CREATE INDEX approval_ended ON approval(state, slot) WHERE state = 'ended';

-- A legal hold: nothing of the person, or of the case, is destroyed meanwhile.
-- Why is a note. No reference: the row says afterwards what there was.
CREATE TABLE hold (
    id        TEXT PRIMARY KEY,
    subject   TEXT NOT NULL,
    case_id   TEXT,             -- NULL: all of the person
    placed    INTEGER NOT NULL,
    placed_by INTEGER NOT NULL, -- uid
    until     INTEGER,          -- NULL: until it is lifted
    lifted    INTEGER,          -- by somebody, or by time (lifted_by NULL)
    lifted_by INTEGER,
    kind      TEXT NOT NULL     -- impersonation: somebody used their name,
        CHECK (kind = 'legal'   -- nobody collects; judicial: before a court
            OR kind = 'impersonation' OR kind = 'judicial'
            OR kind = 'restriction') -- kept, and left alone (GDPR, art. 18)
) STRICT;
CREATE INDEX hold_active ON hold(subject) WHERE lifted IS NULL;
CREATE INDEX hold_until ON hold(until)
    WHERE lifted IS NULL AND until IS NOT NULL;

-- What somebody asked for, what we promised for a case, or what happened (an
-- incident has no person): each with the date by which the law, or we, want it
-- done. Dates are of the policy's calendar. No reference: the row stays for the
-- statistics when the person is gone; its words do not.
CREATE TABLE request (
    id           TEXT PRIMARY KEY,
    subject      TEXT,             -- NULL: an incident
    policy       TEXT NOT NULL,
    type         TEXT NOT NULL
        CHECK (type = 'access' OR type = 'correct' OR type = 'erase' OR
            type = 'withdraw' OR type = 'complaint' OR type = 'object' OR
            type = 'restrict' OR type = 'portability' OR
            type = 'other' OR type = 'sla' OR type = 'incident'),
    clock        TEXT NOT NULL,    -- the policy's
    case_id      TEXT,
    number       TEXT,             -- it came to, and is answered from
    state        TEXT NOT NULL
        CHECK (state = 'open' OR state = 'incomplete' OR
            state = 'extended' OR state = 'overdue' OR
            state = 'deemed_accepted' OR state = 'answered' OR
            state = 'closed'),     -- without an answer
    received     INTEGER NOT NULL, -- provider's time, or as staff say
    opened       INTEGER NOT NULL,
    began        INTEGER NOT NULL, -- the term counts from here: received, or
                                   -- when what lacked was there
    due          TEXT NOT NULL,    -- the last day, as a date
    due_early    TEXT NOT NULL,    -- by the stricter reading
    due_at       INTEGER NOT NULL, -- that day is over
    due_early_at INTEGER NOT NULL,
    warn_at      INTEGER NOT NULL,
    next         INTEGER,          -- to be looked at: NULL once it ended
    step         INTEGER NOT NULL DEFAULT 0, -- 1 warned of, 2 the stricter
                                   -- date is over, 3 the other one is
    extensions   INTEGER NOT NULL DEFAULT 0,
    asked        INTEGER,          -- for what it lacks
    give_up_at   INTEGER,          -- incomplete: no word until then ends it
    legend       INTEGER,          -- since then data are marked
    handler      INTEGER,          -- uid
    outcome      TEXT,             -- once it ended
    ground       TEXT,             -- why not
    closed       INTEGER,
    escalated    INTEGER,          -- an incident: who answers for it knew
    slot         INTEGER UNIQUE,   -- an incident's own
    zone         TEXT NOT NULL,    -- of the dates
    calendar     TEXT NOT NULL,    -- version of what they were computed from
    words_sealed BLOB,             -- JSON list {at, by, what, text}
    hears        INTEGER,          -- until then what they write is told of it
    untold       INTEGER NOT NULL DEFAULT 0 -- 1: the law granted it, and
        CHECK (untold = 0 OR untold = 1),   -- nobody told them
    requester    TEXT NOT NULL DEFAULT '' -- who asks; '' nobody did
        CHECK (requester = '' OR requester = 'subject' OR
            requester = 'representative' OR requester = 'heir' OR
            requester = 'attorney' OR requester = 'by_stipulation'),
    assurance    TEXT NOT NULL DEFAULT '', -- how it is known that they are it
    ask_until    TEXT,             -- the last day for asking what it lacks, …
    ask_at       INTEGER,          -- … over at this instant, …
    ask_next     INTEGER,          -- … and when that is to be looked at
    forward_until TEXT,            -- likewise: for sending it on
    forward_at   INTEGER,
    forward_next INTEGER,
    then_until   TEXT,             -- … and for doing what no answer granted
    then_at      INTEGER,
    then_next    INTEGER,
    step_next    INTEGER           -- the first of these three
) STRICT;
CREATE INDEX request_step_next ON request(step_next)
    WHERE step_next IS NOT NULL;
CREATE INDEX request_running ON request(due_early_at) WHERE closed IS NULL;
CREATE INDEX request_state ON request(state, due_early_at);
CREATE INDEX request_subject ON request(subject, opened);
CREATE INDEX request_of ON request(subject, policy, type)
    WHERE closed IS NULL;
CREATE INDEX request_next ON request(next) WHERE next IS NOT NULL;
CREATE INDEX request_received ON request(policy, received);
CREATE INDEX request_closed ON request(closed) WHERE closed IS NOT NULL;

-- What two officers opened of what is blocked, for one of them and some days.
CREATE TABLE released (
    id               TEXT PRIMARY KEY,
    subject          TEXT NOT NULL REFERENCES subject(id),
    document         TEXT,             -- NULL: all of the person
    uid              INTEGER NOT NULL, -- who may read
    until            INTEGER NOT NULL,
    authority_sealed BLOB NOT NULL     -- on whose demand
) STRICT;
CREATE INDEX released_subject ON released(subject, uid);
CREATE INDEX released_until ON released(until);

-- Who was put on the keyring without a second officer, and when by our clock:
-- for a day they approve nothing.
CREATE TABLE newcomer (
    uid   INTEGER PRIMARY KEY,
    added INTEGER NOT NULL
) STRICT;
