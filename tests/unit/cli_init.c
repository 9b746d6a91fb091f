/* cli: what init makes, and what it refuses. */
#include "unit.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "resguardo/ledger.h"
#include "resguardo/store_log.h"

static const char yaml[] = "controller: C\n"
                           "storage: storage\n"
                           "policies: policies\n"
                           "gateway:\n"
                           "  listen: 127.0.0.1:8080\n"
                           "  public_url: https://intake.example.co\n"
                           "desk:\n"
                           "  socket: desk.sock\n"
                           "whatsapp:\n"
                           "  graph_url: https://graph.facebook.com\n"
                           "  api_version: v26.0\n"
                           "  app_secret_file: a\n"
                           "  verify_token_file: b\n"
                           "  access_token_file: c\n"
                           "  media_hosts: [lookaside.fbsbx.com]\n"
                           "  numbers:\n"
                           "    - phone_number_id: \"1\"\n"
                           "      policy: co-habeas-data\n";

static char *folder;
static char config[128], identity[128], custody[160], known[160], storage[128];
static struct cli cli;
static struct error err;

static int set_up(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(config, sizeof(config), "%s/c.yaml", folder);
    (void)snprintf(identity, sizeof(identity), "%s/keys/me", folder);
    (void)snprintf(custody, sizeof(custody), "%s.custody", identity);
    (void)snprintf(known, sizeof(known), "%s.known", identity);
    (void)snprintf(storage, sizeof(storage), "%s/storage", folder);
    cli = (struct cli){ .socket = "/none", .identity = identity };
    cli.options[OPTION_CONFIG] = config;
    cli.options[OPTION_NO_PASSPHRASE] = "";
    return file_create(config, yaml, sizeof(yaml) - 1, &err);
}

