/*
 * The live store against itself: files, rows, leaves, keyring.
 *
 * The daemon goes on working meanwhile, so the order matters. Files are listed
 * first: an id is on the list of loose ones before its file appears, so a file
 * that no later row knows is an orphan, unless it has gone since. Rows are
 * read in one transaction, with the ledger's size at that moment; the
 * checkpoint comes last and covers it.
 */
#include "desk_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP ((size_t)256 * 1024)
/* After so many there is no use in more. */
#define FAULTS_MAX 1000u

struct audit {
    struct store *store;
    struct error *err; /* of the step under way */
    json_t *faults;

    /* Seen at `size`: */
    uint64_t size;
    json_t *files;   /* payload id: true */
    json_t *loose;   /* payload id: true */
    json_t *consent; /* subject/policy/purpose: state */
    struct document_row *documents;
    size_t n, cap;

    /* Said by the leaves before `size`: */
    json_t *stored;  /* document id: payload_sha256 */
    json_t *decided; /* subject/policy/purpose: state */
    struct ledger_verifier *verifier;
    bool broken; /* the ledger does not verify: its first fault is named */
};

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
    a->stored = json_object();
    a->decided = json_object();
    a->verifier = ledger_verifier_new();
    if (a->faults == NULL || a->files == NULL || a->loose == NULL ||
        a->consent == NULL || a->stored == NULL || a->decided == NULL ||
        a->verifier == NULL)
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
    json_decref(a->stored);
    json_decref(a->decided);
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

__attribute__((format(printf, 2, 3))) static int fault(struct audit *a,
                                                       const char *fmt, ...)
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

/* What the store says is damaged is a fault; anything else is a failure. */
static int fault_or_fail(struct audit *a, const char *what)
{
    if (a->err->code != ERR_VERIFY && a->err->code != ERR_NOT_FOUND)
        return -1;
    return fault(a, "%s: %s", what, a->err->text);
}

static int put(struct audit *a, json_t *map, const char *key, json_t *value)
{
    return json_object_set_new(map, key, value) == 0 ? 0 : no_memory(a->err);
}

/* ---- looking ------------------------------------------------------------ */

static int see_file(void *arg, const char *payload)
{
    struct audit *a = arg;

    return put(a, a->files, payload, json_true());
}

static int see_loose(void *arg, const char *payload)
{
    struct audit *a = arg;

    return put(a, a->loose, payload, json_true());
}

/* A decision's name: ids and names hold no slash. */
static int decision_key(char *out, size_t cap, const char *subject,
                        const char *policy, const char *purpose)
{
    int n = snprintf(out, cap, "%s/%s/%s", subject, policy, purpose);

    return n < 0 || (size_t)n >= cap ? -1 : 0;
}
#define DECISION_KEY_SIZE (ID_SIZE + 2 * STORE_NAME_SIZE + 2)

static int see_consent(void *arg, const struct consent_row *row)
{
    struct audit *a = arg;
    char key[DECISION_KEY_SIZE];

    if (strcmp(row->state, "none") == 0 ||
        decision_key(key, sizeof(key), row->subject, row->policy,
                     row->purpose) != 0)
        return 0;
    return put(a, a->consent, key, json_string(row->state));
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
        loose_list(a->store, see_loose, a, e) == 0)
        ok = 0;
    store_read_end(a->store);
    return ok;
}

/* ---- the ledger --------------------------------------------------------- */

