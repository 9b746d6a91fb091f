/*
 * Who is on the keyring at an entry is said by the log itself: the first lines
 * are of `init`, every other one was entered when it was added.
 */
#include "bundle_staff.h"
#include "bundle_lines.h"

#include "resguardo/vault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct line {
    struct buf entry;
    uint8_t signature[SIGN_LEN];
    char head[HEX_SIZE(KEYRING_HASH_LEN)]; /* of the log up to here */
};

struct bundle_staff {
    struct line *lines;
    size_t n;
    struct keyring *ring; /* as far as the entries have come */
    json_t *asked;        /* approval: uid of who asked */
    json_t *granted;      /* approval: uid of who agreed */
};

static const char no_memory[] = "no memory to check who signed it";

/* ---- the keyring log ---------------------------------------------------- */

void bundle_staff_close(struct bundle_staff **staff)
{
    struct bundle_staff *s = *staff;

    if (s == NULL)
        return;
    for (size_t i = 0; i < s->n; i++)
        buf_free(&s->lines[i].entry);
    free(s->lines);
    keyring_free(&s->ring);
    json_decref(s->asked);
    json_decref(s->granted);
    free(s);
    *staff = NULL;
}

/* {"entry":"…","signature":"hex"}, and no other bytes than those. */
static int parse_line(struct line *l, const void *text, size_t len,
                      struct error *e)
{
    json_t *o = json_parse(text, len, e);
    const char *entry = json_str(o, "entry"), *hex = json_str(o, "signature");
    struct buf again = { 0 };
    int ok = -1;

    if (o == NULL && e->code == ERR_NOMEM)
        return -1;
    if (entry == NULL || hex == NULL || json_object_size(o) != 2 ||
        hex_decode(l->signature, SIGN_LEN, hex, strlen(hex), false) != 0)
        (void)error_set(e, ERR_VERIFY, "an entry and a signature are missing");
    else if (buf_adds(&l->entry, entry) != 0 || json_canonical(o, &again) != 0)
        (void)error_set(e, ERR_NOMEM, "%s", no_memory);
    else if (again.len != len || memcmp(again.p, text, len) != 0)
        (void)error_set(e, ERR_VERIFY, "it is not in canonical form");
    else
        ok = 0;
    buf_free(&again);
    json_decref(o);
    return ok;
}

static int add_line(struct bundle_staff *s, struct keyring *ring,
                    const struct lines *from, struct error *e)
{
    struct line *more = reallocarray(s->lines, s->n + 1, sizeof(*more)), *l;
    uint8_t head[KEYRING_HASH_LEN];

    if (more == NULL)
        return error_set(e, ERR_NOMEM, "%s", no_memory);
    s->lines = more;
    l = &s->lines[s->n++];
    *l = (struct line){ 0 };
    if (parse_line(l, from->line, from->len, e) != 0 ||
        keyring_add(ring, l->entry.p, l->entry.len, l->signature, e) != 0)
        return -1;
    keyring_head(ring, head);
    hex_encode(l->head, head, sizeof(head));
    return 0;
}

/* Which line of that file, and not which entry of the log. */
static int bad_line(size_t line, const struct error *why, struct error *e)
{
    bool named = strncmp(why->text, "keyring entry ", 14) == 0 ||
                 strncmp(why->text, "entry ", 6) == 0;
    const char *colon = named ? strchr(why->text, ':') : NULL;

    if (why->code == ERR_NOMEM || why->code == ERR_IO) {
        *e = *why;
        return -1;
    }
    return error_set(e, ERR_VERIFY, "keyring.jsonl, line %zu: %s", line,
                     colon != NULL ? colon + 2 : why->text);
}

static int read_lines(struct bundle_staff *s, struct lines *from,
                      uint8_t root[static SHA256_LEN], struct error *e)
{
    struct keyring *ring = keyring_new();
    struct error why = { 0 };
    int more = -1;

    if (ring == NULL)
        return error_set(e, ERR_NOMEM, "%s", no_memory);
    while ((more = lines_next(from, s->n, &why)) > 0)
        if (add_line(s, ring, from, &why) != 0) {
            more = -1;
            break;
        }
    if (more < 0)
        (void)bad_line(s->n + 1, &why, e);
    else if (s->n < KEYRING_INIT_ENTRIES)
        more = error_set(e, ERR_VERIFY, "keyring.jsonl is cut");
    keyring_root(ring, root);
    keyring_free(&ring);
    return more;
}

/* The next line counts from here on. It was checked when it was read. */
static int take(struct bundle_staff *s)
{
    const struct line *l = &s->lines[keyring_size(s->ring)];
    struct error ignored;

    return keyring_add(s->ring, l->entry.p, l->entry.len, l->signature,
                       &ignored);
}

