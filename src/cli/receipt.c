/* consent receipt: what one person was shown and decided, checked before it is
 * handed on. */
#include "visit.h"

#include <stdlib.h>
#include <string.h>

struct receipt {
    struct visit visit;
    json_t *json;
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
    return subject != NULL && strcmp(subject, r->visit.cli->argument) == 0;
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

static int write_out(const struct receipt *r, const char *path, struct error *e)
{
    struct outfile *file = NULL;
    char *text;
    int ok = -1;

    if (path == NULL)
        return output_json(stdout, r->json, e) != 0 ? -1
                                                    : output_end(stdout, e);
    text = json_dumps(r->json, JSON_INDENT(2));
    if (text == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a receipt");
    else if (outfile_open(&file, path, e) == 0 &&
             outfile_write(file, text, strlen(text), e) == 0 &&
             outfile_write(file, "\n", 1, e) == 0)
        ok = outfile_commit(file, e);
    outfile_close(&file);
    free(text);
    return ok;
}

int consent_run_receipt(const struct cli *cli, struct error *e)
{
    struct receipt r = { .json = NULL };
    struct buf path = { 0 };
    int ok = -1;

    if (buf_adds(&path, "/consent/receipt") != 0 ||
        client_query(&path, "subject", cli->argument) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a path");
        goto out;
    }
    if (outfile_check(cli->options[OPTION_OUT], e) != 0 ||
        visit_open(&r.visit, cli, "/ledger/checkpoint", e) != 0)
        goto out;
    r.json = client_get_json(r.visit.client, (const char *)path.p, e);
    if (r.json != NULL && check(&r, e) == 0)
        ok = write_out(&r, cli->options[OPTION_OUT], e);
out:
    json_decref(r.json);
    visit_close(&r.visit);
    buf_free(&path);
    return ok;
}
