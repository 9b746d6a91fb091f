/* desk: the check finds what does not fit together, and nothing else. */
#include "desk_help.h"

#include <sys/stat.h>

static struct desk_help h;

static int set_up(void **state)
{
    (void)state;
    desk_help_open(&h);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    desk_help_close(&h);
    return 0;
}

/* Runs the check as the desk does; the caller releases the faults. */
static json_t *faults(void)
{
    struct store *reader = NULL;
    struct audit *audit;
    struct buf note = { 0 };
    json_t *list;

    assert_int_equal(
        store_open(&reader, h.dir, NULL, STORE_READER, &random_system, &h.err),
        0);
    audit = audit_new(reader);
    assert_non_null(audit);
    assert_int_equal(audit_look(audit, &h.err), 0);
    assert_int_equal(ledger_checkpoint(h.ledger, &note, &h.err), 0);
    assert_int_equal(
        audit_judge(audit, &note, ledger_vkey(h.ledger), h.keyring, &h.err), 0);
    list = json_incref(audit_faults(audit));
    audit_free(&audit);
    buf_free(&note);
    store_close(&reader);
    return list;
}

static void assert_one_fault(const char *about, const char *what)
{
    json_t *list = faults();
    const char *text = json_string_value(json_array_get(list, 0));

    assert_int_equal(json_array_size(list), 1);
    assert_non_null(strstr(text, about));
    assert_non_null(strstr(text, what));
    json_decref(list);
}

