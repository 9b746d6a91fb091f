/* store: attachments in their states, messages seen, payload files. */
#include "store_help.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct ids {
    char id[8][ID_SIZE];
    size_t n;
    struct fixture *f;
    const char *becomes;
};

static int take(void *arg, const struct attachment_row *row)
{
    struct ids *ids = arg;

    assert_true(ids->n < 8);
    memcpy(ids->id[ids->n++], row->id, ID_SIZE);
    return 0;
}

/* These lists promise that the callback may write. */
static int change(void *arg, const struct attachment_row *row)
{
    struct ids *ids = arg;
    struct fixture *f = ids->f;
    struct attachment_row copy = *row;

    (void)snprintf(copy.state, sizeof(copy.state), "%s", ids->becomes);
    OK(attachment_update(f->s, &copy, &f->e));
    return take(arg, row);
}

/* ---- attachments -------------------------------------------------------- */

static void an_attachment_comes_back_whole(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row, got;
    struct buf claims = { 0 };
    struct subject_row who;
    struct case_row c;

    help_begin(f);
    who = help_subject(f);
    c = help_case(f, who.id, T0);
    row = help_attachment(f, who.id, "held", T0);
    memset(row.state, 0, sizeof(row.state));
    memcpy(row.state, "stored", 6);
    memcpy(row.reason, "size", 4);
    memcpy(row.case_id, c.id, STORE_CASE_SIZE);
    id_new(row.payload, 'p', &random_system);
    row.next_try = T0 + 1;
    row.tries = 2;
    row.hash_failures = 3;
    row.judge_deaths = 4;
    row.told = 1;
    row.meta_copy = 2;
    OK(attachment_update(f->s, &row, &f->e));
    help_commit(f);
    assert_int_equal(attachment_get(f->s, row.id, &got, &f->e), 1);
    assert_true(got.slot != 0); /* drawn when it was added */
    row.slot = got.slot;
    assert_memory_equal(&got, &row, sizeof(row));
    assert_int_equal(attachment_claims(f->s, row.id, &claims, &f->e), 1);
    assert_string_equal((const char *)claims.p,
                        "{\"media_id\":\"CANARY-media\"}");
    assert_int_equal(attachment_get(f->s, "anone", &got, &f->e), 0);
    assert_int_equal(attachment_claims(f->s, "anone", &claims, &f->e), 0);
    buf_free(&claims);
}

static void lists_keep_their_order_and_may_be_written_to(void **state)
{
    struct fixture *f = *state;
    struct attachment_row one, two;
    struct ids ids = { .f = f, .becomes = "queued" };
    struct subject_row who, other;

    help_begin(f);
    who = help_subject(f);
    other = help_subject(f);
    two = help_attachment(f, who.id, "held", T0 + 2);
    one = help_attachment(f, who.id, "held", T0 + 1);
    (void)help_attachment(f, other.id, "held", T0);
    OK(attachment_of_subject(f->s, who.id, "co-habeas-data", "held", change,
                             &ids, &f->e));
    assert_int_equal(ids.n, 2);
    assert_string_equal(ids.id[0], one.id);
    assert_string_equal(ids.id[1], two.id);
    assert_int_equal(attachment_active(f->s, who.id, "co-habeas-data", &f->e),
                     2);
    assert_int_equal(attachment_active(f->s, other.id, "co-habeas-data", &f->e),
                     0);
    ids.n = 0;
    help_commit(f);
}

static int count_lists(void *arg, const char *purposes)
{
    assert_true(purposes[0] != '\0');
    ++*(int *)arg;
    return 0;
}

/* A person may have very many files held; what they wait for is little. */
static void what_held_files_wait_for_is_told_once(void **state)
{
    struct fixture *f = *state;
    struct subject_row who, other;
    int n = 0;

    help_begin(f);
    who = help_subject(f);
    other = help_subject(f);
    for (int i = 0; i < 3; i++)
        (void)help_attachment(f, who.id, "held", T0 + i);
    (void)help_attachment(f, other.id, "queued", T0);
    OK(attachment_held_purposes(f->s, who.id, "co-habeas-data", true,
                                count_lists, &n, &f->e));
    assert_int_equal(n, 1);
    OK(attachment_held_purposes(f->s, other.id, "co-habeas-data", true,
                                count_lists, &n, &f->e));
    assert_int_equal(n, 1);
    help_commit(f);
}

