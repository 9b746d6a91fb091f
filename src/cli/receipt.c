/* consent receipt: what one person was shown and decided, checked before it is
 * handed on. */
#include "receipt.h"

#include "sheet.h"
#include "visit.h"

#include <stdlib.h>
#include <string.h>

struct receipt {
    struct visit visit;
    json_t *json;
    const char *subject; /* whom it must be about, each entry of it */
    struct outfile *file;
    struct outfolder *folder; /* of all forms */
};

static int unsound(struct error *e, size_t i, const char *why)
{
    return error_set(e, ERR_VERIFY,
                     "event %zu of the receipt does not hold: %s", i, why);
}

/* The view that the receipt gives of an entry is that of the entry. */
static bool says_the_same(const struct receipt *r, const json_t *event,
                          const json_t *leaf)
{
    static const char *const members[][2] = {
        { "event_type", "event_type" },
        { "event_time", "time" },
        { "provider_time", "provider_time" },
        { "purpose", "purpose" },
        { "lawful_basis", "legal_basis" },
        { "privacy_notice", "notice_sha256" },
        { "notice_version", "notice_version" },
        { "language", "language" },
        { "entity_id", "subject" },
    };
    const char *subject = json_str(leaf, "subject");

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *here = json_str(event, members[i][0]);
        const char *there = json_str(leaf, members[i][1]);

        if ((here == NULL) != (there == NULL) ||
            (here != NULL && strcmp(here, there) != 0))
            return false;
    }
    return subject != NULL && r->subject != NULL &&
           strcmp(subject, r->subject) == 0;
}

static int check_event(const struct receipt *r, size_t i, const json_t *event,
                       struct error *e)
{
    const char *entry = json_str(event, "entry");
    const char *text = json_str(event, "proof");
    struct ledger_checkpoint checkpoint;
    struct ledger_proof proof;
    struct error why = { 0 };
    uint8_t leaf[LEDGER_HASH_LEN];
    json_t *value;
    int ok = -1;

    if (entry == NULL || text == NULL)
        return unsound(e, i, "it has no proof");
    ledger_leaf_hash(leaf, entry, strlen(entry));
    if (ledger_proof_open(&proof, &checkpoint, text, strlen(text), leaf,
                          r->visit.vkey, &why) != 0)
        return unsound(e, i, why.text);
    if (checkpoint.size < r->visit.now.size)
        return unsound(e, i, "its checkpoint is older than the ledger");
    value = json_parse(entry, strlen(entry), e);
    if (value != NULL && says_the_same(r, event, value))
        ok = 0;
    else if (value != NULL)
        ok = unsound(e, i, "it does not say what its entry says");
    json_decref(value);
    return ok;
}

/* Each text is the one whose hash it stands under. */
static int check_texts(const json_t *texts, struct error *e)
{
    const char *hash;
    json_t *text;

    json_object_foreach((json_t *)(uintptr_t)texts, hash, text)
    {
        uint8_t sum[SHA256_LEN];
        char hex[HEX_SIZE(SHA256_LEN)];

        sha256_of(sum, json_string_value(text), json_string_length(text));
        hex_encode(hex, sum, sizeof(sum));
        if (strcmp(hex, hash) != 0)
            return error_set(e, ERR_VERIFY,
                             "a text of the receipt is not the one that was "
                             "shown");
    }
    return 0;
}

static int check(const struct receipt *r, struct error *e)
{
    const json_t *record = json_object_get(r->json, "record");
    const json_t *texts = json_object_get(r->json, "texts");
    const json_t *notices = json_object_get(texts, "notices");
    const json_t *events = json_object_get(record, "events"), *event;
    const char *key = json_str(r->json, "publicKey");
    size_t i;

    if (!json_is_array(events) || key == NULL ||
        strcmp(key, r->visit.vkey) != 0)
        return error_set(e, ERR_VERIFY, "the receipt is not of this ledger");
    json_array_foreach(events, i, event)
    {
        const char *notice = json_str(event, "privacy_notice");

        if (check_event(r, i, event, e) != 0)
            return -1;
        if (notice != NULL && json_object_get(notices, notice) == NULL)
            return unsound(e, i, "the words of its notice are missing");
    }
    return check_texts(notices, e) != 0
               ? -1
               : check_texts(json_object_get(texts, "prompts"), e);
}

static int write_bytes(struct outfile *file, const void *bytes, size_t n,
                       struct error *e)
{
    return outfile_write(file, bytes, n, e) != 0 ? -1 : outfile_commit(file, e);
}

/* Borrows; NULL: it could not be made, and why is known. */
static int write_json(const struct receipt *r, const json_t *json,
                      struct error *e)
{
    struct buf text = { 0 };
    char *dump;
    int ok = -1;