static void sound_storage_has_no_fault(void **state)
{
    json_t *list = faults();

    (void)state;
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void changed_payload_is_found(void **state)
{
    int fd = blob_open(h.store, h.document.payload, &h.err);
    char self[64], path[512];
    ssize_t len;
    FILE *f;

    (void)state;
    assert_true(fd >= 0);
    (void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
    len = readlink(self, path, sizeof(path) - 1);
    assert_true(len > 0);
    path[len] = '\0';
    (void)close(fd);
    (void)chmod(path, 0600);
    f = fopen(path, "r+");
    assert_non_null(f);
    assert_int_equal(fputc('!', f), '!');
    assert_int_equal(fclose(f), 0);
    assert_one_fault(h.document.id, "not the one that was sealed");
}

static void missing_payload_is_found(void **state)
{
    (void)state;
    assert_int_equal(blob_unlink(h.store, h.document.payload, &h.err), 0);
    assert_one_fault(h.document.id, "cannot be opened");
}

static void orphan_is_found_unless_it_is_loose(void **state)
{
    char orphan[ID_SIZE];
    json_t *list;
    int fd = blob_new(h.store, &h.err);

    (void)state;
    id_new(orphan, 'p', &random_system);
    assert_int_equal(blob_link(h.store, fd, orphan, &h.err), 0);
    (void)close(fd);
    assert_one_fault(orphan, "no document");

    assert_int_equal(store_begin(h.store, &h.err), 0);
    assert_int_equal(loose_add(h.store, orphan, &h.err), 0);
    assert_int_equal(store_commit(h.store, &h.err), 0);
    list = faults();
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

/* Whatever it is called, and wherever it lies. */
static void stray_file_is_found(void **state)
{
    static const char *const places[] = { "ab/junk.txt", "ab/.hidden", "junk" };

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char path[192];
        FILE *f;

        (void)snprintf(path, sizeof(path), "%s/payloads/%s", h.dir, places[i]);
        f = fopen(path, "w");
        assert_non_null(f);
        assert_int_equal(fclose(f), 0);
        assert_one_fault(places[i], "no document");
        assert_int_equal(unlink(path), 0);
    }
}

static void erased_slot_is_found(void **state)
{
    (void)state;
    assert_int_equal(slot_erase(h.store, &h.document.slot, 1, &h.err), 0);
    assert_one_fault(h.document.id, "slot");
}

static void missing_slot_file_is_found(void **state)
{
    char path[192];
    json_t *list;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/keys/slots.mirror", h.dir);
    assert_int_equal(unlink(path), 0);
    list = faults();
    assert_non_null(strstr(json_string_value(json_array_get(list, 0)),
                           "the mirror of the slots is missing"));
    json_decref(list);
}

static void decision_that_no_leaf_made_is_found(void **state)
{
    (void)state;
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_decision(&h, NULL, "withdrawn");
    assert_int_equal(store_commit(h.store, &h.err), 0);
    assert_one_fault("consent",
                     "the database says withdrawn, the ledger given");
}

static void latest_leaf_counts(void **state)
{
    json_t *list;

    (void)state;
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_decision(&h, "consent_withdrawn", "withdrawn");
    desk_help_commit(&h);
    list = faults();
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void lost_decision_is_found(void **state)
{
    (void)state;
    desk_help_tamper(&h, "DELETE FROM consent");
    assert_one_fault("consent", "the database nothing");
}

static void changed_entry_is_found(void **state)
{
    (void)state;
    desk_help_tamper(
        &h, "UPDATE ledger SET entry = CAST(replace(CAST(entry AS TEXT),"
            " 'consent_given', 'consent_gaven') AS BLOB) WHERE idx = 1");
    json_t *list = faults();
    const char *text = json_string_value(json_array_get(list, 0));

    assert_non_null(text);
    assert_non_null(strstr(text, "ledger: entry 1"));
    json_decref(list);
}

static void changed_entry_with_its_leaf_hash_is_found(void **state)
{
    static const char sql[] =
        "UPDATE ledger SET entry = (SELECT entry FROM ledger WHERE idx = 1),"
        " leaf = (SELECT leaf FROM ledger WHERE idx = 1) WHERE idx = 0";

    (void)state;
    desk_help_tamper(&h, sql);
    json_t *list = faults();
    const char *text = json_string_value(json_array_get(list, 0));

    assert_non_null(text);
    assert_non_null(strstr(text, "ledger:"));
    json_decref(list);
}

static void lost_document_is_found(void **state)
{
    (void)state;
    desk_help_tamper(&h, "DELETE FROM document");
    json_t *list = faults();

    /* Its row is missing, and its file is nobody's. */
    assert_int_equal(json_array_size(list), 2);
    json_decref(list);
}

static void document_bound_to_another_payload_is_found(void **state)
{
    json_t *list;

    (void)state;
    desk_help_tamper(&h, "UPDATE document SET payload_sha256 = randomblob(32)");
    list = faults();
    assert_true(json_array_size(list) >= 2);
    json_decref(list);
}

/* Each column that a leaf, or the payload, says something of. */
static void changed_row_is_found(void **state)
{
    static const struct {
        const char *sql, *what;
    } changes[] = {
        { "UPDATE document SET state = 'quarantined'", "state quarantined" },
        { "UPDATE document SET policy = 'other'", "policy other" },
        { "UPDATE document SET purposes = 'other'", "purpose other" },
        { "UPDATE document SET size = size + 1", "size" },
        { "UPDATE document SET file_name_sealed = zeroblob(64)", "document" },
        { "UPDATE attachment SET state = 'held'",
          "the database says held, the ledger stored" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        desk_help_tamper(&h, changes[i].sql);
        assert_one_fault("", changes[i].what);
        desk_help_close(&h);
        desk_help_open(&h);
    }
}

static void blocked_document_needs_its_leaf(void **state)
{
    json_t *list;

    (void)state;
    assert_int_equal(store_begin(h.store, &h.err), 0);
    assert_int_equal(
        document_set_state(h.store, h.document.id, "blocked", &h.err), 0);
    assert_int_equal(store_commit(h.store, &h.err), 0);
    assert_one_fault(h.document.id, "state blocked");

    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h,
                   json_pack("{s:s, s:s, s:s}", "time",
                             "2026-01-01T00:00:00.000Z", "event_type",
                             "document_blocked", "document_id", h.document.id));
    desk_help_commit(&h);
    list = faults();
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void erasure_leaf(const char *event, const char *scope)
{
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h, json_pack("{s:s, s:s, s:s, s:s, s:s}", "time",
                                 "2026-01-01T00:00:00.000Z", "event_type",
                                 event, "subject", h.document.subject, "scope",
                                 scope, "erasure_id", "x1"));
    desk_help_commit(&h);
}

/* Is there a fault that says this? */
static bool is_said(const char *what)
{
    json_t *list = faults();
    const json_t *fault;
    bool found = false;
    size_t i;

    json_array_foreach(list, i, fault)
    {
        found |= strstr(json_string_value(fault), what) != NULL;
    }
    json_decref(list);
    return found;
}

/* The ledger says that they are gone, and what they had is there; then it is
 * gone, as the ledger says. */
static void what_was_erased_must_be_gone(void **state)
{
    (void)state;
    erasure_leaf("erasure_started", "subject");
    assert_false(is_said("was erased"));
    erasure_leaf("subject_erased", "subject");
    assert_true(is_said("it was erased and is there"));
    desk_help_tamper(&h, "DELETE FROM document; DELETE FROM attachment");
    assert_false(is_said("it was erased and is there"));
    assert_false(is_said("in the ledger and not in the database"));
}

static void decisions_outlive_the_person_until_their_proof_is_erased(
    void **state)
{
    (void)state;
    erasure_leaf("subject_erased", "subject");
    assert_false(is_said("consent"));
    erasure_leaf("evidence_erased", "evidence");
    assert_true(is_said("consent"));
    desk_help_tamper(&h, "DELETE FROM consent");
    assert_false(is_said("consent"));
}

static void entry_past_the_tree_is_found(void **state)
{
    (void)state;
    desk_help_tamper(&h, "INSERT INTO ledger SELECT idx + 9, entry, leaf"
                         " FROM ledger WHERE idx = 1");
    assert_one_fault("ledger", "entry 10 is not in the tree");
}

static void lost_proof_and_lost_notice_are_found(void **state)
{
    (void)state;
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h, json_pack("{s:s, s:s, s:{s:s}}", "time",
                                 "2026-01-01T00:00:00.000Z", "event_type",
                                 "consent_refused", "evidence", "evidence_id",
                                 "e1"));
    desk_help_commit(&h);
    assert_one_fault("evidence e1", "not in the database");

    desk_help_close(&h);
    desk_help_open(&h);
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "time",
                                 "2026-01-01T00:00:00.000Z", "event_type",
                                 "notice_published", "policy", "p",
                                 "notice_version", "v", "language", "es",
                                 "notice_sha256", "00"));
    desk_help_commit(&h);
    assert_one_fault("notice p/v/es", "gone");
}

