/*
 * What staff do, and start and stop: every call fails once, and for ever.
 * Slow: each try of a start and of a reading opens a database.
 */
#include "rig.h"

#include "registrar/keyring_private.h"

#include "resguardo/registrar_keys.h"

/* ---- what staff do ------------------------------------------------------ */

/* The event of registrar_record and _checkpoint, without their wait. */
static void ask(struct rig *rig, enum event_kind kind,
                const struct staff_access *access)
{
    struct waiter waiter = { 0 };
    struct event *event = calloc(1, sizeof(*event));

    rig->ended = -1;
    if (event == NULL)
        return;
    event->kind = kind;
    event->access = access;
    event->note = &rig->note;
    /* cppcheck-suppress autoVariables */
    event->waiter = &waiter;
    if (queue_post(rig->f->r, event) != 0)
        free(event);
    else
        (void)registrar_step(rig->f->r);
    assert_true(waiter.done);
    rig->ended = waiter.result;
}

static void record_prepare(void *arg)
{
    struct rig *rig = arg;
    mark(rig);
    rig->before[0] = leaves(rig, "documents_listed");
}

static void record_act(void *arg)
{
    static const struct staff_access access = { .event_type =
                                                    "documents_listed",
                                                .uid = 1,
                                                .name = "ana",
                                                .role = "agent",
                                                .reason = "because" };
    ask(arg, EVENT_RECORD, &access);
}

/* Never read and not on record; on record and not read may be. */
static void record_verify(void *arg)
{
    struct rig *rig = arg;
    long now;

    heal(rig);
    now = leaves(rig, "documents_listed");
    assert_true(now == rig->before[0] + 1 ||
                (rig->ended != 0 && now == rig->before[0]));
    record_act(rig);
    assert_int_equal(rig->ended, 0);
    assert_int_equal(leaves(rig, "documents_listed"), now + 1);
    all_hold(rig, "documents_listed", "\"commitments\":{\"reason\":");
    finish(rig);
}

static void checkpoint_prepare(void *arg)
{
    struct rig *rig = arg;

    /* Something new to sign, and not yet signed by the way. */
    rig->f->now += 10;
    record_act(rig);
    assert_int_equal(rig->ended, 0);
    buf_free(&rig->note);
}

static void checkpoint_act(void *arg)
{
    ask(arg, EVENT_CHECKPOINT, NULL);
}

static void checkpoint_verify(void *arg)
{
    struct rig *rig = arg;
    struct ledger_checkpoint seen;

    heal(rig);
    if (rig->ended != 0) {
        buf_free(&rig->note);
        checkpoint_act(rig);
        assert_int_equal(rig->ended, 0);
    }
    assert_int_equal(
        ledger_checkpoint_open(&seen, (char *)rig->note.p, rig->note.len,
                               registrar_vkey(rig->f->r), &rig->f->e),
        0);
    buf_free(&rig->note);
    finish(rig);
}

/* ---- a new epoch --------------------------------------------------------- */

static struct keyring_change change;
/* The desk has looked at it; the registrar only writes it down. */
static struct staff_signature unchecked = { .nonce = "00" };
static struct keyring_grant epoch_grant;

#define GRANTS "SELECT count(*) FROM keyring_grant"
#define EPOCHS "SELECT max(epoch) FROM keyring_grant"

