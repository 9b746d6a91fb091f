/*
 * Whom an incident touched: what somebody read, what was read in a time, or
 * what is sealed to an epoch whose secret got out. Read from the log's entries,
 * a page at a time. On record before the first row, and with their number and
 * hash behind the last.
 */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

struct affected {
    struct desk *desk;
    struct store *store; /* for rows: the walk has another */
    struct staff_access by;
    char incident[ID_SIZE];
    uint64_t epoch; /* 0: readings are looked for */
    char actor[STAFF_NAME_SIZE];
    msec since, until;
    uint64_t last; /* the entry after which it is over */
    uint64_t rows;
    struct sha256 *hash; /* of all lines */
};

static void affected_free(void *arg)
{
    struct affected *a = arg;

    if (a == NULL)
        return;
    store_close(&a->store);
    sha256_free(&a->hash);
    free(a);
}

/* ---- which entries ------------------------------------------------------ */

/* Events by which somebody of staff came to know what is of a person. */
static bool is_reading(const char *event)
{
    static const char *const readings[] = {
        "document_read",    "document_shown",   "documents_listed",
        "case_read",        "chat_read",        "subject_exported",
        "subject_searched", "subject_revealed", "request_shown",
        "receipt_issued",   "custody_exported",
    };

    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
        if (strcmp(readings[i], event) == 0)
            return true;
    return false;
}

/* Was this document sealed to the epoch? Why, or NULL; "" when that cannot be
 * found out. */
static const char *sealed_to(struct affected *a, const json_t *leaf,
                             const char *event)
{
    const char *id = json_str(leaf, "document_id");
    struct document_row row;
    struct error e = { 0 };
    int found;

    if (id == NULL || (strcmp(event, "media_stored") != 0 &&
                       strcmp(event, "media_quarantined") != 0))
        return NULL;
    if ((uint64_t)json_integer_value(json_object_get(leaf, "epoch")) ==
        a->epoch)
        return "sealed";
    /* Its header may have been moved there since. */
    if ((found = document_get(a->store, id, &row, &e)) < 0)
        return "";
    return found > 0 && (row.epoch == a->epoch || row.former_epoch == a->epoch)
               ? "moved"
               : NULL;
}

/* Why the entry is on the list, or NULL; "" as above. */
static const char *reason_for(struct affected *a, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *actor = json_str(leaf, "actor"), *text = json_str(leaf, "time");
    msec time = 0;

    if (event == NULL || text == NULL || time_parse(text, &time) != 0 ||
        time < a->since || time >= a->until)
        return NULL;
    if (a->epoch != 0)
        return sealed_to(a, leaf, event);
    return is_reading(event) &&
                   (a->actor[0] == '\0' ||
                    (actor != NULL && strcmp(actor, a->actor) == 0))
               ? "read"
               : NULL;
}

/* ---- rows --------------------------------------------------------------- */

static int add_row(struct affected *a, const json_t *leaf, const char *why,
                   struct buf *out)
{
    const size_t from = out->len;
    json_t *o = json_pack(
        "{s:O, s:O, s:O, s:s, s:s?, s:s?, s:s?, s:s?}", "index",
        json_object_get(leaf, "index"), "time", json_object_get(leaf, "time"),
        "event_type", json_object_get(leaf, "event_type"), "why", why, "actor",
        json_str(leaf, "actor"), "subject", json_str(leaf, "subject"),
        "case_id", json_str(leaf, "case_id"), "document_id",
        json_str(leaf, "document_id"));
    int ok =
        o == NULL || json_canonical(o, out) != 0 || buf_adds(out, "\n") != 0
            ? -1
            : 0;

    json_decref(o);
    if (ok != 0)
        return -1;
    sha256_add(a->hash, out->p + from, out->len - from);
    a->rows++;
    return 0;
}

static int record_end(struct affected *a)
{
    uint8_t sum[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    struct error e = { 0 };
    int ok = -1;

    sha256_final(a->hash, sum);
    hex_encode(hex, sum, sizeof(sum));
    a->by.event_type = "affected_list_ended";
    a->by.evidence = json_pack("{s:s, s:I, s:s}", "request_id", a->incident,
                               "rows", (json_int_t)a->rows, "rows_sha256", hex);
    if (a->by.evidence == NULL)
        (void)error_set(&e, ERR_NOMEM, "no memory for a record");
    else
        ok = registrar_record(a->desk->needs.registrar, &a->by, &e);
    json_decref(a->by.evidence);
    a->by.evidence = NULL;
    if (ok != 0)
        log_error("affected", &e);
    return ok;
}

/* Whoever has the last row finds on record what they have. */
static int see_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf_hash, struct buf *out)
{
    struct affected *a = arg;
    struct error e = { 0 };
    json_t *leaf = json_parse(entry, len, &e);
    const char *why = leaf == NULL ? "" : reason_for(a, leaf);
    int ok = why == NULL ? 0 : why[0] == '\0' ? -1 : add_row(a, leaf, why, out);

    (void)leaf_hash;
    json_decref(leaf);
    return ok == 0 && index == a->last ? record_end(a) : ok;
}

/* ---- the request -------------------------------------------------------- */

struct looking {
    const char *name;
    bool found;
};

