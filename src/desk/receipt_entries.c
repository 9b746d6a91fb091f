/*
 * Which entries of the log a receipt is made of: what a person decided, or what
 * one document rests on and what became of it. Looked up, however long the log
 * is.
 */
#include "receipt_private.h"

#include <stdlib.h>
#include <string.h>

#define PLACES 64u /* of a person's entries at a time */

static bool is_decision(const char *event)
{
    return strncmp(event, "consent_", strlen("consent_")) == 0 ||
           strcmp(event, "notice_presented") == 0 ||
           strcmp(event, "notice_delivered") == 0 ||
           strcmp(event, "notice_acknowledged") == 0;
}

/* Is `one` among the names parted by commas? */
static bool among(const char *list, const char *one)
{
    size_t len = strlen(one);

    for (const char *p = list; *p != '\0'; p += *p == ',') {
        size_t n = strcspn(p, ",");

        if (n == len && memcmp(p, one, n) == 0)
            return true;
        p += n;
    }
    return false;
}

static bool has(const json_t *leaf, const char *key, const char *value)
{
    const char *text = json_str(leaf, key);

    return text != NULL && strcmp(text, value) == 0;
}

/* What its gate rested on, until it was kept; and what became of it. Who read
 * it is staff's business, and no part. */
static bool is_of_document(struct receipt *x, const json_t *leaf,
                           const char *event)
{
    const struct document_row *d = &x->document;
    const char *purpose = json_str(leaf, "purpose");
    bool its_file = has(leaf, "attachment_id", d->attachment);
    bool its_own = has(leaf, "document_id", d->id);

    if (is_decision(event))
        return !x->settled && has(leaf, "policy", d->policy) &&
               (purpose == NULL || among(d->purposes, purpose));
    x->settled |= its_own && (strcmp(event, "media_stored") == 0 ||
                              strcmp(event, "media_quarantined") == 0);
    return (its_file || its_own) &&
           (strncmp(event, "media_", strlen("media_")) == 0 ||
            strcmp(event, "document_blocked") == 0 ||
            strcmp(event, "document_erased") == 0);
}

/* Most entries do not hold the id anywhere. */
static json_t *mine(struct receipt *x, const uint8_t *entry, size_t len)
{
    struct error ignored = { 0 };
    const char *subject, *event;
    json_t *leaf;

    if (memmem(entry, len, x->subject, strlen(x->subject)) == NULL)
        return NULL;
    leaf = json_parse(entry, len, &ignored);
    subject = json_str(leaf, "subject");
    event = json_str(leaf, "event_type");
    if (subject != NULL && event != NULL && strcmp(subject, x->subject) == 0 &&
        (x->document.id[0] == '\0'
             ? is_decision(event) &&
                   (x->of.id[0] == '\0' || has(leaf, "policy", x->of.policy))
             : is_of_document(x, leaf, event)))
        return leaf;
    json_decref(leaf);
    return NULL;
}

static int see_entry(void *arg, uint64_t index, const uint8_t *entry,
                     size_t len, const uint8_t *leaf_hash)
{
    struct receipt *x = arg;
    json_t *leaf = mine(x, entry, len);
    int ok = 0;

    (void)leaf_hash;
    if (leaf != NULL && buf_add(&x->places, &index, sizeof(index)) != 0)
        ok = error_set(x->e, ERR_NOMEM, "no memory for a receipt");
    else if (leaf != NULL)
        ok = receipt_add_event(x, leaf, entry, len);
    json_decref(leaf);
    return ok;
}

static int see_one(struct receipt *x, uint64_t index)
{
    struct buf entry = { 0 };
    int ok = ledger_row_get(x->r->store, index, &entry, x->e);

    if (ok == 0)
        ok = error_set(x->e, ERR_VERIFY, "an entry of a person is missing");
    else if (ok == 1)
        ok = see_entry(x, index, entry.p, entry.len, NULL);
    buf_free(&entry);
    return ok;
}

/* ---- a person's ---------------------------------------------------------- */

