/*
 * policy record: what a policy in force says of its treatment, field by field,
 * as a register of data bases asks for it (Colombia: RNBD, Ley 1581 de 2012,
 * art. 25; elsewhere the record of art. 30 of the GDPR). Whoever registers
 * copies it: nothing is sent.
 */
#include "record.h"
#include "sheet.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for a record");
}

/* ---- fields ------------------------------------------------------------- */

struct record {
    json_t *rows;
    bool english, failed;
};

/* Takes the value; one that is missing leaves the field open, to be seen. */
static void put(struct record *r, const char *key, const char *es,
                const char *en, json_t *value)
{
    json_t *row =
        json_pack("{s:s, s:s, s:o}", "key", key, "field", r->english ? en : es,
                  "value", value != NULL ? value : json_string(""));

    if (row == NULL || json_array_append_new(r->rows, row) != 0)
        r->failed = true;
}

/* A list as one text. */
static json_t *joined(const json_t *list)
{
    struct buf out = { 0 };
    const json_t *one;
    json_t *text;
    size_t i;
    int ok = buf_adds(&out, "");

    json_array_foreach(list, i, one)
    {
        if (ok == 0 && i > 0)
            ok = buf_adds(&out, "; ");
        if (ok == 0 && json_is_string(one))
            ok = buf_adds(&out, json_string_value(one));
    }
    text = ok == 0 ? json_string((const char *)out.p) : NULL;
    buf_free(&out);
    return text;
}

static json_t *text_of(const json_t *policy, const char *key)
{
    return json_incref(json_object_get(policy, key));
}

static void put_controller(struct record *r, const json_t *policy)
{
    put(r, "controller", "Responsable del tratamiento", "Controller",
        text_of(policy, "controller"));
    put(r, "address", "Dirección", "Address",
        text_of(policy, "contact_address"));
    put(r, "email", "Correo electrónico", "E-mail",
        text_of(policy, "contact_email"));
    put(r, "phone", "Teléfono", "Telephone", text_of(policy, "contact_phone"));
    put(r, "contact", "Área que atiende peticiones, consultas y reclamos",
        "Who answers petitions and claims", text_of(policy, "dpo"));
    put(r, "authority", "Autoridad de control", "Supervisory authority",
        text_of(policy, "authority"));
    put(r, "channels", "Canales de atención a los titulares",
        "Channels for the persons",
        json_sprintf("WhatsApp; %s; %s", json_str(policy, "contact_email"),
                     json_str(policy, "other_channel") != NULL
                         ? json_str(policy, "other_channel")
                         : ""));
}

/* What people call it, else its id. */
static const char *title_of(const json_t *policy, const json_t *purpose)
{
    const char *language = json_str(policy, "language");
    const char *title =
        language == NULL
            ? NULL
            : json_str(json_object_get(purpose, "titles"), language);

    return title != NULL ? title : json_str(purpose, "purpose");
}

static void put_purposes(struct record *r, const json_t *policy)
{
    const json_t *purpose;
    bool sensitive = false;
    size_t i;

    json_array_foreach(json_object_get(policy, "purposes"), i, purpose)
    {
        const bool special =
            json_is_true(json_object_get(purpose, "sensitive"));
        const char *id = json_str(purpose, "purpose");
        json_t *data = joined(json_object_get(purpose, "personal_data"));

        sensitive |= special;
        put(r, id, "Finalidad", "Purpose",
            json_sprintf("%s · %s · %s%s", title_of(policy, purpose),
                         json_str(purpose, "legal_basis"),
                         data != NULL ? json_string_value(data) : "",
                         !special     ? ""
                         : r->english ? " · sensitive data"
                                      : " · datos sensibles"));
        json_decref(data);
    }
    put(r, "sensitive", "Contiene datos sensibles", "Has sensitive data",
        json_string(!sensitive   ? "no"
                    : r->english ? "yes"
                                 : "sí"));
}

static void put_treatment(struct record *r, const json_t *policy)
{
    put(r, "form", "Forma de tratamiento", "Form of treatment",
        json_string(r->english ? "automated" : "automatizada"));
    put(r, "source", "Origen de los datos", "Where the data come from",
        json_string(r->english ? "the person, over WhatsApp"
                               : "el titular, por WhatsApp"));
    put(r, "processors", "Encargados y destinatarios",
        "Processors and recipients",
        joined(json_object_get(policy, "recipients")));
    put(r, "storage", "Lugares de almacenamiento", "Where they are stored",
        joined(json_object_get(policy, "storage_locations")));
    put(r, "country", "País de almacenamiento", "Country of storage",
        text_of(policy, "hosting_country"));
    put(r, "retention", "Vigencia y conservación", "How long they are kept",
        text_of(policy, "retention"));
    put(r, "security", "Medidas de seguridad", "Security measures",
        json_string(
            r->english
                ? "documents encrypted at rest with keys that the server does "
                  "not hold; access by role, each reading on record; ledger "
                  "that cannot be altered unnoticed; erasure by destroying "
                  "keys"
                : "documentos cifrados en reposo con llaves que el servidor no "
                  "tiene; acceso por roles y registro de cada lectura; "
                  "bitácora que no se puede alterar sin que se note; borrado "
                  "por destrucción de llaves"));
}