int bundle_staff_open(struct bundle_staff **out, const char *folder,
                      uint8_t root[static SHA256_LEN], struct error *e)
{
    struct bundle_staff *s = *out = calloc(1, sizeof(*s));
    struct lines from = { 0 };
    int ok = -1;

    if (s == NULL || (s->ring = keyring_new()) == NULL ||
        (s->asked = json_object()) == NULL ||
        (s->granted = json_object()) == NULL)
        (void)error_set(e, ERR_NOMEM, "%s", no_memory);
    else if (lines_open(&from, folder, "keyring.jsonl", e) == 0)
        ok = read_lines(s, &from, root, e);
    for (size_t i = 0; ok == 0 && i < KEYRING_INIT_ENTRIES; i++)
        if (take(s) != 0)
            ok = error_set(e, ERR_NOMEM, "%s", no_memory);
    lines_close(&from);
    return ok;
}

int bundle_staff_end(const struct bundle_staff *s, struct error *e)
{
    return keyring_size(s->ring) == s->n
               ? 0
               : error_set(e, ERR_VERIFY,
                           "keyring.jsonl tells of changes of staff that are "
                           "not in the log");
}

/* ---- which entries ------------------------------------------------------ */

/* What people send and are told, by far the most: nobody of staff does it. */
bool bundle_staff_minds(const char *event_type, size_t len)
{
    static const char *const others[] = {
        "notice_presented", "consent_requested", "consent_given",
        "consent_refused",  "consent_withdrawn", "consent_expired",
        "consent_ignored",  "media_held",        "media_fetching",
        "media_stored",     "media_quarantined", "media_discarded",
        "media_refused",    "media_dropped",     "media_expired",
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strlen(others[i]) == len && memcmp(others[i], event_type, len) == 0)
            return false;
    return true;
}

/* ---- who -------------------------------------------------------------- */

static bool is(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const struct keyring_staff *named(const struct bundle_staff *s,
                                         const char *name)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(s->ring, i)) != NULL; i++)
        if (is(staff->name, name))
            return staff;
    return NULL;
}

/* "any" is everybody's. */
static bool has_role(const struct keyring_staff *staff, const char *role)
{
    if (is(role, "any"))
        return true;
    for (const struct role_name *n = role_names; n->name != NULL; n++)
        if (is(n->name, role))
            return (staff->roles & n->role) != 0;
    return false;
}

static bool has_key(const struct keyring_staff *staff,
                    const struct json_node *evidence, const char *member)
{
    char hex[HEX_SIZE(SIGN_PUBLIC_LEN)];

    hex_encode(hex, staff->sign_key, SIGN_PUBLIC_LEN);
    return is(json_node_str(evidence, member), hex);
}

/* ---- what they signed ---------------------------------------------------- */

/* Where a signature is not sealed with a reason, the request can be put
 * together again: it was a POST to this path, without words. */
static const char *path_of(const char *event, const struct json_node *evidence)
{
    static const struct {
        const char *event, *path;
    } paths[] = {
        { "staff_added", "/keyring" },
        { "staff_revoked", "/keyring" },
        { "epoch_rotated", "/keyring" },
        { "epochs_granted", "/keyring" },
        { "epoch_escrowed", "/vault/escrow" },
        { "header_rewrapped", "/vault/headers" },
        { "header_confirmed", "/vault/headers/confirmed" },
        { "ledger_key_rotated", "/ledger/key" },
    };
    const struct json_node *unproven;

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (is(paths[i].event, event))
            return paths[i].path;
    if (!is(event, "headers_read"))
        return NULL;
    unproven = json_node_get(evidence, "unproven");
    return unproven != NULL && unproven->kind == JSON_KIND_TRUE
               ? "/vault/headers/unproven"
               : "/vault/headers/read";
}

static bool is_signed(const struct keyring_staff *staff, const char *path,
                      const struct json_node *evidence)
{
    const char *nonce = json_node_str(evidence, "nonce");
    const char *hex = json_node_str(evidence, "signature");
    uint8_t signature[SIGN_LEN];
    struct buf text = { 0 };
    bool good = nonce != NULL && hex != NULL &&
                hex_decode(signature, SIGN_LEN, hex, strlen(hex), false) == 0 &&
                staff_request(&text, "POST", nonce, path, "",
                              json_node_str(evidence, "body_sha256")) == 0 &&
                staff_signed(staff->sign_key, signature, text.p, text.len);

    buf_free(&text);
    return good;
}

/* Somebody of staff did it: in a role of theirs, and with their key. */
static const char *check_actor(const struct bundle_staff *s, const char *event,
                               const struct json_node *entry)
{
    const struct json_node *evidence = json_node_get(entry, "evidence");
    const char *role = json_node_str(entry, "role"), *path;
    const struct keyring_staff *staff = named(s, json_node_str(entry, "actor"));
    bool is_key = json_node_get(evidence, "sign_key") != NULL;

    if (role == NULL && !is_key)
        return NULL;
    if (staff == NULL || !has_role(staff, role))
        return "whoever it names had not that role on the keyring";
    if (is_key && !has_key(staff, evidence, "sign_key"))
        return "it is signed with another key than the keyring has for them";
    path = path_of(event, evidence);
    return path == NULL || is_signed(staff, path, evidence)
               ? NULL
               : "their signature does not hold";
}

