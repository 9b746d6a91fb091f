/*
 * ledger reconcile: what came in, what was fetched, kept and destroyed, each
 * counted twice: from the entries, recomputed here, and from the rows that the
 * desk counts. Then `check`, file by file.
 */
#include "visit.h"

#include <inttypes.h>
#include <string.h>

struct sums {
    uint64_t entries;  /* that the rows belong to */
    json_t *files;     /* attachment: {subject, fetched, end} */
    json_t *documents; /* document: subject; not destroyed alone */
    json_t *erased;    /* subject: true, or false while it is under way */
    struct ledger_gate *gate;
    json_t *found; /* differences, in words */
    /* Of the entries. */
    int64_t held, tries, fetched, kept, destroyed, leaving, open;
    int64_t refused, dropped, expired, discarded, untouched;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to reconcile");
}

/* ---- entries ------------------------------------------------------------ */

static int differ(struct sums *s, struct error *e, json_t *words)
{
    return json_array_append_new(s->found, words) == 0 ? 0 : no_memory(e);
}

static json_t *file_of(struct sums *s, const json_t *entry)
{
    const char *id = json_str(entry, "attachment_id");
    const char *who = json_str(entry, "subject");
    json_t *file = id == NULL ? NULL : json_object_get(s->files, id);

    if (file != NULL || id == NULL)
        return file;
    file = json_pack("{s:s?}", "subject", who);
    return json_object_set_new(s->files, id, file) == 0 ? file : NULL;
}

static int set(json_t *o, const char *key, json_t *value, struct error *e)
{
    return json_object_set_new(o, key, value) == 0 ? 0 : no_memory(e);
}

static int learn_file(struct sums *s, const char *event, const json_t *entry,
                      struct error *e)
{
    static const char *const ends[] = { "stored", "quarantined", "refused",
                                        "dropped", "expired" };
    const char *what = event + strlen("media_");
    json_t *file = file_of(s, entry);

    if (file == NULL)
        return no_memory(e);
    if (strcmp(what, "held") == 0)
        s->held++;
    if (strcmp(what, "discarded") == 0)
        s->discarded++;
    if (strcmp(what, "fetching") == 0) {
        s->tries++;
        return set(file, "fetched", json_true(), e);
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(what, ends[i]) == 0) {
            if (i < 2 && set(s->documents, json_str(entry, "document_id"),
                             json_incref((json_t *)(uintptr_t)json_object_get(
                                 entry, "subject")),
                             e) != 0)
                return -1;
            s->kept += i < 2;
            return set(file, "end", json_string(what), e);
        }
    return 0;
}

static int learn(struct sums *s, const json_t *entry, struct error *e)
{
    const char *event = json_str(entry, "event_type");
    const char *who = json_str(entry, "subject");
    const char *scope = json_str(entry, "scope");
    const char *document = json_str(entry, "document_id");

    if (event == NULL)
        return 0;
    if (strncmp(event, "media_", strlen("media_")) == 0)
        return learn_file(s, event, entry, e);
    if (strcmp(event, "document_erased") == 0 && document != NULL) {
        s->destroyed += json_object_del(s->documents, document) == 0;
        return 0;
    }
    if (strcmp(event, "erasure_started") == 0 && who != NULL && scope != NULL &&
        strcmp(scope, "subject") == 0)
        return set(s->erased, who, json_false(), e);
    if (strcmp(event, "subject_erased") == 0 && who != NULL)
        return set(s->erased, who, json_true(), e);
    return 0;
}

static int see(void *arg, uint64_t index, const uint8_t *bytes, size_t len,
               const uint8_t leaf[static LEDGER_HASH_LEN], struct error *e)
{
    struct sums *s = arg;
    const char *violation = NULL;
    json_t *entry;
    int ok = -1;

    (void)leaf;
    if (index >= s->entries) /* the rows are of before it */
        return 0;
    entry = json_parse(bytes, len, e);
    if (entry == NULL || ledger_gate_add(s->gate, entry, &violation, e) != 0 ||
        learn(s, entry, e) != 0)
        goto out;
    ok = violation == NULL
             ? 0
             : differ(s, e,
                      json_sprintf("entry %" PRIu64 ": %s", index, violation));
out:
    json_decref(entry);
    return ok;
}

/* ---- sums --------------------------------------------------------------- */

