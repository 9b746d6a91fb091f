/*
 * vault rewrap: moves stored documents to the newest epoch, a page at a time,
 * each page in a transaction of the daemon's. Whatever stops this in between, a
 * document has its former header or its new one, and the next run goes on.
 *
 * A moved header is unproven: the daemon keeps the one before until an officer
 * has taken the new one back from the desk and opened both to the same file
 * key. That is done here, too, for what other officers moved; what we moved
 * ourselves is left to another officer, if there is one.
 *
 * The desk is not believed: its pages must come to an end, and each round must
 * leave less than there was.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGE   128
#define ROUNDS 64u
/* How long files under way under a former epoch are waited for. */
#define WAIT_S 120u

struct rewrapping {
    struct session s;
    struct epochs epochs;
    unsigned newest;
    json_t *vault; /* what the desk says of the epochs */
    json_int_t total, done, proven;
    size_t failed, waiting, others; /* of those that wait: not ours to prove */
    int percent;                    /* shown last */
};

static json_int_t number(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static int malformed(struct error *e)
{
    return error_set(e, ERR_INPUT, "the desk's answer is malformed");
}

static int no_end(struct error *e)
{
    (void)error_set(e, ERR_VERIFY, "the desk's headers come to no end");
    return error_hint(e, "somebody may be in its place: ask the administrator");
}

/* ---- what is left ------------------------------------------------------- */

static int look(struct rewrapping *w, struct error *e)
{
    const json_t *item;
    size_t i;

    json_decref(w->vault);
    w->vault = client_get_json(w->s.client, "/vault", e);
    if (w->vault == NULL)
        return -1;
    if (json_array_size(w->vault) < w->newest)
        return malformed(e);
    json_array_foreach(w->vault, i, item)
    {
        if (number(item, "epoch") != (json_int_t)i + 1 ||
            number(item, "documents") < 0 || number(item, "under_way") < 0 ||
            number(item, "unproven") < 0)
            return malformed(e);
    }
    return 0;
}

/* Of all former epochs. */
static json_int_t left(const struct rewrapping *w, const char *member)
{
    json_int_t sum = 0;

    for (unsigned n = 1; n < w->newest; n++)
        sum += number(json_array_get(w->vault, n - 1), member);
    return sum;
}

static void show_progress(struct rewrapping *w)
{
    int percent = w->total > 0 ? (int)(w->done * 100 / w->total) : 100;

    percent = percent > 100 ? 100 : percent;
    if (percent == w->percent)
        return;
    w->percent = percent;
    (void)fprintf(stderr, "rewrapped %lld of %lld (%d %%)%s",
                  (long long)w->done, (long long)w->total, percent,
                  isatty(STDERR_FILENO) && percent < 100 ? "\r" : "\n");
}

/* ---- one header --------------------------------------------------------- */

static int skip(struct rewrapping *w, const char *document, const char *why)
{
    (void)fprintf(stderr, "document %s: %s\n", document, why);
    w->failed++;
    return 0;
}

/* 1: it is there; 0: the daemon could not unwrap it; -1. */
static int take_header(struct buf *out, const json_t *item, const char *key,
                       struct error *e)
{
    const char *text = json_str(item, key);
    size_t len = text != NULL ? strlen(text) : 0;
    ssize_t got;

    if (text == NULL)
        return 0;
    if (len > BASE64_SIZE(LIMIT_AGE_HEADER))
        return malformed(e);
    if (buf_reserve(out, len) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a header");
    got = base64_decode(out->p, len, text, len, true);
    out->len = got > 0 ? (size_t)got : 0;
    return 1;
}

/* Seals what `key` of the item holds, of epoch `former`, to the newest. */
static int move_header(struct rewrapping *w, unsigned former, const char *key,
                       const json_t *item, json_t *list, struct error *e)
{
    const char *document = json_str(item, "document");
    struct buf header = { 0 }, moved = { 0 };
    struct error why = { 0 };
    int ok = take_header(&header, item, key, e);

    if (ok == 0)
        (void)skip(w, document,
                   "its header does not open; see: resguardo check");
    if (ok <= 0)
        goto out;
    ok = -1;
    if (epochs_get(&w->epochs, former, e) == NULL)
        goto out;
    if (header_rewrap(
            &moved, header.p, header.len, w->epochs.secrets[former - 1],
            w->epochs.secrets[w->newest - 1], &random_system, &why) != 0)
        ok = skip(w, document, why.text);
    else if (json_array_append_new(
                 list, json_pack("{s:s, s:I, s:o}", "document", document,
                                 "former", (json_int_t)former, "header",
                                 json_base64(moved.p, moved.len))) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for a header");
    else
        ok = 0;
out:
    buf_free(&header);
    buf_free(&moved);
    return ok;
}

/* Posts a list, if there is anything in it; takes it. */
static int send(struct rewrapping *w, const char *path, json_t *list,
                json_int_t *done, struct error *e)
{
    json_t *answer = NULL, *body;
    json_int_t most = (json_int_t)json_array_size(list), got;
    int ok;

    if (most == 0) {
        json_decref(list);
        return 0;
    }
    body = json_pack("{s:I, s:o}", "epoch", (json_int_t)w->newest, "headers",
                     list);
    ok = session_ask(&w->s, path, body, &answer, e);
    got = number(answer, "done");
    json_decref(answer);
    if (ok == 0 && (got < 0 || got > most))
        return malformed(e);
    *done += got;
    return ok;
}

/* ---- pages -------------------------------------------------------------- */

/* A walk over the headers of one epoch. The place is the desk's word, and only
 * goes forward; what there is to come was said before. */
struct walk {
    const char *path;
    unsigned epoch;
    json_t *after;
    json_int_t most;
    int (*page)(struct rewrapping *, const struct walk *, const json_t *list,
                struct error *);
};

static bool is_further(const json_t *after, const json_t *next)
{
    if (json_is_string(after) && json_is_string(next))
        return strcmp(json_string_value(after), json_string_value(next)) < 0;
    return json_is_integer(after) && json_is_integer(next) &&
           json_integer_value(after) < json_integer_value(next);
}

/* 1: there was a page; 0: there was none any more; -1. */
static int walk_page(struct rewrapping *w, struct walk *walk, struct error *e)
{
    json_t *answer = NULL, *body, *next;
    const json_t *list, *item;
    size_t i;
    int ok = -1;

    body = json_pack("{s:I, s:O}", "epoch", (json_int_t)walk->epoch, "after",
                     walk->after);
    if (session_ask(&w->s, walk->path, body, &answer, e) != 0)
        return -1;
    list = json_object_get(answer, "headers");
    next = json_object_get(answer, "after");
    json_array_foreach(list, i, item)
    {
        const char *document = json_str(item, "document");

        if (document == NULL || !id_valid(document, 'd')) {
            (void)malformed(e);
            goto out;
        }
    }
    if (json_array_size(list) == 0) {
        ok = 0;
        goto out;
    }
    walk->most -= (json_int_t)json_array_size(list);
    if (!is_further(walk->after, next) || json_array_size(list) > PAGE ||
        walk->most < 0) {
        (void)no_end(e);
        goto out;
    }
    json_decref(walk->after);
    walk->after = json_incref(next);
    ok = walk->page(w, walk, list, e) == 0 ? 1 : -1;
out:
    json_decref(answer);
    return ok;
}

static int walk_all(struct rewrapping *w, struct walk *walk, struct error *e)
{
    int more;

    do
        more = walk->after == NULL
                   ? error_set(e, ERR_NOMEM, "no memory for headers")
                   : walk_page(w, walk, e);
    while (more > 0);
    json_decref(walk->after);
    return more;
}

/* ---- moving ------------------------------------------------------------- */

static int move_page(struct rewrapping *w, const struct walk *walk,
                     const json_t *page, struct error *e)
{
    json_t *list = json_array();
    const json_t *item;
    size_t i;

    json_array_foreach(page, i, item)
    {
        if (move_header(w, walk->epoch, "header", item, list, e) != 0) {
            json_decref(list);
            return -1;
        }
    }
    if (send(w, "/vault/headers", list, &w->done, e) != 0)
        return -1;
    show_progress(w);
    return 0;
}

static int move_epoch(struct rewrapping *w, unsigned epoch, struct error *e)
{
    const json_t *o = json_array_get(w->vault, epoch - 1);
    struct walk walk = { .path = "/vault/headers/read",
                         .epoch = epoch,
                         .after = json_integer(0),
                         .most = number(o, "documents") +
                                 number(o, "under_way") + PAGE,
                         .page = move_page };

    if (epochs_get(&w->epochs, epoch, e) == NULL) {
        json_decref(walk.after);
        return -1;
    }
    return walk_all(w, &walk, e);
}

/* One round over all former epochs. */
static int move_round(struct rewrapping *w, struct error *e)
{
    for (unsigned n = 1; n < w->newest; n++)
        if (number(json_array_get(w->vault, n - 1), "documents") > 0 &&
            move_epoch(w, n, e) != 0)
            return -1;
    return 0;
}

/* Files under way are sealed to the epoch of their order. */
static int wait_for_files(struct rewrapping *w, struct error *e)
{
    const struct timespec pause = { .tv_nsec = 250000000 };

    if (left(w, "documents") > 0 || left(w, "under_way") == 0)
        return 0;
    (void)fprintf(stderr,
                  "waiting for %lld files that are under way to a former "
                  "epoch\n",
                  (long long)left(w, "under_way"));
    for (unsigned i = 0; i < WAIT_S * 4 && left(w, "under_way") > 0 &&
                         left(w, "documents") == 0;
         i++) {
        (void)nanosleep(&pause, NULL);
        if (look(w, e) != 0)
            return -1;
    }
    if (left(w, "documents") > 0 || left(w, "under_way") == 0)
        return 0;
    (void)error_set(e, ERR_BUSY,
                    "%lld files are still under way to a former "
                    "epoch",
                    (long long)left(w, "under_way"));
    return error_hint(e, "run it again when they have come; see: resguardo "
                         "vault status");
}

static int move_all(struct rewrapping *w, struct error *e)
{
    json_int_t before;

    for (unsigned round = 0; round < ROUNDS; round++) {
        if (wait_for_files(w, e) != 0)
            return -1;
        before = left(w, "documents") + left(w, "under_way");
        if (left(w, "documents") == 0)
            return 0;
        w->total = w->done + left(w, "documents");
        if (move_round(w, e) != 0 || look(w, e) != 0)
            return -1;
        if (w->failed > 0)
            return 0; /* they were named; the rest was moved */
        if (left(w, "documents") + left(w, "under_way") >= before)
            break;
    }
    return no_end(e);
}

/* ---- proving ------------------------------------------------------------ */

static bool other_officer(const struct rewrapping *w)
{
    const struct keyring_staff *staff;

    for (size_t i = 0; (staff = keyring_staff_at(w->s.ring, i)) != NULL; i++)
        if (staff->uid != w->s.uid && (staff->roles & ROLE_OFFICER) != 0 &&
            !staff->enrols)
            return true;
    return false;
}

/* 1: both headers open to one file key; 0: the new one does not; -1. */
static int compare(struct rewrapping *w, unsigned former, const json_t *item,
                   uint8_t hash[static SHA256_LEN], struct error *e)
{
    json_int_t epoch = number(item, "epoch");
    struct buf header = { 0 }, before = { 0 };
    struct error why = { 0 };
    int ok = -1;

    if (epoch < 1 || epoch > (json_int_t)w->newest ||
        epochs_get(&w->epochs, (unsigned)epoch, e) == NULL ||
        epochs_get(&w->epochs, former, e) == NULL ||
        take_header(&header, item, "header", e) < 0 ||
        take_header(&before, item, "former", e) < 0)
        goto out;
    ok = header_same(header.p, header.len, w->epochs.secrets[epoch - 1],
                     before.p, before.len, w->epochs.secrets[former - 1],
                     &why) == 0;
    if (ok != 0)
        sha256_of(hash, header.p, header.len);
    else
        (void)fprintf(stderr, "document %s: moved by user %lld: %s\n",
                      json_str(item, "document"),
                      (long long)number(item, "moved_by"), why.text);
out:
    buf_free(&header);
    buf_free(&before);
    return ok;
}

/* What opens is proven; what does not is moved again from the former one. */
static int prove_item(struct rewrapping *w, unsigned former, const json_t *item,
                      json_t *good, json_t *again, struct error *e)
{
    uint8_t hash[SHA256_LEN];
    char hex[HEX_SIZE(SHA256_LEN)];
    int same = compare(w, former, item, hash, e);

    if (same < 0)
        return -1;
    if (same == 0)
        return move_header(w, former, "former", item, again, e);
    if (!json_is_true(json_object_get(item, "yours"))) {
        w->waiting++;
        w->others++;
        return 0;
    }
    hex_encode(hex, hash, sizeof(hash));
    return json_array_append_new(good, json_pack("{s:s, s:s}", "document",
                                                 json_str(item, "document"),
                                                 "sha256", hex)) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a header");
}

static int prove_page(struct rewrapping *w, const struct walk *walk,
                      const json_t *page, struct error *e)
{
    json_t *good = json_array(), *again = json_array();
    const json_t *item;
    json_int_t mended = 0;
    size_t i;

    json_array_foreach(page, i, item)
    {
        if (prove_item(w, walk->epoch, item, good, again, e) != 0) {
            json_decref(good);
            json_decref(again);
            return -1;
        }
    }
    w->waiting += json_array_size(again);
    if (send(w, "/vault/headers/confirmed", good, &w->proven, e) != 0) {
        json_decref(again);
        return -1;
    }
    if (send(w, "/vault/headers", again, &mended, e) != 0)
        return -1;
    if (mended > 0)
        (void)fprintf(stderr, "%lld headers moved again from the former ones\n",
                      (long long)mended);
    return 0;
}

/* Takes each moved header back from the desk and opens it. */
static int prove_all(struct rewrapping *w, struct error *e)
{
    w->waiting = w->others = 0;
    for (unsigned n = 1; n < w->newest; n++) {
        const json_t *o = json_array_get(w->vault, n - 1);
        struct walk walk = { .path = "/vault/headers/unproven",
                             .epoch = n,
                             .most = number(o, "unproven") + PAGE,
                             .page = prove_page };

        if (number(o, "unproven") == 0)
            continue;
        walk.after = json_string("");
        if (walk_all(w, &walk, e) != 0)
            return -1;
    }
    return look(w, e);
}

/* ---- the command -------------------------------------------------------- */

static int report(const struct rewrapping *w, struct error *e)
{
    (void)fprintf(stderr,
                  "%lld documents moved to epoch %u, %lld headers proven\n",
                  (long long)w->done, w->newest, (long long)w->proven);
    if (w->waiting > 0)
        (void)fprintf(stderr,
                      "%zu headers wait for %s to prove them: resguardo vault "
                      "rewrap\n",
                      w->waiting,
                      w->others > 0 || other_officer(w) ? "another officer"
                                                        : "you");
    if (w->others > 0 && !other_officer(w))
        (void)fprintf(stderr,
                      "as long as you are alone, what you moved is yours to "
                      "prove after %d days\n",
                      LIMIT_PROOF_ALONE_D);
    return w->failed == 0
               ? 0
               : error_set(e, ERR_VERIFY,
                           "%zu documents were left as they were", w->failed);
}

int vault_run_rewrap(const struct cli *cli, struct error *e)
{
    struct rewrapping w = { .percent = -1 };
    int ok = -1;

    if (session_open(&w.s, cli, "/vault/headers", e) != 0 ||
        session_epochs(&w.s, &w.epochs, e) != 0)
        goto out;
    w.newest = keyring_epoch(w.s.ring);
    if (epochs_get(&w.epochs, w.newest, e) == NULL || look(&w, e) != 0 ||
        move_all(&w, e) != 0 || prove_all(&w, e) != 0)
        goto out;
    /* What was mended just now is ours to prove, if we are alone. */
    if (w.waiting > 0 && !other_officer(&w) && prove_all(&w, e) != 0)
        goto out;
    ok = report(&w, e);
out:
    json_decref(w.vault);
    epochs_close(&w.epochs);
    session_close(&w.s);
    return ok;
}
