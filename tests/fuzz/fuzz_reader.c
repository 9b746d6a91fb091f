/*
 * The keyring and grants that a desk hands to the CLI, when the desk or its
 * database lies. Nothing is opened with a key that was not granted under a
 * keyring signed back to its root: what the fuzzer makes up never is, and of
 * what we signed only the epoch's own secret passes.
 */
#include "cli/reader.c"

#include "fuzz.h"

#include "vault/vault_private.h"

/* What is pinned is not the matter here. */
int known_open(struct known **k, const char *identity, const char *address,
               struct error *e)
{
    (void)identity;
    (void)address;
    (void)e;
    *k = NULL;
    return 0;
}

int known_pin(struct known *k, const char *member, const char *value,
              const char *what, bool *first, struct error *e)
{
    (void)k;
    (void)what;
    (void)e;
    FUZZ_CHECK(strcmp(member, "keyring_root") == 0 && strlen(value) == 64);
    *first = false;
    return 0;
}

/* What was seen before, as the input has it. */
static char *seen_before;

const char *known_get(const struct known *k, const char *member)
{
    (void)k;
    FUZZ_CHECK(strcmp(member, "keyring_head") == 0);
    return seen_before;
}

int known_set(struct known *k, const char *member, const char *value,
              struct error *e)
{
    struct seen seen;

    (void)k;
    (void)e;
    FUZZ_CHECK(strcmp(member, "keyring_head") == 0);
    read_seen(&seen, value);
    FUZZ_CHECK(seen.size > 0);
    return 0;
}

int known_keep(struct known *k, struct error *e)
{
    (void)k;
    (void)e;
    return 0;
}

bool known_kept(const struct known *k)
{
    (void)k;
    return true;
}

void known_close(struct known **k)
{
    (void)k;
}

static struct secret *officer, *epoch;
static struct buf root, first;
static uint8_t root_sig[SIGN_LEN], first_sig[SIGN_LEN];

static void set_up(void)
{
    uint64_t seed = 1;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct keyring *k = keyring_new();
    uint8_t point[AGE_KEY_LEN], custody[AGE_KEY_LEN] = { 9 };
    struct error e = { 0 };

    if (officer != NULL) {
        keyring_free(&k);
        return;
    }
    FUZZ_CHECK(sodium_init() >= 0);
    officer = age_identity_new(&random);
    epoch = age_identity_new(&random);
    FUZZ_CHECK(k != NULL && officer != NULL && epoch != NULL);
    FUZZ_CHECK(age_identity_recipient(point, epoch) == 0);
    FUZZ_CHECK(keyring_sign_root(k, officer, 1000, "ana", custody, 0, &root,
                                 root_sig, &e) == 0);
    FUZZ_CHECK(
        keyring_sign_epoch(k, officer, point, 0, &first, first_sig, &e) == 0);
    keyring_free(&k);
}

static json_t *entry_json(const struct buf *entry, const uint8_t *sig)
{
    return json_pack("{s:o, s:o}", "entry", json_base64(entry->p, entry->len),
                     "signature", json_base64(sig, SIGN_LEN));
}

static int no_sink(void *arg, const uint8_t *p, size_t n, struct error *e)
{
    (void)arg;
    (void)p;
    (void)n;
    (void)e;
    return 0;
}

/* As reader_open goes on after the desk answered. */
static int use(const json_t *answer)
{
    const struct cli cli = { .socket = "/desk", .identity = NULL };
    struct age_opener *opener = NULL;
    struct error e = { 0 };
    struct keyring *ring = reader_keyring(&cli, answer, &e);
    struct epochs epochs = { 0 };
    int ok = -1;

    if (ring != NULL && epochs_open(&epochs, ring, officer,
                                    json_object_get(answer, "grants"), &e) == 0)
        ok = epochs_opener(&opener, &epochs, no_sink, NULL, &e);
    epochs_close(&epochs);
    FUZZ_CHECK(ok == 0 || e.text[0] != '\0');
    FUZZ_CHECK((ok == 0) == (opener != NULL));
    age_opener_free(&opener);
    keyring_free(&ring);
    return ok;
}

/* Our keyring, and as the grant of epoch 1 the input sealed to us. */
static void check_grant(const uint8_t *data, size_t size)
{
    uint64_t seed = 3;
    const struct random_source random = { fuzz_random_fill, &seed };
    struct error e = { 0 };
    struct buf file = { 0 };
    uint8_t to[1][AGE_KEY_LEN];
    struct secret *inside = age_identity_file_parse(data, size, &e);
    json_t *answer;

    FUZZ_CHECK(age_identity_recipient(to[0], officer) == 0);
    FUZZ_CHECK(age_seal(&file, (const uint8_t(*)[AGE_KEY_LEN])to, 1, &random,
                        data, size, &e) == 0);
    answer =
        json_pack("{s:[o, o], s:[{s:i, s:o}]}", "entries",
                  entry_json(&root, root_sig), entry_json(&first, first_sig),
                  "grants", "epoch", 1, "file", json_base64(file.p, file.len));
    FUZZ_CHECK(answer != NULL);
    FUZZ_CHECK(
        (use(answer) == 0) ==
        (inside != NULL && memcmp(inside->p, epoch->p, epoch->len) == 0));
    secret_free(&inside);
    json_decref(answer);
    buf_free(&file);
}

/* The right one, so that the check above can tell. */
static void check_right(void)
{
    struct buf text = { 0 };
    static bool done;

    if (done)
        return;
    done = true;
    FUZZ_CHECK(age_identity_file_format(&text, epoch, 0) == 0);
    check_grant(text.p, text.len);
    buf_free(&text);
}

/* A log is refused that is not the one seen before, and what is no line of
 * ours was nothing seen. */
static void check_seen(const uint8_t *data, size_t size)
{
    struct seen seen;

    seen_before = fuzz_string(data, size);
    read_seen(&seen, seen_before);
    FUZZ_CHECK(seen.size == 0 || strlen(seen.head) == 64);
    free(seen_before);
    seen_before = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error e = { 0 };
    json_t *answer;

    set_up();
    check_right();
    check_seen(data, size);
    check_grant(data, size);
    answer = json_parse(data, size, &e);
    if (answer != NULL)
        FUZZ_CHECK(use(answer) != 0);

    /* Whatever the desk adds to what was signed. */
    if (json_is_object(answer)) {
        json_t *list = json_object_get(answer, "entries");

        if (json_is_array(list) &&
            json_array_insert_new(list, 0, entry_json(&first, first_sig)) ==
                0 &&
            json_array_insert_new(list, 0, entry_json(&root, root_sig)) == 0)
            FUZZ_CHECK(use(answer) != 0);
    }
    json_decref(answer);
    return 0;
}
