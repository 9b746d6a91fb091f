/* desk: routes, roles, statuses, and the socket itself. */
#include "unit.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "desk/desk_private.h"

static struct error err;
static char id[ID_SIZE];

static const struct route *find(const char *method, const char *path)
{
    memset(&err, 0, sizeof(err));
    return route_find(method, path, id, &err);
}

static void segment_is_the_id(void **state)
{
    const struct route *route = find("GET", "/documents/dabc");

    (void)state;
    assert_non_null(route);
    assert_ptr_equal(route->serve, serve_document_show);
    assert_string_equal(id, "dabc");
}

static void reading_is_a_post(void **state)
{
    const struct route *route = find("POST", "/documents/dabc/read");

    (void)state;
    assert_non_null(route);
    assert_ptr_equal(route->serve, serve_document_read);
    assert_null(find("GET", "/documents/dabc/read"));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void other_paths_are_not_found(void **state)
{
    (void)state;
    assert_null(find("GET", "/"));
    assert_null(find("GET", ""));
    assert_null(find("GET", "/documents/"));
    assert_null(find("GET", "/documents/a/b"));
    assert_null(find("GET", "/statusx"));
    assert_null(find("GET", "/status/"));
    assert_null(find("POST", "/status"));
    assert_null(find("HEAD", "/status"));
}

static void segment_longer_than_any_id_is_not_found(void **state)
{
    (void)state;
    assert_null(find("GET", "/cases/0123456789012345678901234567"));
    assert_non_null(find("GET", "/cases/012345678901234567890123456"));
}

static void agents_auditors_and_anyone(void **state)
{
    (void)state;
    assert_true(route_allows(find("GET", "/documents"), ROLE_AGENT));
    assert_false(
        route_allows(find("GET", "/documents"), ROLE_AUDITOR | ROLE_OFFICER));
    assert_false(route_allows(find("POST", "/documents/d/read"),
                              ROLE_AUDITOR | ROLE_OFFICER));
    assert_true(route_allows(find("GET", "/consent"), ROLE_AUDITOR));
    assert_false(
        route_allows(find("GET", "/consent"), ROLE_AGENT | ROLE_OFFICER));
    assert_false(route_allows(find("GET", "/ledger/entries"), ROLE_AGENT));
    assert_true(route_allows(find("GET", "/status"), 0));
    assert_true(route_allows(find("GET", "/check"), 0));
}

static void a_sender_sends_and_sees_nothing(void **state)
{
    const struct route *send = find("POST", "/outbound");

    (void)state;
    assert_true(route_allows(send, ROLE_SENDER));
    assert_true(route_allows(find("GET", "/templates"), ROLE_SENDER));
    assert_false(route_allows(send, ROLE_AGENT | ROLE_AUDITOR));
    assert_false(route_allows(find("POST", "/outbound/excluded"), ROLE_SENDER));
    assert_false(route_allows(find("GET", "/cases"), ROLE_SENDER));
    assert_false(route_allows(find("GET", "/documents"), ROLE_SENDER));
    assert_false(roles_read(ROLE_SENDER));
    /* The record names a role that they have. */
    assert_string_equal(route_role_of(send, ROLE_SENDER), "sender");
    assert_string_equal(route_role_of(send, ROLE_SENDER | ROLE_OFFICER),
                        "officer");
    assert_string_equal(route_role_of(find("GET", "/requests"), ROLE_AGENT),
                        "agent");
    assert_string_equal(route_role_of(find("GET", "/status"), ROLE_AGENT),
                        "any");
    assert_string_equal(route_role(send), "officer or sender");
}

static void statuses_are_those_of_the_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(answer_status(ERR_NOT_FOUND), 404);
    assert_int_equal(answer_status(ERR_NOT_PERMITTED), 403);
    assert_int_equal(answer_status(ERR_INPUT), 400);
    assert_int_equal(answer_status(ERR_CONFLICT), 409);
    assert_int_equal(answer_status(ERR_VERIFY), 422);
    assert_int_equal(answer_status(ERR_IO), 500);
    assert_int_equal(answer_status(ERR_BUSY), 500);
}

/* ---- the socket --------------------------------------------------------- */

static char *folder;
static char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

static int set_up(void **state)
{
    (void)state;
    folder = unit_folder_new();
    (void)snprintf(path, sizeof(path), "%s/desk.sock", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unit_folder_free(folder);
    return 0;
}

static int connected(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(address.sun_path, path, sizeof(path));
    assert_true(fd >= 0);
    assert_int_equal(
        connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void socket_is_for_owner_and_group(void **state)
{
    struct stat st;
    int fd = socket_listen(path, &err);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    (void)close(fd);
}

static void peer_is_the_one_who_connected(void **state)
{
    int fd = socket_listen(path, &err), client = connected();
    int peer = accept(fd, NULL, NULL);
    uint32_t uid = 12345678;

    (void)state;
    assert_true(peer >= 0);
    assert_int_equal(socket_peer(peer, &uid), 0);
    assert_int_equal(uid, getuid());
    (void)close(peer);
    (void)close(client);
    (void)close(fd);
}

static void what_is_no_socket_has_no_peer(void **state)
{
    uint32_t uid;

    (void)state;
    assert_int_equal(socket_peer(0, &uid), -1);
    assert_int_equal(socket_peer(-1, &uid), -1);
}

static void dead_socket_is_replaced(void **state)
{
    int dead = socket_listen(path, &err), fd;

    (void)state;
    assert_true(dead >= 0);
    (void)close(dead);
    fd = socket_listen(path, &err);
    assert_true(fd >= 0);
    (void)close(connected());
    (void)close(fd);
}

static void live_socket_is_refused(void **state)
{
    int live = socket_listen(path, &err);

    (void)state;
    assert_true(live >= 0);
    assert_int_equal(socket_listen(path, &err), -1);
    assert_int_equal(err.code, ERR_BUSY);
    (void)close(connected());
    (void)close(live);
}

static void file_in_its_place_is_kept(void **state)
{
    (void)state;
    assert_int_equal(file_create(path, "x", 1, &err), 0);
    assert_int_equal(socket_listen(path, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(access(path, F_OK), 0);
}

static void path_too_long_is_refused(void **state)
{
    char longer[200];

    (void)state;
    memset(longer, 'a', sizeof(longer) - 1);
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(socket_listen(longer, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segment_is_the_id),
        cmocka_unit_test(reading_is_a_post),
        cmocka_unit_test(other_paths_are_not_found),
        cmocka_unit_test(segment_longer_than_any_id_is_not_found),
        cmocka_unit_test(agents_auditors_and_anyone),
        cmocka_unit_test(a_sender_sends_and_sees_nothing),
        cmocka_unit_test(statuses_are_those_of_the_exit_codes),
        TEST(socket_is_for_owner_and_group),
        TEST(peer_is_the_one_who_connected),
        TEST(what_is_no_socket_has_no_peer),
        TEST(dead_socket_is_replaced),
        TEST(live_socket_is_refused),
        TEST(file_in_its_place_is_kept),
        TEST(path_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
