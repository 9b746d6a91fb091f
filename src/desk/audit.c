/*
 * The live store against itself: files, rows, leaves, keyring.
 *
 * The daemon goes on working meanwhile, so the order matters. Files are listed
 * first: an id is on the list of loose ones before its file appears, so a file
 * that no later row knows is an orphan, unless it has gone since. Rows are
 * read in one transaction, with the ledger's size at that moment; the
 * checkpoint comes last and covers it.
 */
#include "audit_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)256 * 1024)
/* After so many there is no use in more. */
#define FAULTS_MAX 1000u

struct audit *audit_new(struct store *store)
{
    struct audit *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return NULL;
    a->store = store;
    a->faults = json_array();
    a->files = json_object();
    a->loose = json_object();
    a->consent = json_object();
    a->attachments = json_object();
    a->evidence = json_object();
    a->bound = json_object();
    a->decided = json_object();
    a->ended = json_object();
    a->ends = json_object();
    a->proofs = json_object();
    a->erased = json_object();
    a->notices = json_object();
    a->heads = json_array();
    a->changes = json_object();
    a->keyring = keyring_new();
    a->verifier = ledger_verifier_new();
    if (a->faults == NULL || a->files == NULL || a->loose == NULL ||
        a->consent == NULL || a->attachments == NULL || a->evidence == NULL ||
        a->bound == NULL || a->decided == NULL || a->ended == NULL ||
        a->ends == NULL || a->proofs == NULL || a->erased == NULL ||
        a->notices == NULL || a->heads == NULL || a->changes == NULL ||
        a->keyring == NULL || a->verifier == NULL || audit_officers_new(a) != 0)
        audit_free(&a);
    return a;
}

void audit_free(struct audit **audit)
{
    struct audit *a = *audit;

    if (a == NULL)
        return;
    json_decref(a->faults);
    json_decref(a->files);
    json_decref(a->loose);
    json_decref(a->consent);
    json_decref(a->attachments);
    json_decref(a->evidence);
    json_decref(a->bound);
    json_decref(a->decided);
    json_decref(a->ended);
    json_decref(a->ends);
    json_decref(a->proofs);
    json_decref(a->erased);
    json_decref(a->notices);
    json_decref(a->heads);
    json_decref(a->changes);
    json_decref(a->rows);
    json_decref(a->said);
    keyring_free(&a->keyring);
    ledger_verifier_free(&a->verifier);
    free(a->documents);
    free(a);
    *audit = NULL;
}

json_t *audit_faults(const struct audit *a)
{
    return a->faults;
}

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a check");
}

int audit_fault(struct audit *a, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (json_array_size(a->faults) >= FAULTS_MAX)
        return 0;
    return json_array_append_new(a->faults, json_string(text)) == 0
               ? 0
               : no_memory(a->err);
}

int audit_fault_or_fail(struct audit *a, const char *what)
{
    if (a->err->code != ERR_VERIFY && a->err->code != ERR_NOT_FOUND)
        return -1;
    return audit_fault(a, "%s: %s", what, a->err->text);
}

int audit_put(struct audit *a, json_t *map, const char *key, json_t *value)
{
    return json_object_set_new(map, key, value) == 0 ? 0 : no_memory(a->err);
}

/* ---- looking ------------------------------------------------------------ */

/* A name that is no text is somebody's, too. */
static int see_file(void *arg, const char *place)
{
    struct audit *a = arg;

    if (!utf8_valid(place, strlen(place)))
        return audit_fault(
            a, "payloads: a file of no document, with a name that is "
               "no text");
    return audit_put(a, a->files, place, json_true());
}

static int see_loose(void *arg, const char *payload)
{
    struct audit *a = arg;
    char place[BLOB_PLACE_SIZE];
    struct error why;

    return blob_place(payload, place, &why) != 0
               ? audit_fault(a, "loose: %s: %s", payload, why.text)
               : audit_put(a, a->loose, place, json_true());
}

int audit_key(char out[static AUDIT_KEY_SIZE], const char *subject,
              const char *policy, const char *purpose)
{
    int n = snprintf(out, AUDIT_KEY_SIZE, "%s/%s/%s", subject, policy, purpose);

    return n < 0 || (size_t)n >= AUDIT_KEY_SIZE ? -1 : 0;
}

static int see_consent(void *arg, const struct consent_row *row)
{
    struct audit *a = arg;
    char key[AUDIT_KEY_SIZE];

    if (strcmp(row->state, "none") == 0 ||
        audit_key(key, row->subject, row->policy, row->purpose) != 0)
        return 0;
    return audit_put(a, a->consent, key, json_string(row->state));
}

static int see_attachment(void *arg, const struct attachment_row *row)
{
    struct audit *a = arg;

    return audit_put(a, a->attachments, row->id, json_string(row->state));
}

static int see_evidence(void *arg, const char *id)
{
    struct audit *a = arg;

    return audit_put(a, a->evidence, id, json_true());
}

