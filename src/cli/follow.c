/*
 * events follow: the ledger as it grows, told to somebody else. An entry's
 * event is handed out until they have it, and only then the cursor moves: each
 * comes at least once, in order, whatever stops in between.
 */
#include "events.h"
#include "visit.h"

#include <inttypes.h>
#include <string.h>

/* How soon others hear of what was committed. */
#define LOOK_AGAIN MSEC_S

struct follow {
    const struct cli *cli;
    struct client *client;
    struct handout *handout;
    struct cursor cursor;
    char origin[LEDGER_ORIGIN_SIZE];
    bool once;
    uint64_t handed;
    uint64_t at; /* of the page under way: the entry that is next */
    bool moved;  /* past what the cursor file says */
    uint8_t leaf[LEDGER_HASH_LEN]; /* of entry at - 1 */
};

static msec backoff(unsigned tries, msec most)
{
    msec wait = tries < 11 ? MSEC_S / 4 << tries : most;

    return wait < most ? wait : most;
}

/* ---- one event ---------------------------------------------------------- */

static void tell_wait(const char *id, const struct error *why, msec wait)
{
    (void)fprintf(stderr, "%s: %s; again in %lld s\n", id, why->text,
                  (long long)((wait + MSEC_S - 1) / MSEC_S));
}

/* Until they have it. 1: it is enough, and they have it not. */
static int hand_out(struct follow *f, const struct event_out *event,
                    struct error *e)
{
    for (unsigned tries = 0;; tries++) {
        msec asked, wait;

        if (stop_asked())
            return 1;
        if (handout_try(f->handout, event, &asked, e) == 0) {
            if (tries > 0)
                (void)fprintf(stderr, "%s: handed out\n", event->id);
            f->handed++;
            return 0;
        }
        if (e->code != ERR_NETWORK || f->once)
            return stop_asked() ? 1 : -1;
        wait = backoff(tries, LIMIT_HANDOUT_WAIT_S * MSEC_S);
        wait = wait > asked ? wait : asked;
        if (!stop_asked())
            tell_wait(event->id, e, wait);
        stop_wait(wait);
    }
}

/* ---- a page of entries -------------------------------------------------- */

/* The last entry that was handed out must be the one that it was. */
static int check_last(struct follow *f, const uint8_t *leaf, struct error *e)
{
    if (memcmp(leaf, f->cursor.leaf, LEDGER_HASH_LEN) == 0)
        return 0;
    (void)error_set(e, ERR_VERIFY,
                    "entry %" PRIu64 " is not the one that was handed out",
                    f->cursor.next - 1);
    return error_hint(e, "was the ledger put back from a backup? see "
                         "docs/events.md, After a restore");
}

/* A ledger that was reopened has a new name from that entry on. */
static void note_origin(struct follow *f, const struct buf *entry)
{
    struct error ignored;
    json_t *o;
    const char *type, *vkey;
    size_t len;

    if (entry->p == NULL ||
        memmem(entry->p, entry->len, "ledger_reopened", 15) == NULL)
        return;
    o = json_parse(entry->p, entry->len, &ignored);
    type = json_str(o, "event_type");
    vkey = json_str(json_object_get(o, "evidence"), "vkey");
    len = vkey != NULL ? strcspn(vkey, "+") : sizeof(f->origin);
    if (type != NULL && strcmp(type, "ledger_reopened") == 0 &&
        len < sizeof(f->origin)) {
        memcpy(f->origin, vkey, len);
        f->origin[len] = '\0';
    }
    json_decref(o);
}

/* One line of a page: 0, 1 it is enough, -1. */
static int take_line(struct follow *f, const char *line, size_t len,
                     struct error *e)
{
    uint8_t leaf[LEDGER_HASH_LEN], own[LEDGER_HASH_LEN];
    struct event_out event = { 0 };
    struct buf entry = { 0 };
    int ok = visit_line(line, len, &entry, leaf, e);

    if (ok == 0) {
        ledger_leaf_hash(own, entry.p, entry.len);
        if (memcmp(own, leaf, sizeof(own)) != 0)
            ok = -1;
    }
    if (ok != 0)
        (void)error_set(e, ERR_VERIFY, "entry %" PRIu64 " does not hold",
                        f->at);
    else if (f->at < f->cursor.next) /* the one before, seen again */
        ok = check_last(f, leaf, e);
    else {
        note_origin(f, &entry);
        ok = event_make(&event, f->origin, f->at, entry.p, entry.len, e);
        if (ok > 0 && (ok = hand_out(f, &event, e)) == 0)
            ok = cursor_move(&f->cursor, f->at + 1, leaf, e);
        else if (ok == 0)
            f->moved = true;
    }
    if (ok == 0) {
        memcpy(f->leaf, leaf, sizeof(leaf));
        f->at++;
    }
    event_out_free(&event);
    buf_free(&entry);
    return ok;
}

static int take_page(struct follow *f, const struct buf *page, struct error *e)
{
    const char *at = (const char *)page->p;
    const char *end = page->len > 0 ? at + page->len : at;
    int ok = 0;

    while (ok == 0 && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));

        if (stop == NULL)
            return error_set(e, ERR_VERIFY, "the desk's answer was cut");
        ok = take_line(f, at, (size_t)(stop - at), e);
        at = stop + 1;
    }
    /* Entries that nobody is told of are passed with one write a page. */
    if (f->moved && f->at > f->cursor.next &&
        cursor_move(&f->cursor, f->at, f->leaf, e) != 0)
        return -1;
    f->moved = false;
    return ok;
}