static int tear_down(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

/* init says what it made on stdout, which is no part of the test's report. */
static int init(void)
{
    int former = dup(STDOUT_FILENO), none = open("/dev/null", O_WRONLY), ok;

    memset(&err, 0, sizeof(err));
    (void)fflush(stdout);
    (void)dup2(none, STDOUT_FILENO);
    ok = init_run(&cli, &err);
    (void)fflush(stdout);
    (void)dup2(former, STDOUT_FILENO);
    (void)close(former);
    (void)close(none);
    return ok;
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

static int replay(void *arg, const uint8_t *entry, size_t len,
                  const uint8_t *signature, size_t signature_len)
{
    assert_int_equal(signature_len, SIGN_LEN);
    return keyring_add(arg, entry, len, signature, &err);
}

static struct store *reader(void)
{
    struct store *s = NULL;

    assert_int_equal(
        store_open(&s, storage, NULL, STORE_READER, &random_system, &err), 0);
    return s;
}

static void makes_identity_and_custody_for_the_owner_alone(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(init(), 0);
    assert_int_equal(stat(identity, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(custody, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void keyring_makes_us_officer_with_all_roles(void **state)
{
    struct keyring *ring = keyring_new();
    const struct keyring_staff *me;
    struct store *s;

    (void)state;
    assert_int_equal(init(), 0);
    s = reader();
    assert_int_equal(keyring_row_list(s, replay, ring, &err), 0);
    me = keyring_find(ring, (uint32_t)getuid());
    assert_non_null(me);
    assert_int_equal(me->roles, ROLE__ALL);
    assert_int_equal(keyring_epoch(ring), 1);
    store_close(&s);
    keyring_free(&ring);
}

static void grant_opens_to_the_epoch_that_was_signed(void **state)
{
    struct keyring *ring = keyring_new();
    struct secret *me, *epoch;
    struct buf grant = { 0 }, text = { 0 };
    uint8_t own[AGE_KEY_LEN], expected[AGE_KEY_LEN];
    struct store *s;

    (void)state;
    assert_int_equal(init(), 0);
    s = reader();
    assert_int_equal(keyring_row_list(s, replay, ring, &err), 0);
    assert_int_equal(keyring_grant_get(s, 1, (uint32_t)getuid(), &grant, &err),
                     1);
    me = identity_load(identity, NULL, &err);
    assert_int_equal(age_open(&text, (const struct secret *const[]){ me }, 1,
                              grant.p, grant.len, &err),
                     0);
    epoch = age_identity_file_parse(text.p, text.len, &err);
    assert_non_null(epoch);
    assert_int_equal(age_identity_recipient(own, epoch), 0);
    assert_int_equal(keyring_epoch_recipient(ring, 1, expected), 0);
    assert_memory_equal(own, expected, AGE_KEY_LEN);
    secret_free(&me);
    secret_free(&epoch);
    buf_free(&grant);
    buf_free(&text);
    store_close(&s);
    keyring_free(&ring);
}

static void knows_the_desk_from_the_start(void **state)
{
    char address[160];
    struct known *k = NULL;

    (void)state;
    assert_int_equal(init(), 0);
    (void)snprintf(address, sizeof(address), "%s/desk.sock", folder);
    assert_int_equal(known_open(&k, identity, address, &err), 0);
    assert_non_null(known_get(k, "keyring_root"));
    assert_non_null(known_get(k, "ledger_key"));
    known_close(&k);
}

static void no_secret_of_an_epoch_stays_on_disk(void **state)
{
    char command[400];

    (void)state;
    assert_int_equal(init(), 0);
    (void)snprintf(command, sizeof(command), "! grep -rqa AGE-SECRET-KEY '%s'",
                   storage);
    assert_int_equal(system(command), 0);
}

static void given_custody_recipient_is_taken(void **state)
{
    struct keyring *ring = keyring_new();
    struct secret *far = age_identity_new(&random_system);
    uint8_t expected[AGE_KEY_LEN], taken[AGE_KEY_LEN];
    char text[AGE_RECIPIENT_SIZE];
    struct store *s;

    (void)state;
    assert_int_equal(age_identity_recipient(expected, far), 0);
    age_recipient_format(text, expected);
    cli.options[OPTION_CUSTODY] = text;
    assert_int_equal(init(), 0);
    assert_false(there(custody));
    s = reader();
    assert_int_equal(keyring_row_list(s, replay, ring, &err), 0);
    assert_int_equal(keyring_custody(ring, taken), 0);
    assert_memory_equal(taken, expected, AGE_KEY_LEN);
    store_close(&s);
    keyring_free(&ring);
    secret_free(&far);
}

static void existing_identity_is_used_and_kept(void **state)
{
    struct secret *mine = age_identity_new(&random_system), *after;

    (void)state;
    assert_int_equal(identity_write(identity, mine, NULL, 0, &err), 0);
    assert_int_equal(init(), 0);
    after = identity_load(identity, NULL, &err);
    assert_memory_equal(after->p, mine->p, AGE_KEY_LEN);
    secret_free(&mine);
    secret_free(&after);
}

static void passphrase_seals_both_identities(void **state)
{
    char passphrase[160], custodians[160];
    struct secret *me;

    (void)state;
    (void)snprintf(passphrase, sizeof(passphrase), "%s/passphrase", folder);
    (void)snprintf(custodians, sizeof(custodians), "%s/custodians", folder);
    assert_int_equal(file_create(passphrase, "horse staple\n", 13, &err), 0);
    assert_int_equal(file_create(custodians, "battery\n", 8, &err), 0);
    cli.options[OPTION_PASSPHRASE_FILE] = passphrase;
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(identity));
    cli.options[OPTION_NO_PASSPHRASE] = NULL;
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(identity));
    cli.options[OPTION_CUSTODY_PASSPHRASE_FILE] = custodians;
    assert_int_equal(init(), 0);
    me = identity_load(identity, passphrase, &err);
    assert_non_null(me);
    secret_free(&me);
    assert_null(identity_load(custody, passphrase, &err));
    me = identity_load(custody, custodians, &err);
    assert_non_null(me);
    secret_free(&me);
    assert_int_equal(file_replace(passphrase, "another", 7, &err), 0);
    assert_null(identity_load(identity, passphrase, &err));
    assert_int_equal(error_exit_code(err.code), 1);
}

/* ---- a keyring of the officer's own machine ----------------------------- */

static char carried[160];

/* As the officer types it; the server's part comes after. */
static int vault_init(const char *name)
{
    struct cli officer = { .socket = "ssh://server", .identity = identity };
    char uid[16];
    int former = dup(STDOUT_FILENO), none = open("/dev/null", O_WRONLY), ok;

    (void)snprintf(carried, sizeof(carried), "%s/carried", folder);
    (void)snprintf(uid, sizeof(uid), "%u", (unsigned)getuid());
    officer.options[OPTION_NO_PASSPHRASE] = "";
    officer.options[OPTION_NAME] = name;
    officer.options[OPTION_UID] = uid;
    officer.options[OPTION_OUT] = carried;
    (void)fflush(stdout);
    (void)dup2(none, STDOUT_FILENO);
    ok = vault_run_init(&officer, &err);
    (void)fflush(stdout);
    (void)dup2(former, STDOUT_FILENO);
    (void)close(former);
    (void)close(none);
    cli.options[OPTION_NO_PASSPHRASE] = NULL;
    cli.options[OPTION_KEYRING] = carried;
    cli.identity = NULL;
    return ok;
}

static const char *own_name(void)
{
    static char number[16];
    const struct passwd *me = getpwuid(getuid());

    (void)snprintf(number, sizeof(number), "%u", (unsigned)getuid());
    return me != NULL ? me->pw_name : number;
}

static void read_carried(struct buf *out)
{
    assert_int_equal(file_read(carried, 65536, out, &err), 0);
}

static void keyring_of_another_machine_is_taken(void **state)
{
    struct keyring *ring = keyring_new();
    struct founding made = { 0 };
    struct buf text = { 0 }, grant = { 0 };
    char root[HEX_SIZE(KEYRING_HASH_LEN)];
    uint8_t hash[KEYRING_HASH_LEN], ours[KEYRING_HASH_LEN];
    struct known *k = NULL;
    struct store *s;

    (void)state;
    assert_int_equal(vault_init(own_name()), 0);
    assert_true(there(identity));
    assert_true(there(custody));
    read_carried(&text);
    assert_int_equal(founding_parse(&made, text.p, text.len, &err), 0);
    assert_int_equal(known_open(&k, identity, "ssh://server", &err), 0);
    founding_root(&made, root);
    assert_string_equal(known_get(k, "keyring_root"), root);
    known_close(&k);

    assert_int_equal(init(), 0);
    s = reader();
    assert_int_equal(keyring_row_list(s, replay, ring, &err), 0);
    keyring_head(ring, hash);
    keyring_head(made.ring, ours);
    assert_memory_equal(hash, ours, sizeof(hash));
    assert_int_equal(keyring_grant_get(s, 1, (uint32_t)getuid(), &grant, &err),
                     1);
    assert_int_equal(grant.len, made.grant.len);
    assert_memory_equal(grant.p, made.grant.p, grant.len);
    store_close(&s);
    founding_free(&made);
    keyring_free(&ring);
    buf_free(&text);
    buf_free(&grant);
}

/* Each byte that is in it counts; whatever is wrong, nothing is made. */
static void keyring_that_was_changed_is_refused(void **state)
{
    struct buf text = { 0 };

    (void)state;
    assert_int_equal(vault_init(own_name()), 0);
    read_carried(&text);
    for (size_t i = 0; i < text.len - 1; i += 37) {
        uint8_t was = text.p[i];
        struct founding f = { 0 };

        text.p[i] = was == 'A' ? 'B' : 'A';
        /* The grant alone is not signed: that it opens, the officer sees. */
        if (founding_parse(&f, text.p, text.len, &err) == 0)
            assert_true(memmem(text.p, i, "grants", 6) != NULL);
        founding_free(&f);
        text.p[i] = was;
    }
    text.p[text.len / 3] ^= 1;
    assert_int_equal(file_replace(carried, text.p, text.len, &err), 0);
    assert_int_equal(init(), -1);
    assert_false(there(storage));
    assert_int_equal(file_replace(carried, "{}", 2, &err), 0);
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    cli.options[OPTION_NO_PASSPHRASE] = "";
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(storage));
    buf_free(&text);
}

/* The uid is another one's on the server. */
static void keyring_for_another_user_is_refused(void **state)
{
    (void)state;
    assert_int_equal(vault_init("somebody-else"), 0);
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_non_null(strstr(err.text, "somebody-else"));
    assert_false(there(storage));
}

/* Nothing is overwritten, and nothing is left of what failed. */
static void vault_init_makes_all_or_nothing(void **state)
{
    (void)state;
    (void)snprintf(carried, sizeof(carried), "%s/carried", folder);
    assert_int_equal(file_create(carried, "x", 1, &err), 0);
    assert_int_equal(vault_init(own_name()), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_false(there(identity));
    assert_int_equal(unlink(carried), 0);
    assert_int_equal(vault_init("with space"), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(identity));
    assert_false(there(carried));
}

static void existing_storage_is_refused_and_nothing_made(void **state)
{
    (void)state;
    assert_int_equal(mkdir(storage, 0700), 0);
    (void)snprintf(custody, sizeof(custody), "%s/mine", storage);
    assert_int_equal(file_create(custody, "x", 1, &err), 0);
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_false(there(identity));
    assert_false(there(known));
    assert_true(there(custody));
}

static void second_init_is_refused(void **state)
{
    (void)state;
    assert_int_equal(init(), 0);
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_true(there(identity));
}

static void identity_open_to_others_stops_it_before_storage(void **state)
{
    struct secret *mine = age_identity_new(&random_system);

    (void)state;
    assert_int_equal(identity_write(identity, mine, NULL, 0, &err), 0);
    assert_int_equal(chmod(identity, 0644), 0);
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_false(there(storage));
    secret_free(&mine);
}

static void identity_that_cannot_be_written_leaves_nothing(void **state)
{
    (void)state;
    cli.identity = (char *)(uintptr_t) "/proc/none/me";
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 1);
    assert_false(there(storage));
}

/* The instance is complete; a warning says the rest. */
static void known_that_cannot_be_written_is_a_warning(void **state)
{
    char keys[160];

    (void)state;
    (void)snprintf(keys, sizeof(keys), "%s/keys", folder);
    assert_int_equal(mkdir(keys, 0700), 0);
    assert_int_equal(mkdir(known, 0700), 0);
    assert_int_equal(init(), 0);
    assert_true(there(storage));
    assert_true(there(identity));
}

static void custody_that_is_no_recipient_is_usage(void **state)
{
    (void)state;
    cli.options[OPTION_CUSTODY] = "age1nonsense";
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(storage));
    assert_false(there(identity));
}

static void custody_equal_to_our_own_key_is_refused(void **state)
{
    struct secret *mine = age_identity_new(&random_system);
    uint8_t own[AGE_KEY_LEN];
    char text[AGE_RECIPIENT_SIZE];

    (void)state;
    assert_int_equal(identity_write(identity, mine, NULL, 0, &err), 0);
    assert_int_equal(age_identity_recipient(own, mine), 0);
    age_recipient_format(text, own);
    cli.options[OPTION_CUSTODY] = text;
    assert_int_equal(init(), -1);
    assert_int_equal(error_exit_code(err.code), 2);
    assert_false(there(storage));
    secret_free(&mine);
}

static void bad_config_is_usage(void **state)
{
    (void)state;
    cli.options[OPTION_CONFIG] = "/nonexistent.yaml";
    assert_int_equal(init(), -1);
    assert_int_not_equal(error_exit_code(err.code), 0);
    assert_false(there(identity));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_identity_and_custody_for_the_owner_alone),
        TEST(keyring_makes_us_officer_with_all_roles),
        TEST(grant_opens_to_the_epoch_that_was_signed),
        TEST(knows_the_desk_from_the_start),
        TEST(no_secret_of_an_epoch_stays_on_disk),
        TEST(given_custody_recipient_is_taken),
        TEST(existing_identity_is_used_and_kept),
        TEST(passphrase_seals_both_identities),
        TEST(keyring_of_another_machine_is_taken),
        TEST(keyring_that_was_changed_is_refused),
        TEST(keyring_for_another_user_is_refused),
        TEST(vault_init_makes_all_or_nothing),
        TEST(existing_storage_is_refused_and_nothing_made),
        TEST(second_init_is_refused),
        TEST(identity_open_to_others_stops_it_before_storage),
        TEST(identity_that_cannot_be_written_leaves_nothing),
        TEST(known_that_cannot_be_written_is_a_warning),
        TEST(custody_that_is_no_recipient_is_usage),
        TEST(custody_equal_to_our_own_key_is_refused),
        TEST(bad_config_is_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