/* What a leaf says of documents and decisions. */
static int learn(struct audit *a, const json_t *leaf)
{
    static const struct {
        const char *event, *state;
    } decisions[] = { { "consent_given", "given" },
                      { "consent_refused", "refused" },
                      { "consent_withdrawn", "withdrawn" } };
    const char *event = json_str(leaf, "event_type");
    const char *subject = json_str(leaf, "subject");
    const char *policy = json_str(leaf, "policy");
    const char *purpose = json_str(leaf, "purpose");
    const char *document = json_str(leaf, "document_id");
    const char *hash = json_str(leaf, "payload_sha256");
    char key[DECISION_KEY_SIZE];

    if (event == NULL)
        return 0;
    if (document != NULL && hash != NULL &&
        (strcmp(event, "media_stored") == 0 ||
         strcmp(event, "media_quarantined") == 0))
        return put(a, a->stored, document, json_string(hash));
    for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
        if (strcmp(event, decisions[i].event) == 0 && subject != NULL &&
            policy != NULL && purpose != NULL &&
            decision_key(key, sizeof(key), subject, policy, purpose) == 0)
            return put(a, a->decided, key, json_string(decisions[i].state));
    return 0;
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
        if (fault(a, "ledger: %s", why.text) != 0)
            return -1;
    }
    if (index >= a->size)
        return 0;
    value = json_parse(entry, len, &why);
    ok = value == NULL ? 0 : learn(a, value);
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
        fault(a, "ledger: the checkpoint is older than the database") != 0)
        return -1;
    if (ledger_row_list(a->store, 0, checkpoint.size, see_entry, a, a->err) !=
        0)
        return -1;
    if (!a->broken && ledger_verifier_finish(a->verifier, &why) != 0)
        return fault(a, "ledger: %s", why.text);
    return 0;
}

/* ---- documents ---------------------------------------------------------- */

static int hash_file(int fd, uint8_t out[static SHA256_LEN])
{
    struct sha256 *hash = sha256_new();
    uint8_t *step = malloc(READ_STEP);
    ssize_t got = -1;

    while (hash != NULL && step != NULL) {
        got = read(fd, step, READ_STEP);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        sha256_add(hash, step, (size_t)got);
    }
    if (got == 0)
        sha256_final(hash, out);
    sha256_free(&hash);
    free(step);
    return got == 0 ? 0 : -1;
}

static int judge_payload(struct audit *a, const struct document_row *row)
{
    uint8_t hash[SHA256_LEN];
    struct stat st;
    int fd = blob_open(a->store, row->payload, a->err), ok;

    if (fd < 0)
        return fault(a, "document %s: its payload cannot be opened", row->id);
    if (fstat(fd, &st) != 0 || hash_file(fd, hash) != 0)
        ok = fault(a, "document %s: its payload cannot be read", row->id);
    else if (st.st_size != row->payload_size)
        ok =
            fault(a, "document %s: its payload has %lld bytes, not %lld",
                  row->id, (long long)st.st_size, (long long)row->payload_size);
    else if (memcmp(hash, row->payload_sha256, SHA256_LEN) != 0)
        ok = fault(a, "document %s: its payload is not the one that was sealed",
                   row->id);
    else
        ok = 0;
    (void)close(fd);
    return ok;
}

static int judge_header(struct audit *a, const struct document_row *row)
{
    struct buf header = { 0 };
    char what[ID_SIZE + 32];
    int state = slot_state(a->store, row->slot, a->err), ok = 0;

    (void)snprintf(what, sizeof(what), "document %s", row->id);
    if (state == 0)
        return fault(a, "document %s: its slot was erased", row->id);
    if (state < 0)
        return fault_or_fail(a, what);
    if (document_header(a->store, row, &header, a->err) != 0)
        ok = fault_or_fail(a, what);
    buf_free(&header);
    return ok;
}

/* The leaf that binds the document; taken off the map, so that what is left
 * there has no row. */
static int judge_leaf(struct audit *a, const struct document_row *row)
{
    const char *bound = json_str(a->stored, row->id);
    char hash[HEX_SIZE(SHA256_LEN)];
    int ok = 0;

    hex_encode(hash, row->payload_sha256, SHA256_LEN);
    if (bound == NULL)
        return fault(a, "document %s: the ledger does not know it", row->id);
    if (strcmp(bound, hash) != 0)
        ok = fault(a, "document %s: the ledger binds another payload", row->id);
    (void)json_object_del(a->stored, row->id);
    return ok;
}