/* Calls back for the person's part of the consent log, by its index. */
static int each_decision(struct receipt *x, uint64_t end,
                         int (*each)(struct receipt *, uint64_t index, void *),
                         void *arg)
{
    struct consent_place places[PLACES];
    uint64_t next = 0;
    size_t n;

    do {
        if (consent_person_list(x->r->store, x->subject, next, end, places,
                                PLACES, &n, x->e) != 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            if (each(x, places[i].idx, arg) != 0)
                return -1;
        next = n == 0 ? end : places[n - 1].idx + 1;
    } while (n == PLACES);
    return 0;
}

static int see_decision(struct receipt *x, uint64_t index, void *unused)
{
    (void)unused;
    return see_one(x, index);
}

/* ---- a document's -------------------------------------------------------- */

/* Its entries have no index of their own, and the times of all of them are
 * known: it was announced, its gate opened, its id was made when it was kept,
 * and it was blocked. The tries to fetch it lie between the second and the
 * third, because a gate that closes ends what is under way. */
struct file_places {
    struct receipt *x;
    struct buf found;            /* indexes, in no order */
    msec opened[LIMIT_PURPOSES]; /* of its purposes; 0: not known to be open */
    msec kept;
    bool held, stored;
};

static int keep_place(struct file_places *f, uint64_t index)
{
    return buf_add(&f->found, &index, sizeof(index)) == 0
               ? 0
               : error_set(f->x->e, ERR_NOMEM, "no memory for a receipt");
}

/* Which of the document's purposes it is; -1: none. */
static int purpose_of_file(const struct receipt *x, const char *purpose)
{
    int n = 0;

    for (const char *p = x->document.purposes; purpose != NULL && *p != '\0';
         p += *p == ',', n++) {
        size_t len = strcspn(p, ",");

        if (len == strlen(purpose) && memcmp(p, purpose, len) == 0)
            return n < (int)LIMIT_PURPOSES ? n : -1;
        p += len;
    }
    return -1;
}

/* Since when is it open? Given again it was open before. After what else there
 * may be about a purpose nothing is known, and more is read. */
static void follow_gate(struct file_places *f, const json_t *leaf)
{
    const char *event = json_str(leaf, "event_type");
    const char *time = json_str(leaf, "time");
    int n = purpose_of_file(f->x, json_str(leaf, "purpose"));
    msec at;

    if (n < 0 || event == NULL || time == NULL || time_parse(time, &at) != 0 ||
        at > f->kept || !has(leaf, "policy", f->x->document.policy))
        return;
    if (strcmp(event, "consent_requested") == 0 ||
        strcmp(event, "consent_ignored") == 0)
        return;
    if (strcmp(event, "consent_given") != 0)
        f->opened[n] = 0;
    else if (f->opened[n] == 0)
        f->opened[n] = at;
}

static int take_decision(struct receipt *x, uint64_t index, void *arg)
{
    struct file_places *f = arg;
    struct buf entry = { 0 };
    json_t *leaf = NULL;
    int ok = ledger_row_get(x->r->store, index, &entry, x->e);

    if (ok == 0)
        ok = error_set(x->e, ERR_VERIFY, "an entry of a person is missing");
    else if (ok == 1)
        ok = (leaf = json_parse(entry.p, entry.len, x->e)) == NULL ? -1 : 0;
    if (ok == 0) {
        follow_gate(f, leaf);
        ok = keep_place(f, index);
    }
    json_decref(leaf);
    buf_free(&entry);
    return ok;
}

static bool speaks_of(const uint8_t *entry, size_t len, const char *words)
{
    return memmem(entry, len, words, strlen(words)) != NULL;
}

static int take_entry(void *arg, uint64_t index, const uint8_t *entry,
                      size_t len, const uint8_t *leaf_hash)
{
    struct file_places *f = arg;
    const struct document_row *d = &f->x->document;

    (void)leaf_hash;
    if (!speaks_of(entry, len, d->attachment) && !speaks_of(entry, len, d->id))
        return 0;
    f->held |= speaks_of(entry, len, "\"media_held\"");
    f->stored |= speaks_of(entry, len, "\"media_stored\"") ||
                 speaks_of(entry, len, "\"media_quarantined\"");
    return keep_place(f, index);
}

/* What was entered from one time to another, both included. */
static int take_times(struct file_places *f, msec from, msec to)
{
    struct receipt *x = f->x;
    struct ledger_span span;

    return ledger_find_times(x->r->store, x->now.size, from, to + 1, &span,
                             x->e) != 0
               ? -1
               : ledger_row_list(x->r->store, span.from, span.to, take_entry, f,
                                 x->e);
}

static int take_file(struct file_places *f)
{
    const struct document_row *d = &f->x->document;
    msec from = d->received;

    if (each_decision(f->x, f->x->now.size, take_decision, f) != 0)
        return -1;
    for (size_t i = 0; i < LIMIT_PURPOSES; i++)
        from = f->opened[i] > from ? f->opened[i] : from;
    if (take_times(f, d->received, d->received) != 0 ||
        take_times(f, from, f->kept) != 0)
        return -1;
    return d->blocked == 0 ? 0 : take_times(f, d->blocked, d->blocked);
}

static int by_place(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static int see_found(struct receipt *x, struct buf *found)
{
    uint64_t *places = (uint64_t *)(void *)found->p;
    size_t n = found->len / sizeof(*places);

    qsort(places, n, sizeof(*places), by_place);
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || places[i] != places[i - 1]) &&
            see_one(x, places[i]) != 0)
            return -1;
    return 0;
}

/* From a clock that was set back, or a time that is not as it was written: all
 * since it was announced is read. */
static int walk(struct receipt *x)
{
    struct ledger_span span;

    return ledger_find_times(x->r->store, x->now.size, x->document.received,
                             INT64_MAX, &span, x->e) != 0 ||
                   each_decision(x, span.from, see_decision, NULL) != 0
               ? -1
               : ledger_row_list(x->r->store, span.from, x->now.size, see_entry,
                                 x, x->e);
}

static int see_document(struct receipt *x)
{
    struct file_places f = { .x = x, .kept = id_time(x->document.id) };
    int ok = take_file(&f);

    if (ok == 0)
        ok = f.held && f.stored && strcmp(x->document.state, "erased") != 0
                 ? see_found(x, &f.found)
                 : walk(x);
    buf_free(&f.found);
    return ok;
}

int receipt_see_entries(struct receipt *x)
{
    return x->document.id[0] != '\0'
               ? see_document(x)
               : each_decision(x, x->now.size, see_decision, NULL);
}
