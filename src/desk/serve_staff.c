/* Who is on the keyring, and what officers change about it. */
#include "desk_private.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_keys.h"

#define PASSWD_BYTES 16384u

/* ---- nonces ------------------------------------------------------------- */

int before_nothing(struct request *r, struct error *e)
{
    (void)r;
    (void)e;
    return 0;
}

/* For a request that will be signed: all its refusals but those of the body
 * come here already. */
static int issue(struct request *r, const json_t *body, struct error *e)
{
    const struct nonce_asked asked = {
        .uid = r->staff.uid,
        .method = json_str(body, "method"),
        .path = json_str(body, "path"),
        .now = clock_now(r->desk->needs.clock),
    };
    const struct route *route;
    char nonce[NONCE_SIZE];

    if (asked.method == NULL || asked.path == NULL)
        return error_set(e, ERR_INPUT, "a nonce is for a method and a path");
    route = route_find(asked.method, asked.path, r->id, e);
    if (route == NULL)
        return -1;
    r->route = route; /* what they are after */
    if (route_check(r, route, e) != 0)
        return -1;
    if (route->before == NULL)
        return error_set(e, ERR_INPUT, "this takes no signature");
    if (route->before(r, e) != 0 ||
        nonce_issue(r->desk->nonces, &asked, nonce, e) != 0)
        return -1;
    return answer_json(r, json_pack("{s:s}", "nonce", nonce), e);
}

int serve_nonce(struct request *r, struct error *e)
{
    json_t *body = request_body(r, e);
    int ok = body == NULL ? -1 : issue(r, body, e);

    json_decref(body);
    return ok;
}

/* ---- who ---------------------------------------------------------------- */

static json_t *granted(struct request *r, uint32_t uid, struct error *e)
{
    json_t *list = json_array();

    for (unsigned epoch = 1; epoch <= keyring_epoch(r->keyring); epoch++) {
        struct buf file = { 0 };
        int found = keyring_grant_get(r->store, epoch, uid, &file, e);

        buf_free(&file);
        if (found == 0)
            continue;
        if (found > 0 &&
            json_array_append_new(list, json_integer((json_int_t)epoch)) == 0)
            continue;
        if (found > 0)
            (void)error_set(e, ERR_NOMEM, "no memory for a list");
        json_decref(list);
        return NULL;
    }
    return list;
}

static json_t *member_json(struct request *r, const struct keyring_staff *staff,
                           struct error *e)
{
    char recipient[AGE_RECIPIENT_SIZE];
    json_t *epochs = granted(r, staff->uid, e), *o;

    if (epochs == NULL)
        return NULL;
    age_recipient_format(recipient, staff->recipient);
    o = json_pack("{s:s, s:I, s:o, s:s, s:o, s:b}", "name", staff->name, "uid",
                  (json_int_t)staff->uid, "roles", roles_json(staff->roles),
                  "recipient", recipient, "epochs", epochs, "enrolled",
                  !staff->enrols);
    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a member");
    return o;
}

int serve_staff(struct request *r, struct error *e)
{
    const struct keyring_staff *staff;
    json_t *list = json_array();

    for (size_t i = 0; (staff = keyring_staff_at(r->keyring, i)) != NULL; i++) {
        json_t *o = member_json(r, staff, e);

        if (o != NULL && json_array_append_new(list, o) == 0)
            continue;
        json_decref(list);
        return o == NULL ? -1 : error_set(e, ERR_NOMEM, "no memory for a list");
    }
    return answer_json(r, list, e);
}

/* A Unix user of this machine, by name; who has none goes by the number. */
int serve_user(struct request *r, struct error *e)
{
    const char *name = request_query(r, "name");
    struct passwd entry, *found = NULL;
    char *room = malloc(PASSWD_BYTES);
    int64_t uid;
    int ok = -1;

    if (name == NULL || room == NULL) {
        ok = error_set(e, ERR_INPUT, "whose name?");
        goto out;
    }
    (void)getpwnam_r(name, &entry, room, PASSWD_BYTES, &found);
    if (found != NULL)
        uid = found->pw_uid;
    else if (decimal_parse(name, strlen(name), UINT32_MAX - 1, &uid) != 0) {
        (void)error_set(e, ERR_NOT_FOUND,
                        "no such user on the daemon's "
                        "machine");
        (void)error_hint(e, "make the Unix user first; who has no name goes "
                            "by the number");
        goto out;
    }
    ok = answer_json(
        r, json_pack("{s:s, s:I}", "name", name, "uid", (json_int_t)uid), e);
out:
    free(room);
    return ok;
}

