/*
 * One change of the ledger's key or origin, as a line that verifies by itself:
 * {"entry": the entry, "proof": from it to a checkpoint} and, where the ledger
 * was reopened, "last": the last checkpoint known of the former origin.
 */
#include "change.h"

#include "leaf.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define SIGNED "resguardo ledger-reopen v1\n"

static int wrong(struct error *e, const char *what)
{
    return e->code == ERR_NOMEM
               ? -1
               : error_set(e, ERR_VERIFY, "a change of the ledger's key: %s",
                           what);
}

/* ---- what officers sign ------------------------------------------------- */

int ledger_change_text(const json_t *entry, struct buf *out)
{
    json_t *copy = json_deep_copy(entry);
    json_t *evidence = json_object_get(copy, "evidence");
    int ok = -1;

    (void)json_object_del(evidence, "signature");
    (void)json_object_del(evidence, "approver_signature");
    if (copy != NULL && buf_adds(out, SIGNED) == 0)
        ok = json_canonical(copy, out);
    json_decref(copy);
    return ok;
}

/* ---- what a line names -------------------------------------------------- */

int ledger_change_key(const char *line, size_t len, const char *member,
                      char out[static LEDGER_VKEY_SIZE])
{
    struct error ignored = { 0 };
    json_t *o = json_parse(line, len, &ignored), *entry = NULL;
    const char *text = json_str(o, "entry"), *key = NULL;

    if (text != NULL && (entry = json_parse(text, strlen(text), &ignored)))
        key = json_str(json_object_get(entry, "evidence"), member);
    if (key != NULL && strlen(key) < LEDGER_VKEY_SIZE)
        memcpy(out, key, strlen(key) + 1);
    else
        key = NULL;
    json_decref(entry);
    json_decref(o);
    return key != NULL ? 0 : -1;
}

size_t ledger_history_end(const char *text, size_t len, const char *vkey)
{
    char key[LEDGER_VKEY_SIZE];
    size_t found = 0;

    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end != NULL ? (size_t)(end - text) - at : len - at;

        if (end != NULL && ledger_change_key(text + at, n, "vkey", key) == 0 &&
            strcmp(key, vkey) == 0)
            found = at + n + 1;
        at += n + 1;
    }
    return found;
}

bool ledger_history_rotated(const char *text, size_t len, msec *when)
{
    const char *before = len > 1 ? memrchr(text, '\n', len - 1) : NULL;
    const char *line = before != NULL ? before + 1 : text, *entry, *type;
    struct error ignored = { 0 };
    json_t *o = json_parse(line, len - (size_t)(line - text), &ignored), *is;
    bool rotated;

    entry = json_str(o, "entry");
    is = entry != NULL ? json_parse(entry, strlen(entry), &ignored) : NULL;
    type = json_str(is, "event_type");
    rotated = type != NULL && strcmp(type, "ledger_key_rotated") == 0 &&
              ledger_entry_time(entry, strlen(entry), when) == 0;
    json_decref(is);
    json_decref(o);
    return rotated;
}

/* ---- what officers signed ----------------------------------------------- */

static int read_hex(uint8_t *out, size_t n, const char *hex)
{
    return hex == NULL ? -1 : hex_decode(out, n, hex, strlen(hex), false);
}

static bool signed_by(const json_t *evidence, const char *key_name,
                      const char *signature_name, const struct buf *text,
                      uint8_t key[static 32])
{
    uint8_t signature[crypto_sign_BYTES];

    return read_hex(key, 32, json_str(evidence, key_name)) == 0 &&
           read_hex(signature, sizeof(signature),
                    json_str(evidence, signature_name)) == 0 &&
           crypto_sign_verify_detached(signature, text->p, text->len, key) == 0;
}

