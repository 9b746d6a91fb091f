/* config: what is read, the defaults, and where each mistake is said to be. */
#include "unit.h"

#include "resguardo/config.h"

#define NUMBERS                                                                \
    "  numbers:\n"                            /* 18 */                         \
    "    - phone_number_id: \"1065403522\"\n" /* 19 */                         \
    "      policy: co-habeas-data\n"          /* 20 */                         \
    "      media_lifetime: 1h\n"              /* 21 */

static const char good[] =
    "controller: \"Protección de Ejemplo S. A.\"\n"        /* 1 */
    "storage: /var/lib/resguardo\n"                        /* 2 */
    "policies: policies\n"                                 /* 3 */
    "gateway:\n"                                           /* 4 */
    "  listen: 127.0.0.1:8080\n"                           /* 5 */
    "  public_url: https://Intake.example.co:8443\n"       /* 6 */
    "desk:\n"                                              /* 7 */
    "  socket: run/desk.sock\n"                            /* 8 */
    "whatsapp:\n"                                          /* 9 */
    "  graph_url: https://graph.facebook.com\n"            /* 10 */
    "  api_version: v26.0\n"                               /* 11 */
    "  app_secret_file: app-secret\n"                      /* 12 */
    "  verify_token_file: verify-token\n"                  /* 13 */
    "  access_token_file: /etc/access-token\n"             /* 14 */
    "  media_hosts: [Lookaside.fbsbx.com, 127.0.0.1:80]\n" /* 15 */
    "  proxy: null\n"                                      /* 16 */
    "  ca_file: null\n"                                    /* 17 */
    NUMBERS                                                /* 18 to 21 */
    "inspect:\n"                                           /* 22 */
    "  parallel: 2\n"                                      /* 23 */
    "  clamd_socket: null\n";                              /* 24 */

#define STAMPED                                                                \
    "ledger:\n  timestamp:\n    url: https://a.example/tsr\n"                  \
    "    ca_file: ca.pem\n"

struct folder {
    char *path;
    char file[128];
};

static int setup(void **state)
{
    struct folder *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->path = unit_folder_new();
    (void)snprintf(f->file, sizeof(f->file), "%s/c.yaml", f->path);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct folder *f = *state;

    unit_folder_free(f->path);
    free(f);
    return 0;
}

