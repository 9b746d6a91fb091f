/* Templates, and lists of people that one of them is to be sent to. */
#include "desk_private.h"

#include <stdlib.h>
#include <string.h>

#include "resguardo/registrar_work.h"

#define BATCH_LEN 32u

/* ---- templates ---------------------------------------------------------- */

static json_t *answers_json(const struct policy_template *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < t->nanswers; i++)
        if (json_array_append_new(
                list,
                json_pack("{s:s, s:s}", "title", t->answers[i].title,
                          "leads_to", answer_names[t->answers[i].kind])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *template_json(const struct policy *p,
                             const struct policy_template *t)
{
    json_t *parameters = json_array();
    int ok = 0;

    for (size_t i = 0; i < t->nparameters; i++)
        ok |= json_array_append_new(
            parameters,
            json_pack("{s:s, s:s, s:i}", "name", t->parameters[i].name, "type",
                      parameter_type_names[t->parameters[i].type], "max",
                      t->parameters[i].max));
    if (ok != 0) {
        json_decref(parameters);
        return NULL;
    }
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:o, s:o, s:o}", "policy",
        p->id, "id", t->id, "name", t->name, "language", t->language,
        "category", template_category_names[t->category], "class",
        contact_class_names[t->class], "purpose", p->purposes[t->purpose].id,
        "header", t->carries ? "document" : NULL, "parameters", parameters,
        "stage", shape_text(template_stage_names[t->stage]), "answers",
        answers_json(t));
}

int serve_templates(struct request *r, struct error *e)
{
    const struct policy_set *set = registrar_policies(r->desk->needs.registrar);
    const char *wanted = request_query(r, "policy");
    json_t *list = json_array();

    for (size_t i = 0; i < set->n; i++) {
        const struct policy *p = set->policies[i];

        if (wanted != NULL && strcmp(p->id, wanted) != 0)
            continue;
        for (size_t k = 0; k < p->ntemplates; k++)
            if (json_array_append_new(
                    list, template_json(p, &p->templates[k])) != 0) {
                json_decref(list);
                return error_set(e, ERR_NOMEM, "no memory for an answer");
            }
    }
    return answer_json(r, list, e);
}

/* ---- a list ------------------------------------------------------------- */

/* Digits of a number as Meta writes it, or a user id; nothing else. */
static int take_recipient(const json_t *row, struct outbound_item *item,
                          struct error *e)
{
    item->to = json_str(row, "to");
    if (item->to == NULL || item->to[0] == '\0' ||
        strlen(item->to) > LIMIT_HANDLE)
        return error_set(e, ERR_INPUT, "row %lld: to is missing",
                         (long long)item->row);
    item->phone = item->to[strspn(item->to, "0123456789")] == '\0';
    return 0;
}

static int take_values(const json_t *row, struct outbound_item *item,
                       struct error *e)
{
    const json_t *list = json_object_get(row, "values"), *value;
    const char *other = json_str(row, "other_channel");
    size_t i;

    if (!json_is_array(list) || json_array_size(list) > LIMIT_PARAMETERS)
        return error_set(e, ERR_INPUT, "row %lld: values are no list",
                         (long long)item->row);
    json_array_foreach(list, i, value)
    {
        item->values[i] = json_string_value(value);
    }
    item->has_other = other != NULL;
    if (other != NULL && date_parse(other, &item->other) != 0)
        return error_set(e, ERR_INPUT, "row %lld: other_channel is no day",
                         (long long)item->row);
    return 0;
}

static int take_rows(const json_t *body, struct outbound_order *o,
                     struct error *e)
{
    const json_t *rows = json_object_get(body, "rows"), *row;
    size_t i;

