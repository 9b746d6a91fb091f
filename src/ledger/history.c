/* The changes of a ledger's key, each following on the one before it. */
#include "resguardo/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void ledger_history_free(struct ledger_history *h)
{
    free(h->changes);
    *h = (struct ledger_history){ 0 };
}

/* One more; an origin that was left is not come back to. */
static int add(struct ledger_history *h, const char *line, size_t len,
               struct error *e)
{
    struct ledger_change *grown;

    if (h->n == LIMIT_LEDGER_CHANGES)
        return error_set(e, ERR_VERIFY, "the ledger's history is too long");
    grown = realloc(h->changes, (h->n + 1) * sizeof(*grown));
    if (grown == NULL)
        return error_set(e, ERR_NOMEM, "no memory for the ledger's history");
    h->changes = grown;
    if (ledger_change_open(&grown[h->n], line, len, e) != 0)
        return -1;
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(grown[i].former, grown[h->n].vkey) == 0)
            return error_set(e, ERR_VERIFY,
                             "the ledger's history goes in a circle");
    if (h->n > 0 && strcmp(grown[h->n - 1].vkey, grown[h->n].former) != 0)
        return error_set(e, ERR_VERIFY,
                         "the ledger's history does not follow on itself");
    h->n++;
    return 0;
}

int ledger_history_read(struct ledger_history *h, const char *text, size_t len,
                        struct error *e)
{
    *h = (struct ledger_history){ 0 };
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n;

        if (end == NULL)
            return error_set(e, ERR_VERIFY, "the ledger's history is cut");
        n = (size_t)(end - text);
        if (add(h, text, n, e) != 0)
            return -1;
        text += n + 1;
        len -= n + 1;
    }
    return 0;
}

size_t ledger_history_way(const struct ledger_history *h, const char *from,
                          const char *to)
{
    if (strcmp(from, to) == 0)
        return h->n;
    if (h->n == 0 || strcmp(h->changes[h->n - 1].vkey, to) != 0)
        return SIZE_MAX;
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->changes[i].former, from) == 0)
            return i;
    return SIZE_MAX;
}

/* ---- what was lost since ------------------------------------------------ */

/* The first change from i on that lost what stood at `index`; NULL: none. */
static const struct ledger_change *loser(const struct ledger_history *h,
                                         size_t i, uint64_t index)
{
    for (; i < h->n; i++)
        if (h->changes[i].reopened && h->changes[i].index <= index)
            return &h->changes[i];
    return NULL;
}

bool ledger_history_lost(const struct ledger_history *h, size_t i,
                         uint64_t index)
{
    return loser(h, i, index) != NULL;
}

int ledger_history_checkpoint(const struct ledger_history *h, const char *vkey,
                              struct ledger_checkpoint *out, const char *note,
                              size_t len, const struct ledger_change **lost,
                              struct error *e)
{
    struct error first = { 0 }, why = { 0 };

    *lost = NULL;
    if (ledger_checkpoint_open(out, note, len, vkey, &first) == 0)
        return 0;
    for (size_t i = h->n; i > 0; i--) {
        if (ledger_checkpoint_open(out, note, len, h->changes[i - 1].former,
                                   &why) != 0)
            continue;
        if (out->size > 0)
            *lost = loser(h, i - 1, out->size - 1);
        return 0;
    }
    *e = first;
    return -1;
}

/* ---- the log of today --------------------------------------------------- */

/* Unless change i or a later one lost some of it. */
static int expect(const struct ledger_history *h, size_t i,
                  const struct ledger_checkpoint *c, const char *name,
                  struct ledger_verifier *verifier, struct error *e)
{
    return c->size == 0 || loser(h, i, c->size - 1) != NULL
               ? 0
               : ledger_verifier_expect(verifier, c, name, e);
}

int ledger_history_expect(const struct ledger_history *h,
                          struct ledger_verifier *verifier, struct error *e)
{
    for (size_t i = 0; i < h->n; i++) {
        const struct ledger_change *c = &h->changes[i];

        if (expect(h, i + 1, &c->first, "of a new key", verifier, e) != 0)
            return -1;
        if (c->reopened &&
            (expect(h, i + 1, &c->restored, "that two officers restored",
                    verifier, e) != 0 ||
             expect(h, i, &c->last, "of a former origin", verifier, e) != 0))
            return -1;
    }
    return 0;
}

bool ledger_history_has(const struct ledger_history *h, uint64_t index,
                        const uint8_t leaf[static LEDGER_HASH_LEN])
{
    for (size_t i = 0; i < h->n; i++)
        if (h->changes[i].index == index &&
            memcmp(h->changes[i].leaf, leaf, LEDGER_HASH_LEN) == 0)
            return true;
    return false;
}

size_t ledger_history_live(const struct ledger_history *h)
{
    size_t live = 0;

    for (size_t i = 0; i < h->n; i++)
        live += loser(h, i + 1, h->changes[i].index) == NULL;
    return live;
}