    if (json == NULL)
        return e->code != ERR_NONE
                   ? -1
                   : error_set(e, ERR_NOMEM, "no memory for a receipt");
    if (r->visit.cli->options[OPTION_OUT] == NULL)
        return output_json(stdout, json, e) != 0 ? -1 : output_end(stdout, e);
    dump = json_dumps(json, JSON_INDENT(2));
    if (dump == NULL || buf_addf(&text, "%s\n", dump) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a receipt");
    else
        ok = write_bytes(r->file, text.p, text.len, e);
    buf_free(&text);
    free(dump);
    return ok;
}

/* ---- what form ---------------------------------------------------------- */

enum form { FORM_FULL, FORM_KANTARA, FORM_27560, FORM_HTML, FORM_ALL };

static int find_form(const struct cli *cli, enum form *form, struct error *e)
{
    static const char *const names[] = { "full", "kantara", "27560", "html",
                                         "all" };
    const char *name = cli->options[OPTION_FORMAT];
    bool ignored;
    size_t i = 0;

    if ((cli->argument != NULL) + (cli->options[OPTION_DOCUMENT] != NULL) +
            (cli->options[OPTION_CASE] != NULL) !=
        1)
        return error_set(e, ERR_USAGE,
                         "a SUBJECT, --case or --document, one of them");
    if (sheet_language(&ignored, cli, e) != 0)
        return -1;
    while (i < FORM_ALL && name != NULL && strcmp(names[i], name) != 0)
        i++;
    *form = (enum form)i;
    if (name != NULL && strcmp(names[i], name) != 0) {
        (void)error_set(e, ERR_USAGE, "no format of the receipt: %s", name);
        return error_hint(e, "formats: full, kantara, 27560, html, all");
    }
    if (*form == FORM_ALL && cli->options[OPTION_OUT] == NULL) {
        (void)error_set(e, ERR_USAGE, "all formats together need a folder");
        return error_hint(e, "add: -o DIR");
    }
    return 0;
}

/* Where it goes is known before it is on record that it was issued. */
static int open_out(struct receipt *r, enum form form, const struct cli *cli,
                    struct error *e)
{
    const char *path = cli->options[OPTION_OUT];

    if (path != NULL && client_allowed(cli, "/ledger/key", e) != 0)
        return -1;
    return form == FORM_ALL ? outfolder_open(&r->folder, path, e)
                            : outfile_open(&r->file, path, e);
}

static int write_page(const struct receipt *r, const json_t *policies,
                      bool english, struct error *e)
{
    struct buf page = { 0 };
    int ok = receipt_page(&page, r->json, policies, english, e) != 0
                 ? -1
                 : write_bytes(r->file, page.p, page.len, e);

    buf_free(&page);
    return ok;
}

static int write_out(const struct receipt *r, enum form form, struct error *e)
{
    const struct cli *cli = r->visit.cli;
    const char *lang = cli->options[OPTION_LANG];
    bool english = lang != NULL && strcmp(lang, "en") == 0;
    json_t *policies = NULL, *other = NULL;
    int ok = -1;

    e->code = ERR_NONE;
    if (form == FORM_27560 || form == FORM_ALL || form == FORM_HTML) {
        policies = client_get_json(r->visit.client, "/policies", e);
        if (policies == NULL)
            return -1;
    }
    if (form == FORM_27560)
        other = receipt_27560(r->json, policies, e);
    if (form == FORM_KANTARA)
        other = receipt_kantara(r->json);
    if (form == FORM_ALL)
        ok = receipt_folder(r->folder, r->json, policies, english, e);
    else if (form == FORM_HTML)
        ok = write_page(r, policies, english, e);
    else
        ok = write_json(r, form == FORM_FULL ? r->json : other, e);
    json_decref(other);
    json_decref(policies);
    return ok;
}

int consent_run_receipt(const struct cli *cli, struct error *e)
{
    struct receipt r = { .json = NULL };
    struct buf path = { 0 };
    enum form form = FORM_FULL;
    int ok = -1;

    if (find_form(cli, &form, e) != 0 || open_out(&r, form, cli, e) != 0)
        goto out;
    if (buf_adds(&path, "/consent/receipt") != 0 ||
        client_query(&path, "subject", cli->argument) != 0 ||
        client_query(&path, "case", cli->options[OPTION_CASE]) != 0 ||
        client_query(&path, "document", cli->options[OPTION_DOCUMENT]) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (visit_open(&r.visit, cli, "/ledger/checkpoint", e) != 0)
        goto out;
    r.json = client_get_json(r.visit.client, (const char *)path.p, e);
    r.subject = cli->argument != NULL ? cli->argument
                                      : json_str(r.json, "piiPrincipalId");
    if (r.json != NULL && check(&r, e) == 0 && visit_seen(&r.visit, e) == 0)
        ok = write_out(&r, form, e);
out:
    outfile_close(&r.file);
    outfolder_close(&r.folder);
    json_decref(r.json);
    visit_close(&r.visit);
    buf_free(&path);
    return ok;
}