static int judge_documents(struct audit *a)
{
    const char *id;
    json_t *value;

    for (size_t i = 0; i < a->n; i++) {
        const struct document_row *row = &a->documents[i];

        (void)json_object_del(a->files, row->payload);
        if (judge_leaf(a, row) != 0)
            return -1;
        if (strcmp(row->state, "erased") != 0 &&
            (judge_payload(a, row) != 0 || judge_header(a, row) != 0))
            return -1;
    }
    json_object_foreach(a->stored, id, value)
    {
        if (fault(a, "document %s: it is in the ledger and not in the database",
                  id) != 0)
            return -1;
    }
    return 0;
}

/* Files that no row knows, and that are still there. */
static int judge_orphans(struct audit *a)
{
    const char *payload;
    json_t *value;

    json_object_foreach(a->files, payload, value)
    {
        struct error gone;
        int fd;

        if (json_object_get(a->loose, payload) != NULL)
            continue;
        fd = blob_open(a->store, payload, &gone);
        if (fd < 0)
            continue;
        (void)close(fd);
        if (fault(a, "payload %s: a file of no document", payload) != 0)
            return -1;
    }
    return 0;
}

/* ---- decisions, keyring, database --------------------------------------- */

static int judge_consent(struct audit *a)
{
    const char *key;
    json_t *value;

    json_object_foreach(a->consent, key, value)
    {
        const char *decided = json_str(a->decided, key);
        const char *state = json_string_value(value);

        if ((decided == NULL || strcmp(decided, state) != 0) &&
            fault(a, "consent %s: the database says %s, the ledger %s", key,
                  state, decided != NULL ? decided : "nothing") != 0)
            return -1;
    }
    json_object_foreach(a->decided, key, value)
    {
        if (json_object_get(a->consent, key) == NULL &&
            fault(a, "consent %s: the ledger says %s, the database nothing",
                  key, json_string_value(value)) != 0)
            return -1;
    }
    return 0;
}

struct replay {
    struct keyring *keyring;
    struct error why;
};

static int replay_entry(void *arg, const uint8_t *entry, size_t len,
                        const uint8_t *signature, size_t signature_len)
{
    struct replay *r = arg;

    if (signature_len != SIGN_LEN) {
        (void)error_set(&r->why, ERR_VERIFY, "a signature of %zu bytes",
                        signature_len);
        return 1;
    }
    return keyring_add(r->keyring, entry, len, signature, &r->why) == 0 ? 0 : 1;
}

/* The rows again, against the keyring that the daemon works with. */
static int judge_keyring(struct audit *a, const struct keyring *live)
{
    struct replay r = { .keyring = keyring_new() };
    uint8_t root[KEYRING_HASH_LEN], expected[KEYRING_HASH_LEN];
    int ok = -1, ended;

    if (r.keyring == NULL) {
        (void)no_memory(a->err);
        goto out;
    }
    ended = keyring_row_list(a->store, replay_entry, &r, a->err);
    if (ended < 0)
        goto out;
    keyring_root(r.keyring, root);
    keyring_root(live, expected);
    if (ended > 0)
        ok = fault(a, "keyring: %s", r.why.text);
    else if (keyring_size(r.keyring) < keyring_size(live) ||
             memcmp(root, expected, sizeof(root)) != 0)
        ok = fault(a, "keyring: the rows are not what the daemon loaded");
    else
        ok = 0;
out:
    keyring_free(&r.keyring);
    return ok;
}

static int integrity_fault(void *arg, const char *what)
{
    return fault(arg, "database: %s", what);
}

int audit_judge(struct audit *a, const struct buf *note, const char *vkey,
                const struct keyring *keyring, struct error *e)
{
    a->err = e;
    if (judge_ledger(a, note, vkey) != 0 || judge_documents(a) != 0 ||
        judge_orphans(a) != 0 || judge_consent(a) != 0 ||
        judge_keyring(a, keyring) != 0)
        return -1;
    return store_integrity(a->store, integrity_fault, a, e);
}