static int check_officers(struct ledger_change *c, const json_t *entry,
                          const json_t *evidence, struct error *e)
{
    const json_t *size = json_object_get(evidence, "keyring_size");
    struct buf text = { 0 };
    int ok = -1;

    if (!json_is_integer(size) || json_integer_value(size) < 1)
        return wrong(e, "it does not say which keyring its officers are of");
    c->keyring_size = (uint64_t)json_integer_value(size);
    if (ledger_change_text(entry, &text) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a statement");
    else if (!signed_by(evidence, "sign_key", "signature", &text,
                        c->officers[0]) ||
             !signed_by(evidence, "approver_key", "approver_signature", &text,
                        c->officers[1]))
        (void)wrong(e, "an officer's signature does not hold");
    else if (memcmp(c->officers[0], c->officers[1], 32) == 0)
        (void)wrong(e, "one officer signed it twice");
    else
        ok = 0;
    buf_free(&text);
    return ok;
}

/* ---- what the entry says ------------------------------------------------ */

static int copy_key(char out[static LEDGER_VKEY_SIZE], const json_t *evidence,
                    const char *member)
{
    const char *text = json_str(evidence, member);
    char name[LEDGER_ORIGIN_SIZE];
    uint8_t key[32];
    struct error ignored = { 0 };

    if (text == NULL || strlen(text) >= LEDGER_VKEY_SIZE ||
        note_vkey_parse(text, name, key, &ignored) != 0)
        return -1;
    memcpy(out, text, strlen(text) + 1);
    return 0;
}

static bool same_origin(const struct ledger_change *c)
{
    size_t n = strcspn(c->former, "+");

    return n == strcspn(c->vkey, "+") && memcmp(c->former, c->vkey, n) == 0;
}

static bool is_number(const json_t *o, const char *member, uint64_t want)
{
    const json_t *value = json_object_get(o, member);

    return json_is_integer(value) && json_integer_value(value) >= 0 &&
           (uint64_t)json_integer_value(value) == want;
}

static int read_entry(struct ledger_change *c, const json_t *entry,
                      struct error *e)
{
    const json_t *evidence = json_object_get(entry, "evidence");
    const json_t *index = json_object_get(entry, "index");
    const char *type = json_str(entry, "event_type");

    c->reopened = type != NULL && strcmp(type, "ledger_reopened") == 0;
    if (type == NULL || (!c->reopened && strcmp(type, "ledger_key_rotated")))
        return wrong(e, "its entry is of another kind");
    if (!json_is_integer(index) || json_integer_value(index) < 0 ||
        copy_key(c->former, evidence, "former_vkey") != 0 ||
        copy_key(c->vkey, evidence, "vkey") != 0)
        return wrong(e, "its entry does not name both keys");
    c->index = (uint64_t)json_integer_value(index);
    if (strcmp(c->former, c->vkey) == 0 || same_origin(c) == c->reopened)
        return wrong(e, "its keys are not what its entry says");
    return 0;
}

/* ---- what was signed ---------------------------------------------------- */

/* The former origin's last checkpoint is the one that the entry cites. */
static int check_last(struct ledger_change *c, const json_t *evidence,
                      const char *note, struct error *e)
{
    uint8_t root[LEDGER_HASH_LEN];

    if (note == NULL ||
        ledger_checkpoint_open(&c->last, note, strlen(note), c->former, e) != 0)
        return wrong(e, "the former origin's checkpoint does not hold");
    if (!is_number(evidence, "former_size", c->last.size) ||
        read_hex(root, sizeof(root), json_str(evidence, "former_root")) != 0 ||
        memcmp(root, c->last.root, sizeof(root)) != 0 ||
        !is_number(evidence, "restored_size", c->index))
        return wrong(e, "its entry cites another checkpoint");
    c->restored.size = c->index;
    if (read_hex(c->restored.root, sizeof(c->restored.root),
                 json_str(evidence, "restored_root")) != 0)
        return wrong(e, "its entry does not say what is left");
    return 0;
}

/* Of an exchange the former key signed the same checkpoint. */
static int check_proof(struct ledger_change *c, const char *proof,
                       struct error *e)
{
    struct ledger_checkpoint again;
    struct ledger_proof p;

    if (proof == NULL ||
        ledger_proof_open(&p, &c->first, proof, strlen(proof), c->leaf, c->vkey,
                          e) != 0 ||
        p.index != c->index)
        return wrong(e, "the new key's proof of it does not hold");
    if (!c->reopened && ledger_proof_open(&p, &again, proof, strlen(proof),
                                          c->leaf, c->former, e) != 0)
        return wrong(e, "the former key did not sign it");
    return 0;
}

static int check_line(struct ledger_change *c, const json_t *line,
                      struct error *e)
{
    const char *text = json_str(line, "entry");
    json_t *entry = text != NULL ? json_parse(text, strlen(text), e) : NULL;
    const json_t *evidence = json_object_get(entry, "evidence");
    int ok = -1;

    if (entry == NULL)
        return wrong(e, "it has no entry");
    if (read_entry(c, entry, e) == 0 &&
        ledger_leaf_check(text, strlen(text), c->index, e) == 0) {
        ledger_leaf_hash(c->leaf, text, strlen(text));
        ok = check_proof(c, json_str(line, "proof"), e);
    }
    if (ok == 0 && c->reopened &&
        (check_last(c, evidence, json_str(line, "last"), e) != 0 ||
         check_officers(c, entry, evidence, e) != 0))
        ok = -1;
    json_decref(entry);
    return ok;
}

int ledger_change_open(struct ledger_change *c, const char *line, size_t len,
                       struct error *e)
{
    json_t *o = json_parse(line, len, e);
    int ok;

    memset(c, 0, sizeof(*c));
    if (o == NULL)
        return wrong(e, "it is not JSON");
    e->code = ERR_NONE;
    ok = check_line(c, o, e);
    json_decref(o);
    return ok;
}