static void put(const struct folder *f, const char *text)
{
    FILE *out = fopen(f->file, "w");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* The good file with one line (from 1) replaced; "" takes it away. */
static void put_with(const struct folder *f, unsigned line, const char *with)
{
    FILE *out = fopen(f->file, "w");
    unsigned at = 1;

    assert_non_null(out);
    for (const char *p = good; *p != 0; at++) {
        size_t n = (size_t)(strchr(p, '\n') - p) + 1;

        if (at != line)
            (void)fwrite(p, 1, n, out);
        else
            (void)fputs(with, out);
        p += n;
    }
    assert_int_equal(fclose(out), 0);
}

static struct config *load(const struct folder *f)
{
    struct config *c = NULL;
    struct error e = { 0 };

    if (config_load(&c, f->file, &e) != 0)
        print_error("%s\n", e.text);
    assert_non_null(c);
    return c;
}

static void assert_below(const struct folder *f, const char *path,
                         const char *name)
{
    char want[256];

    (void)snprintf(want, sizeof(want), "%s/%s", f->path, name);
    assert_string_equal(path, want);
}

static void reads_every_key(void **state)
{
    const struct folder *f = *state;
    struct config *c;

    put(f, good);
    c = load(f);
    assert_string_equal(c->path, f->file);
    assert_string_equal(c->controller, "Protección de Ejemplo S. A.");
    assert_string_equal(c->storage, "/var/lib/resguardo");
    assert_string_equal(c->listen, "127.0.0.1:8080");
    assert_string_equal(c->public_url, "https://Intake.example.co:8443");
    assert_string_equal(c->public_host, "intake.example.co");
    assert_string_equal(c->graph_url, "https://graph.facebook.com");
    assert_string_equal(c->api_version, "v26.0");
    assert_string_equal(c->access_token_file, "/etc/access-token");
    assert_int_equal(c->nmedia_hosts, 2);
    assert_string_equal(c->media_hosts[0], "lookaside.fbsbx.com");
    assert_string_equal(c->media_hosts[1], "127.0.0.1:80");
    assert_int_equal(c->nnumbers, 1);
    assert_string_equal(c->numbers[0].phone_number_id, "1065403522");
    assert_string_equal(c->numbers[0].policy, "co-habeas-data");
    assert_true(c->numbers[0].media_lifetime == MSEC_H);
    assert_int_equal(c->inspect_parallel, 2);
    config_free(&c);
    assert_null(c);
}

static void relative_paths_count_from_the_folder_of_the_file(void **state)
{
    const struct folder *f = *state;
    struct config *c;

    put_with(f, 17, "  ca_file: ca.pem\n");
    c = load(f);
    assert_below(f, c->policies, "policies");
    assert_below(f, c->socket, "run/desk.sock");
    assert_below(f, c->app_secret_file, "app-secret");
    assert_below(f, c->verify_token_file, "verify-token");
    assert_below(f, c->ca_file, "ca.pem");
    config_free(&c);
}

static void a_relative_file_gives_absolute_paths(void **state)
{
    const struct folder *f = *state;
    char *before = get_current_dir_name();
    struct config *c = NULL;
    struct error e;

    put(f, good);
    assert_int_equal(chdir(f->path), 0);
    assert_int_equal(config_load(&c, "c.yaml", &e), 0);
    assert_int_equal(chdir(before), 0);
    assert_below(f, c->path, "c.yaml");
    assert_below(f, c->policies, "policies");
    config_free(&c);
    free(before);
}

static void what_may_be_missing_has_defaults(void **state)
{
    const struct folder *f = *state;
    struct config *c;

    put_with(f, 21, "");
    c = load(f);
    assert_true(c->numbers[0].media_lifetime == 7 * MSEC_D);
    assert_null(c->proxy);
    assert_null(c->ca_file);
    assert_null(c->slots_mirror);
    assert_null(c->clamd_socket);
    assert_true(c->slots_backup_life == 30 * MSEC_D);
    config_free(&c);

    put_with(f, 2, "storage: data\nslots_backup_life: 12h\n");
    c = load(f);
    assert_true(c->slots_backup_life == 12 * MSEC_H);
    config_free(&c);

    put_with(f, 23, "");
    c = load(f);
    assert_int_equal(c->inspect_parallel, 4);
    config_free(&c);
}

static void the_inspect_section_may_be_missing(void **state)
{
    const struct folder *f = *state;
    char text[sizeof(good)];
    struct config *c;

    (void)snprintf(text, sizeof(text), "%.*s",
                   (int)(strstr(good, "inspect:") - good), good);
    put(f, text);
    c = load(f);
    assert_int_equal(c->inspect_parallel, 4);
    config_free(&c);
}

static void time_stamps_are_off_unless_configured(void **state)
{
    const struct folder *f = *state;
    struct buf ca = { 0 };
    struct config *c;

    put_with(f, 24, "ledger: {}\n");
    c = load(f);
    assert_null(c->stamp_url);
    config_free(&c);

    put_with(f, 24, STAMPED);
    c = load(f);
    assert_string_equal(c->stamp_url, "https://a.example/tsr");
    assert_int_equal(buf_addf(&ca, "%s/ca.pem", f->path), 0);
    assert_string_equal(c->stamp_ca_file, (const char *)ca.p);
    assert_true(c->stamp_every == MSEC_D);
    buf_free(&ca);
    config_free(&c);

    put_with(f, 24, STAMPED "    every: 12h\n");
    c = load(f);
    assert_true(c->stamp_every == 12 * MSEC_H);
    config_free(&c);
}

static void finds_a_number_by_its_id(void **state)
{
    const struct folder *f = *state;
    struct config *c;

    put(f, good);
    c = load(f);
    assert_ptr_equal(config_find_number(c, "1065403522"), &c->numbers[0]);
    assert_null(config_find_number(c, "106540352"));
    assert_null(config_find_number(c, ""));
    config_free(&c);
}

static void accepts_what_is_good(void **state)
{
    static const struct {
        unsigned line;
        const char *with;
    } cases[] = {
        { 5, "  listen: \"[::1]:8080\"\n" },
        { 5, "  listen: 127.0.0.1:0\n" },
        { 5, "  listen: 127.9.8.7:65535\n" },
        { 6, "  public_url: http://127.0.0.1:8080\n" },
        { 6, "  public_url: https://example.co/intake\n" },
        { 10, "  graph_url: http://127.0.0.1:9000\n" },
        { 10, "  graph_url: http://[::1]:9000\n" },
        { 10, "  graph_url: http://localhost:9000\n" },
        { 11, "  api_version: v100.12\n" },
        { 15, "  media_hosts:\n    - \"[::1]:99\"\n    - localhost:99\n" },
        { 16, "  proxy: http://127.0.0.1:3128\n" },
        { 19, "    - phone_number_id: 1065403522\n" },
        { 23, "  parallel: 64\n" },
        { 2, "storage: data\nslots_mirror: /mnt/slots\n" },
        { 2, "storage: data\nslots_backup_life: 0s\n" },
        { 4, "gateway:\n  tls: null\n" },
    };
    const struct folder *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config *c;

        put_with(f, cases[i].line, cases[i].with);
        c = load(f);
        config_free(&c);
    }
}

