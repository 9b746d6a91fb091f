/*
 * subject export: everything about one person in one age file. The desk's
 * lines become data.json and a page, the documents are opened with the
 * officer's own grants, and all of it goes through a ZIP archive straight into
 * the sealing: nothing plain is on a disk, and of documents nothing but what
 * streams is in memory.
 */
#include "cli.h"
#include "subject_page.h"

#include <string.h>
#include <unistd.h>

#define REASON "export of the person's data"

/* The members of data.json, in the order in which the desk sends them. */
static const struct {
    const char *record, *key;
    bool one; /* an object, not a list of them */
} groups[] = {
    { "person", "person", true },       { "handle", "handles", false },
    { "consent", "consents", false },   { "case", "cases", false },
    { "document", "documents", false }, { "attachment", "attachments", false },
    { "prompt", "prompts", false },     { "message", "messages", false },
    { "handover", "handovers", false }, { "chat", "chat", false },
    { "request", "requests", false },   { "rating", "ratings", false },
    { "promise", "promises", false },   { "contact", "contacts", false },
    { "event", "events", false },       { "notice", "notices", false },
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

struct exporting {
    struct session session;
    struct epochs epochs;
    const char *reason;
    uint8_t to[1][AGE_KEY_LEN];
    struct outfile *file;
    struct sealing *sealing;
    struct zip *zip;
    struct page *page;
    struct splitter lines;
    size_t group;      /* the next; that of the last line is before it */
    size_t in_group;   /* lines of that */
    json_t *documents; /* {id, file, payload_sha256} of those that are packed */
    size_t left_out;   /* blocked, and not among them */
    json_t *asked;     /* ids of requests that this may answer */
    uint64_t bytes;
    struct progress progress;
};

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory for an export");
}

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the desk's answer is malformed");
}

/* ---- data.json ---------------------------------------------------------- */

static int write_text(struct exporting *x, const char *text, struct error *e)
{
    return zip_add(x->zip, (const uint8_t *)text, strlen(text), e);
}

/* Ends the group that is open, if any. */
static int end_group(struct exporting *x, struct error *e)
{
    if (x->group == 0 || groups[x->group - 1].one)
        return 0;
    return write_text(x, "]", e);
}

static int begin_group(struct exporting *x, size_t which, struct error *e)
{
    struct buf text = { 0 };
    int ok;

    if (end_group(x, e) != 0)
        return -1;
    x->in_group = 0;
    ok = buf_addf(&text, "%s\n\"%s\": %s", x->group == 0 ? "{" : ",",
                  groups[which].key, groups[which].one ? "" : "[") == 0
             ? write_text(x, (const char *)text.p, e)
             : no_memory(e);
    x->group = which + 1;
    buf_free(&text);
    return ok;
}

/* Groups come once each and in their order: a member is never there twice. */
static int need_group(struct exporting *x, const char *record, struct error *e)
{
    size_t which = x->group == 0 ? 0 : x->group - 1;

    while (which < GROUPS && strcmp(groups[which].record, record) != 0)
        which++;
    if (which == GROUPS)
        return malformed(e);
    if (which + 1 != x->group)
        return begin_group(x, which, e);
    return groups[which].one ? malformed(e) : 0;
}

static int write_row(struct exporting *x, const json_t *row, struct error *e)
{
    char *text = json_dumps(row, JSON_COMPACT);
    struct buf escaped = { 0 };
    int ok = -1;

    if (text == NULL ||
        buf_adds(&escaped, x->in_group++ == 0 ? "\n" : ",\n") != 0 ||
        text_escape_json(&escaped, text) != 0)
        (void)no_memory(e);
    else
        ok = zip_add(x->zip, escaped.p, escaped.len, e);
    buf_free(&escaped);
    free(text);
    return ok;
}

/* ---- lines -------------------------------------------------------------- */

/* A document that may be read gets its place in the archive. */
static int place_document(struct exporting *x, json_t *row, struct error *e)
{
    const char *id = json_str(row, "id"), *state = json_str(row, "state");
    const char *payload = json_str(row, "payload_sha256");
    struct buf name = { 0 };
    int ok = -1;

    if (id == NULL || !id_valid(id, 'd') || state == NULL || payload == NULL)
        return malformed(e);
    if (strcmp(state, "stored") != 0 && strcmp(state, "quarantined") != 0 &&
        !json_is_true(json_object_get(row, "opened"))) {
        x->left_out += strcmp(state, "blocked") == 0;
        return json_object_set_new(row, "file", json_null()) == 0
                   ? 0
                   : no_memory(e);
    }
    if (buf_adds(&name, "documents/") == 0 &&
        file_name_add(&name, json_str(row, "file_name"), id,
                      json_str(row, "media_type")) == 0 &&
        json_object_set_new(row, "file", json_string((const char *)name.p)) ==
            0)
        ok = json_array_append_new(x->documents,
                                   json_pack("{s:s, s:s, s:s}", "id", id,
                                             "file", (const char *)name.p,
                                             "payload_sha256", payload));
    x->bytes += (uint64_t)json_integer_value(json_object_get(row, "size"));
    buf_free(&name);
    return ok == 0 ? 0 : no_memory(e);
}