    if (!json_is_array(rows) || json_array_size(rows) == 0 ||
        json_array_size(rows) > LIMIT_OUTBOUND_ROWS)
        return error_set(e, ERR_INPUT, "rows: 1 to %u at a time",
                         LIMIT_OUTBOUND_ROWS);
    o->n = json_array_size(rows);
    o->items = calloc(o->n, sizeof(*o->items));
    if (o->items == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a list");
    json_array_foreach(rows, i, row)
    {
        struct outbound_item *item = &o->items[i];
        const json_t *n = json_object_get(row, "row");

        item->row = json_integer_value(n);
        if (!json_is_integer(n) || item->row < 1 || item->row > LIMIT_CSV_ROWS)
            return error_set(e, ERR_INPUT, "a row has no number");
        if (take_recipient(row, item, e) != 0 || take_values(row, item, e) != 0)
            return -1;
    }
    return 0;
}

static int take_order(const json_t *body, struct outbound_order *o,
                      struct error *e)
{
    const char *batch = json_str(body, "batch");

    o->policy = json_str(body, "policy");
    o->template = json_str(body, "template");
    if (o->policy == NULL || o->template == NULL)
        return error_set(e, ERR_INPUT, "policy and template are needed");
    if (batch == NULL || strlen(batch) != BATCH_LEN ||
        batch[strspn(batch, "0123456789abcdef")] != '\0')
        return error_set(e, ERR_INPUT, "batch is not 32 hex digits");
    memcpy(o->batch, batch, BATCH_LEN + 1);
    return take_rows(body, o, e);
}

static json_t *results(const struct outbound_order *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->n; i++) {
        const struct outbound_item *item = &o->items[i];

        if (json_array_append_new(list, json_pack("{s:I, s:s, s:o, s:o}", "row",
                                                  (json_int_t)item->row,
                                                  "state", item->state, "rule",
                                                  shape_text(item->rule), "id",
                                                  shape_text(item->id))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

int serve_outbound(struct request *r, struct error *e)
{
    struct outbound_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    o.by.signature = &signature;
    if (body != NULL && request_signature(r, body, "", &signature, e) == 0 &&
        take_order(body, &o, e) == 0 &&
        registrar_outbound(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, results(&o), e);
    free(o.items);
    json_decref(body);
    return ok;
}

/* ---- who wants no advertising ------------------------------------------- */

static int take_numbers(const json_t *body, struct exclusion_order *o,
                        struct error *e)
{
    const json_t *list = json_object_get(body, "numbers"), *one;
    size_t i;

    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > LIMIT_OUTBOUND_ROWS)
        return error_set(e, ERR_INPUT, "numbers: 1 to %u at a time",
                         LIMIT_OUTBOUND_ROWS);
    o->n = json_array_size(list);
    o->numbers = calloc(o->n, sizeof(*o->numbers));
    if (o->numbers == NULL)
        return error_set(e, ERR_NOMEM, "no memory for a list");
    json_array_foreach(list, i, one)
    {
        const char *text = json_string_value(one);
        size_t len = text == NULL ? 0 : strspn(text, "0123456789");

        if (len < 8 || len > 15 || text[len] != '\0')
            return error_set(e, ERR_INPUT,
                             "numbers: one is no number with its country");
        o->numbers[i] = text;
    }
    return 0;
}

static int take_list(const json_t *body, struct exclusion_order *o,
                     struct error *e)
{
    const char *list = json_str(body, "list_sha256");
    uint8_t hash[SHA256_LEN];

    if (list == NULL || strlen(list) != sizeof(o->list) - 1 ||
        hex_decode(hash, sizeof(hash), list, sizeof(o->list) - 1, false) != 0)
        return error_set(e, ERR_INPUT, "list_sha256 is not 64 hex digits");
    memcpy(o->list, list, sizeof(o->list));
    o->leave = json_is_true(json_object_get(body, "leave"));
    return take_numbers(body, o, e);
}

int serve_exclude(struct request *r, struct error *e)
{
    struct exclusion_order o = { .by = request_access(r, NULL) };
    struct staff_signature signature;
    json_t *body = request_body(r, e);
    int ok = -1;

    o.by.signature = &signature;
    if (body != NULL && request_signature(r, body, "", &signature, e) == 0 &&
        take_list(body, &o, e) == 0 &&
        registrar_exclude(r->desk->needs.registrar, &o, e) == 0)
        ok = answer_json(r, json_pack("{s:I}", "numbers", (json_int_t)o.n), e);
    free(o.numbers);
    json_decref(body);
    return ok;
}