static void who_waits_gets_a_turn_when_its_time_has_come(void **state)
{
    struct fixture *f = *state;
    struct attachment_row one, later;
    struct subject_row who;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    one = help_attachment(f, who.id, "queued", T0);
    later = help_attachment(f, who.id, "queued", T0 - 5);
    later.next_try = T0 + 10;
    OK(attachment_update(f->s, &later, &f->e));
    help_commit(f);
    OK(attachment_waited(f->s, T0 + 9, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    assert_string_equal(ids.id[0], one.id);
    OK(attachment_waited(f->s, T0 + 10, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 3);
    assert_string_equal(ids.id[2], later.id);
    OK(attachment_next(f->s, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 3);
}

static void turns_go_before_deadlines(void **state)
{
    struct fixture *f = *state;
    struct attachment_row first, slow, quick;
    struct subject_row who, other;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    other = help_subject(f);
    assert_int_equal(attachment_first_turn(f->s, &f->e), 0);
    slow = help_attachment(f, who.id, "queued", T0 + 5);
    quick = help_attachment(f, other.id, "queued", T0);
    first = help_attachment(f, who.id, "queued", T0 + 9);
    first.turn = 7;
    slow.turn = quick.turn = 8;
    OK(attachment_update(f->s, &first, &f->e));
    OK(attachment_update(f->s, &slow, &f->e));
    OK(attachment_update(f->s, &quick, &f->e));
    help_commit(f);
    OK(attachment_next(f->s, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 3);
    assert_string_equal(ids.id[0], first.id);
    assert_string_equal(ids.id[1], quick.id);
    assert_string_equal(ids.id[2], slow.id);
    assert_int_equal(attachment_last_turn(f->s, who.id, &f->e), 8);
    assert_int_equal(attachment_first_turn(f->s, &f->e), 7);
}

static void what_is_under_way_has_a_lease(void **state)
{
    struct fixture *f = *state;
    struct attachment_row row;
    struct subject_row who;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    row = help_attachment(f, who.id, "judging", T0);
    row.next_try = T0 + 50;
    OK(attachment_update(f->s, &row, &f->e));
    (void)help_attachment(f, who.id, "queued", T0);
    help_commit(f);
    assert_int_equal(attachment_under_way(f->s, &f->e), 1);
    OK(attachment_overdue(f->s, T0 + 49, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 0);
    OK(attachment_overdue(f->s, T0 + 50, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 1);
}

static void held_ends_at_its_deadline_queued_at_its_lifetime(void **state)
{
    struct fixture *f = *state;
    struct subject_row who;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    (void)help_attachment(f, who.id, "held", T0);
    (void)help_attachment(f, who.id, "queued", T0);
    (void)help_attachment(f, who.id, "stored", T0);
    help_commit(f);
    OK(attachment_expired(f->s, T0 + 99, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 0);
    OK(attachment_expired(f->s, T0 + 100, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    ids.n = 0;
    OK(attachment_expired(f->s, T0 + 200, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 2);
}

static void only_ends_are_told_and_only_once(void **state)
{
    struct fixture *f = *state;
    static const char *const states[] = { "held", "stored", "dropped",
                                          "refused" };
    struct attachment_row last = { 0 };
    struct subject_row who;
    struct ids ids = { 0 };

    help_begin(f);
    who = help_subject(f);
    for (int i = 0; i < 4; i++)
        last = help_attachment(f, who.id, states[i], T0 + i);
    OK(attachment_untold(f->s, who.id, "co-habeas-data", "106540352242922",
                         take, &ids, &f->e));
    assert_int_equal(ids.n, 2);
    last.told = 1;
    last.meta_copy = 1;
    OK(attachment_update(f->s, &last, &f->e));
    ids.n = 0;
    OK(attachment_untold(f->s, who.id, "co-habeas-data", "106540352242922",
                         take, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    ids.n = 0;
    OK(attachment_to_delete(f->s, T0, 10, take, &ids, &f->e));
    assert_int_equal(ids.n, 1);
    assert_string_equal(ids.id[0], last.id);
    help_commit(f);
}

static int count_row(void *arg, const struct attachment_row *row)
{
    struct {
        size_t n;
        msec last;
    } *seen = arg;

    assert_true(seen->n++ == 0 || row->received < seen->last);
    seen->last = row->received;
    return 0;
}

static void all_are_listed_newest_first_over_pages(void **state)
{
    struct fixture *f = *state;
    struct {
        size_t n;
        msec last;
    } seen = { 0 };
    struct subject_row who;

    help_begin(f);
    who = help_subject(f);
    for (int i = 0; i < (int)LIMIT_READER_ROWS + 3; i++)
        (void)help_attachment(f, who.id, i % 2 ? "held" : "stored", T0 + i);
    help_commit(f);
    OK(attachment_list(f->s, NULL, count_row, &seen, &f->e));
    assert_int_equal(seen.n, LIMIT_READER_ROWS + 3);
    seen.n = 0;
    OK(attachment_list(f->s, "held", count_row, &seen, &f->e));
    assert_int_equal(seen.n, LIMIT_READER_ROWS / 2 + 1);
}

/* ---- messages seen ------------------------------------------------------ */

static void a_message_is_new_once(void **state)
{
    struct fixture *f = *state;

    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 1);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 0);
    store_rollback(f->s);
    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 1);
    help_commit(f);
    help_reopen(f);
    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 0);
    store_rollback(f->s);
}

static uint64_t rotate(struct fixture *f, msec now)
{
    uint64_t erase;

    help_begin(f);
    OK(seen_rotate(f->s, now, &erase, &f->e));
    help_commit(f);
    return erase;
}

static void the_key_is_kept_ten_days_and_ten_more(void **state)
{
    struct fixture *f = *state;
    sqlite3_stmt *st;
    uint64_t erase;

    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 1);
    help_commit(f);
    assert_int_equal(rotate(f, T0 + 10 * MSEC_D - 1), 0);
    assert_int_equal(rotate(f, T0 + 10 * MSEC_D), 0);
    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.A", &f->e), 0);
    assert_int_equal(seen_add(f->s, "wamid.B", &f->e), 1);
    help_commit(f);
    erase = rotate(f, T0 + 20 * MSEC_D);
    assert_int_equal(slot_state(f->s, erase, &f->e), 1);
    assert_int_equal(
        sqlite3_prepare_v2(f->s->db, "SELECT count(*) FROM seen", -1, &st, 0),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 1); /* B */
    sqlite3_finalize(st);
    help_begin(f);
    assert_int_equal(seen_add(f->s, "wamid.B", &f->e), 0);
    store_rollback(f->s);
}

/* A crash between the rotation's commit and the erasing loses nothing. */
static void the_old_key_is_named_until_it_is_erased(void **state)
{
    struct fixture *f = *state;
    uint64_t erase;

    assert_int_equal(rotate(f, T0 + 10 * MSEC_D), 0);
    erase = rotate(f, T0 + 20 * MSEC_D);
    assert_true(erase != 0);
    help_reopen(f);
    assert_int_equal(rotate(f, T0 + 20 * MSEC_D + 1), erase);
    OK(slot_erase(f->s, &erase, 1, &f->e));
    assert_int_equal(rotate(f, T0 + 20 * MSEC_D + 2), 0);
}

/* ---- payload files ------------------------------------------------------ */

static int count_payload(void *arg, const char *payload)
{
    (void)payload;
    (*(int *)arg)++;
    return 0;
}

static int payloads(struct fixture *f)
{
    int n = 0;

    OK(blob_list(f->s, count_payload, &n, &f->e));
    return n;
}

static void a_payload_has_no_name_before_it_is_linked(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE], back[6] = "";
    int fd = blob_new(f->s, &f->e), in;

    id_new(id, 'p', &random_system);
    assert_true(fd >= 0);
    assert_int_equal(fd_write_all(fd, "bytes", 5), 0);
    assert_int_equal(payloads(f), 0);
    FAILS(blob_open(f->s, id, &f->e), ERR_NOT_FOUND);
    OK(blob_link(f->s, fd, id, &f->e));
    assert_int_equal(payloads(f), 1);
    in = blob_open(f->s, id, &f->e);
    assert_int_equal(fd_read_all(in, back, 5), 0);
    assert_string_equal(back, "bytes");
    assert_int_equal(write(in, "x", 1), -1);
    (void)close(fd);
    (void)close(in);
}

static void a_payload_is_never_replaced(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];
    int one = blob_new(f->s, &f->e), two = blob_new(f->s, &f->e);

    id_new(id, 'p', &random_system);
    OK(blob_link(f->s, one, id, &f->e));
    FAILS(blob_link(f->s, two, id, &f->e), ERR_CONFLICT);
    (void)close(one);
    (void)close(two);
}

static void unlinking_twice_is_fine(void **state)
{
    struct fixture *f = *state;
    char id[ID_SIZE];
    int fd = blob_new(f->s, &f->e);

    id_new(id, 'p', &random_system);
    OK(blob_link(f->s, fd, id, &f->e));
    (void)close(fd);
    OK(blob_unlink(f->s, id, &f->e));
    OK(blob_unlink(f->s, id, &f->e));
    assert_int_equal(payloads(f), 0);
}

static void an_id_is_never_a_path(void **state)
{
    struct fixture *f = *state;
    static const char *const ids[] = { "", "p", "../../../etc/passwd",
                                       "p../../../../../keys/slotsx",
                                       "paaaaaaaaaaaaaaaaaaaaaaaaaA" };
    int fd = blob_new(f->s, &f->e);

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        FAILS(blob_link(f->s, fd, ids[i], &f->e), ERR_INTERNAL);
        FAILS(blob_open(f->s, ids[i], &f->e), ERR_INTERNAL);
        FAILS(blob_unlink(f->s, ids[i], &f->e), ERR_INTERNAL);
    }
    (void)close(fd);
}

static int drop_loose(void *arg, const char *payload)
{
    struct fixture *f = arg;

    OK(loose_remove(f->s, payload, &f->e));
    return 0;
}

static void loose_ids_are_a_set_that_a_callback_may_empty(void **state)
{
    struct fixture *f = *state;
    int n = 0;

    help_begin(f);
    OK(loose_add(f->s, "p1", &f->e));
    OK(loose_add(f->s, "p1", &f->e));
    OK(loose_add(f->s, "p2", &f->e));
    OK(loose_list(f->s, count_payload, &n, &f->e));
    assert_int_equal(n, 2);
    OK(loose_list(f->s, drop_loose, f, &f->e));
    n = 0;
    OK(loose_list(f->s, count_payload, &n, &f->e));
    assert_int_equal(n, 0);
    help_commit(f);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, help_setup, help_teardown)
    const struct CMUnitTest tests[] = {
        T(an_attachment_comes_back_whole),
        T(lists_keep_their_order_and_may_be_written_to),
        T(what_held_files_wait_for_is_told_once),
        T(who_waits_gets_a_turn_when_its_time_has_come),
        T(turns_go_before_deadlines),
        T(what_is_under_way_has_a_lease),
        T(held_ends_at_its_deadline_queued_at_its_lifetime),
        T(only_ends_are_told_and_only_once),
        T(all_are_listed_newest_first_over_pages),
        T(a_message_is_new_once),
        T(the_key_is_kept_ten_days_and_ten_more),
        T(the_old_key_is_named_until_it_is_erased),
        T(a_payload_has_no_name_before_it_is_linked),
        T(a_payload_is_never_replaced),
        T(unlinking_twice_is_fine),
        T(an_id_is_never_a_path),
        T(loose_ids_are_a_set_that_a_callback_may_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