static int look(void *arg, const uint8_t *bytes, size_t len,
                const uint8_t *signature, size_t signature_len)
{
    struct looking *l = arg;
    struct keyring_entry entry;
    struct error e = { 0 };

    (void)signature;
    (void)signature_len;
    if (keyring_entry_parse(&entry, bytes, len, &e) != 0)
        return -1;
    l->found |= (entry.type == KEYRING_ROOT || entry.type == KEYRING_STAFF) &&
                strcmp(entry.staff.name, l->name) == 0;
    return 0;
}

/* Were they ever on the keyring, are there so many epochs? A list of nothing
 * about a misspelt name would be believed. */
static int check_names(const struct affected *a, const struct request *r,
                       struct error *e)
{
    struct looking l = { a->actor, false };

    if (a->epoch > keyring_epoch(r->keyring))
        return error_set(e, ERR_NOT_FOUND, "no such epoch");
    if (a->actor[0] == '\0')
        return 0;
    if (keyring_row_list(r->store, look, &l, e) != 0)
        return -1;
    if (l.found)
        return 0;
    (void)error_set(e, ERR_NOT_FOUND, "no such member of staff");
    return error_hint(e, "resguardo staff list names who is on the keyring");
}

static int read_query(struct affected *a, const struct request *r,
                      struct error *e)
{
    const char *actor = request_query(r, "actor");

    a->since = INT64_MIN;
    a->until = INT64_MAX;
    if (request_query_number(r, "epoch", &a->epoch, e) != 0 ||
        request_query_time(r, "since", &a->since, e) != 0 ||
        request_query_time(r, "until", &a->until, e) != 0)
        return -1;
    if (a->epoch != 0 && actor != NULL)
        return error_set(e, ERR_INPUT, "an epoch or an actor, not both");
    if (a->epoch == 0 && actor == NULL && a->since == INT64_MIN &&
        a->until == INT64_MAX)
        return error_set(e, ERR_INPUT,
                         "an epoch, an actor or a time is needed");
    if (actor != NULL && strlen(actor) >= sizeof(a->actor))
        return error_set(e, ERR_INPUT, "actor is no name of staff");
    if (actor != NULL)
        memcpy(a->actor, actor, strlen(actor) + 1);
    return 0;
}

/* What was asked, as it stands on record: no words of anybody. */
static json_t *question(const struct affected *a, uint64_t entries)
{
    json_t *o = json_pack("{s:s, s:I}", "request_id", a->incident, "entries",
                          (json_int_t)entries);
    char time[TIME_SIZE];
    int ok = 0;

    if (a->epoch != 0)
        ok |=
            json_object_set_new(o, "epoch", json_integer((json_int_t)a->epoch));
    if (a->actor[0] != '\0')
        ok |= json_object_set_new(o, "reader", json_string(a->actor));
    if (a->since != INT64_MIN) {
        time_format(time, a->since);
        ok |= json_object_set_new(o, "since", json_string(time));
    }
    if (a->until != INT64_MAX) {
        time_format(time, a->until);
        ok |= json_object_set_new(o, "until", json_string(time));
    }
    if (ok == 0)
        return o;
    json_decref(o);
    return NULL;
}

static int find_incident(struct affected *a, struct request *r, struct error *e)
{
    struct request_row row;
    int found =
        id_valid(r->id, 'g') ? request_get(r->store, r->id, &row, e) : 0;

    if (found == 0 || (found > 0 && strcmp(row.type, "incident") != 0))
        return error_set(e, ERR_NOT_FOUND, "no such incident");
    if (found > 0)
        memcpy(a->incident, row.id, sizeof(a->incident));
    return found > 0 ? 0 : -1;
}

static int begin(struct affected *a, struct request *r,
                 struct ledger_span *span, struct error *e)
{
    const struct config *config = r->desk->needs.config;
    struct registrar_status status;
    int ok = -1;

    registrar_get_status(r->desk->needs.registrar, &status);
    if ((a->hash = sha256_new()) == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    if (find_incident(a, r, e) != 0 || read_query(a, r, e) != 0 ||
        check_names(a, r, e) != 0 ||
        store_open(&a->store, config->storage, config->slots_mirror,
                   STORE_READER, &random_system, e) != 0 ||
        ledger_find_times(r->store, status.ledger_size, a->since, a->until,
                          span, e) != 0)
        return -1;
    a->by = request_access(r, "affected_listed");
    a->by.evidence = question(a, status.ledger_size);
    if (a->by.evidence == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a record");
    else
        ok = request_record(r, &a->by, e);
    json_decref(a->by.evidence);
    a->by.evidence = NULL;
    return ok;
}

int serve_affected(struct request *r, struct error *e)
{
    struct affected *a = calloc(1, sizeof(*a));
    struct ledger_span span = { 0 };

    if (a == NULL)
        return error_set(e, ERR_NOMEM, "no memory for an answer");
    a->desk = r->desk;
    if (begin(a, r, &span, e) != 0 ||
        (span.from >= span.to && record_end(a) != 0)) {
        affected_free(a);
        return -1;
    }
    a->last = span.to - 1;
    return lines_answer(r, span.from, span.to, see_entry, a, affected_free, e);
}
