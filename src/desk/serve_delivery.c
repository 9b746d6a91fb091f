/*
 * Documents to customers: the code that they write first, the order, then the
 * bytes, which go through memory to Meta and are nowhere else.
 */
#include "desk_private.h"

#include <string.h>

#include <sodium.h>

#include "resguardo/registrar_work.h"

/* ---- a template --------------------------------------------------------- */

/* template, and values: an object; both may be missing. What the names and
 * values are worth the registrar says. */
static int take_template(const json_t *body, struct template_given *given,
                         struct error *e)
{
    json_t *values = json_object_get(body, "values"), *value;
    const char *name;

    given->template = json_str(body, "template");
    given->n = 0;
    if (values == NULL)
        return 0;
    if (!json_is_object(values) || json_object_size(values) > LIMIT_PARAMETERS)
        return error_set(e, ERR_INPUT, "values: an object of at most %u",
                         LIMIT_PARAMETERS);
    json_object_foreach(values, name, value)
    {
        if (!json_is_string(value))
            return error_set(e, ERR_INPUT, "values: one is no text");
        given->names[given->n] = name;
        given->values[given->n++] = json_string_value(value);
    }
    return given->n == 0 || given->template != NULL
               ? 0
               : error_set(e, ERR_INPUT, "values without a template");
}

/* ---- the code ----------------------------------------------------------- */

int serve_code(struct request *r, struct error *e)
{
    struct code_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    o.by.signature = &signature;
    memcpy(o.by.case_id, r->id, strnlen(r->id, sizeof(o.by.case_id) - 1));
    if (body != NULL && request_signature(r, body, "", &signature, e) == 0 &&
        before_case(r, e) == 0 && take_template(body, &o.with, e) == 0 &&
        registrar_ask_code(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r,
                         json_pack("{s:s, s:o, s:b, s:o}", "code", o.code,
                                   "until", shape_time(o.until), "told",
                                   o.told != NULL, "by", shape_text(o.told)),
                         e);
    sodium_memzero(o.code, sizeof(o.code));
    json_decref(body);
    return ok;
}

/* Has it been written? The newest code of the person, if it was for this case.
 */
int serve_code_state(struct request *r, struct error *e)
{
    const msec now = clock_now(r->desk->needs.clock);
    const struct policy *policy;
    struct identity_check_row row;
    const char *state = "none";
    struct case_row of;
    msec until = 0;
    bool ignored;
    int found;

    if (before_case(r, e) != 0 || case_get(r->store, r->id, &of, e) < 0)
        return -1;
    policy =
        policy_find(registrar_policies(r->desk->needs.registrar), of.policy);
    found = identity_check_newest(r->store, of.subject, of.policy, NULL, &row,
                                  &ignored, e);
    if (found < 0)
        return -1;
    if (found > 0 && policy != NULL && strcmp(row.case_id, of.id) == 0) {
        until = row.passed != 0 ? row.passed + policy->identity_lasts
                : row.tries < LIMIT_CODE_TRIES ? row.until
                                               : 0;
        state = until <= now ? "none" : row.passed != 0 ? "checked" : "asked";
    }
    return answer_json(r,
                       json_pack("{s:s, s:o}", "state", state, "until",
                                 until > now ? shape_time(until) : json_null()),
                       e);
}

/* ---- the order ---------------------------------------------------------- */

/* A name without folders that a phone can show. */
static bool is_name(const char *name)
{
    size_t len = name == NULL ? 0 : strlen(name);

    if (len == 0 || len > LIMIT_NAME || !utf8_valid(name, len) ||
        name[0] == '.')
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f || strchr("/\\\"", *p))
            return false;
    return true;
}

static int take_order(const json_t *body, struct delivery_order *o,
                      struct error *e)
{
    const char *hash = json_str(body, "sha256");
    const json_t *size = json_object_get(body, "size");

    o->name = json_str(body, "name");
    o->caption = json_str(body, "caption");
    if (hash == NULL || !sha256_read(o->sha256, hash))
        return error_set(e, ERR_INPUT, "sha256 is no hash of a file");
    if (!json_is_integer(size) || json_integer_value(size) < 1 ||
        (uint64_t)json_integer_value(size) > LIMIT_SEND_BYTES)
        return error_set(e, ERR_INPUT, "size: 1 to %zu bytes can be sent",
                         LIMIT_SEND_BYTES);
    o->size = (size_t)json_integer_value(size);
    return is_name(o->name)
               ? 0
               : error_set(e, ERR_INPUT, "name is no name of a file");
}

