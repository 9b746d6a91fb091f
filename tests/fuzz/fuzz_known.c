/*
 * IDENTITY.known, a line a desk. What opens keeps the other desks' lines and
 * gives of this desk what it says; pinning another value than the one that is
 * known always fails, and the same value never does.
 */
#include "fuzz.h"

#include "cli/cli.h"

static struct fuzz_input file;

int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e);
int __wrap_file_read(const char *path, size_t max, struct buf *out,
                     struct error *e)
{
    if (file.len > max)
        return error_set(e, ERR_INPUT, "%s is too long", path);
    return buf_add(out, file.p, file.len) == 0
               ? 0
               : error_set(e, ERR_NOMEM, "no memory");
}

static void check_member(struct known *k, const char *member)
{
    struct error e = { 0 };
    const char *value = known_get(k, member);
    char *former = value == NULL ? NULL : strdup(value);
    bool first;

    if (former == NULL) {
        FUZZ_CHECK(known_pin(k, member, "new", "it", &first, &e) == 0 && first);
        FUZZ_CHECK(strcmp(known_get(k, member), "new") == 0);
        FUZZ_CHECK(known_pin(k, member, "other", "it", &first, &e) != 0);
    } else {
        FUZZ_CHECK(known_pin(k, member, former, "it", &first, &e) == 0 &&
                   !first);
        FUZZ_CHECK(strcmp(former, "other") == 0 ||
                   known_pin(k, member, "other", "it", &first, &e) != 0);
        FUZZ_CHECK(strcmp(known_get(k, member), former) == 0);
    }
    free(former);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const members[] = { "keyring_root", "ledger_key",
                                           "checkpoint" };
    struct error e = { 0 };
    struct known *k = NULL;

    file = (struct fuzz_input){ data, size };
    if (known_open(&k, "/home/ana/identity", "/run/desk.sock", &e) != 0) {
        FUZZ_CHECK(k == NULL && e.code == ERR_INPUT);
        FUZZ_CHECK(strncmp(e.text, "/home/ana/identity.known", 24) == 0);
        return 0;
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        check_member(k, members[i]);
    known_close(&k);
    return 0;
}