/* Signed before the faults begin, as it comes from the officer's CLI. */
static void rotate_prepare(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    struct keyring *ring = keyring_copy(registrar_keyring(f->r));
    struct secret *epoch = age_identity_new(&random_system);
    uint8_t point[AGE_KEY_LEN], ana[AGE_KEY_LEN];

    mark(rig);
    assert_int_equal(staff_sign_public(unchecked.sign_key, f->officer), 0);
    memset(&change, 0, sizeof(change));
    memset(&epoch_grant, 0, sizeof(epoch_grant));
    change.by = (struct staff_access){
        .uid = 1, .name = "ana", .role = "officer", .signature = &unchecked
    };
    change.size = keyring_size(ring);
    change.nlines = 1;
    change.grants = &epoch_grant;
    change.ngrants = 1;
    assert_int_equal(age_identity_recipient(point, epoch), 0);
    assert_int_equal(keyring_sign_epoch(ring, f->officer, point, 5,
                                        &change.lines[0].entry,
                                        change.lines[0].signature, &f->e),
                     0);
    epoch_grant.uid = 1;
    epoch_grant.epoch = keyring_epoch(ring);
    assert_int_equal(age_identity_recipient(ana, f->officer), 0);
    assert_int_equal(
        grant_seal(&epoch_grant.file, epoch, ana, 5, &random_system, &f->e), 0);
    rig->before[0] = leaves(rig, "epoch_rotated");
    rig->before[1] = count(rig, GRANTS);
    keyring_free(&ring);
    secret_free(&epoch);
}

static void staff_step(struct rig *rig, batch_step step, void *arg)
{
    struct waiter waiter = { 0 };
    struct event *event = calloc(1, sizeof(*event));

    rig->ended = -1;
    if (event == NULL)
        return;
    event->kind = EVENT_STAFF;
    event->step = step;
    event->arg = arg;
    /* cppcheck-suppress autoVariables */
    event->waiter = &waiter;
    if (queue_post(rig->f->r, event) != 0)
        free(event);
    else
        (void)registrar_step(rig->f->r);
    assert_true(waiter.done);
    rig->ended = waiter.result;
}

static void rotate_act(void *arg)
{
    staff_step(arg, keyring_apply, &change);
}

/* Entry, grant and leaf, or none of them; and the daemon works with what the
 * rows say. Asking again does it, unless it was done. */
static void rotate_verify(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    bool done;

    heal(rig);
    done = leaves(rig, "epoch_rotated") > rig->before[0];
    assert_true(done || rig->ended != 0);
    assert_int_equal(count(rig, GRANTS), rig->before[1] + (done ? 1 : 0));
    assert_int_equal(keyring_size(registrar_keyring(f->r)),
                     count(rig, "SELECT count(*) FROM keyring"));
    rotate_act(rig);
    assert_int_equal(rig->ended == 0, !done);
    assert_int_equal(leaves(rig, "epoch_rotated"), rig->before[0] + 1);
    assert_int_equal(count(rig, GRANTS), rig->before[1] + 1);
    assert_int_equal(keyring_epoch(registrar_keyring(f->r)),
                     count(rig, EPOCHS));
    buf_free(&change.lines[0].entry);
    buf_free(&epoch_grant.file);
    finish(rig);
}

/* ---- a document is read ------------------------------------------------- */

static void get_prepare(void *arg)
{
    struct rig *rig = arg;

    stored_prepare(rig);
    buf_free(&rig->note);
    assert_int_equal(
        buf_add(&rig->note, rig->result.header.p, rig->result.header.len), 0);
    assert_int_equal(registrar_post_intake(rig->f->r, &rig->result), 0);
    (void)registrar_step(rig->f->r);
    newest(rig, "document", rig->document);
}

/* As the desk does it: a handle that only reads, the row, the header that its
 * slot wraps, the payload. */
static void get_act(void *arg)
{
    struct rig *rig = arg;
    struct store *reader = NULL;
    struct buf header = { 0 };
    struct document_row row;
    struct error err = { 0 };
    uint8_t bytes[256], hash[SHA256_LEN];
    ssize_t n = 0;
    int fd = -1;

    rig->ended = -1;
    if (store_open(&reader, rig->f->dir, NULL, STORE_READER, &random_system,
                   &err) != 0 ||
        document_get(reader, rig->document, &row, &err) != 1 ||
        document_header(reader, &row, &header, &err) != 0 ||
        (fd = blob_open(reader, row.payload, &err)) < 0 ||
        (n = read(fd, bytes, sizeof(bytes))) < 0)
        goto out;
    rig->ended = 0;

    /* Right, or not at all. */
    sha256_of(hash, bytes, (size_t)n);
    assert_memory_equal(hash, row.payload_sha256, SHA256_LEN);
    assert_int_equal(header.len, rig->note.len);
    assert_memory_equal(header.p, rig->note.p, header.len);
out:
    if (fd >= 0)
        (void)close(fd);
    buf_free(&header);
    store_close(&reader);
}