/* ---- changes ------------------------------------------------------------ */

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the change of the keyring is malformed");
}

/* Base64 of at most max bytes, appended. */
static int decode(const char *text, size_t max, struct buf *out,
                  struct error *e)
{
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (text == NULL || len > BASE64_SIZE(max))
        return malformed(e);
    if (buf_reserve(out, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for the keyring");
    got = base64_decode(out->p, len, text, len, true);
    if (got <= 0)
        return malformed(e);
    out->len = (size_t)got;
    return 0;
}

static int read_line(struct keyring_change *c, const json_t *item,
                     struct error *e)
{
    struct keyring_line *line = &c->lines[c->nlines];
    const char *text = json_str(item, "signature");

    if (c->nlines == sizeof(c->lines) / sizeof(c->lines[0]) || text == NULL ||
        base64_decode(line->signature, SIGN_LEN, text, strlen(text), true) !=
            SIGN_LEN)
        return malformed(e);
    c->nlines++;
    return decode(json_str(item, "entry"), LIMIT_LEDGER_ENTRY, &line->entry, e);
}

static int read_grant(struct keyring_change *c, const json_t *item,
                      struct error *e)
{
    const json_t *epoch = json_object_get(item, "epoch");
    const json_t *uid = json_object_get(item, "uid");
    struct keyring_grant *g = &c->grants[c->ngrants];

    if (!json_is_integer(epoch) || json_integer_value(epoch) < 1 ||
        json_integer_value(epoch) > INT32_MAX || !json_is_integer(uid) ||
        json_integer_value(uid) < 0 || json_integer_value(uid) > UINT32_MAX)
        return malformed(e);
    g->epoch = (unsigned)json_integer_value(epoch);
    g->uid = (uint32_t)json_integer_value(uid);
    c->ngrants++;
    return decode(json_str(item, "file"), LIMIT_GRANT, &g->file, e);
}

static int read_change(struct keyring_change *c, const json_t *body,
                       struct error *e)
{
    const json_t *lines = json_object_get(body, "entries");
    const json_t *grants = json_object_get(body, "grants");
    const json_t *size = json_object_get(body, "size");
    const json_t *item;
    size_t i;

    if (!json_is_integer(size) || json_integer_value(size) < 0)
        return malformed(e);
    c->size = (uint64_t)json_integer_value(size);
    c->grants = calloc(json_array_size(grants) + 1, sizeof(*c->grants));
    if (c->grants == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the keyring");
    json_array_foreach(lines, i, item)
    {
        if (read_line(c, item, e) != 0)
            return -1;
    }
    json_array_foreach(grants, i, item)
    {
        if (read_grant(c, item, e) != 0)
            return -1;
    }
    return 0;
}

static void change_free(struct keyring_change *c)
{
    for (size_t i = 0; i < c->nlines; i++)
        buf_free(&c->lines[i].entry);
    for (size_t i = 0; i < c->ngrants; i++)
        buf_free(&c->grants[i].file);
    free(c->grants);
}

/* Entry and signature in the ring's own rules; how long it is now. */
static int change(struct request *r, struct keyring_change *c,
                  const json_t *body, struct error *e)
{
    if (read_change(c, body, e) != 0 ||
        registrar_change_keyring(r->desk->needs.registrar, c, e) != 0)
        return -1;
    return answer_json(
        r,
        json_pack("{s:I, s:I, s:I}", "size", (json_int_t)(c->size + c->nlines),
                  "conversations", (json_int_t)c->left->conversations, "cases",
                  (json_int_t)c->left->cases),
        e);
}

int serve_keyring_change(struct request *r, struct error *e)
{
    struct keyring_left left = { 0 };
    struct keyring_change c = { .by = request_access(r, NULL), .left = &left };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    if (body != NULL && request_signature(r, body, "", &signature, e) == 0) {
        c.by.signature = &signature;
        ok = change(r, &c, body, e);
    }
    change_free(&c);
    json_decref(body);
    return ok;
}

/* A member's own key: the entry is signed by the former one, and there is no
 * other signature yet. */
int serve_keyring_key(struct request *r, struct error *e)
{
    struct keyring_left left = { 0 };
    struct keyring_change c = { .by = request_access(r, NULL), .left = &left };
    json_t *body = request_body(r, e);
    int ok = body == NULL ? -1 : change(r, &c, body, e);

    change_free(&c);
    json_decref(body);
    return ok;
}
