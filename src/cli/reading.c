/*
 * One reading: a signed request, recorded before its answer's first byte, and
 * the age file that comes, opened here.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* What the vault's words begin with when no identity opens a header. */
#define NO_MATCH "no identity matched"

/* The bytes behind an age header, whose last line begins with the mark. */
#define MARK "--- "
struct payload {
    const char *wanted; /* NULL: nobody said */
    struct sha256 *hash;
    size_t column; /* in the header's line */
    bool last;     /* that line begins with the mark, as far as it is seen */
    bool begun;
};

struct reading {
    const struct epochs *epochs;
    struct payload payload;
    age_sink sink;
    void *arg;
    struct age_opener *opener;
    bool begun;
};

/* ---- which payload ------------------------------------------------------ */

static void payload_add(struct payload *p, const uint8_t *bytes, size_t n)
{
    size_t i = 0;

    for (; i < n && !p->begun; i++) {
        if (bytes[i] == '\n') {
            p->begun = p->last && p->column >= strlen(MARK);
            p->column = 0;
            continue;
        }
        if (p->column < strlen(MARK))
            p->last = (p->column == 0 || p->last) &&
                      bytes[i] == (uint8_t)MARK[p->column];
        p->column++;
    }
    if (p->hash != NULL)
        sha256_add(p->hash, bytes + i, n - i);
}

/* A desk that sends another document's payload says something else than in its
 * list, or has to lie in both. */
static int payload_check(struct payload *p, struct error *e)
{
    char hex[HEX_SIZE(SHA256_LEN)];
    uint8_t hash[SHA256_LEN];

    if (p->wanted == NULL)
        return 0;
    sha256_final(p->hash, hash);
    hex_encode(hex, hash, sizeof(hash));
    if (p->begun && strcmp(hex, p->wanted) == 0)
        return 0;
    (void)error_set(
        e, ERR_VERIFY,
        "the payload that came is not the one that the desk listed");
    return error_hint(e, "run: resguardo check");
}

/* ---- reading ------------------------------------------------------------ */

static int begin(struct reading *d, struct error *e)
{
    d->begun = true;
    if (d->epochs == NULL)
        return 0;
    if (epochs_opener(&d->opener, d->epochs, d->sink, d->arg, e) != 0)
        return -1;
    age_opener_threads(d->opener, process_cores());
    return 0;
}

static int not_granted(struct error *e)
{
    (void)error_set(e, ERR_NOT_PERMITTED,
                    "no epoch that was granted to you opens this document");
    return error_hint(e, "an officer who has its epoch moves it to the newest: "
                         "resguardo vault rewrap");
}

/* What was stored here and does not open was changed since: no slip of whoever
 * reads it. */
static int damaged(struct error *e)
{
    if (strncmp(e->text, NO_MATCH, strlen(NO_MATCH)) == 0)
        return not_granted(e);
    if (e->code == ERR_INPUT)
        e->code = ERR_VERIFY;
    return e->code == ERR_VERIFY && e->hint[0] == '\0'
               ? error_hint(e, "run: resguardo check")
               : -1;
}

static int add_sealed(void *arg, const uint8_t *bytes, size_t n,
                      struct error *e)
{
    struct reading *d = arg;

    if (!d->begun && begin(d, e) != 0)
        return -1;
    payload_add(&d->payload, bytes, n);
    if (d->epochs == NULL)
        return d->sink(d->arg, bytes, n, e);
    return age_opener_add(d->opener, bytes, n, e) == 0 ? 0 : damaged(e);
}

/* The request's body: why, and the signature that says so. NULL with error. */
static char *signed_reason(struct session *s, const char *reason,
                           struct error *e)
{
    /* What a no blocked is read for the person themselves, what is restricted
     * on a ground that an officer names. */
    const char *ground =
        s->ground != NULL ? s->ground : s->cli->options[OPTION_GROUND];
    json_t *o = json_pack("{s:s, s:s*}", "reason", reason, "ground", ground);
    char *text = NULL;

    if (o == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    else if (session_sign(s, o, reason, e) == 0 &&
             (text = json_dumps(o, JSON_COMPACT)) == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for a request");
    json_decref(o);
    return text;
}

int error_name_document(struct error *e, const char *id)
{
    const struct error was = *e;

    if (strstr(was.text, id) != NULL)
        return -1;
    (void)error_set(e, was.code, "document %s: %s", id, was.text);
    return error_hint(e, "%s", was.hint);
}

int session_read(struct session *s, const struct epochs *epochs,
                 const char *payload, const char *reason, age_sink sink,
                 void *arg, struct error *e)
{
    struct reading d = { .epochs = epochs,
                         .payload = { .wanted = payload },
                         .sink = sink,
                         .arg = arg };
    char *body = signed_reason(s, reason, e);
    int ok = -1;

    if (payload != NULL && (d.payload.hash = sha256_new()) == NULL) {
        (void)error_set(e, ERR_NOMEM, "no memory for a hash");
        goto out;
    }
    if (body == NULL ||
        client_stream(s->client, s->path, body, add_sealed, &d, e) != 0)
        goto out;
    if (!d.begun)
        (void)error_set(e, ERR_VERIFY, "the desk sent nothing");
    else if (d.opener == NULL || age_opener_finish(d.opener, e) == 0)
        ok = payload_check(&d.payload, e);
    else
        (void)damaged(e);
out:
    age_opener_free(&d.opener);
    sha256_free(&d.payload.hash);
    free(body);
    return ok;
}