/* ---- two officers -------------------------------------------------------- */

/* That both signed the history has said. */
static const char *check_reopened(const struct bundle_staff *s,
                                  const struct json_node *entry)
{
    const struct json_node *evidence = json_node_get(entry, "evidence");
    const struct keyring_staff *one = named(s, json_node_str(entry, "actor"));
    const struct keyring_staff *two =
        named(s, json_node_str(evidence, "approved_by"));
    int64_t size;

    if (one == NULL || two == NULL || one == two || !has_role(one, "officer") ||
        !has_role(two, "officer") || !has_key(one, evidence, "sign_key") ||
        !has_key(two, evidence, "approver_key"))
        return "who reopened the ledger were not two officers";
    if (!json_node_integer(json_node_get(evidence, "keyring_size"), &size) ||
        size != (int64_t)keyring_size(s->ring))
        return "its keyring is another";
    return NULL;
}

static const char *keep(json_t *map, const char *id,
                        const struct keyring_staff *staff)
{
    if (id == NULL)
        return "an approval of nothing";
    return json_object_set_new(map, id, json_integer(staff->uid)) == 0
               ? NULL
               : no_memory;
}

static bool was(const json_t *map, const char *id,
                const struct keyring_staff *staff)
{
    const json_t *uid = id != NULL ? json_object_get(map, id) : NULL;

    return uid != NULL && staff != NULL &&
           json_integer_value(uid) == (json_int_t)staff->uid;
}

static const char *check_granted(struct bundle_staff *s, const char *id,
                                 const struct keyring_staff *staff)
{
    if (id == NULL || json_object_get(s->asked, id) == NULL)
        return "an approval of what nobody asked for";
    if (!has_role(staff, "officer") || was(s->asked, id, staff))
        return "an approval that is not another officer's";
    return keep(s->granted, id, staff);
}

/* Who asks, who agrees, and that what was done with it was theirs to do. */
static const char *check_approval(struct bundle_staff *s, const char *event,
                                  const struct json_node *entry)
{
    const struct json_node *evidence = json_node_get(entry, "evidence");
    const struct keyring_staff *staff = named(s, json_node_str(entry, "actor"));
    const char *used = json_node_str(evidence, "approval_id");
    const char *second = json_node_str(evidence, "approved_by");

    if (is(event, "approval_requested"))
        return staff == NULL
                   ? "whoever it names had not that role on the keyring"
                   : keep(s->asked, json_node_str(entry, "approval_id"), staff);
    if (is(event, "approval_granted"))
        return staff == NULL
                   ? "an approval that is not another officer's"
                   : check_granted(s, json_node_str(entry, "approval_id"),
                                   staff);
    if (used == NULL)
        return NULL;
    return was(s->asked, used, staff) && was(s->granted, used, named(s, second))
               ? NULL
               : "it was not approved by another officer";
}

/* ---- changes of the keyring ---------------------------------------------- */

static const char *check_started(const struct bundle_staff *s,
                                 const struct json_node *evidence)
{
    size_t now = (size_t)keyring_size(s->ring);
    int64_t size;

    return json_node_integer(json_node_get(evidence, "keyring_size"), &size) &&
                   size == (int64_t)now &&
                   is(json_node_str(evidence, "keyring_head"),
                      s->lines[now - 1].head)
               ? NULL
               : "the keyring in keyring.jsonl is another";
}

static const char *check_changed(struct bundle_staff *s,
                                 const struct json_node *evidence)
{
    size_t now = (size_t)keyring_size(s->ring);
    int64_t seq;

    if (!json_node_integer(json_node_get(evidence, "keyring_seq"), &seq) ||
        seq != (int64_t)now || now == s->n ||
        !is(json_node_str(evidence, "keyring_head"), s->lines[now].head))
        return "the change of staff is not the one in keyring.jsonl";
    return take(s) == 0 ? NULL : no_memory;
}

/* A change counts, whoever made it: the first entry that is wrong is named, and
 * not all that follow from it. */
const char *bundle_staff_wrong(struct bundle_staff *s,
                               const struct json_node *entry)
{
    const struct json_node *evidence = json_node_get(entry, "evidence");
    const char *event = json_node_str(entry, "event_type");
    const char *wrong, *changed = NULL;

    if (event == NULL || !bundle_staff_minds(event, strlen(event)))
        return NULL;
    if (is(event, "ledger_reopened"))
        return check_reopened(s, entry);
    if (is(event, "daemon_started"))
        return check_started(s, evidence);
    wrong = check_actor(s, event, entry);
    if (wrong == NULL)
        wrong = check_approval(s, event, entry);
    if (json_node_get(evidence, "keyring_seq") != NULL)
        changed = check_changed(s, evidence);
    return wrong != NULL ? wrong : changed;
}