/* The next entries, with the last one before them. 0: go on at once; 1: that
 * is all for now, or it is enough. */
static int look(struct follow *f, struct error *e)
{
    uint64_t from = f->cursor.next > 0 ? f->cursor.next - 1 : 0;
    uint64_t before = f->cursor.next;
    struct buf page = { 0 };
    char path[96];
    int ok;

    (void)snprintf(path, sizeof(path),
                   "/ledger/entries?from=%" PRIu64 "&to=%" PRIu64, from,
                   from + LIMIT_EVENT_PAGE);
    ok = client_get(f->client, path, &page, e);
    if (ok != 0 && e->code == ERR_INPUT) {
        (void)error_set(e, ERR_VERIFY,
                        "the ledger is shorter than what was handed out: "
                        "entry %" PRIu64 " is missing",
                        from);
        (void)error_hint(e, "was it put back from a backup? see "
                            "docs/events.md, After a restore");
    }
    f->at = from;
    if (ok == 0)
        ok = take_page(f, &page, e);
    buf_free(&page);
    return ok != 0 ? ok : f->cursor.next == before;
}

/* ---- the command -------------------------------------------------------- */

/* Where a new cursor begins: with what comes from now on, or with all. */
static int begin(struct follow *f, const struct visit *v, struct error *e)
{
    const char *origin = v->now.origin;
    uint64_t last = v->now.size > 0 ? v->now.size - 1 : 0;
    uint8_t leaf[LEDGER_HASH_LEN];
    struct buf page = { 0 }, entry = { 0 };
    char path[96];
    int ok = -1;

    memcpy(f->origin, origin, strlen(origin) + 1);
    if (f->cursor.there || f->cli->options[OPTION_ALL] != NULL ||
        v->now.size == 0)
        return 0;
    (void)snprintf(path, sizeof(path),
                   "/ledger/entries?from=%" PRIu64 "&to=%" PRIu64, last,
                   last + 1);
    if (client_get(f->client, path, &page, e) == 0 && page.len > 0 &&
        visit_line((const char *)page.p, page.len - 1, &entry, leaf, e) == 0)
        ok = cursor_move(&f->cursor, last + 1, leaf, e);
    buf_free(&entry);
    buf_free(&page);
    return ok;
}

/* What time does not heal ends us; the rest is waited for. */
static bool heals(const struct error *e)
{
    return e->code == ERR_NETWORK || e->code == ERR_INTERNAL;
}

static int go_on(struct follow *f, struct error *e)
{
    unsigned tries = 0;

    while (!stop_asked()) {
        int ok = look(f, e);

        if (ok == 0)
            tries = 0;
        else if (ok > 0 && f->once)
            return 0;
        else if (ok > 0) {
            tries = 0;
            stop_wait(LOOK_AGAIN);
        } else if (f->once || !heals(e))
            return -1;
        else {
            msec wait = backoff(tries++, 30 * MSEC_S);

            tell_wait("desk", e, wait);
            stop_wait(wait);
        }
    }
    return 0;
}

static int choose_receiver(struct follow *f, struct error *e)
{
    const char *const *o = f->cli->options;
    const char *url = o[OPTION_URL], *command = o[OPTION_EXEC];

    if ((url == NULL) == (command == NULL))
        return error_set(e, ERR_USAGE, "name a receiver: --url or --exec");
    if ((url == NULL) != (o[OPTION_SECRET_FILE] == NULL))
        return error_set(e, ERR_USAGE, "--secret-file goes with --url");
    return url != NULL
               ? handout_to_url(&f->handout, url, o[OPTION_SECRET_FILE], e)
               : handout_to_command(&f->handout, command, e);
}

/* The ledger's key is the pinned one, and nothing that was seen is missing. A
 * daemon that is not there yet is waited for. */
static int meet(struct follow *f, struct error *e)
{
    for (unsigned tries = 0;; tries++) {
        struct visit v;
        int ok = visit_open(&v, f->cli, "/ledger/checkpoint", e);

        if (ok == 0 &&
            known_set(v.known, "seen", (const char *)v.note.p, e) == 0)
            ok = known_keep(v.known, e);
        if (ok == 0)
            ok = begin(f, &v, e);
        visit_close(&v);
        if (ok == 0 || f->once || !heals(e) || stop_asked())
            return ok;
        tell_wait("desk", e, backoff(tries, 30 * MSEC_S));
        stop_wait(backoff(tries, 30 * MSEC_S));
        if (stop_asked())
            return 1;
    }
}

int events_run_follow(const struct cli *cli, struct error *e)
{
    struct follow f = { .cli = cli,
                        .once = cli->options[OPTION_ONCE] != NULL,
                        .cursor = { .lock = -1 } };
    int ok = -1;

    if (choose_receiver(&f, e) != 0 || stop_listen(e) != 0 ||
        cursor_open(&f.cursor, cli->options[OPTION_CURSOR], e) != 0 ||
        client_open(&f.client, cli->socket, e) != 0)
        goto out;
    ok = meet(&f, e);
    if (ok == 0)
        ok = go_on(&f, e);
    if (ok > 0)
        ok = 0;
    if (f.handed > 0 || ok == 0)
        (void)fprintf(stderr,
                      "%" PRIu64 " events handed out, entry %" PRIu64
                      " is next\n",
                      f.handed, f.cursor.next);
out:
    client_close(&f.client);
    cursor_close(&f.cursor);
    handout_free(&f.handout);
    return ok;
}
