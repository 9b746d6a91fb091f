/*
 * The rows of an export, a page at a time: what the index leads to is read from
 * the ledger and judged by the leaf itself. Memory does not grow with the log.
 */
#include "consent_private.h"

#include <stdlib.h>
#include <string.h>

/* Entries of a person, or of a sample, that are read for one page. */
#define PAGE 256u
/* The same of the log: what is made of them fits into the socket, so that more
 * is made while it is read. */
#define PIECE 128u

/* What was drawn: the rows with the smallest keys. */
struct drawn {
    uint8_t key[SHA256_LEN];
    uint64_t index;
};

struct consent_view {
    struct store *store;
    const struct consent_filter *f;
    uint64_t next, end;
    /* Of each kind what follows the next block that has it; 0: not yet known,
     * UINT64_MAX: there is none. */
    uint64_t after[CONSENT_KINDS];

    struct consent_theirs told_of; /* the last one, where people are in order */

    struct drawn *drawn; /* a heap, the largest key on top; then by index */
    size_t ndrawn, told;
    bool telling;

    /* Of the page under way. */
    struct buf *out;
    uint64_t *rows;
    struct error *e;
};

struct consent_view *consent_view_new(struct store *store,
                                      const struct consent_filter *f)
{
    struct consent_view *v = calloc(1, sizeof(*v));

    if (v == NULL)
        return NULL;
    v->store = store;
    v->f = f;
    v->next = f->in.from;
    v->end = f->in.to;
    if (f->sample > 0 &&
        (v->drawn = calloc(f->sample, sizeof(*v->drawn))) == NULL)
        consent_view_free(&v);
    return v;
}

void consent_view_free(struct consent_view **view)
{
    if (*view == NULL)
        return;
    free((*view)->drawn);
    free(*view);
    *view = NULL;
}

/* ---- a sample ----------------------------------------------------------- */

/* SHA-256 of a line of words, the seed and the index: whoever has the rows
 * draws the same. */
static int draw_key(const struct consent_filter *f, uint64_t index,
                    uint8_t key[static SHA256_LEN])
{
    char text[STORE_NAME_SIZE + 64];
    int n = snprintf(text, sizeof(text), "resguardo sample v1\n%s\n%llu\n",
                     f->seed, (unsigned long long)index);

    if (n < 0 || (size_t)n >= sizeof(text))
        return -1;
    sha256_of(key, text, (size_t)n);
    return 0;
}

static int by_key(const struct drawn *a, const struct drawn *b)
{
    return memcmp(a->key, b->key, SHA256_LEN);
}

static int by_index(const void *a, const void *b)
{
    uint64_t x = ((const struct drawn *)a)->index;
    uint64_t y = ((const struct drawn *)b)->index;

    return (x > y) - (x < y);
}

static void swap(struct drawn *a, struct drawn *b)
{
    struct drawn c = *a;

    *a = *b;
    *b = c;
}

static void sift_up(struct drawn *heap, size_t i)
{
    while (i > 0 && by_key(&heap[(i - 1) / 2], &heap[i]) < 0) {
        swap(&heap[(i - 1) / 2], &heap[i]);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct drawn *heap, size_t n)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && by_key(&heap[child], &heap[child + 1]) < 0)
            child++;
        if (by_key(&heap[i], &heap[child]) >= 0)
            return;
        swap(&heap[i], &heap[child]);
    }
}

static int draw(struct consent_view *v, uint64_t index)
{
    struct drawn one = { .index = index };

    if (draw_key(v->f, index, one.key) != 0)
        return error_set(v->e, ERR_INTERNAL, "a seed that is too long");
    if (v->ndrawn < v->f->sample) {
        v->drawn[v->ndrawn] = one;
        sift_up(v->drawn, v->ndrawn++);
    } else if (by_key(&one, &v->drawn[0]) < 0) {
        v->drawn[0] = one;
        sift_down(v->drawn, v->ndrawn);
    }
    return 0;
}

/* ---- rows --------------------------------------------------------------- */

static int write_row(struct consent_view *v, const struct consent_entry *x)
{
    if ((v->f->as_of ? consent_state_row(v->out, x) : consent_row(v->out, x)) !=
        0)
        return error_set(v->e, ERR_NOMEM, "no memory for a row");
    (*v->rows)++;
    return 0;
}

/* Does nothing up to the view's moment come after it that counts instead? An
 * answer gives way to a later answer, a question to any answer and to a later
 * question. 1, 0, -1. */
static int stands(struct consent_view *v, const struct consent_entry *x,
                  const struct consent_kind *kind, uint64_t index)
{
    struct consent_place places[PAGE];
    char subject[ID_SIZE];
    uint64_t from = kind->asks ? 0 : index + 1;
    size_t n;

    consent_entry_text(x, CONSENT_SUBJECT, subject, sizeof(subject));
    do {
        if (consent_person_list(v->store, subject, from, v->f->size, places,
                                PAGE, &n, v->e) != 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            const struct consent_kind *k =
                consent_filter_kind(v->f, places[i].kind);

            if (k == NULL)
                return error_set(v->e, ERR_VERIFY,
                                 "the index of the consent log is damaged");
            if (consent_kind_same(k, kind) &&
                (k->decides ||
                 (kind->asks && k->asks && places[i].idx > index)))
                return 0;
            from = places[i].idx + 1;
        }
    } while (n == PAGE);
    return 1;
}

/* A leaf of a kind that the index does not know was hidden from it: an export
 * that leaves something out is worse than none. */
