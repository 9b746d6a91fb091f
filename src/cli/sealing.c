/* An age file under way: plain bytes in, header and payload to a result. */
#include "cli.h"

#include <stdlib.h>

struct sealing {
    struct outfile *file; /* borrowed; NULL: not begun */
    struct age_armor *armor;
    struct age_writer *writer;
    struct buf header, nonce;
};

static int write_out(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct sealing *s = arg;

    return outfile_write(s->file, p, n, e);
}

static int write_sealed(struct sealing *s, const uint8_t *p, size_t n,
                        struct error *e)
{
    return s->armor != NULL ? age_armor_add(s->armor, p, n, e)
                            : outfile_write(s->file, p, n, e);
}

/* The nonce comes while the header is made that stands before it. */
static int take_sealed(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct sealing *s = arg;

    if (s->writer != NULL)
        return write_sealed(s, p, n, e);
    return buf_add(&s->nonce, p, n) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory for a nonce");
}

static struct sealing *sealing_new(struct error *e)
{
    struct sealing *s = calloc(1, sizeof(*s));

    if (s == NULL)
        (void)error_set(e, ERR_NOMEM, "no memory for sealing");
    return s;
}

int sealing_for(struct sealing **out, const uint8_t (*to)[AGE_KEY_LEN],
                size_t n, struct error *e)
{
    struct sealing *s = *out = sealing_new(e);

    return s == NULL ? -1
                     : age_writer_new(&s->writer, to, n, &random_system,
                                      &s->header, take_sealed, s, e);
}

int sealing_for_passphrase(struct sealing **out,
                           const struct secret *passphrase, struct error *e)
{
    struct sealing *s = *out = sealing_new(e);

    return s == NULL
               ? -1
               : age_writer_new_passphrase(&s->writer, passphrase,
                                           LIMIT_AGE_WORK_OURS, &random_system,
                                           &s->header, take_sealed, s, e);
}

int sealing_begin(struct sealing *s, struct outfile *file, bool armor,
                  struct error *e)
{
    s->file = file;
    if (armor && age_armor_new(&s->armor, write_out, s, e) != 0)
        return -1;
    age_writer_threads(s->writer, process_cores());
    return write_sealed(s, s->header.p, s->header.len, e) != 0
               ? -1
               : write_sealed(s, s->nonce.p, s->nonce.len, e);
}

int sealing_add(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    struct sealing *s = arg;

    return age_writer_add(s->writer, p, n, e);
}

int sealing_end(struct sealing *s, struct error *e)
{
    if (age_writer_finish(s->writer, e) != 0)
        return -1;
    return s->armor != NULL ? age_armor_finish(s->armor, e) : 0;
}

void sealing_free(struct sealing **sealing)
{
    struct sealing *s = *sealing;

    if (s == NULL)
        return;
    age_writer_free(&s->writer);
    age_armor_free(&s->armor);
    buf_free(&s->header);
    buf_free(&s->nonce);
    free(s);
    *sealing = NULL;
}
