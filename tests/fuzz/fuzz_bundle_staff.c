/*
 * The keyring log of a bundle, and what entries say of staff. Nothing but what
 * was signed is a keyring, whichever byte of it is another; and of any entries
 * there is a verdict, and never a change of the keyring that nobody signed.
 */
#include "keyring_help.h"

#include "ledger/bundle_staff.h"

#include <sodium.h>
#include <unistd.h>

static char folder[] = "/tmp/resguardo-fuzz-XXXXXX";
static struct buf real;

static void put(const void *bytes, size_t len)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/keyring.jsonl", folder);
    f = fopen(path, "wb");
    FUZZ_CHECK(f != NULL && (len == 0 || fwrite(bytes, 1, len, f) == len));
    FUZZ_CHECK(fclose(f) == 0);
}

static void tear_down(void)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/keyring.jsonl", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    buf_free(&real);
}

static struct bundle_staff *open_it(void)
{
    uint8_t root[SHA256_LEN];
    struct bundle_staff *s = NULL;
    struct error e = { 0 };

    if (bundle_staff_open(&s, folder, root, &e) == 0)
        return s;
    FUZZ_CHECK(e.code == ERR_VERIFY && e.text[0] != '\0');
    bundle_staff_close(&s);
    return NULL;
}

static void check_not(void)
{
    FUZZ_CHECK(open_it() == NULL);
}

/* Entries as they come, a line each. */
static void judge(struct bundle_staff *s, struct fuzz_input in)
{
    while (in.len > 0) {
        size_t n;
        const uint8_t *line = fuzz_until(&in, '\n', &n);
        struct error e;
        struct json_doc *doc = json_scan(line, n, &e);

        if (doc != NULL)
            (void)bundle_staff_wrong(s, json_root(doc));
        json_doc_free(&doc);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = { data, size };
    size_t at = fuzz_short(&in);
    struct bundle_staff *s;
    struct error e;

    if (real.len == 0) {
        FUZZ_CHECK(sodium_init() >= 0 && mkdtemp(folder) != NULL);
        FUZZ_CHECK(atexit(tear_down) == 0);
        keyring_lines(&real, NULL);
    }
    put(in.p, in.len);
    check_not();

    at %= real.len;
    real.p[at] ^= 1;
    put(real.p, real.len);
    check_not();
    real.p[at] ^= 1;
    put(real.p, at);
    check_not();

    put(real.p, real.len);
    s = open_it();
    FUZZ_CHECK(s != NULL);
    judge(s, in);
    FUZZ_CHECK(bundle_staff_end(s, &e) == 0);
    bundle_staff_close(&s);
    return 0;
}
