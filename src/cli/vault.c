/* vault status, vault rotate, vault rewrap, vault grant */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int vault_run_status(const struct cli *cli, struct error *e)
{
    static const struct output_column columns[] = {
        { "epoch", "EPOCH" },
        { "documents", "DOCUMENTS" },
        { "recipient", "RECIPIENT" },
        { NULL, NULL },
    };

    return output_list(cli, "/vault", NULL, NULL, columns, e);
}

int vault_run_rotate(const struct cli *cli, struct error *e)
{
    struct session s = { 0 };
    json_t *change = NULL, *answer = NULL;
    int ok = -1;

    if (session_open(&s, cli, "/keyring", e) != 0)
        goto out;
    change = session_change(&s);
    if (change_epoch(&s, change, e) != 0) {
        json_decref(change);
        goto out;
    }
    ok = session_post(&s, change, &answer, e);
    if (ok == 0)
        (void)fprintf(stderr,
                      "what comes from now on is sealed to epoch %u\nto move "
                      "what is stored, too: resguardo vault rewrap\n",
                      keyring_epoch(s.ring));
out:
    json_decref(answer);
    session_close(&s);
    return ok;
}

/* ---- grant -------------------------------------------------------------- */

static int write_out(void *arg, const uint8_t *bytes, size_t n, struct error *e)
{
    return outfile_write(arg, bytes, n, e);
}