/* What the policy's files say; NULL with error. */
static json_t *rows_of(const json_t *policy, bool english, struct error *e)
{
    struct record r = { .rows = json_array(), .english = english };
    const char *id = json_str(policy, "policy");
    const char *version = json_str(policy, "notice_version");

    put(&r, "database", "Nombre de la base de datos", "Name of the data base",
        json_sprintf(english ? "Documents received over WhatsApp (%s)"
                             : "Documentos recibidos por WhatsApp (%s)",
                     id));
    put_controller(&r, policy);
    put_purposes(&r, policy);
    put_treatment(&r, policy);
    put(&r, "notice", "Política de tratamiento", "Notice",
        json_sprintf("%s/notice/%s/%s/%s", json_str(policy, "url"), id, version,
                     json_str(policy, "language")));
    put(&r, "version", "Versión de la política", "Version of the notice",
        json_string(version));
    if (!r.failed)
        return r.rows;
    json_decref(r.rows);
    (void)no_memory(e);
    return NULL;
}

/* ---- forms -------------------------------------------------------------- */

static const struct output_column columns[] = {
    { "key", "KEY" }, { "field", "FIELD" }, { "value", "VALUE" }, { NULL, NULL }
};

static int write_csv(struct buf *out, const json_t *rows)
{
    const json_t *row;
    size_t i;
    int ok = csv_object(out, NULL, columns);

    json_array_foreach(rows, i, row)
    {
        if (ok == 0)
            ok = csv_object(out, row, columns);
    }
    return ok;
}

static int write_html(struct buf *out, const json_t *rows, bool english)
{
    struct sheet s = { .out = out, .english = english };
    const json_t *row;
    size_t i;

    sheet_put(&s,
              "<!doctype html>\n<html lang=\"%s\"><head><meta "
              "charset=\"utf-8\"><title>%s</title><style>body{font:14px "
              "sans-serif;margin:2em}td,th{border:1px solid #999;padding:.4em;"
              "text-align:left;vertical-align:top}table{border-collapse:"
              "collapse}</style></head>\n<body><h1>%s</h1><table>\n",
              sheet_say(&s, "es", "en"),
              sheet_say(&s, "Registro de la base de datos",
                        "Record of the data base"),
              sheet_say(&s, "Registro de la base de datos",
                        "Record of the data base"));
    json_array_foreach(rows, i, row)
    {
        sheet_put(&s, "<tr><th>");
        sheet_text(&s, json_str(row, "field"));
        sheet_put(&s, "</th><td>");
        sheet_text(&s, json_str(row, "value"));
        sheet_put(&s, "</td></tr>\n");
    }
    sheet_put(&s, "</table></body></html>\n");
    return s.failed ? -1 : 0;
}

static int show(const struct cli *cli, const json_t *rows, bool english,
                struct error *e)
{
    const char *format = cli->options[OPTION_FORMAT];
    struct buf out = { 0 };
    int ok;

    if (cli->json || (format != NULL && strcmp(format, "json") == 0))
        return output_json(stdout, rows, e);
    if (format == NULL)
        return output_table(stdout, rows, columns + 1, e);
    ok = strcmp(format, "csv") == 0 ? write_csv(&out, rows)
                                    : write_html(&out, rows, english);
    if (ok == 0)
        (void)fwrite(out.p, 1, out.len, stdout);
    else
        (void)no_memory(e);
    buf_free(&out);
    return ok;
}

/* ---- the command -------------------------------------------------------- */

int policy_run_record(const struct cli *cli, struct error *e)
{
    json_t *policies = NULL, *rows = NULL;
    const json_t *policy;
    bool english;
    int ok = -1;

    if (sheet_language(&english, cli, e) != 0 ||
        (policies = client_fetch(cli, "/policies", NULL, NULL, e)) == NULL)
        return -1;
    policy = record_policy(policies, cli->argument, e);
    if (policy == NULL)
        (void)error_set(e, ERR_NOT_FOUND, "no such policy is in force: %s",
                        cli->argument);
    else if ((rows = rows_of(policy, english, e)) != NULL)
        ok = show(cli, rows, english, e);
    json_decref(rows);
    json_decref(policies);
    return ok != 0 ? -1 : output_end(stdout, e);
}
