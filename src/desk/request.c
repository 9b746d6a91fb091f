/* What a request asks for, and its place on record. */
#include "desk_private.h"

#include <string.h>

const char *request_query(const struct request *r, const char *key)
{
    const char *value =
        MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, key);

    return value == NULL || value[0] == '\0' ? NULL : value;
}

int request_query_number(const struct request *r, const char *key,
                         uint64_t *out, struct error *e)
{
    const char *text = request_query(r, key);
    int64_t value;

    if (text == NULL)
        return 0;
    if (decimal_parse(text, strlen(text), INT64_MAX, &value) != 0)
        return error_set(e, ERR_INPUT, "%s is not a number", key);
    *out = (uint64_t)value;
    return 0;
}

int request_query_time(const struct request *r, const char *key, msec *out,
                       struct error *e)
{
    const char *text = request_query(r, key);

    if (text != NULL && time_parse(text, out) != 0)
        return error_set(e, ERR_INPUT, "%s is not a time as RFC 3339 has it",
                         key);
    return 0;
}

json_t *request_body(const struct request *r, struct error *e)
{
    if (r->too_large) {
        (void)error_set(e, ERR_INPUT, "the request is too large");
        return NULL;
    }
    return json_parse(r->body.p, r->body.len, e);
}

const char *request_text(const json_t *body, const char *key, struct error *e)
{
    const char *text = json_str(body, key);

    if (text == NULL || text[strspn(text, " \t\r\n")] == '\0') {
        (void)error_set(e, ERR_INPUT, "%s is needed: in words", key);
        return NULL;
    }
    if (strlen(text) > LIMIT_REASON) {
        (void)error_set(e, ERR_INPUT, "%s has over %u bytes", key,
                        LIMIT_REASON);
        return NULL;
    }
    return text;
}

const char *request_reason(const struct request *r, json_t **body,
                           struct error *e)
{
    *body = request_body(r, e);
    return *body == NULL ? NULL : request_text(*body, "reason", e);
}

static int not_signed(struct error *e, const char *why)
{
    (void)error_set(e, ERR_NOT_PERMITTED, "%s", why);
    return error_hint(e, "is this the identity that officers added?");
}

int request_signature(const struct request *r, const json_t *body,
                      const char *reason, struct staff_signature *out,
                      struct error *e)
{
    const char *nonce = json_str(body, "nonce");
    const char *text = json_str(body, "signature");
    const struct nonce_asked asked = {
        .uid = r->staff.uid,
        .method = r->method,
        .path = r->path,
        .now = clock_now(r->desk->needs.clock),
    };
    struct buf bytes = { 0 };
    int has_body;
    bool good;

    if (nonce == NULL || text == NULL)
        return not_signed(e, "the request is not signed");
    if (r->staff.enrols)
        return not_signed(e, "a key of your own comes first");
    if (!nonce_take(r->desk->nonces, &asked, nonce))
        return not_signed(e, "the signature's nonce is not one for this");
    if (base64_decode(out->signature, SIGN_LEN, text, strlen(text), true) !=
        SIGN_LEN)
        return not_signed(e, "the signature is none");
    has_body = staff_request_body(out->body_sha256, body);
    if (has_body < 0 ||
        staff_request(&bytes, r->method, nonce, r->path, reason,
                      has_body > 0 ? out->body_sha256 : NULL) != 0) {
        buf_free(&bytes);
        return not_signed(e, "the request cannot be signed as it is");
    }
    memcpy(out->sign_key, r->staff.sign_key, SIGN_PUBLIC_LEN);
    memcpy(out->nonce, nonce, sizeof(out->nonce));
    good = staff_signed(out->sign_key, out->signature, bytes.p, bytes.len);
    buf_free(&bytes);
    return good ? 0 : not_signed(e, "the signature is not yours");
}

struct staff_access request_access(const struct request *r,
                                   const char *event_type)
{
    struct staff_access access = { .event_type = event_type,
                                   .uid = r->staff.uid,
                                   .role = r->role };

    memcpy(access.name, r->staff.name, sizeof(access.name));
    return access;
}

int request_record(const struct request *r, const struct staff_access *access,
                   struct error *e)
{
    return registrar_record(r->desk->needs.registrar, access, e);
}

int request_record_bulk(const struct request *r, struct staff_access *access,
                        struct error *e)
{
    json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "action", "bulk_read", "case",
                          access->case_id, "subject", access->subject, "reason",
                          access->reason);
    struct approval approval = { .action = ACTION_BULK_READ };
    struct buf what = { 0 };
    int ok = -1;

    if (o == NULL || json_canonical(o, &what) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for an approval");
    } else {
        approval.what = &what;
        access->approval = &approval;
        ok = request_record(r, access, e);
        access->approval = NULL;
    }
    json_decref(o);
    buf_free(&what);
    return ok;
}

int request_find_staff(const struct request *r, const char *name, uint32_t *uid)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(r->keyring, i)) != NULL; i++)
        if (name != NULL && strcmp(staff->name, name) == 0) {
            *uid = staff->uid;
            return 0;
        }
    return -1;
}
