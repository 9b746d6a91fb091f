/* A storage with one person, one decision and one sealed document. */
#ifndef RESGUARDO_DESK_HELP_H
#define RESGUARDO_DESK_HELP_H

#include "unit.h"

#include <sqlite3.h>

#include "desk/desk_private.h"
#include "resguardo/ledger.h"

static const char desk_plain[] = "what the customer sent";

struct desk_help {
    char *folder;
    char dir[128];
    struct store *store; /* the writer */
    struct ledger *ledger;
    struct keyring *keyring;
    struct secret *officer, *epoch;
    struct document_row document;
    struct error err;
};

static inline int desk_help_sink(void *arg, const uint8_t *bytes, size_t n,
                                 struct error *e)
{
    (void)e;
    return buf_add(arg, bytes, n);
}

/* Appends an entry in the transaction under way. */
static inline void desk_help_leaf(struct desk_help *h, json_t *leaf)
{
    assert_non_null(leaf);
    assert_int_equal(ledger_append(h->ledger, leaf, NULL, &h->err), 0);
    json_decref(leaf);
}

static inline void desk_help_commit(struct desk_help *h)
{
    assert_int_equal(ledger_flush(h->ledger, &h->err), 0);
    assert_int_equal(store_commit(h->store, &h->err), 0);
    ledger_committed(h->ledger);
}

static inline void desk_help_keyring(struct desk_help *h)
{
    struct secret *custody = age_identity_new(&random_system);
    uint8_t point[AGE_KEY_LEN], signature[SIGN_LEN], me[1][AGE_KEY_LEN];
    struct buf entry = { 0 }, text = { 0 }, grant = { 0 };

    h->keyring = keyring_new();
    h->officer = age_identity_new(&random_system);
    h->epoch = age_identity_new(&random_system);
    assert_int_equal(age_identity_recipient(point, custody), 0);
    assert_int_equal(keyring_sign_root(h->keyring, h->officer,
                                       (uint32_t)getuid(), "ana", point, 1,
                                       &entry, signature, &h->err),
                     0);
    assert_int_equal(keyring_row_add(h->store, 0, entry.p, entry.len, signature,
                                     sizeof(signature), &h->err),
                     0);
    assert_int_equal(age_identity_recipient(point, h->epoch), 0);
    assert_int_equal(keyring_sign_epoch(h->keyring, h->officer, point, 1,
                                        &entry, signature, &h->err),
                     0);
    assert_int_equal(keyring_row_add(h->store, 1, entry.p, entry.len, signature,
                                     sizeof(signature), &h->err),
                     0);
    assert_int_equal(age_identity_recipient(me[0], h->officer), 0);
    assert_int_equal(age_identity_file_format(&text, h->epoch, 1), 0);
    assert_int_equal(age_seal(&grant, (const uint8_t(*)[AGE_KEY_LEN])me, 1,
                              &random_system, text.p, text.len, &h->err),
                     0);
    assert_int_equal(keyring_grant_put(h->store, 1, (uint32_t)getuid(), grant.p,
                                       grant.len, &h->err),
                     0);
    buf_free(&entry);
    buf_free(&text);
    buf_free(&grant);
    secret_free(&custody);
}

/* Seals the plain text and links the payload; the header goes to `header`. */
static inline void desk_help_payload(struct desk_help *h, struct buf *header)
{
    struct age_writer *writer = NULL;
    struct buf payload = { 0 };
    uint8_t point[1][AGE_KEY_LEN];
    int fd = blob_new(h->store, &h->err);

    assert_true(fd >= 0);
    assert_int_equal(age_identity_recipient(point[0], h->epoch), 0);
    assert_int_equal(age_writer_new(&writer,
                                    (const uint8_t(*)[AGE_KEY_LEN])point, 1,
                                    &random_system, header, desk_help_sink,
                                    &payload, &h->err),
                     0);
    assert_int_equal(
        age_writer_add(writer, desk_plain, sizeof(desk_plain), &h->err), 0);
    assert_int_equal(age_writer_finish(writer, &h->err), 0);
    age_writer_free(&writer);
    assert_int_equal(fd_write_all(fd, payload.p, payload.len), 0);
    id_new(h->document.payload, 'p', &random_system);
    assert_int_equal(blob_link(h->store, fd, h->document.payload, &h->err), 0);
    (void)close(fd);
    h->document.size = sizeof(desk_plain);
    h->document.payload_size = (int64_t)payload.len;
    sha256_of(h->document.payload_sha256, payload.p, payload.len);
    buf_free(&payload);
}

#define DESK_COPY(field, text) memcpy(field, text, sizeof(text))

