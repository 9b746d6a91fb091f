/*
 * The page of headers that a desk gives to `vault rewrap`. A header is moved
 * only if it opens, and what is moved opens to the same key; whatever else the
 * page holds is skipped or refused, and nothing is sent for it.
 */
#include "fuzz.h"

/* What is said of each header is not the matter here. */
__attribute__((format(printf, 2, 3))) static int say_nothing(FILE *to,
                                                             const char *format,
                                                             ...)
{
    (void)to;
    (void)format;
    return 0;
}
#undef fprintf
#define fprintf say_nothing
#include "cli/rewrap.c"
#undef fprintf

static struct secret *first, *second;
static struct buf header;

static int drop(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    (void)arg;
    (void)p;
    (void)n;
    (void)e;
    return 0;
}

static void set_up(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct age_writer *writer = NULL;
    struct error e = { 0 };
    uint8_t to[1][AGE_KEY_LEN];

    if (first != NULL)
        return;
    first = age_identity_new(&random);
    second = age_identity_new(&random);
    FUZZ_CHECK(first != NULL && second != NULL &&
               age_identity_recipient(to[0], first) == 0);
    FUZZ_CHECK(age_writer_new(&writer, (const uint8_t(*)[AGE_KEY_LEN])to, 1,
                              &random, &header, drop, NULL, &e) == 0);
    age_writer_free(&writer);
}

/* The input in the place of some bytes of a good one. */
static void check_header(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    struct error e = { 0 };
    struct buf bad = { 0 }, moved = { 0 };
    size_t at = fuzz_short(&in) % header.len, n;
    const uint8_t *bytes = fuzz_bytes(&in, header.len - at, &n);
    bool same = memcmp(header.p + at, bytes, n) == 0;

    FUZZ_CHECK(buf_add(&bad, header.p, header.len) == 0);
    if (n > 0)
        memcpy(bad.p + at, bytes, n);
    FUZZ_CHECK((header_rewrap(&moved, bad.p, bad.len, first, second,
                              &random_system, &e) == 0) == same);
    FUZZ_CHECK((moved.len > 0) == same);
    buf_free(&bad);
    buf_free(&moved);
}

/* One that a header of the first epoch stands beside is compared with it. */
static void check_item(struct rewrapping *w, const json_t *item)
{
    json_t *list = json_array(), *with = json_deep_copy(item);
    uint8_t hash[SHA256_LEN];
    struct error e = { 0 };
    size_t failed = w->failed;

    if (move_header(w, 1, "header", item, list, &e) != 0)
        FUZZ_CHECK(e.text[0] != '\0' && json_array_size(list) == 0);
    else
        FUZZ_CHECK(json_array_size(list) + w->failed - failed == 1);
    (void)json_object_set_new(with, "former",
                              json_base64(header.p, header.len));
    (void)json_object_set_new(with, "epoch", json_integer(1));
    if (compare(w, 1, with, hash, &e) > 0)
        FUZZ_CHECK(json_array_size(list) == 1);
    json_decref(list);
    json_decref(with);
}

static void check_page(const json_t *page)
{
    struct secret *secrets[2] = { first, second };
    struct rewrapping w = { .epochs = { secrets, 2 }, .newest = 2 };
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(page, "headers"), i, item)
    {
        if (json_str(item, "document") != NULL)
            check_item(&w, item);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    json_t *page;

    set_up();
    if (size > 2)
        check_header(data, size);
    page = json_parse(data, size, &e);
    if (page != NULL)
        check_page(page);
    json_decref(page);
    return 0;
}