/* The tree ends before it: nobody entered this. */
static int see_extra(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf)
{
    (void)entry;
    (void)len;
    (void)leaf;
    return audit_fault(arg, "ledger: entry %llu is not in the tree",
                       (unsigned long long)index);
}

static int see_document(void *arg, const struct document_row *row)
{
    struct audit *a = arg;

    if (a->n == a->cap) {
        size_t cap = a->cap == 0 ? 64 : a->cap * 2;
        struct document_row *grown =
            realloc(a->documents, cap * sizeof(*grown));

        if (grown == NULL)
            return no_memory(a->err);
        a->documents = grown;
        a->cap = cap;
    }
    a->documents[a->n++] = *row;
    return 0;
}

static int see_size(struct audit *a)
{
    struct ledger_tree tree = { 0 };
    struct buf bytes = { 0 };
    int found = meta_get_bytes(a->store, "ledger_tree", &bytes, a->err);
    int ok = -1;

    if (found == 0)
        (void)error_set(a->err, ERR_VERIFY, "the store has no ledger");
    else if (found > 0 && ledger_tree_decode(&tree, bytes.p, bytes.len) != 0)
        (void)error_set(a->err, ERR_VERIFY, "the ledger's tree is damaged");
    else if (found > 0)
        ok = 0;
    a->size = tree.size;
    buf_free(&bytes);
    return ok;
}

int audit_look(struct audit *a, struct error *e)
{
    int ok = -1;

    a->err = e;
    if (blob_list(a->store, see_file, a, e) != 0 ||
        store_read_begin(a->store, e) != 0)
        return -1;
    if (see_size(a) == 0 &&
        document_list(a->store, NULL, see_document, a, e) == 0 &&
        consent_list(a->store, see_consent, a, e) == 0 &&
        attachment_list(a->store, NULL, see_attachment, a, e) == 0 &&
        evidence_list(a->store, see_evidence, a, e) == 0 &&
        audit_look_keyring(a) == 0 && audit_look_officers(a) == 0 &&
        ledger_row_list(a->store, a->size, INT64_MAX, see_extra, a, e) == 0 &&
        loose_list(a->store, see_loose, a, e) == 0)
        ok = 0;
    store_read_end(a->store);
    return ok;
}

/* ---- the ledger --------------------------------------------------------- */

/* What the index leaves out, an export would. The first is enough: there may be
 * a million. */
static int check_places(struct audit *a, uint64_t index, const uint8_t *entry,
                        size_t len)
{
    int has = a->misplaced ? 1
                           : ledger_index_has(&a->places, a->store, index,
                                              entry, len, a->err);

    if (has != 0)
        return has < 0 ? -1 : 0;
    a->misplaced = true;
    return audit_fault(a,
                       "entry %llu: the index of the consent log does not "
                       "have it",
                       (unsigned long long)index);
}

static int see_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf)
{
    struct audit *a = arg;
    struct error why = { 0 };
    json_t *value;
    int ok;

    if (!a->broken &&
        ledger_verifier_add(a->verifier, entry, len, leaf, &why) != 0) {
        a->broken = true;
        if (audit_fault(a, "ledger: %s", why.text) != 0)
            return -1;
    }
    if (index >= a->size)
        return 0;
    if (check_places(a, index, entry, len) != 0)
        return -1;
    value = json_parse(entry, len, &why);
    ok = value == NULL ? 0 : audit_learn(a, value);
    json_decref(value);
    return ok;
}

static int judge_ledger(struct audit *a, const struct buf *note,
                        const char *vkey)
{
    struct ledger_checkpoint checkpoint;
    struct error why = { 0 };

    if (ledger_checkpoint_open(&checkpoint, (const char *)note->p, note->len,
                               vkey, a->err) != 0 ||
        ledger_verifier_expect(a->verifier, &checkpoint, "current", a->err) !=
            0)
        return -1;
    if (checkpoint.size < a->size &&
        audit_fault(a, "ledger: the checkpoint is older than the database") !=
            0)
        return -1;
    if (ledger_row_list(a->store, 0, checkpoint.size, see_entry, a, a->err) !=
        0)
        return -1;
    if (!a->broken && ledger_verifier_finish(a->verifier, &why) != 0)
        return audit_fault(a, "ledger: %s", why.text);
    return 0;
}

/* ---- database ----------------------------------------------------------- */

static int integrity_fault(void *arg, const char *what)
{
    return audit_fault(arg, "database: %s", what);
}

int audit_judge(struct audit *a, const struct buf *note, const char *vkey,
                const struct keyring *keyring, struct error *e)
{
    a->err = e;
    if (judge_ledger(a, note, vkey) != 0 || audit_judge_documents(a) != 0 ||
        audit_judge_rows(a) != 0 || audit_judge_keyring(a, keyring) != 0)
        return -1;

    /* Damage that stops the look is a fault, after those that it found. */
    return store_integrity(a->store, integrity_fault, a, e) == 0
               ? 0
               : audit_fault_or_fail(a, "database");
}