static inline void desk_help_document(struct desk_help *h)
{
    struct subject_row subject = { .created = 1 };
    struct case_row file_case = { .opened = 1 };
    struct attachment_row attachment = { .received = 1 };
    struct document_row *d = &h->document;
    struct buf header = { 0 };
    char hash[HEX_SIZE(SHA256_LEN)], header_hash[HEX_SIZE(SHA256_LEN)];
    uint8_t sum[SHA256_LEN];

    id_new(subject.id, 's', &random_system);
    id_new(attachment.id, 'a', &random_system);
    id_new(d->id, 'd', &random_system);
    case_code_new(file_case.id, &random_system);
    assert_int_equal(subject_add(h->store, &subject, &h->err), 0);
    DESK_COPY(file_case.state, "open");
    DESK_COPY(file_case.policy, "co-habeas-data");
    memcpy(file_case.subject, subject.id, sizeof(subject.id));
    assert_int_equal(case_add(h->store, &file_case, &h->err), 0);
    memcpy(attachment.subject, subject.id, sizeof(subject.id));
    DESK_COPY(attachment.policy, "co-habeas-data");
    DESK_COPY(attachment.number, "1");
    DESK_COPY(attachment.kind, "image");
    DESK_COPY(attachment.state, "stored");
    assert_int_equal(attachment_add(h->store, &attachment, "{}", 2, &h->err),
                     0);

    desk_help_payload(h, &header);
    memcpy(d->attachment, attachment.id, sizeof(attachment.id));
    memcpy(d->subject, subject.id, sizeof(subject.id));
    memcpy(d->case_id, file_case.id, sizeof(file_case.id));
    DESK_COPY(d->policy, "co-habeas-data");
    DESK_COPY(d->state, "stored");
    DESK_COPY(d->media_type, "image/jpeg");
    DESK_COPY(d->purposes, "case_processing");
    d->received = 1;
    d->epoch = 1;
    assert_int_equal(document_add(h->store, d, header.p, header.len, "dni.jpg",
                                  NULL, &h->err),
                     0);
    hex_encode(hash, d->payload_sha256, SHA256_LEN);
    sha256_of(sum, header.p, header.len);
    hex_encode(header_hash, sum, sizeof(sum));
    desk_help_leaf(h,
                   json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
                             " s:s, s:i}",
                             "time", "2026-01-01T00:00:00.000Z", "event_type",
                             "media_stored", "subject", subject.id, "policy",
                             d->policy, "attachment_id", attachment.id,
                             "document_id", d->id, "case_id", d->case_id,
                             "purpose", d->purposes, "payload_sha256", hash,
                             "header_sha256", header_hash, "epoch", 1));
    buf_free(&header);
}

static inline void desk_help_decision(struct desk_help *h, const char *event,
                                      const char *state_or_null)
{
    struct consent_row row = { .yes_s = 1 };

    memcpy(row.subject, h->document.subject, sizeof(row.subject));
    DESK_COPY(row.policy, "co-habeas-data");
    DESK_COPY(row.purpose, "case_processing");
    if (state_or_null != NULL) {
        memcpy(row.state, state_or_null, strlen(state_or_null) + 1);
        assert_int_equal(consent_put(h->store, &row, &h->err), 0);
    }
    if (event != NULL)
        desk_help_leaf(h, json_pack("{s:s, s:s, s:s, s:s, s:s}", "time",
                                    "2026-01-01T00:00:00.000Z", "event_type",
                                    event, "subject", row.subject, "policy",
                                    row.policy, "purpose", row.purpose));
}

static inline void desk_help_open(struct desk_help *h)
{
    memset(h, 0, sizeof(*h));
    h->folder = unit_folder_new();
    (void)snprintf(h->dir, sizeof(h->dir), "%s/storage", h->folder);
    assert_int_equal(store_create(h->dir, NULL, 1, &random_system, &h->err), 0);
    assert_int_equal(store_open(&h->store, h->dir, NULL, STORE_WRITER,
                                &random_system, &h->err),
                     0);
    assert_int_equal(store_begin(h->store, &h->err), 0);
    desk_help_keyring(h);
    assert_int_equal(
        ledger_create(h->store, "example.org", &random_system, &h->err), 0);
    assert_int_equal(store_commit(h->store, &h->err), 0);
    assert_int_equal(ledger_open(&h->ledger, h->store, &h->err), 0);
    assert_int_equal(store_begin(h->store, &h->err), 0);
    desk_help_document(h);
    desk_help_decision(h, "consent_given", "given");
    desk_help_commit(h);
}

/* As somebody with the files does it, past the store. */
static inline void desk_help_tamper(const struct desk_help *h, const char *sql)
{
    char path[192];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/resguardo.db", h->dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, UNIT_UNGUARD, NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static inline void desk_help_close(struct desk_help *h)
{
    ledger_close(&h->ledger);
    store_close(&h->store);
    keyring_free(&h->keyring);
    secret_free(&h->officer);
    secret_free(&h->epoch);
    unit_folder_free(h->folder);
}

#endif
