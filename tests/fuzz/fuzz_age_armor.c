/*
 * ASCII armor. Whatever comes, the pieces in which it comes change nothing;
 * what is taken for armor has one spelling but for CRLF and the white space
 * around it; bytes that are armored come back.
 */
#include "vault/vault_private.h"

#include "fuzz.h"

static int take(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    return buf_add(arg, p, n) == 0 ? 0 : error_set(e, ERR_NOMEM, "memory");
}

static int dearmor(struct buf *out, const uint8_t *p, size_t len, size_t piece)
{
    struct error e = { 0 };
    struct age_dearmor *d = NULL;
    int ok = 0;

    FUZZ_CHECK(age_dearmor_new(&d, take, out, &e) == 0);
    for (size_t at = 0; ok == 0 && at < len; at += piece)
        ok =
            age_dearmor_add(d, p + at, len - at < piece ? len - at : piece, &e);
    if (ok == 0)
        ok = age_dearmor_finish(d, &e);
    FUZZ_CHECK(ok == 0 || strncmp(e.text, "armor: ", 7) == 0);
    age_dearmor_free(&d);
    return ok;
}

static void armor(struct buf *out, const uint8_t *p, size_t len, size_t piece)
{
    struct error e = { 0 };
    struct age_armor *a = NULL;

    FUZZ_CHECK(age_armor_new(&a, take, out, &e) == 0);
    for (size_t at = 0; at < len; at += piece)
        FUZZ_CHECK(age_armor_add(a, p + at, len - at < piece ? len - at : piece,
                                 &e) == 0);
    FUZZ_CHECK(age_armor_finish(a, &e) == 0);
    age_armor_free(&a);
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->p, b->p, a->len) == 0);
}

/* The text without the white space around it, LF for CRLF, one LF at its
 * end: what we would have written. */
static void normalise(struct buf *out, const uint8_t *p, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", *p) != NULL) {
        p++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", p[len - 1]) != NULL)
        len--;
    for (size_t i = 0; i < len; i++)
        if (p[i] != '\r' || i + 1 == len || p[i + 1] != '\n')
            FUZZ_CHECK(buf_add(out, p + i, 1) == 0);
    FUZZ_CHECK(buf_adds(out, "\n") == 0);
}

static void check_text(const uint8_t *p, size_t len, size_t piece)
{
    struct buf whole = { 0 }, pieces = { 0 }, again = { 0 }, normal = { 0 };
    int ok = dearmor(&whole, p, len, len + 1);

    FUZZ_CHECK(dearmor(&pieces, p, len, piece) == ok);
    if (ok == 0) {
        FUZZ_CHECK(same(&whole, &pieces));
        armor(&again, whole.p, whole.len, piece);
        normalise(&normal, p, len);
        FUZZ_CHECK(
            same(&again, &normal) ||
            (whole.len == len && (len == 0 || memcmp(whole.p, p, len) == 0)));
    }
    buf_free(&whole);
    buf_free(&pieces);
    buf_free(&again);
    buf_free(&normal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = { 0 }, back = { 0 };
    size_t piece = size > 0 ? 1 + data[0] % 80 : 1;

    check_text(data, size, piece);
    if (size > 0)
        check_text(data + 1, size - 1, piece);

    armor(&text, data, size, piece);
    FUZZ_CHECK(dearmor(&back, text.p, text.len, piece) == 0);
    FUZZ_CHECK(back.len == size &&
               (size == 0 || memcmp(back.p, data, size) == 0));
    buf_free(&text);
    buf_free(&back);
    return 0;
}