static void count_file(struct sums *s, const json_t *file)
{
    const char *end = json_str(file, "end"), *who = json_str(file, "subject");
    bool fetched = json_object_get(file, "fetched") != NULL;

    s->fetched += fetched;
    if (end == NULL) {
        s->open += who == NULL || json_object_get(s->erased, who) == NULL;
        return;
    }
    s->refused += strcmp(end, "refused") == 0;
    s->dropped += strcmp(end, "dropped") == 0;
    s->expired += strcmp(end, "expired") == 0;
    s->untouched += !fetched;
}

static void count(struct sums *s)
{
    const char *key;
    json_t *value;

    json_object_foreach(s->files, key, value)
    {
        count_file(s, value);
    }
    json_object_foreach(s->documents, key, value)
    {
        const char *who = json_string_value(value);
        const json_t *gone =
            who == NULL ? NULL : json_object_get(s->erased, who);

        s->destroyed += json_is_true(gone);
        s->leaving += json_is_false(gone);
    }
}

static int64_t of(const json_t *counts, const char *key)
{
    return json_integer_value(json_object_get(counts, key));
}

static int64_t sum(const json_t *counts, const char *const *keys)
{
    int64_t n = 0;

    for (; *keys != NULL; keys++)
        n += of(counts, *keys);
    return n;
}

/* Rows of documents that are being erased may be there, or not any more. */
static int compare_documents(struct sums *s, const json_t *rows,
                             struct error *e)
{
    static const char *const states[] = { "stored", "quarantined", "blocked",
                                          NULL };
    int64_t there = sum(json_object_get(rows, "documents"), states);
    int64_t most = s->kept - s->destroyed;

    if (there <= most && there >= most - s->leaving)
        return 0;
    return differ(s, e,
                  json_sprintf("documents: %" PRId64 " were kept, %" PRId64
                               " destroyed, and %" PRId64 " are there",
                               s->kept, s->destroyed, there));
}

static int compare_files(struct sums *s, const json_t *rows, struct error *e)
{
    static const char *const states[] = { "held", "queued", "fetching",
                                          "judging", NULL };
    int64_t there = sum(json_object_get(rows, "attachments"), states);
    int64_t files = (int64_t)json_object_size(s->files);

    if (s->held != files &&
        differ(s, e,
               json_sprintf("files: %" PRId64 " were announced, and %" PRId64
                            " have entries",
                            s->held, files)) != 0)
        return -1;
    if (there == s->open)
        return 0;
    return differ(s, e,
                  json_sprintf("files: by the ledger %" PRId64
                               " have no end yet, by the rows %" PRId64,
                               s->open, there));
}

static int compare_traffic(struct sums *s, const json_t *rows, struct error *e)
{
    static const char *const ways[] = { "applied", "statuses",   "ignored",
                                        "failed",  "duplicates", "put_aside",
                                        NULL };
    const json_t *t = json_object_get(rows, "traffic");
    int64_t messages = of(t, "messages"), known = sum(t, ways);
    int64_t waiting = of(rows, "dead_letters");

    if (messages != known &&
        differ(s, e,
               json_sprintf("messages: %" PRId64 " came, and of %" PRId64
                            " it is known what became of them",
                            messages, known)) != 0)
        return -1;
    if (waiting > of(t, "put_aside") &&
        differ(s, e,
               json_sprintf("messages: %" PRId64 " wait, and %" PRId64
                            " were ever put aside",
                            waiting, of(t, "put_aside"))) != 0)
        return -1;
    if (s->held <= of(t, "applied") + of(t, "put_aside"))
        return 0;
    return differ(s, e,
                  json_sprintf("messages: %" PRId64
                               " files were announced by %" PRId64 " messages",
                               s->held, of(t, "applied")));
}

/* File by file: consent, hash, key, case; and what nothing names. */
static int compare_each(struct sums *s, struct client *client, struct error *e)
{
    json_t *answer = client_get_json(client, "/check", e), *fault;
    int ok = answer == NULL ? -1 : 0;
    size_t i;

    json_array_foreach(json_object_get(answer, "faults"), i, fault)
    {
        if (ok == 0)
            ok = differ(s, e, json_incref(fault));
    }
    json_decref(answer);
    return ok;
}

/* ---- telling ------------------------------------------------------------ */

