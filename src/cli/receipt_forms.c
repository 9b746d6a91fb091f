/* A receipt as Kantara's JSON, as records of TS 27560, and as a folder. */
#include "receipt.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

/* ---- Kantara ------------------------------------------------------------ */

/* The members of `from` that are named, in that order. */
static json_t *only(const json_t *from, const char *const *names)
{
    json_t *out = json_object();

    for (; out != NULL && *names != NULL; names++) {
        json_t *value = json_object_get(from, *names);

        if (value != NULL && !json_is_null(value) &&
            json_object_set(out, *names, value) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static json_t *each_only(const json_t *list, const char *const *names)
{
    json_t *out = json_array();
    const json_t *one;
    size_t i;

    json_array_foreach(list, i, one)
    {
        if (json_array_append_new(out, only(one, names)) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

static json_t *services_of(const json_t *receipt)
{
    static const char *const members[] = { "purpose",
                                           "purposeCategory",
                                           "consentType",
                                           "piiCategory",
                                           "primaryPurpose",
                                           "termination",
                                           "thirdPartyDisclosure",
                                           "thirdPartyName",
                                           NULL };
    json_t *out = json_array();
    const json_t *service;
    size_t i;

    json_array_foreach(json_object_get(receipt, "services"), i, service)
    {
        if (json_array_append_new(
                out, json_pack("{s:s*, s:o}", "service",
                               json_str(service, "service"), "purposes",
                               each_only(json_object_get(service, "purposes"),
                                         members))) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

/* What sort of special data it is about: that of sensitive purposes. */
static json_t *special_of(const json_t *services)
{
    json_t *out = json_array();
    const json_t *service, *purpose;
    size_t i, k;

    json_array_foreach(services, i, service)
    {
        json_array_foreach(json_object_get(service, "purposes"), k, purpose)
        {
            const char *category = json_str(purpose, "purposeCategory");

            if (category != NULL && strcmp(category, "sensitive") == 0)
                (void)json_array_extend(
                    out, json_object_get(purpose, "piiCategory"));
        }
    }
    return out;
}

json_t *receipt_kantara(const json_t *receipt)
{
    static const char *const members[] = { "version",
                                           "jurisdiction",
                                           "consentTimestamp",
                                           "collectionMethod",
                                           "consentReceiptID",
                                           "publicKey",
                                           "language",
                                           "piiPrincipalId",
                                           "piiControllers",
                                           "sensitive",
                                           NULL };
    json_t *services = services_of(receipt);
    const char *url = json_str(
        json_array_get(json_object_get(receipt, "services"), 0), "policyUrl");
    json_t *out = only(receipt, members);

    if (out == NULL || services == NULL ||
        json_object_set_new(out, "spiCat", special_of(services)) != 0 ||
        json_object_set(out, "services", services) != 0 ||
        (url != NULL &&
         json_object_set_new(out, "policyUrl", json_string(url)) != 0)) {
        json_decref(out);
        out = NULL;
    }
    json_decref(services);
    return out;
}

/* ---- TS 27560 ----------------------------------------------------------- */

/* Entries of the events, by policy. NULL with error. */
static json_t *by_policy(const json_t *receipt, struct error *e)
{
    const json_t *record = json_object_get(receipt, "record"), *event;
    json_t *out = json_object();
    size_t i;

    json_array_foreach(json_object_get(record, "events"), i, event)
    {
        const char *text = json_str(event, "entry");
        json_t *entry = text != NULL ? json_parse(text, strlen(text), e) : NULL;
        const char *policy = json_str(entry, "policy");
        json_t *rows = json_object_get(out, policy != NULL ? policy : "");

        if (entry != NULL && policy == NULL) {
            json_decref(entry); /* a document's own end has none */
            continue;
        }
        if (rows == NULL && entry != NULL) {
            rows = json_array();
            (void)json_object_set_new(out, policy, rows);
        }
        if (json_array_append_new(rows, entry) != 0) {
            json_decref(out);
            return NULL;
        }
    }
    return out;
}

json_t *receipt_27560(const json_t *receipt, const json_t *policies,
                      struct error *e)
{
    json_t *all = by_policy(receipt, e), *graph = json_array(), *rows;
    const char *name;

    if (all == NULL || graph == NULL)
        goto fail;
    json_object_foreach(all, name, rows)
    {
        const json_t *policy = record_policy(policies, name, e);

        if (policy == NULL)
            goto fail;
        if (record_add(graph, policy, rows) != 0) {
            (void)error_set(e, ERR_NOMEM, "no memory for a record");
            goto fail;
        }
    }
    json_decref(all);
    return json_pack(
        "{s:o, s:s, s:s*, s:s, s:s*, s:o}", "@context", record_context(),
        "@type", "dpv:ConsentReceipt", "dct:identifier",
        json_str(receipt, "consentReceiptID"), "dct:conformsTo",
        "https://w3id.org/dpv/schema/dpv-27560#receipt", "dct:issued",
        json_str(receipt, "issued"), "@graph", graph);
fail:
    json_decref(graph);
    json_decref(all);
    return NULL;
}

/* ---- a folder ----------------------------------------------------------- */

static int put(struct outfolder *folder, const char *name, const void *bytes,
               size_t n, struct error *e)
{
    struct outfile *file = outfolder_add(folder, name, e);

    return file == NULL ? -1 : outfile_write(file, bytes, n, e);
}

static int put_json(struct outfolder *folder, const char *name,
                    const json_t *value, struct error *e)
{
    char *text = value != NULL ? json_dumps(value, JSON_INDENT(2)) : NULL;
    int ok = text == NULL ? error_set(e, ERR_NOMEM, "no memory for a receipt")
                          : put(folder, name, text, strlen(text), e);

    free(text);
    return ok;
}

/* The entry as it was hashed, and the proof that it stands in the tree. */
static int put_proofs(struct outfolder *folder, const json_t *receipt,
                      struct error *e)
{
    const json_t *record = json_object_get(receipt, "record"), *event;
    size_t i;

    json_array_foreach(json_object_get(record, "events"), i, event)
    {
        const char *entry = json_str(event, "entry");
        const char *proof = json_str(event, "proof");
        char name[64];

        (void)snprintf(name, sizeof(name), "event-%03zu.json", i);
        if (put(folder, name, entry, strlen(entry), e) != 0)
            return -1;
        (void)snprintf(name, sizeof(name), "event-%03zu.tlog-proof", i);
        if (put(folder, name, proof, strlen(proof), e) != 0)
            return -1;
    }
    return 0;
}

static int put_texts(struct outfolder *folder, const json_t *receipt,
                     struct error *e)
{
    const json_t *texts = json_object_get(receipt, "texts");
    static const char *const kinds[][3] = { { "notices", "notice", "md" },
                                            { "prompts", "prompt", "json" } };
    const char *hash;
    json_t *text;

    for (size_t k = 0; k < 2; k++) {
        json_object_foreach(json_object_get(texts, kinds[k][0]), hash, text)
        {
            char name[96];

            (void)snprintf(name, sizeof(name), "%s-%s.%s", kinds[k][1], hash,
                           kinds[k][2]);
            if (put(folder, name, json_string_value(text),
                    json_string_length(text), e) != 0)
                return -1;
        }
    }
    return 0;
}

int receipt_folder(struct outfolder *folder, const json_t *receipt,
                   const json_t *policies, bool english, struct error *e)
{
    json_t *kantara = receipt_kantara(receipt);
    json_t *records = receipt_27560(receipt, policies, e);
    const char *key = json_str(receipt, "publicKey");
    struct buf page = { 0 };
    int ok = -1;

    if (records != NULL &&
        receipt_page(&page, receipt, policies, english, e) == 0 &&
        put_json(folder, "receipt.json", receipt, e) == 0 &&
        put_json(folder, "kantara.json", kantara, e) == 0 &&
        put_json(folder, "27560.json", records, e) == 0 &&
        put(folder, "receipt.html", page.p, page.len, e) == 0 &&
        put(folder, "vkey", key, strlen(key), e) == 0 &&
        put_proofs(folder, receipt, e) == 0 &&
        put_texts(folder, receipt, e) == 0)
        ok = outfolder_commit(folder, e);
    buf_free(&page);
    json_decref(records);
    json_decref(kantara);
    return ok;
}