static void get_verify(void *arg)
{
    struct rig *rig = arg;

    if (rig->ended != 0)
        get_act(rig);
    assert_int_equal(rig->ended, 0);
    heal(rig);
    finish(rig);
}

/* ---- a header is moved, and proven -------------------------------------- */

static struct rewrap_item move_item = { .former = 1 };
static struct rewrap move = { .epoch = 2, .items = &move_item, .n = 1 };
static struct proof_item proof_item;
static struct proof proof = { .items = &proof_item, .n = 1 };

/* A second epoch, once. */
static void need_epoch(struct rig *rig)
{
    if (keyring_epoch(registrar_keyring(rig->f->r)) > 1)
        return;
    rotate_prepare(rig);
    rotate_act(rig);
    assert_int_equal(rig->ended, 0);
    buf_free(&change.lines[0].entry);
    buf_free(&epoch_grant.file);
}

/* A document of the first epoch, and a header for it of the second. */
static void move_prepare(void *arg)
{
    struct rig *rig = arg;
    uint8_t to[1][AGE_KEY_LEN];
    size_t len = 0;

    need_epoch(rig);
    stored_prepare(rig);
    buf_free(&rig->note);
    assert_int_equal(
        buf_add(&rig->note, rig->result.header.p, rig->result.header.len), 0);
    rig->result.epoch = 1;
    assert_int_equal(registrar_post_intake(rig->f->r, &rig->result), 0);
    (void)registrar_step(rig->f->r);
    newest(rig, "document", rig->document);

    assert_int_equal(age_identity_recipient(to[0], rig->f->officer), 0);
    buf_free(&move_item.header);
    assert_int_equal(age_seal(&move_item.header,
                              (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                              &random_system, "x", 1, &rig->f->e),
                     0);
    assert_int_equal(age_header_check(move_item.header.p, move_item.header.len,
                                      &len, &rig->f->e),
                     0);
    move_item.header.len = len;
    sha256_of(proof_item.sha256, move_item.header.p, len);
    memcpy(move_item.document, rig->document, ID_SIZE);
    memcpy(proof_item.document, rig->document, ID_SIZE);
    move.by = proof.by = (struct staff_access){
        .uid = 1, .name = "ana", .role = "officer", .signature = &unchecked
    };
    rig->before[0] = leaves(rig, "header_rewrapped");
    rig->before[1] = leaves(rig, "header_confirmed");
}

static void move_act(void *arg)
{
    staff_step(arg, headers_move, &move);
}

static bool has_header(struct rig *rig, bool former, const struct buf *expected)
{
    struct document_row row;
    struct buf header = { 0 };
    bool same;

    assert_int_equal(
        document_get(rig->f->r->store, rig->document, &row, &rig->f->e), 1);
    if (former && row.former_epoch == 0)
        return false;
    assert_int_equal((former ? document_former : document_header)(
                         rig->f->r->store, &row, &header, &rig->f->e),
                     0);
    same = header.len == expected->len &&
           memcmp(header.p, expected->p, header.len) == 0;
    buf_free(&header);
    return same;
}

/* The new one with the former beside it and a leaf, or the former alone. */
static void move_verify(void *arg)
{
    struct rig *rig = arg;
    bool done;

    heal(rig);
    done = leaves(rig, "header_rewrapped") > rig->before[0];
    assert_true(done || rig->ended != 0);
    assert_true(has_header(rig, false, done ? &move_item.header : &rig->note));
    assert_int_equal(has_header(rig, true, &rig->note), done);
    move_act(rig);
    assert_int_equal(rig->ended, 0);
    assert_true(has_header(rig, false, &move_item.header));
    assert_true(has_header(rig, true, &rig->note));
    finish(rig);
}

static void prove_prepare(void *arg)
{
    struct rig *rig = arg;

    move_prepare(rig);
    move_act(rig);
    assert_int_equal(rig->ended, 0);
}

static void prove_act(void *arg)
{
    staff_step(arg, headers_prove, &proof);
}

/* The former one goes with the leaf that says so, and not before. */
static void prove_verify(void *arg)
{
    struct rig *rig = arg;
    bool done;

    heal(rig);
    done = leaves(rig, "header_confirmed") > rig->before[1];
    assert_true(done || rig->ended != 0);
    assert_int_equal(has_header(rig, true, &rig->note), !done);
    assert_true(has_header(rig, false, &move_item.header));
    prove_act(rig);
    assert_int_equal(rig->ended, 0);
    assert_false(has_header(rig, true, &rig->note));
    assert_int_equal(leaves(rig, "header_confirmed"), rig->before[1] + 1);
    buf_free(&move_item.header);
    finish(rig);
}

/* ---- start and stop ----------------------------------------------------- */

/* Left behind: a transfer with its file, and a message under way. */
static void start_prepare(void *arg)
{
    struct rig *rig = arg;

    stored_prepare(rig);
    buf_free(&rig->result.header);
    next_person(rig);
    help_text(rig->f, rig->phone, rig->wamid, "hola");
    rig->before[2] = count(rig, "SELECT count(*) FROM loose");
    assert_true(rig->before[2] > 0);
    registrar_close(&rig->f->r);
}

static void start_act(void *arg)
{
    struct rig *rig = arg;
    struct fixture *f = rig->f;
    struct registrar_needs needs = { .config = &f->config,
                                     .policies = f->policies,
                                     .keyring = f->keyring,
                                     .effects = &f->effects,
                                     .clock = &f->clock,
                                     .random = &random_system };
    struct error err = { 0 };

    rig->ended = store_open(&needs.store, f->dir, NULL, STORE_WRITER,
                            &random_system, &err);
    if (rig->ended == 0 &&
        (rig->ended = registrar_open(&f->r, &needs, &err)) != 0)
        store_close(&needs.store);
}

static void start_verify(void *arg)
{
    struct rig *rig = arg;

    if (rig->ended != 0)
        help_open(rig->f);
    assert_int_equal(count(rig, "SELECT count(*) FROM loose"), 0);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"
                                " WHERE state = 'fetching'"),
                     0);
    assert_int_equal(
        count(rig, "SELECT count(*) FROM outbox WHERE state = 'sending'"), 0);
    heal(rig);
    finish(rig);
}

static void stop_prepare(void *arg)
{
    struct rig *rig = arg;

    webhook_prepare(rig);
    help_photo(rig->f, rig->phone, rig->wamid);
}

static void stop_act(void *arg)
{
    struct rig *rig = arg;
    registrar_close(&rig->f->r);
}

static void stop_verify(void *arg)
{
    struct rig *rig = arg;

    help_open(rig->f);
    heal(rig);
    assert_int_equal(count(rig, "SELECT count(*) FROM attachment"),
                     rig->before[0] + 1);
    finish(rig);
}

/* ---- all of them -------------------------------------------------------- */

OPERATION(record, false)
OPERATION(rotate, false)
OPERATION(checkpoint, false)
OPERATION(get, true)
OPERATION(move, false)
OPERATION(prove, false)
OPERATION(start, true)
OPERATION(stop, false)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(record), T(rotate), T(checkpoint), T(get),
        T(move),   T(prove),  T(start),      T(stop),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