static void tell_words(const struct sums *s, const json_t *rows)
{
    const json_t *t = json_object_get(rows, "traffic");
    const json_t *d = json_object_get(rows, "documents");

    (void)printf("messages   %" PRId64 " in %" PRId64 " webhooks: %" PRId64
                 " had an effect, %" PRId64 " statuses, %" PRId64
                 " ignored,\n           %" PRId64 " seen before, %" PRId64
                 " statuses failed, %" PRId64 " put aside (%" PRId64 " wait)\n",
                 of(t, "messages"), of(t, "webhooks"), of(t, "applied"),
                 of(t, "statuses"), of(t, "ignored"), of(t, "duplicates"),
                 of(t, "failed"), of(t, "put_aside"), of(rows, "dead_letters"));
    (void)printf("files      %" PRId64 " announced: %" PRId64
                 " fetched (in %" PRId64 " tries), %" PRId64
                 " ended without a download\n           %" PRId64
                 " refused, %" PRId64 " dropped, %" PRId64 " expired, %" PRId64
                 " thrown away on their way, %" PRId64 " have no end yet\n",
                 s->held, s->fetched, s->tries, s->untouched, s->refused,
                 s->dropped, s->expired, s->discarded, s->open);
    (void)printf("documents  %" PRId64 " kept, %" PRId64
                 " destroyed; there are %" PRId64 " stored, %" PRId64
                 " quarantined, %" PRId64 " blocked\n",
                 s->kept, s->destroyed, of(d, "stored"), of(d, "quarantined"),
                 of(d, "blocked"));
}

static json_t *tell_json(const struct sums *s, const json_t *rows)
{
    return json_pack(
        "{s:I, s:O, s:I, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}, "
        "s:{s:I, s:I, s:O}, s:O}",
        "entries", (json_int_t)s->entries, "messages",
        json_object_get(rows, "traffic"), "waiting",
        (json_int_t)of(rows, "dead_letters"), "files", "announced",
        (json_int_t)s->held, "tries", (json_int_t)s->tries, "fetched",
        (json_int_t)s->fetched, "not_downloaded", (json_int_t)s->untouched,
        "refused", (json_int_t)s->refused, "dropped", (json_int_t)s->dropped,
        "expired", (json_int_t)s->expired, "discarded",
        (json_int_t)s->discarded, "open", (json_int_t)s->open, "documents",
        "kept", (json_int_t)s->kept, "destroyed", (json_int_t)s->destroyed,
        "there", json_object_get(rows, "documents"), "differences", s->found);
}

static int tell(const struct cli *cli, const struct sums *s, const json_t *rows,
                struct error *e)
{
    size_t n = json_array_size(s->found), i;
    json_t *one, *o;
    int ok = 0;

    if (cli->json) {
        o = tell_json(s, rows);
        ok = output_json(stdout, o, e);
        json_decref(o);
    } else {
        tell_words(s, rows);
        json_array_foreach(s->found, i, one)
        {
            (void)printf("difference: %s\n", json_string_value(one));
        }
        if (n == 0)
            (void)puts("all of it adds up");
    }
    if (ok != 0 || output_end(stdout, e) != 0)
        return -1;
    return n == 0 ? 0
                  : error_set(e, ERR_VERIFY, "%zu difference%s; the first: %s",
                              n, n == 1 ? "" : "s",
                              json_string_value(json_array_get(s->found, 0)));
}

/* ---- the command -------------------------------------------------------- */

/* The rows first: a checkpoint made after them has all of their entries. */
static int reconcile(const struct cli *cli, struct sums *s, struct error *e)
{
    struct client *client = NULL;
    struct visit v = { 0 };
    json_t *rows = NULL;
    int ok = -1;

    if (client_open(&client, cli->socket, e) != 0 ||
        (rows = client_get_json(client, "/reconcile", e)) == NULL)
        goto out;
    s->entries = (uint64_t)of(rows, "entries");
    if (visit_open(&v, cli, "/ledger/checkpoint", e) != 0 ||
        visit_recompute(&v, see, s, e) != 0 || visit_keep(&v, e) != 0)
        goto out;
    count(s);
    if (compare_traffic(s, rows, e) == 0 && compare_files(s, rows, e) == 0 &&
        compare_documents(s, rows, e) == 0 && compare_each(s, client, e) == 0)
        ok = tell(cli, s, rows, e);
out:
    visit_close(&v);
    json_decref(rows);
    client_close(&client);
    return ok;
}

int ledger_run_reconcile(const struct cli *cli, struct error *e)
{
    struct sums s = { .files = json_object(),
                      .documents = json_object(),
                      .erased = json_object(),
                      .gate = ledger_gate_new(),
                      .found = json_array() };
    int ok = -1;

    if (s.files == NULL || s.documents == NULL || s.erased == NULL ||
        s.gate == NULL || s.found == NULL)
        (void)no_memory(e);
    else
        ok = reconcile(cli, &s, e);
    json_decref(s.files);
    json_decref(s.documents);
    json_decref(s.erased);
    json_decref(s.found);
    ledger_gate_free(&s.gate);
    return ok;
}