int serve_delivery_order(struct request *r, struct error *e)
{
    struct delivery_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = NULL;
    int ok = -1;

    memcpy(o.by.case_id, r->id, strnlen(r->id, sizeof(o.by.case_id) - 1));
    o.by.signature = &signature;
    o.by.reason = request_reason(r, &body, e);
    if (o.by.reason != NULL &&
        request_signature(r, body, o.by.reason, &signature, e) == 0 &&
        before_case(r, e) == 0 && take_order(body, &o, e) == 0 &&
        take_template(body, &o.with, e) == 0 &&
        registrar_order_delivery(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, json_pack("{s:s}", "id", o.id), e);
    json_decref(body);
    return ok;
}

/* ---- the bytes ---------------------------------------------------------- */

void delivery_admit(struct request *r, const char *method, const char *path)
{
    static const char folder[] = "/deliveries/";
    const union MHD_ConnectionInfo *info;
    const struct keyring_staff *staff;
    uint32_t uid;
    int none = 0;

    if (strcmp(method, "POST") != 0 ||
        strncmp(path, folder, strlen(folder)) != 0)
        return;
    /* Whoever may not send does not fill memory. */
    info = MHD_get_connection_info(r->connection,
                                   MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == NULL || socket_peer(info->connect_fd, &uid) != 0)
        return;
    staff = keyring_find(registrar_keyring(r->desk->needs.registrar), uid);
    if (staff != NULL && (staff->roles & ROLE_AGENT) != 0)
        r->sends =
            __atomic_compare_exchange_n(&r->desk->sending, &none, 1, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void delivery_over(struct request *r)
{
    if (r->sends)
        __atomic_store_n(&r->desk->sending, 0, __ATOMIC_RELEASE);
    r->sends = false;
}

/* What staff signed: its hash and size. */
static int check_bytes(struct request *r, const struct delivery_row *row,
                       struct error *e)
{
    uint8_t hash[SHA256_LEN], wanted[SHA256_LEN];
    struct buf text = { 0 };
    json_t *file = NULL;
    int ok = -1;

    if (!r->sends)
        return error_set(e, ERR_CONFLICT,
                         "another document is being sent: try again");
    if (r->too_large)
        return error_set(e, ERR_INPUT, "at most %zu bytes can be sent",
                         LIMIT_SEND_BYTES);
    if (delivery_file(r->store, row->id, &text, e) == 1)
        file = json_parse(text.p, text.len, e);
    sha256_of(hash, r->body.p, r->body.len);
    if (file != NULL && json_str(file, "sha256") != NULL &&
        sha256_read(wanted, json_str(file, "sha256")))
        ok = sodium_memcmp(hash, wanted, SHA256_LEN) == 0
                 ? 0
                 : error_set(e, ERR_INPUT,
                             "the bytes are not those that were signed for");
    json_decref(file);
    buf_free(&text);
    return ok;
}

static bool is_sent_type(const char *type)
{
    static const char *const types[] = { "application/pdf", "image/jpeg",
                                         "image/png" };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i], type) == 0)
            return true;
    return false;
}

/* What speaks against it, as it is put on record; NULL: Meta has it. */
static const char *hand_over(struct request *r, struct desk_outgoing *out,
                             struct error *e)
{
    const struct desk_needs *n = &r->desk->needs;

    if (n->judge == NULL || n->upload == NULL || n->judge(n->arg, out, e) != 0)
        return "judge";
    if (!is_sent_type(out->media_type) || out->finding[0] != '\0')
        return "type";
    return n->upload(n->arg, out, e) != 0 ? "upload" : NULL;
}

static int refused(const char *reason, const struct desk_outgoing *out,
                   struct error *e)
{
    if (strcmp(reason, "type") == 0)
        return error_set(
            e, ERR_INPUT, "it is %s%s%s: PDF, JPEG and PNG can be sent",
            out->media_type[0] != '\0' ? out->media_type : "of no known type",
            out->finding[0] != '\0' ? ", with " : "", out->finding);
    if (e->code == ERR_NONE)
        (void)error_set(e, ERR_NETWORK, "it could not be sent: %s", reason);
    return -1;
}

static int send_it(struct request *r, const struct delivery_row *row,
                   struct error *e)
{
    struct desk_outgoing out = { .bytes = r->body.p, .len = r->body.len };
    struct delivery_end end = { .size = r->body.len };
    struct error why = { 0 }, late = { 0 };

    memcpy(out.number, row->number, strnlen(row->number, 32));
    memcpy(end.id, row->id, sizeof(end.id));
    end.reason = hand_over(r, &out, &why);
    end.media_id = out.media_id;
    end.number = out.number;
    end.media_type = out.media_type;
    buf_free(&r->body); /* wiped: from here on nobody needs it */
    if (registrar_end_delivery(r->desk->needs.registrar, &end, &late) != 0) {
        *e = late;
        return -1;
    }
    if (end.reason != NULL) {
        *e = why;
        return refused(end.reason, &out, e);
    }
    return !end.refused
               ? answer_json(
                     r, json_pack("{s:s, s:s}", "id", row->id, "state", "sent"),
                     e)
               : error_set(e, ERR_NOT_PERMITTED,
                           "not_permitted: the person withdrew, or the policy "
                           "changed, while it was on its way");
}

int serve_delivery_file(struct request *r, struct error *e)
{
    struct delivery_row row;
    int found =
        id_valid(r->id, 'y') ? delivery_get(r->store, r->id, &row, e) : 0;

    if (found < 0)
        return -1;
    if (found == 0 || row.ordered_by != r->staff.uid)
        return error_set(e, ERR_NOT_FOUND, "no such order");
    if (strcmp(row.state, "ordered") != 0)
        return error_set(e, ERR_CONFLICT, "the order is over: order it again");
    return check_bytes(r, &row, e) != 0 ? -1 : send_it(r, &row, e);
}