/* Replaces a line of the good file; the error begins FILE:LINE: and this. */
static const struct {
    unsigned line;
    const char *with;
    unsigned at;
    const char *says;
} broken[] = {
    /* missing */
    { 1, "", 1, "controller: is missing" },
    { 2, "", 1, "storage: is missing" },
    { 3, "", 1, "policies: is missing" },
    { 5, "", 4, "listen: is missing" },
    { 6, "", 4, "public_url: is missing" },
    { 8, "", 7, "desk: is missing or empty: it needs socket" },
    { 10, "", 9, "graph_url: is missing" },
    { 11, "", 9, "api_version: is missing" },
    { 12, "", 9, "app_secret_file: is missing" },
    { 13, "", 9, "verify_token_file: is missing" },
    { 14, "", 9, "access_token_file: is missing" },
    { 15, "", 9, "media_hosts: is missing" },
    { 19, "    - media_lifetime: 2h\n", 21, "media_lifetime: given twice" },
    { 21, "    - policy: es-gdpr\n", 21, "phone_number_id: is missing" },
    { 20, "", 19, "policy: is missing" },
    { 2, "storage: null\n", 2, "storage: is missing" },
    { 9, "whatsapp: null\nother:\n", 10, "other: unknown key" },

    /* unknown */
    { 1, "controler: x\n", 1, "controler: unknown key" },
    { 5, "  listne: 127.0.0.1:8080\n", 5, "listne: unknown key" },
    { 8, "  path: x\n", 8, "path: unknown key" },
    { 16, "  proxi: null\n", 16, "proxi: unknown key" },
    { 21, "      lifetime: 1h\n", 21, "lifetime: unknown key" },
    { 24, "  clamd: null\n", 24, "clamd: unknown key" },

    /* form */
    { 1, "controller: \"\"\n", 1, "controller: is empty" },
    { 1, "controller: [a]\n", 1, "controller: must be text" },
    { 1, "controller: \"a\\nb\"\n", 1, "controller: has control characters" },
    { 2, "storage: \"\"\n", 2, "storage: is empty" },
    { 4, "gateway: x\nother:\n", 5, "other: unknown key" },
    { 16, "  proxy: [a]\n", 16, "proxy: must be text" },

    /* gateway and desk */
    { 5, "  listen: 0.0.0.0:8080\n", 5, "listen: must be a loopback address" },
    { 5, "  listen: 192.0.2.1:8080\n", 5, "listen: must be a loopback addr" },
    { 5, "  listen: \"[::]:8080\"\n", 5, "listen: must be a loopback address" },
    { 5, "  listen: localhost:80\n", 5, "listen: must be a loopback address" },
    { 5, "  listen: 127.0.0.1\n", 5, "listen: must be ADDRESS:PORT" },
    { 5, "  listen: \"127.0.0.1:\"\n", 5, "listen: must be " },
    { 5, "  listen: 127.0.0.1:65536\n", 5, "listen: must be ADDRESS:PORT" },
    { 5, "  listen: 127.0.0.1:+80\n", 5, "listen: must be ADDRESS:PORT" },
    { 5, "  listen: \"[::1:80\"\n", 5, "listen: must be ADDRESS:PORT" },
    { 5, "  listen: 127.0.0.1:80\n  tls: {}\n", 6, "tls: not supported yet" },
    { 6, "  public_url: intake.example.co\n", 6, "public_url: must begin" },
    { 6, "  public_url: https://a.example/\n", 6,
      "public_url: must not end in a slash" },
    { 6, "  public_url: https://a.example?x=1\n", 6, "public_url: a query" },
    { 6, "  public_url: https://a.example#x\n", 6, "public_url: a query" },
    { 6, "  public_url: https://me:pw@a.example\n", 6,
      "public_url: user name" },
    { 6, "  public_url: https://\n", 6, "public_url: has no valid host" },
    { 6, "  public_url: https://a..b\n", 6, "public_url: has no valid host" },
    { 6, "  public_url: \"https://a b\"\n", 6, "public_url: a URL has no" },
    { 6, "  public_url: https://a.example:0\n", 6, "public_url: has no valid" },
    { 8,
      "  socket: /a234567890123456789012345678901234567890123456789012345678901"
      "2345678901234567890123456789012345678901234567890\n",
      8, "socket: the path of a socket has at most 107 bytes" },

    /* whatsapp */
    { 10, "  graph_url: http://graph.facebook.com\n", 10,
      "graph_url: http:// is accepted for a loopback host only" },
    { 10, "  graph_url: http://127.0.0.1.example.co\n", 10,
      "graph_url: http:// is accepted for a loopback host only" },
    { 10, "  graph_url: https://graph.facebook.com/\n", 10,
      "graph_url: must not end in a slash" },
    { 10, "  graph_url: ftp://graph.facebook.com\n", 10,
      "graph_url: must begin with https://" },
    { 11, "  api_version: 26.0\n", 11, "api_version: must be a version" },
    { 11, "  api_version: v26\n", 11, "api_version: must be a version" },
    { 11, "  api_version: v26.0/..\n", 11, "api_version: must be a version" },
    { 11, "  api_version: v.0\n", 11, "api_version: must be a version" },
    { 15, "  media_hosts: []\n", 15, "media_hosts: must be a list" },
    { 15, "  media_hosts: a.example\n", 15, "media_hosts: must be a list" },
    { 15, "  media_hosts:\n    - a.example\n    - https://b.example\n", 17,
      "media_hosts: must be a host" },
    { 15, "  media_hosts: [a.example/x]\n", 15, "media_hosts: must be a host" },
    { 15, "  media_hosts: [\"\"]\n", 15, "media_hosts: must be a host" },
    { 15, "  media_hosts: [{a: b}]\n", 15, "media_hosts: must be a list" },
    { 15, "  media_hosts: [a.example:443]\n", 15, "media_hosts: a port is" },
    { 15, "  media_hosts: [\"127.0.0.1:0\"]\n", 15, "media_hosts: port 0" },
    { 16, "  proxy: \"\"\n", 16, "proxy: is empty" },

    /* numbers */
    { 18, "  numbers: []\nunknown:\n", 19, "unknown: unknown key" },
    { 19, "    - phone_number_id: \"+57300\"\n", 19,
      "phone_number_id: must be 1 to 32 digits" },
    { 19, "    - phone_number_id: \"\"\n", 19, "phone_number_id: must be " },
    { 19, "    - phone_number_id: \"123456789012345678901234567890123\"\n", 19,
      "phone_number_id: must be 1 to 32 digits" },
    { 21, "    - phone_number_id: 1065403522\n      policy: es-gdpr\n", 21,
      "phone_number_id: given twice" },
    { 20, "      policy: Co\n", 20, "policy: must be 1 to 40 of a-z" },
    { 20, "      policy: ../x\n", 20, "policy: must be 1 to 40 of a-z" },
    { 21, "      media_lifetime: 7\n", 21, "media_lifetime: must be a dur" },
    { 21, "      media_lifetime: 0s\n", 21, "media_lifetime: must be a dur" },
    { 21, "      media_lifetime: 366d\n", 21, "media_lifetime: must be a d" },
    { 21, "      media_lifetime: [1h]\n", 21, "media_lifetime: must be a d" },

    /* slots_backup_life */
    { 2, "storage: x\nslots_backup_life: 30\n", 3, "slots_backup_life: must " },
    { 2, "storage: x\nslots_backup_life: 367d\n", 3, "slots_backup_life: mu" },

    /* ledger */
    { 24, "ledger:\n  time: x\n", 25, "time: unknown key" },
    { 24, "ledger:\n  timestamp:\n    url: https://a.example/tsr\n", 25,
      "ca_file: is missing" },
    { 24, "ledger:\n  timestamp:\n    ca_file: ca.pem\n", 25,
      "url: is missing" },
    { 24,
      "ledger:\n  timestamp:\n    url: http://a.example/tsr\n"
      "    ca_file: ca.pem\n",
      26, "url: http:// is accepted for a loopback host only" },
    { 24, STAMPED "    every: 59s\n", 28, "every: must be a duration" },
    { 24, STAMPED "    every: 367d\n", 28, "every: must be a duration" },
    { 24, STAMPED "    every: daily\n", 28, "every: must be a duration" },
    { 24, STAMPED "    policy: 1.2.3\n", 28, "policy: unknown key" },

    /* inspect */
    { 23, "  parallel: 0\n", 23, "parallel: must be a number from 1 to 64" },
    { 23, "  parallel: 65\n", 23, "parallel: must be a number from 1 to 64" },
    { 23, "  parallel: four\n", 23, "parallel: must be a number" },
    { 24, "  clamd_socket: /run/clamd\n", 24,
      "clamd_socket: not supported yet" },
};

