/*
 * Cosignatures of witnesses (c2sp.org/tlog-cosignature): somebody else saw this
 * checkpoint then, and never another history. A line is that of any signed
 * note; what is signed is "cosignature/v1\ntime T\n" and the note's text.
 */
#include "note.h"

#include <inttypes.h>
#include <string.h>

#include <sodium.h>

#define TIME_LEN  8
#define SIGNATURE (NOTE_ID_LEN + TIME_LEN + crypto_sign_BYTES)
#define HEADER    "cosignature/v1\ntime "

int ledger_witness_parse(struct ledger_witness *w, const char *vkey,
                         struct error *e)
{
    memset(w, 0, sizeof(*w));
    return note_key_parse(vkey, NOTE_COSIGNATURE, w->name, w->key, w->id, e);
}

static uint64_t be64_get(const uint8_t *p)
{
    uint64_t value = 0;

    for (size_t i = 0; i < TIME_LEN; i++)
        value = value << 8 | p[i];
    return value;
}

struct looking {
    const struct ledger_witness *w;
    const char *text;
    size_t text_len;
    uint64_t time; /* of the newest that holds */
    struct buf *line;
    bool found;
    struct error *e;
};

static bool holds(const struct looking *l, const uint8_t *blob, uint64_t time)
{
    struct buf text = { 0 };
    bool good = time <= INT64_MAX &&
                buf_addf(&text, HEADER "%" PRIu64 "\n", time) == 0 &&
                buf_add(&text, l->text, l->text_len) == 0 &&
                crypto_sign_verify_detached(blob + NOTE_ID_LEN + TIME_LEN,
                                            text.p, text.len, l->w->key) == 0;

    buf_free(&text);
    return good;
}

/* A line that is not theirs, or does not hold, says nothing. */
static int look(void *arg, const char *line, size_t line_len, const char *name,
                size_t name_len, const uint8_t *blob, size_t len)
{
    struct looking *l = arg;
    uint64_t time;

    if (name_len != strlen(l->w->name) || len != SIGNATURE ||
        memcmp(name, l->w->name, name_len) != 0 ||
        memcmp(blob, l->w->id, NOTE_ID_LEN) != 0)
        return 0;
    time = be64_get(blob + NOTE_ID_LEN);
    if ((l->found && time <= l->time) || !holds(l, blob, time))
        return 0;
    l->found = true;
    l->time = time;
    if (l->line == NULL)
        return 0;
    buf_reset(l->line);
    return buf_add(l->line, line, line_len) == 0 && buf_adds(l->line, "\n") == 0
               ? 0
               : error_set(l->e, ERR_NOMEM, "no memory for a cosignature");
}

int ledger_cosigned(const struct ledger_witness *w, const char *note,
                    size_t len, uint64_t *time, struct buf *line,
                    struct error *e)
{
    struct looking l = { .w = w, .text = note, .line = line, .e = e };

    if (note_walk(note, len, &l.text_len, look, &l, e) != 0)
        return -1;
    if (l.found && time != NULL)
        *time = l.time;
    return l.found;
}

int ledger_cosign(struct buf *note, const char *theirs, size_t len,
                  const struct ledger_witness *w, struct error *e)
{
    struct buf line = { 0 };
    uint64_t had = 0, new_time = 0;
    int before =
        ledger_cosigned(w, (const char *)note->p, note->len, &had, NULL, e);
    int now =
        before < 0 ? -1 : ledger_cosigned(w, theirs, len, &new_time, &line, e);
    int ok = now;

    /* One line each: the first that a witness gave stays. */
    if (now > 0 && before > 0)
        ok = 0;
    else if (now > 0 && buf_add(note, line.p, line.len) != 0)
        ok = error_set(e, ERR_NOMEM, "no memory for a cosignature");
    buf_free(&line);
    return ok;
}

/* ---- our own line ------------------------------------------------------- */

struct ours {
    struct ledger_witness key; /* of the ledger, as if it were one */
    struct buf *out;
    bool done;
};

static int take_ours(void *arg, const char *line, size_t line_len,
                     const char *name, size_t name_len, const uint8_t *blob,
                     size_t len)
{
    struct ours *o = arg;

    (void)len;
    if (o->done || name_len != strlen(o->key.name) ||
        memcmp(name, o->key.name, name_len) != 0 ||
        memcmp(blob, o->key.id, NOTE_ID_LEN) != 0)
        return 0;
    o->done = true;
    return buf_add(o->out, line, line_len) != 0 ? -1 : buf_adds(o->out, "\n");
}

/* That note_open found our signature good is true of every line of our key. */
int ledger_note_bare(struct buf *out, const char *note, size_t len,
                     const char *vkey, struct error *e)
{
    struct ours o = { .out = out };
    size_t text_len;

    if (note_open(note, len, vkey, &text_len, e) != 0 ||
        note_key_parse(vkey, NOTE_ED25519, o.key.name, o.key.key, o.key.id,
                       e) != 0)
        return -1;
    buf_reset(out);
    e->code = ERR_NONE;
    if (buf_add(out, note, text_len) == 0 && buf_adds(out, "\n") == 0 &&
        note_walk(note, len, &text_len, take_ours, &o, e) == 0)
        return 0;
    return e->code != ERR_NONE
               ? -1
               : error_set(e, ERR_NOMEM, "no memory for a checkpoint");
}