/* One of theirs to see what there is, which nobody answered yet. */
static int note_request(struct exporting *x, const json_t *row, struct error *e)
{
    const char *id = json_str(row, "id"), *type = json_str(row, "type");
    const char *who = json_str(row, "requester_role");
    const char *how = json_str(row, "identity_assurance");

    if (id == NULL || type == NULL ||
        (strcmp(type, "access") != 0 && strcmp(type, "portability") != 0) ||
        !json_is_null(json_object_get(row, "closed_at")))
        return 0;
    /* What is theirs answers nobody who has not shown that they may ask. */
    if (who != NULL && strcmp(who, "subject") != 0 &&
        (how == NULL || strcmp(how, "unverified") == 0 ||
         strcmp(how, "wa_account") == 0))
        return 0;
    return json_array_append_new(x->asked, json_string(id)) == 0 ? 0
                                                                 : no_memory(e);
}

static int take_row(struct exporting *x, json_t *row, struct error *e)
{
    const char *record = json_str(row, "record");
    char kind[STAFF_NAME_SIZE];

    if (record == NULL || strlen(record) >= sizeof(kind))
        return malformed(e);
    (void)strcpy(kind, record);
    (void)json_object_del(row, "record");
    if (strcmp(kind, "document") == 0 && place_document(x, row, e) != 0)
        return -1;
    if (strcmp(kind, "request") == 0 && note_request(x, row, e) != 0)
        return -1;
    if (strcmp(kind, "chat") == 0 && chat_open(row, &x->epochs, e) != 0)
        return -1;
    if (need_group(x, kind, e) != 0 || write_row(x, row, e) != 0)
        return -1;
    return page_add(x->page, kind, row) == 0 ? 0 : no_memory(e);
}

static int add_line(void *arg, const char *line, size_t len, struct error *e)
{
    json_t *row = json_parse(line, len, e);
    int ok = row == NULL ? -1 : take_row(arg, row, e);

    json_decref(row);
    return ok;
}

/* The archive begins when the desk has agreed. */
static int add_bytes(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct exporting *x = arg;

    if (x->zip == NULL && (sealing_begin(x->sealing, x->file, false, e) != 0 ||
                           zip_new(&x->zip, sealing_add, x->sealing,
                                   clock_now(&clock_system), e) != 0 ||
                           zip_begin(x->zip, "data.json", e) != 0))
        return -1;
    return splitter_add(&x->lines, bytes, n, e);
}

static int read_rows(struct exporting *x, struct error *e)
{
    if (session_read(&x->session, NULL, NULL, x->reason, add_bytes, x, e) !=
            0 ||
        splitter_end(&x->lines, e) != 0)
        return -1;
    if (x->group == 0)
        return malformed(e);
    return end_group(x, e) != 0 || write_text(x, "\n}\n", e) != 0
               ? -1
               : zip_end(x->zip, e);
}

/* ---- documents and the page --------------------------------------------- */

static int add_plain(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    struct exporting *x = arg;

    progress_bytes(&x->progress, n);
    return zip_add(x->zip, bytes, n, e);
}

static int pack_one(struct exporting *x, const json_t *item, struct error *e)
{
    struct session *s = &x->session;
    const char *id = json_str(item, "id"), *file = json_str(item, "file");
    struct buf path = { 0 };
    int ok = -1;

    progress_file(&x->progress, file);
    if (client_path(&path, "/documents/", id, "/read") != 0)
        (void)no_memory(e);
    else {
        s->path = (const char *)path.p;
        ok = session_nonce(s, e);
    }
    if (ok == 0 && (ok = zip_begin(x->zip, file, e)) == 0 &&
        session_read(s, &x->epochs, json_str(item, "payload_sha256"), x->reason,
                     add_plain, x, e) != 0)
        ok = error_name_document(e, id);
    s->path = NULL;
    buf_free(&path);
    return ok != 0 ? -1 : zip_end(x->zip, e);
}

static int pack_documents(struct exporting *x, struct error *e)
{
    const json_t *item;
    size_t i;
    int ok = 0;

    progress_begin(&x->progress, x->session.cli->json,
                   json_array_size(x->documents), x->bytes);
    json_array_foreach(x->documents, i, item)
    {
        if ((ok = pack_one(x, item, e)) != 0)
            break;
    }
    progress_end(&x->progress);
    return ok;
}