static void a_mistake_is_named_with_file_line_and_key(void **state)
{
    const struct folder *f = *state;

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct config *c = NULL;
        struct error e = { 0 };
        char want[256];
        int ok;

        (void)snprintf(want, sizeof(want), "%s:%u: %s", f->file, broken[i].at,
                       broken[i].says);
        put_with(f, broken[i].line, broken[i].with);
        ok = config_load(&c, f->file, &e);
        if (ok == 0 || strncmp(e.text, want, strlen(want)) != 0)
            print_error("case %zu: %s\nnot: %s\n", i, e.text, want);
        assert_int_equal(ok, -1);
        assert_null(c);
        assert_int_equal(e.code, ERR_CONFIG);
        assert_memory_equal(e.text, want, strlen(want));
    }
}

static void at_least_one_number_is_needed(void **state)
{
    const struct folder *f = *state;
    static const char *const lists[] = { "", "  numbers: []\n",
                                         "  numbers: 5\n" };
    static const char *const says[] = { ":9: numbers: is missing",
                                        ":18: numbers: must be a list",
                                        ":18: numbers: must be a list" };

    for (size_t i = 0; i < 3; i++) {
        char text[sizeof(good) + 64], want[128];
        struct config *c = NULL;
        struct error e = { 0 };

        (void)snprintf(text, sizeof(text), "%.*s%s",
                       (int)(strstr(good, "  numbers:") - good), good,
                       lists[i]);
        (void)snprintf(want, sizeof(want), "%s%s", f->file, says[i]);
        put(f, text);
        assert_int_equal(config_load(&c, f->file, &e), -1);
        assert_int_equal(e.code, ERR_CONFIG);
        assert_memory_equal(e.text, want, strlen(want));
    }
}

static void a_file_that_is_not_there_is_a_config_error(void **state)
{
    const struct folder *f = *state;
    struct config *c = NULL;
    struct error e = { 0 };

    assert_int_equal(config_load(&c, f->file, &e), -1);
    assert_int_equal(error_exit_code(e.code), 2);
    assert_null(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_every_key, setup, teardown),
        cmocka_unit_test_setup_teardown(
            relative_paths_count_from_the_folder_of_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(a_relative_file_gives_absolute_paths,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_be_missing_has_defaults, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_inspect_section_may_be_missing,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(time_stamps_are_off_unless_configured,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(time_stamps_are_off_unless_configured,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(finds_a_number_by_its_id, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(accepts_what_is_good, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_mistake_is_named_with_file_line_and_key, setup, teardown),
        cmocka_unit_test_setup_teardown(at_least_one_number_is_needed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_file_that_is_not_there_is_a_config_error, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
