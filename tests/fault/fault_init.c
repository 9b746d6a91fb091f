/* init: what it could not finish it does not leave behind. */
#include "fault.h"

#include "resguardo/store.h"

static char *folder;
static char dir[160];
static int ended;

static void fresh(void *arg)
{
    (void)arg;
    if (folder != NULL)
        unit_folder_free(folder);
    folder = unit_folder_new();
    (void)snprintf(dir, sizeof(dir), "%s/s", folder);
}

static void create(void *arg)
{
    struct error err = { 0 };

    (void)arg;
    ended = store_create(dir, NULL, 1795000000000, &random_system, &err);
}

/* After a failure that lasted nobody can say what could be taken back. */
static void verify(void *arg)
{
    struct error err = { 0 };
    struct store *store = NULL;

    if (ended != 0 && fault_point.lasting)
        fresh(arg);
    if (ended != 0 &&
        store_create(dir, NULL, 1795000000000, &random_system, &err) != 0)
        fail_msg("not a second time: %s", err.text);
    if (store_open(&store, dir, NULL, STORE_WRITER, &random_system, &err) != 0)
        fail_msg("%s", err.text);
    store_close(&store);
}

static void every_call_of_create_fails(void **state)
{
    const struct fault_walk walk = { .name = "create",
                                     .prepare = fresh,
                                     .act = create,
                                     .verify = verify,
                                     .slow = true };

    (void)state;
    assert_true(fault_walk(&walk) > 0);
    unit_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_create_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