static int pack_page(struct exporting *x, struct error *e)
{
    struct buf html = { 0 };
    int ok = -1;

    if (page_write(x->page, &html) != 0)
        (void)no_memory(e);
    else if (zip_begin(x->zip, "index.html", e) == 0 &&
             zip_add(x->zip, html.p, html.len, e) == 0)
        ok = zip_end(x->zip, e);
    buf_free(&html);
    return ok;
}

/* ---- the command -------------------------------------------------------- */

static int check_usage(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];

    if (reason != NULL && reason[strspn(reason, " \t\r\n")] == '\0')
        return error_set(e, ERR_USAGE, "--reason needs words");
    if (reason != NULL && !utf8_valid(reason, strlen(reason)))
        return error_set(e, ERR_USAGE, "--reason is no UTF-8");
    if (cli->options[OPTION_TOLD] != NULL && cli->options[OPTION_TELL] != NULL)
        return error_set(e, ERR_USAGE,
                         "they are told in the chat (--tell) or elsewhere "
                         "(--told), not both");
    if ((cli->options[OPTION_TOLD] != NULL &&
         session_words(cli, OPTION_TOLD, "--told", e) != 0) ||
        (cli->options[OPTION_TELL] != NULL &&
         session_words(cli, OPTION_TELL, "--tell", e) != 0))
        return -1;
    if (cli->options[OPTION_OUT] == NULL && isatty(STDOUT_FILENO)) {
        (void)error_set(e, ERR_USAGE, "an export is not for a terminal");
        return error_hint(e, "name a file with -o FILE, or pipe it");
    }
    return 0;
}

/* Is what they asked for answered by this? */
static bool answers(const struct cli *cli)
{
    return cli->options[OPTION_TOLD] != NULL ||
           cli->options[OPTION_TELL] != NULL;
}

static bool has_passphrase(const struct cli *cli)
{
    return cli->options[OPTION_ASK] != NULL ||
           cli->options[OPTION_PASSPHRASE_FILE] != NULL;
}

static int check_for_whom(const struct cli *cli, struct error *e)
{
    const enum option ways[] = { OPTION_READER, OPTION_ASK,
                                 OPTION_PASSPHRASE_FILE };
    size_t n = 0;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        n += cli->options[ways[i]] != NULL;
    return n <= 1 ? 0
                  : error_set(e, ERR_USAGE,
                              "--recipient, -p and --passphrase-file exclude "
                              "each other");
}

/* Theirs, or the officer's own. What is no recipient was a slip of whoever
 * typed it, and is said before anything is asked for. */
static int read_recipient(struct exporting *x, const struct cli *cli,
                          struct error *e)
{
    const char *given = cli->options[OPTION_READER];

    if (given == NULL || recipient_read(x->to[0], "--recipient", given, e) == 0)
        return 0;
    e->code = ERR_USAGE;
    return -1;
}

static int find_recipient(struct exporting *x, struct error *e)
{
    if (x->session.cli->options[OPTION_READER] != NULL)
        return 0;
    return age_identity_recipient(x->to[0], x->session.me) == 0
               ? 0
               : error_set(e, ERR_INTERNAL, "not an identity of staff");
}

/* A nonce may have ended while somebody thought of a passphrase. */
static int seal_for_passphrase(struct exporting *x, struct error *e)
{
    const struct cli *cli = x->session.cli;
    struct secret *passphrase = passphrase_get(
        cli->options[OPTION_PASSPHRASE_FILE], "the export", true, e);
    int ok = passphrase == NULL
                 ? -1
                 : sealing_for_passphrase(&x->sealing, passphrase, e);

    secret_free(&passphrase);
    return ok == 0 ? session_nonce(&x->session, e) : -1;
}

/* What this export is for was said; that it answers them says for them. */
static const char *ground_of(const struct cli *cli)
{
    return answers(cli) ? "subject_access" : cli->options[OPTION_GROUND];
}

static int prepare(struct exporting *x, struct error *e)
{
    x->session.ground = ground_of(x->session.cli);
    x->page = page_new();
    x->documents = json_array();
    x->asked = json_array();
    if (x->page == NULL || x->documents == NULL || x->asked == NULL)
        return no_memory(e);
    if (find_recipient(x, e) != 0 ||
        session_epochs(&x->session, &x->epochs, e) != 0 ||
        outfile_open(&x->file, x->session.cli->options[OPTION_OUT], e) != 0)
        return -1;
    if (has_passphrase(x->session.cli))
        return seal_for_passphrase(x, e);
    return sealing_for(&x->sealing, (const uint8_t(*)[AGE_KEY_LEN])x->to, 1, e);
}