int vault_run_grant(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    struct outfile *file = NULL;
    struct buf path = { 0 };
    int ok = -1;

    if (client_path(&path, "/grants/", cli->argument, "") != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (client_open(&client, cli->socket, e) == 0 &&
             outfile_open(&file, cli->options[OPTION_OUT], e) == 0 &&
             client_stream(client, (const char *)path.p, NULL, write_out, file,
                           e) == 0)
        ok = outfile_commit(file, e);
    client_close(&client);
    outfile_close(&file);
    buf_free(&path);
    return ok;
}

/* ---- rewrap ------------------------------------------------------------- */

/* A page at a time, each in a transaction of the daemon's: whatever stops this
 * in between, a document has its former header or its new one, and the next
 * run goes on with those of former epochs. */
struct rewrapping {
    struct session s;
    struct epochs epochs;
    unsigned newest;
    bool used; /* the nonce was */
    json_int_t total, done, failed;
    int percent; /* shown last */
};

static void show_progress(struct rewrapping *w)
{
    int percent = w->total > 0 ? (int)(w->done * 100 / w->total) : 100;

    if (percent == w->percent)
        return;
    w->percent = percent;
    (void)fprintf(stderr, "rewrapped %lld of %lld (%d %%)%s",
                  (long long)w->done, (long long)w->total, percent,
                  isatty(STDERR_FILENO) && percent < 100 ? "\r" : "\n");
}

static int skip(struct rewrapping *w, const char *document, const char *why)
{
    (void)fprintf(stderr, "document %s: %s\n", document, why);
    w->failed++;
    return 0;
}

static json_t *header_json(const char *document, unsigned former,
                           const struct buf *header)
{
    char *text = malloc(BASE64_SIZE(header->len));
    json_t *o = NULL;

    if (text != NULL) {
        base64_encode(text, header->p, header->len, true);
        o = json_pack("{s:s, s:I, s:s}", "document", document, "former",
                      (json_int_t)former, "header", text);
    }
    free(text);
    return o;
}

/* One header of the page, moved, to the list. */
static int move_header(struct rewrapping *w, unsigned former,
                       const json_t *item, json_t *list, struct error *e)
{
    const char *document = json_str(item, "document");
    const char *text = json_str(item, "header");
    struct buf header = { 0 }, moved = { 0 };
    struct error why = { 0 };
    ssize_t got;
    int ok = -1;

    if (document == NULL || !id_valid(document, 'd'))
        return error_set(e, ERR_INPUT, "the desk's answer is malformed");
    if (text == NULL)
        return skip(w, document,
                    "its header does not open; see: resguardo "
                    "check");
    if (strlen(text) > BASE64_SIZE(LIMIT_AGE_HEADER) ||
        buf_reserve(&header, strlen(text)) != 0) {
        (void)error_set(e, ERR_NOMEM, "no memory for a header");
        goto out;
    }
    got = base64_decode(header.p, strlen(text), text, strlen(text), true);
    header.len = got > 0 ? (size_t)got : 0;
    if (header_rewrap(
            &moved, header.p, header.len, w->epochs.secrets[former - 1],
            w->epochs.secrets[w->newest - 1], &random_system, &why) != 0)
        ok = skip(w, document, why.text);
    else if (json_array_append_new(list,
                                   header_json(document, former, &moved)) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a header");
    else
        ok = 0;
out:
    buf_free(&header);
    buf_free(&moved);
    return ok;
}

/* Takes the list. */
static int send_page(struct rewrapping *w, json_t *list, struct error *e)
{
    json_t *answer = NULL, *body;
    int ok = -1;

    if (json_array_size(list) == 0) {
        json_decref(list);
        return 0;
    }
    body = json_pack("{s:I, s:o}", "epoch", (json_int_t)w->newest, "headers",
                     list);
    if (body == NULL)
        return error_set(e, ERR_NOMEM, "no memory for headers");
    if (w->used && session_nonce(&w->s, e) != 0) {
        json_decref(body);
        return -1;
    }
    w->used = true;
    ok = session_post(&w->s, body, &answer, e);
    w->done += json_integer_value(json_object_get(answer, "done"));
    json_decref(answer);
    if (ok == 0)
        show_progress(w);
    return ok;
}

/* Moves one page; *more says whether there was any. */
static int move_page(struct rewrapping *w, unsigned epoch, json_int_t *after,
                     bool *more, struct error *e)
{
    struct buf path = { 0 };
    json_t *answer = NULL, *list = json_array();
    const json_t *item;
    size_t i;
    int ok = -1;

    if (buf_addf(&path, "/vault/headers?epoch=%u&after=%lld", epoch,
                 (long long)*after) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else
        answer = client_get_json(w->s.client, (const char *)path.p, e);
    buf_free(&path);
    if (answer == NULL || list == NULL)
        goto out;
    *more = json_array_size(json_object_get(answer, "headers")) > 0;
    *after = json_integer_value(json_object_get(answer, "after"));
    json_array_foreach(json_object_get(answer, "headers"), i, item)
    {
        if (move_header(w, epoch, item, list, e) != 0)
            goto out;
    }
    ok = send_page(w, list, e);
    list = NULL;
out:
    json_decref(answer);
    json_decref(list);
    return ok;
}

static int move_epoch(struct rewrapping *w, unsigned epoch, struct error *e)
{
    json_int_t after = 0;
    bool more = true;

    if (epochs_get(&w->epochs, epoch, e) == NULL)
        return -1;
    while (more)
        if (move_page(w, epoch, &after, &more, e) != 0)
            return -1;
    return 0;
}

static int move_all(struct rewrapping *w, struct error *e)
{
    json_t *list = client_get_json(w->s.client, "/vault", e);
    const json_t *item;
    size_t i;
    int ok = list == NULL ? -1 : 0;

    json_array_foreach(list, i, item)
    {
        if (i + 1 < w->newest)
            w->total += json_integer_value(json_object_get(item, "documents"));
    }
    json_array_foreach(list, i, item)
    {
        if (ok == 0 && i + 1 < w->newest &&
            json_integer_value(json_object_get(item, "documents")) > 0)
            ok = move_epoch(w, (unsigned)i + 1, e);
    }
    json_decref(list);
    return ok;
}

int vault_run_rewrap(const struct cli *cli, struct error *e)
{
    struct rewrapping w = { .percent = -1 };
    int ok = -1;

    if (session_open(&w.s, cli, "/vault/headers", e) != 0 ||
        session_epochs(&w.s, &w.epochs, e) != 0)
        goto out;
    w.newest = keyring_epoch(w.s.ring);
    if (epochs_get(&w.epochs, w.newest, e) == NULL || move_all(&w, e) != 0)
        goto out;
    if (w.failed > 0)
        (void)error_set(e, ERR_VERIFY, "%lld documents were left as they were",
                        (long long)w.failed);
    else
        ok = 0;
    (void)fprintf(stderr, "%lld documents moved to epoch %u\n",
                  (long long)w.done, w.newest);
out:
    epochs_close(&w.epochs);
    session_close(&w.s);
    return ok;
}