static void reader_slipped_into_the_keyring_is_found(void **state)
{
    (void)state;
    desk_help_tamper(
        &h, "INSERT INTO keyring SELECT 2, entry, signature FROM keyring"
            " WHERE seq = 1");
    assert_one_fault("keyring", "entry 2");
}

/* A leaf about a place in the keyring log. */
static void keyring_leaf(int seq, const char *head)
{
    assert_int_equal(store_begin(h.store, &h.err), 0);
    desk_help_leaf(&h, json_pack("{s:s, s:s, s:{s:i, s:s}}", "time",
                                 "2026-01-01T00:00:00.000Z", "event_type",
                                 "staff_added", "evidence", "keyring_seq", seq,
                                 "keyring_head", head));
    desk_help_commit(&h);
}

static void keyring_rolled_back_behind_the_ledger_is_found(void **state)
{
    (void)state;
    keyring_leaf(2, "00");
    assert_one_fault("keyring", "entry 2 is in the ledger and not in the");
}

static void keyring_entry_other_than_the_ledgers_is_found(void **state)
{
    (void)state;
    keyring_leaf(1, "00");
    assert_one_fault("keyring", "entry 1 is not the one in the ledger");
}

/* Signed as it must be, by an officer who went around the daemon. */
static void keyring_entry_without_a_leaf_is_found(void **state)
{
    struct buf entry = { 0 };
    uint8_t signature[SIGN_LEN], point[AGE_KEY_LEN];

    (void)state;
    assert_int_equal(store_begin(h.store, &h.err), 0);
    for (uint64_t seq = 2; seq <= 3; seq++) {
        struct secret *epoch = age_identity_new(&random_system);

        assert_int_equal(age_identity_recipient(point, epoch), 0);
        assert_int_equal(keyring_sign_epoch(h.keyring, h.officer, point, 1,
                                            &entry, signature, &h.err),
                         0);
        assert_int_equal(keyring_row_add(h.store, seq, entry.p, entry.len,
                                         signature, sizeof(signature), &h.err),
                         0);
        secret_free(&epoch);
    }
    assert_int_equal(store_commit(h.store, &h.err), 0);
    buf_free(&entry);
    assert_one_fault("keyring", "entry 3 is not in the ledger");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sound_storage_has_no_fault),
        TEST(changed_payload_is_found),
        TEST(missing_payload_is_found),
        TEST(orphan_is_found_unless_it_is_loose),
        TEST(stray_file_is_found),
        TEST(erased_slot_is_found),
        TEST(missing_slot_file_is_found),
        TEST(decision_that_no_leaf_made_is_found),
        TEST(latest_leaf_counts),
        TEST(lost_decision_is_found),
        TEST(changed_entry_is_found),
        TEST(changed_entry_with_its_leaf_hash_is_found),
        TEST(lost_document_is_found),
        TEST(document_bound_to_another_payload_is_found),
        TEST(changed_row_is_found),
        TEST(blocked_document_needs_its_leaf),
        TEST(what_was_erased_must_be_gone),
        TEST(decisions_outlive_the_person_until_their_proof_is_erased),
        TEST(entry_past_the_tree_is_found),
        TEST(lost_proof_and_lost_notice_are_found),
        TEST(reader_slipped_into_the_keyring_is_found),
        TEST(keyring_rolled_back_behind_the_ledger_is_found),
        TEST(keyring_entry_other_than_the_ledgers_is_found),
        TEST(keyring_entry_without_a_leaf_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