static int run(struct exporting *x, struct error *e)
{
    if (prepare(x, e) != 0 || read_rows(x, e) != 0 ||
        pack_documents(x, e) != 0 || pack_page(x, e) != 0 ||
        zip_finish(x->zip, e) != 0 || sealing_end(x->sealing, e) != 0)
        return -1;
    return outfile_commit(x->file, e);
}

/* ---- whether it answers them -------------------------------------------- */

static void say_left_out(const struct exporting *x)
{
    if (x->left_out == 0)
        return;
    (void)fprintf(stderr, "%zu documents are blocked and not in it: %s\n",
                  x->left_out,
                  x->session.ground != NULL
                      ? "the law keeps them from everybody (docs: Blocking)"
                      : "for the person, who asked to see them, "
                        "--ground subject_access packs what their own "
                        "withdrawal blocked");
}

static int close_one(struct exporting *x, const char *id, struct error *e)
{
    const char *told = x->session.cli->options[OPTION_TOLD];
    const char *tell = x->session.cli->options[OPTION_TELL];
    struct buf path = { 0 };
    json_t *answer = NULL;
    int ok = -1;

    if (client_path(&path, "/requests/", id, "/decide") != 0)
        (void)no_memory(e);
    else
        ok = session_ask(&x->session, (const char *)path.p,
                         json_pack("{s:s, s:s, s:s, s:s*}", "action", "close",
                                   "outcome", "granted", "reason",
                                   tell != NULL ? tell : told, "told", told),
                         &answer, e);
    if (ok == 0)
        (void)fprintf(stderr, "request %s is answered\n", id);
    json_decref(answer);
    buf_free(&path);
    return ok;
}

/* Whole, for them, and they hear of it: only then is what they asked for done.
 * The file is there in any case. */
static int conclude(struct exporting *x, struct error *e)
{
    const json_t *id;
    size_t i;

    if (!answers(x->session.cli)) {
        json_array_foreach(x->asked, i, id)
        {
            (void)fprintf(stderr,
                          "request %s runs on: --told or --tell says that "
                          "this answers it\n",
                          json_string_value(id));
        }
        return 0;
    }
    if (x->left_out > 0) {
        (void)error_set(e, ERR_NOT_PERMITTED,
                        "rule whole_export: %zu documents are blocked and not "
                        "in it, so the request runs on",
                        x->left_out);
        return error_hint(e,
                          "the file is made; hand it over, then: resguardo "
                          "request close %s --outcome partial --ground GROUND",
                          json_string_value(json_array_get(x->asked, 0)));
    }
    json_array_foreach(x->asked, i, id)
    {
        if (close_one(x, json_string_value(id), e) != 0)
            return -1;
    }
    return 0;
}

/* Which ones: whose they are, the desk said alone. */
static void say(const struct exporting *x)
{
    char recipient[AGE_RECIPIENT_SIZE];
    const json_t *item;
    size_t i;

    json_array_foreach(x->documents, i, item)
    {
        struct buf name = { 0 };

        if (text_escape(&name, json_str(item, "file")) == 0)
            (void)fprintf(stderr, "packed document %s: %s\n",
                          json_str(item, "id"), (const char *)name.p);
        buf_free(&name);
    }
    age_recipient_format(recipient, x->to[0]);
    (void)fprintf(
        stderr, "%zu documents, sealed to %s\n", json_array_size(x->documents),
        has_passphrase(x->session.cli) ? "the passphrase" : recipient);
}

static int export_one(const struct cli *cli, struct error *e)
{
    const char *reason = cli->options[OPTION_REASON];
    struct exporting x = { .reason = reason != NULL ? reason : REASON };
    struct buf path = { 0 };
    int ok = -1;

    x.lines = (struct splitter){ .line = add_line, .arg = &x };
    if (read_recipient(&x, cli, e) != 0)
        return -1;
    if (client_path(&path, "/subjects/", cli->argument, "/export") != 0)
        (void)no_memory(e);
    else if (session_open(&x.session, cli, (const char *)path.p, e) == 0)
        ok = run(&x, e);
    if (ok == 0) {
        say(&x);
        say_left_out(&x);
        ok = conclude(&x, e);
    }
    buf_free(&x.lines.rest);
    page_free(&x.page);
    zip_free(&x.zip);
    sealing_free(&x.sealing);
    outfile_close(&x.file);
    json_decref(x.documents);
    json_decref(x.asked);
    epochs_close(&x.epochs);
    session_close(&x.session);
    buf_free(&path);
    return ok;
}

int subject_run_export(const struct cli *cli, struct error *e)
{
    if (cli->options[OPTION_LINKED] != NULL && cli->options[OPTION_OUT] == NULL)
        return error_set(e, ERR_USAGE,
                         "--linked makes files: name one with -o");
    return check_usage(cli, e) != 0 || check_for_whom(cli, e) != 0
               ? -1
               : linked_run(cli, export_one, e);
}
