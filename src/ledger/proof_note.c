/* A proof as text: c2sp.org/tlog-proof. */
#include "resguardo/ledger.h"

#include <inttypes.h>
#include <string.h>

#define HEADER    "c2sp.org/tlog-proof@v1"
#define MALFORMED "the proof is malformed: "

int ledger_proof_write(struct buf *out, const struct ledger_proof *proof,
                       const void *note, size_t len)
{
    char hash[BASE64_SIZE(LEDGER_HASH_LEN)];

    if (buf_addf(out, HEADER "\nindex %" PRIu64 "\n", proof->index) != 0)
        return -1;
    for (size_t i = 0; i < proof->n; i++) {
        base64_encode(hash, proof->path[i], LEDGER_HASH_LEN, true);
        if (buf_addf(out, "%s\n", hash) != 0)
            return -1;
    }
    return buf_adds(out, "\n") != 0 ? -1 : buf_add(out, note, len);
}

/* ---- reading ------------------------------------------------------------ */

struct text {
    const char *p;
    size_t len;
};

/* Takes a line off, without its newline; false: there is none. */
static bool take(struct text *t, struct text *line)
{
    const char *end = t->len == 0 ? NULL : memchr(t->p, '\n', t->len);

    if (end == NULL)
        return false;
    *line = (struct text){ t->p, (size_t)(end - t->p) };
    t->p += line->len + 1;
    t->len -= line->len + 1;
    return true;
}

static bool begins(const struct text *line, const char *word)
{
    return line->len >= strlen(word) &&
           memcmp(line->p, word, strlen(word)) == 0;
}

static int take_index(struct ledger_proof *proof, struct text *t,
                      struct error *e)
{
    const size_t word = strlen("index ");
    struct text line;
    int64_t index;

    if (!take(t, &line) || line.len != strlen(HEADER) || !begins(&line, HEADER))
        return error_set(e, ERR_INPUT, MALFORMED "it is no " HEADER);

    /* What else it carries is not ours. */
    if (!take(t, &line) || (begins(&line, "extra ") && !take(t, &line)))
        return error_set(e, ERR_INPUT, MALFORMED "it is cut");
    if (!begins(&line, "index ") || line.len == word ||
        (line.p[word] == '0' && line.len > word + 1) ||
        decimal_parse(line.p + word, line.len - word, INT64_MAX, &index) != 0)
        return error_set(e, ERR_INPUT, MALFORMED "it has no index");
    *proof = (struct ledger_proof){ .index = (uint64_t)index };
    return 0;
}

static int take_path(struct ledger_proof *proof, struct text *t,
                     struct error *e)
{
    struct text line;

    while (take(t, &line)) {
        if (line.len == 0)
            return 0;
        if (proof->n == LEDGER_PROOF_MAX)
            return error_set(e, ERR_INPUT, MALFORMED "it is too long");
        if (base64_decode(proof->path[proof->n], LEDGER_HASH_LEN, line.p,
                          line.len, true) != LEDGER_HASH_LEN)
            return error_set(e, ERR_INPUT, MALFORMED "a line is no hash");
        proof->n++;
    }
    return error_set(e, ERR_INPUT, MALFORMED "it has no checkpoint");
}

int ledger_proof_open(struct ledger_proof *proof,
                      struct ledger_checkpoint *checkpoint, const char *text,
                      size_t len, const uint8_t leaf[static LEDGER_HASH_LEN],
                      const char *vkey, struct error *e)
{
    struct text t = { text, len };

    if (take_index(proof, &t, e) != 0 || take_path(proof, &t, e) != 0 ||
        ledger_checkpoint_open(checkpoint, t.p, t.len, vkey, e) != 0)
        return -1;
    proof->size = checkpoint->size;
    return ledger_proof_verify(proof, leaf, checkpoint->root)
               ? 0
               : error_set(e, ERR_VERIFY,
                           "the proof does not lead from its entry to the "
                           "signed root");
}