static int judge(void *arg, uint64_t index, const uint8_t *entry, size_t len,
                 const uint8_t *leaf)
{
    struct consent_view *v = arg;
    const struct consent_kind *kind;
    struct consent_entry x;
    int is = consent_entry_read(&x, entry, len);

    (void)leaf;
    if (is == 0)
        return 0;
    kind = is < 0 ? NULL : consent_filter_kind_of(v->f, &x);
    if (kind == NULL) {
        (void)error_set(v->e, ERR_VERIFY,
                        "entry %llu is damaged, or not in "
                        "the index of the consent log",
                        (unsigned long long)index);
        return error_hint(v->e, "resguardo check says more");
    }
    if (!kind->passes || !consent_filter_in_time(v->f, &x))
        return 0;
    if (v->f->as_of && (is = stands(v, &x, kind, index)) <= 0)
        return is;
    return v->drawn != NULL ? draw(v, index) : write_row(v, &x);
}

/* ---- pages -------------------------------------------------------------- */

static int one_entry(struct consent_view *v, uint64_t index,
                     int (*each)(struct consent_view *, uint64_t,
                                 const struct buf *))
{
    struct buf entry = { 0 };
    int ok = ledger_row_get(v->store, index, &entry, v->e);

    if (ok == 0)
        ok = error_set(v->e, ERR_VERIFY, "entry %llu is missing",
                       (unsigned long long)index);
    else if (ok == 1)
        ok = each(v, index, &entry);
    buf_free(&entry);
    return ok;
}

static int judge_one(struct consent_view *v, uint64_t index,
                     const struct buf *entry)
{
    return judge(v, index, entry->p, entry->len, NULL);
}

static int write_one(struct consent_view *v, uint64_t index,
                     const struct buf *entry)
{
    struct consent_entry x;

    if (consent_entry_read(&x, entry->p, entry->len) != 1)
        return error_set(v->e, ERR_VERIFY, "entry %llu is damaged",
                         (unsigned long long)index);
    return write_row(v, &x);
}

static int of_person(struct consent_view *v)
{
    struct consent_place places[PAGE];
    size_t n;

    if (consent_person_list(v->store, v->f->subject, v->next, v->end, places,
                            PAGE, &n, v->e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (one_entry(v, places[i].idx, judge_one) != 0)
            return -1;
    if (n > 0)
        v->next = places[n - 1].idx + 1;
    return n == PAGE;
}

/* Person after person. What is of no kind that passes is not read. */
static int of_people(struct consent_view *v)
{
    struct consent_theirs theirs[PAGE];
    size_t n;

    if (consent_people_list(v->store, &v->told_of, theirs, PAGE, &n, v->e) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        uint64_t index = theirs[i].place.idx;
        const struct consent_kind *kind =
            consent_filter_kind(v->f, theirs[i].place.kind);

        if (index < v->next || index >= v->end ||
            (kind != NULL && !kind->passes))
            continue;
        if (one_entry(v, index, judge_one) != 0)
            return -1;
    }
    if (n > 0)
        v->told_of = theirs[n - 1];
    return n == PAGE;
}

/* What follows the first block from `from` on that has the kind. */
static int look_for(struct consent_view *v, size_t kind, uint64_t from)
{
    uint64_t block;
    int found =
        consent_block_next(v->store, v->f->kinds[kind].id, from, &block, v->e);

    if (found >= 0)
        v->after[kind] = found > 0 ? block + 1 : UINT64_MAX;
    return found;
}

/* The first block from the one of `next` on that has a kind that passes. 1, 0
 * none, -1. */
static int next_block(struct consent_view *v, uint64_t *block)
{
    uint64_t from = v->next / LEDGER_BLOCK, after = UINT64_MAX;

    for (size_t i = 0; i < v->f->nkinds; i++) {
        if (!v->f->kinds[i].passes)
            continue;
        if (v->after[i] <= from && look_for(v, i, from) < 0)
            return -1;
        if (v->after[i] < after)
            after = v->after[i];
    }
    *block = after - 1;
    return after != UINT64_MAX;
}

static int of_blocks(struct consent_view *v)
{
    uint64_t block, from, to;
    int found = v->next < v->end ? next_block(v, &block) : 0;

    if (found <= 0)
        return found;
    from = block * LEDGER_BLOCK;
    to = from + LEDGER_BLOCK;
    if (from < v->next)
        from = v->next;
    if (to > from + PIECE)
        to = from + PIECE;
    if (to > v->end)
        to = v->end;
    v->next = to;
    if (from < to && ledger_row_list(v->store, from, to, judge, v, v->e) != 0)
        return -1;
    return v->next < v->end;
}

static int of_sample(struct consent_view *v)
{
    for (size_t i = 0; i < PAGE && v->told < v->ndrawn; i++)
        if (one_entry(v, v->drawn[v->told++].index, write_one) != 0)
            return -1;
    return v->told < v->ndrawn;
}

int consent_view_page(struct consent_view *v, struct buf *out, uint64_t *rows,
                      struct error *e)
{
    int more;

    v->out = out;
    v->rows = rows;
    v->e = e;
    if (v->telling)
        return of_sample(v);
    more = v->f->subject[0] != '\0' ? of_person(v)
           : v->f->by_person        ? of_people(v)
                                    : of_blocks(v);
    if (more != 0 || v->drawn == NULL)
        return more;
    qsort(v->drawn, v->ndrawn, sizeof(*v->drawn), by_index);
    v->telling = true;
    return 1;
}
