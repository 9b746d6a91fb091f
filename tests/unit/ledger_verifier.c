/* ledger: what a verifier notices in a log that somebody hands over. */
#include "unit.h"

#include "resguardo/ledger.h"

#define ENTRIES 20u

/* A log as it is handed over: a line an entry, and checkpoints. */
struct log {
    struct buf lines;
    struct ledger_tree tree;
    struct ledger_checkpoint at[ENTRIES + 1];
};

static struct buf entry_text(uint64_t index)
{
    struct buf out = { 0 };

    assert_int_equal(
        buf_addf(&out,
                 "{\"event_type\":\"consent_given\",\"index\":%d,\"subject\":"
                 "\"s%d\",\"time\":\"2026-11-24T00:17:%02d.123Z\",\"v\":1}",
                 (int)index, (int)index * 7, (int)index),
        0);
    return out;
}

static struct log make_log(void)
{
    struct log l = { 0 };

    for (uint64_t i = 0; i <= ENTRIES; i++) {
        struct buf entry = entry_text(i);
        uint8_t leaf[LEDGER_HASH_LEN];

        (void)strcpy(l.at[i].origin, "example.com/log");
        l.at[i].size = i;
        ledger_tree_root(&l.tree, l.at[i].root);
        if (i < ENTRIES) {
            ledger_leaf_hash(leaf, entry.p, entry.len);
            ledger_tree_add(&l.tree, leaf);
            assert_int_equal(buf_addf(&l.lines, "%s\n", entry.p), 0);
        }
        buf_free(&entry);
    }
    return l;
}

static int add_lines(struct ledger_verifier *v, const uint8_t *p, size_t len,
                     struct error *e)
{
    while (len > 0) {
        const uint8_t *end = memchr(p, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - p);

        if (ledger_verifier_add(v, p, n, NULL, e) != 0)
            return -1;
        p += end == NULL ? n : n + 1;
        len -= end == NULL ? n : n + 1;
    }
    return 0;
}

/* Verifies the lines against the checkpoints of the sizes given (0-ended). */
static int verify(const struct log *l, const uint64_t *sizes, struct error *e)
{
    struct ledger_verifier *v = ledger_verifier_new();
    int ok = 0;

    assert_non_null(v);
    for (; *sizes != 0; sizes++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "c%d", (int)*sizes);
        assert_int_equal(ledger_verifier_expect(v, &l->at[*sizes], name, e), 0);
    }
    if (add_lines(v, l->lines.p, l->lines.len, e) != 0) {
        struct error later = { 0 };

        /* After a failure there is no good end. */
        assert_int_equal(ledger_verifier_finish(v, &later), -1);
        ok = -1;
    } else {
        ok = ledger_verifier_finish(v, e);
    }
    ledger_verifier_free(&v);
    assert_null(v);
    return ok;
}

static const uint64_t last_only[] = { ENTRIES, 0 };

static void a_good_log_verifies_in_any_order_of_checkpoints(void **state)
{
    static const uint64_t sizes[] = { 7, ENTRIES, 1, 7, 16, 0 };
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    assert_int_equal(verify(&l, sizes, &e), 0);
    buf_free(&l.lines);
}

static void every_one_of_1000_changed_bytes_is_noticed(void **state)
{
    struct log l = make_log();
    uint32_t seed = 12345;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        struct error e = { 0 };
        uint8_t before, *byte;

        seed = seed * 1664525u + 1013904223u;
        byte = &l.lines.p[seed % l.lines.len];
        before = *byte;
        seed = seed * 1664525u + 1013904223u;
        *byte ^= (uint8_t)(1 + (seed >> 16) % 255);

        assert_int_equal(verify(&l, last_only, &e), -1);
        assert_int_equal(e.code, ERR_VERIFY);
        *byte = before;
    }
    buf_free(&l.lines);
}

static void a_changed_entry_is_named_by_its_index(void **state)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 5; i++) {
        struct buf entry = entry_text(i);
        uint8_t leaf[LEDGER_HASH_LEN];

        ledger_leaf_hash(leaf, entry.p, entry.len);
        if (i < 4) {
            assert_int_equal(
                ledger_verifier_add(v, entry.p, entry.len, leaf, &e), 0);
        } else {
            *(uint8_t *)strstr((char *)entry.p, "given") = 'G';
            assert_int_equal(
                ledger_verifier_add(v, entry.p, entry.len, leaf, &e), -1);
            assert_memory_equal(e.text, "entry 4: ", 9);
            assert_int_equal(e.code, ERR_VERIFY);
        }
        buf_free(&entry);
    }
    assert_int_equal(ledger_verifier_finish(v, &e), -1);
    ledger_verifier_free(&v);
}

static void a_failed_checkpoint_says_from_where(void **state)
{
    static const uint64_t sizes[] = { 5, 10, 15, ENTRIES, 0 };
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    ((uint8_t *)strstr((char *)l.lines.p, "\"s77\""))[1] = 'x';
    assert_int_equal(verify(&l, sizes, &e), -1);
    assert_non_null(strstr(e.text, "checkpoint c15"));
    assert_non_null(strstr(e.text, "from 10 on"));
    buf_free(&l.lines);
}

static void a_dropped_or_swapped_line_is_noticed(void **state)
{
    struct log l = make_log();
    char *lines = (char *)l.lines.p, *third, *fourth;
    size_t n;
    struct error e = { 0 };

    (void)state;
    third = strchr(strchr(lines, '\n') + 1, '\n') + 1;
    fourth = strchr(third, '\n') + 1;
    n = (size_t)(fourth - third);
    memmove(third, fourth, l.lines.len - (size_t)(fourth - lines));
    l.lines.len -= n;
    assert_int_equal(verify(&l, last_only, &e), -1);
    assert_memory_equal(e.text, "entry 2: ", 9);
    buf_free(&l.lines);
}

static void a_cut_tail_is_noticed(void **state)
{
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    while (l.lines.p[l.lines.len - 2] != '\n')
        l.lines.len--;
    l.lines.len--;
    assert_int_equal(verify(&l, last_only, &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    assert_non_null(strstr(e.text, "ends after 19"));
    buf_free(&l.lines);
}

static void two_trees_of_one_size_are_never_both_good(void **state)
{
    static const uint64_t sizes[] = { 9, ENTRIES, 0 };
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    l.at[9].root[0] ^= 1;
    assert_int_equal(verify(&l, sizes, &e), -1);
    assert_non_null(strstr(e.text, "checkpoint c9 "));
    buf_free(&l.lines);
}

static void an_empty_log_has_its_checkpoint_too(void **state)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    assert_int_equal(ledger_verifier_expect(v, &l.at[0], "empty", &e), 0);
    assert_int_equal(ledger_verifier_finish(v, &e), 0);
    l.at[0].root[5] ^= 1;
    assert_int_equal(ledger_verifier_expect(v, &l.at[0], "wrong", &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    assert_int_equal(ledger_verifier_finish(v, &e), -1);
    ledger_verifier_free(&v);
    buf_free(&l.lines);
}

static void a_checkpoint_after_its_entries_is_refused(void **state)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct log l = make_log();
    struct error e = { 0 };

    (void)state;
    assert_int_equal(add_lines(v, l.lines.p, l.lines.len, &e), 0);
    assert_true(ledger_verifier_size(v) == ENTRIES);
    assert_int_equal(ledger_verifier_expect(v, &l.at[3], "late", &e), -1);
    assert_int_equal(e.code, ERR_INPUT);
    assert_int_equal(ledger_verifier_expect(v, &l.at[ENTRIES], "now", &e), 0);
    assert_int_equal(ledger_verifier_finish(v, &e), 0);
    ledger_verifier_free(&v);
    buf_free(&l.lines);
}

/* ---- many at once -------------------------------------------------------- */

#define MANY 1000u /* 31 runs of 32, and what is left */

struct many {
    struct buf text;
    struct ledger_line lines[MANY];
    uint8_t leaves[MANY][LEDGER_HASH_LEN];
    struct ledger_checkpoint middle, end;
};

static void checkpoint_now(struct ledger_checkpoint *c,
                           const struct ledger_tree *tree)
{
    (void)strcpy(c->origin, "example.com/log");
    c->size = tree->size;
    ledger_tree_root(tree, c->root);
}

/* With a checkpoint in the middle of a run and one at the end; some entries
 * are not seen to be right at a look. */
static struct many *make_many(void)
{
    struct many *m = calloc(1, sizeof(*m));
    struct ledger_tree tree = { 0 };
    size_t at = 0;

    assert_non_null(m);
    for (unsigned i = 0; i < MANY; i++) {
        struct buf entry = entry_text(i % 50);
        const char *rest = strstr((const char *)entry.p, ",\"subject");

        assert_int_equal(buf_addf(&m->text,
                                  "{\"a\":\"%s\",\"event_type\":\"x\","
                                  "\"index\":%u%s",
                                  i % 7 == 0 ? "\u00e9" : "e", i, rest),
                         0);
        m->lines[i].len = m->text.len - at;
        at = m->text.len;
        buf_free(&entry);
    }
    at = 0;
    for (unsigned i = 0; i < MANY; i++) {
        m->lines[i].entry = m->text.p + at;
        m->lines[i].leaf = m->leaves[i];
        at += m->lines[i].len;
        ledger_leaf_hash(m->leaves[i], m->lines[i].entry, m->lines[i].len);
        ledger_tree_add(&tree, m->leaves[i]);
        if (i == 700)
            checkpoint_now(&m->middle, &tree);
    }
    checkpoint_now(&m->end, &tree);
    return m;
}

static void free_many(struct many *m)
{
    buf_free(&m->text);
    free(m);
}

static struct ledger_verifier *expecting(const struct many *m)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct error e = { 0 };

    assert_non_null(v);
    assert_int_equal(ledger_verifier_expect(v, &m->middle, "middle", &e), 0);
    assert_int_equal(ledger_verifier_expect(v, &m->end, "end", &e), 0);
    return v;
}

/* So many at once; 1 means through the other door. What was begun before they
 * are added is these lines, or the log's first ones, and more than are added.
 */
struct way {
    size_t step;
    enum { NOTHING, THESE, OTHERS } begun;
};

static const struct way singly = { 1, NOTHING };
static const struct way ways[] = { { MANY, NOTHING }, { MANY, THESE },
                                   { 333, THESE },    { 333, OTHERS },
                                   { 32, THESE },     { 2, NOTHING } };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* How far it came is in *size. */
static int verify_many(const struct many *m, struct way way, uint64_t *size,
                       struct error *e)
{
    size_t step = way.step;
    struct ledger_verifier *v = expecting(m);
    int ok = 0;

    for (size_t i = 0; ok == 0 && i < MANY; i += step) {
        size_t n = MANY - i < step ? MANY - i : step;

        if (way.begun != NOTHING)
            ledger_verifier_begin(v, &m->lines[way.begun == THESE ? i : 0],
                                  way.begun == THESE ? n : MANY);
        ok = step == 1
                 ? ledger_verifier_add(v, m->lines[i].entry, m->lines[i].len,
                                       m->lines[i].leaf, e)
                 : ledger_verifier_add_all(v, &m->lines[i], n, e);
    }
    if (ok == 0)
        ok = ledger_verifier_finish(v, e);
    else
        assert_int_equal(ledger_verifier_finish(v, &(struct error){ 0 }), -1);
    *size = ledger_verifier_size(v);
    ledger_verifier_free(&v);
    return ok;
}

static void many_at_once_are_good_in_any_pieces(void **state)
{
    struct many *m = make_many();

    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct error e = { 0 };
        uint64_t size;

        assert_int_equal(verify_many(m, ways[i], &size, &e), 0);
        assert_true(size == MANY);
    }
    free_many(m);
}

/* One by one and at once: the same verdict, the same words, the same place. */
static void assert_same_verdict(const struct many *m)
{
    struct error one = { 0 };
    uint64_t place;

    assert_int_equal(verify_many(m, singly, &place, &one), -1);
    for (size_t i = 0; i < WAYS; i++) {
        struct error e = { 0 };
        uint64_t size;

        assert_int_equal(verify_many(m, ways[i], &size, &e), -1);
        assert_int_equal(e.code, one.code);
        assert_string_equal(e.text, one.text);
        assert_true(size == place);
    }
}

static void many_at_once_say_what_one_by_one_says(void **state)
{
    struct many *m = make_many();
    uint32_t seed = 4711;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        unsigned kind = i % 4, a = (seed >> 8) % MANY;
        uint8_t *byte = &m->text.p[(seed >> 4) % m->text.len];
        struct ledger_line was = m->lines[a];
        uint8_t before = *byte;

        if (kind == 0)
            *byte ^= 1;
        else if (kind == 1)
            m->leaves[a][a % LEDGER_HASH_LEN] ^= 0x80;
        else if (kind == 2) /* another entry in its place, with its leaf */
            m->lines[a] = m->lines[(a + 1) % MANY];
        else /* a byte again, and one that has no leaf to compare with */
            m->lines[a].leaf = NULL, *byte ^= 2;
        assert_same_verdict(m);
        if (kind == 1)
            m->leaves[a][a % LEDGER_HASH_LEN] ^= 0x80;
        *byte = before;
        m->lines[a] = was;
        seed = seed * 1664525u + 1013904223u;
    }
    free_many(m);
}

/* What was found good at one place is not taken at another. */
static void what_was_begun_counts_in_its_place_only(void **state)
{
    struct many *m = make_many();
    struct ledger_verifier *v = expecting(m);
    struct error e = { 0 };

    (void)state;
    ledger_verifier_begin(v, m->lines, 64);
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(ledger_verifier_add(v, m->lines[i].entry,
                                             m->lines[i].len, NULL, &e),
                         0);
    assert_int_equal(ledger_verifier_add_all(v, m->lines, 64, &e), -1);
    assert_non_null(strstr(e.text, "entry 32: \"index\" is not its place"));
    assert_true(ledger_verifier_size(v) == 32);
    ledger_verifier_free(&v);
    free_many(m);
}

static void a_changed_leaf_among_many_fails_the_next_checkpoint(void **state)
{
    struct many *m = make_many();
    uint8_t *x = (uint8_t *)strstr((char *)m->text.p, "\"index\":650,");
    struct error e = { 0 };
    uint64_t size;

    (void)state;
    assert_non_null(x);
    x[strlen("'index':650,'subject':'")] = 'z';
    for (unsigned i = 0; i < MANY; i++)
        m->lines[i].leaf = NULL;
    assert_int_equal(verify_many(m, ways[0], &size, &e), -1);
    assert_non_null(strstr(e.text, "checkpoint middle of size 701"));
    assert_true(size == 701);
    assert_same_verdict(m);
    free_many(m);
}

#define TIME "\"time\":\"2026-11-24T00:17:54.123Z\""

static void entries_without_form_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{\"index\":0," TIME ",\"v\":1",
        "{\"index\":0," TIME ",\"v\":1} ",
        "{\"index\":0," TIME ",\"v\":1}\n",
        "{\"index\": 0," TIME ",\"v\":1}",
        "{" TIME ",\"index\":0,\"v\":1}",
        "{\"index\":0,\"index\":0," TIME ",\"v\":1}",
        "{\"index\":1," TIME ",\"v\":1}",
        "{\"index\":-1," TIME ",\"v\":1}",
        "{\"index\":0.5," TIME ",\"v\":1}",
        "{\"index\":\"0\"," TIME ",\"v\":1}",
        "{" TIME ",\"v\":1}",
        "{\"index\":0," TIME ",\"v\":2}",
        "{\"index\":0," TIME "}",
        "{\"index\":0,\"v\":1}",
        "{\"index\":0,\"time\":1,\"v\":1}",
        "{\"index\":0,\"time\":\"yesterday\",\"v\":1}",
        "{\"index\":0,\"time\":\"2026-11-24T00:17:54Z\",\"v\":1}",
        "{\"index\":0,\"time\":\"2026-11-24T01:17:54.123+01:00\",\"v\":1}",
        "{\"index\":0,\"time\":\"2026-13-24T00:17:54.123Z\",\"v\":1}",
        "{\"index\":0,\"n\":1e2," TIME ",\"v\":1}",
        "{\"index\":0,\"s\":\"\\u0041\"," TIME ",\"v\":1}",
        "{\"index\":0,\"s\":\"\xff\"," TIME ",\"v\":1}",
    };
    static const char good[] = "{\"index\":0," TIME ",\"v\":1}";

    (void)state;
    for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
        bool last = i == sizeof(bad) / sizeof(bad[0]);
        const char *entry = last ? good : bad[i];
        struct ledger_verifier *v = ledger_verifier_new();
        struct error e = { 0 };

        assert_int_equal(ledger_verifier_add(v, entry, strlen(entry), NULL, &e),
                         last ? 0 : -1);
        if (!last) {
            assert_int_equal(e.code, ERR_VERIFY);
            assert_memory_equal(e.text, "entry 0: ", 9);
        }
        ledger_verifier_free(&v);
    }
}

/* Any byte at any place of the time: taken only if it is a time of our form. */
static void only_times_of_our_form_are_taken(void **state)
{
    (void)state;
    for (size_t at = 0; at < TIME_SIZE - 1; at++)
        for (unsigned byte = 0; byte < 256; byte++) {
            char entry[] = "{\"index\":0," TIME ",\"v\":1}";
            char time[TIME_SIZE], again[TIME_SIZE] = "";
            char *p = strstr(entry, "2026");
            struct ledger_verifier *v = ledger_verifier_new();
            struct error e = { 0 };
            msec t;

            p[at] = (char)byte;
            memcpy(time, p, TIME_SIZE - 1);
            time[TIME_SIZE - 1] = '\0';
            if (time_parse(time, &t) == 0)
                time_format(again, t);
            assert_int_equal(
                ledger_verifier_add(v, entry, sizeof(entry) - 1, NULL, &e),
                memcmp(time, again, sizeof(time)) == 0 ? 0 : -1);
            ledger_verifier_free(&v);
        }
}

static void an_entry_over_the_limit_is_refused(void **state)
{
    struct ledger_verifier *v = ledger_verifier_new();
    struct buf entry = { 0 };
    struct error e = { 0 };

    (void)state;
    assert_int_equal(buf_adds(&entry, "{\"index\":0,\"s\":\""), 0);
    while (entry.len < LIMIT_LEDGER_ENTRY)
        assert_int_equal(buf_adds(&entry, "a"), 0);
    assert_int_equal(buf_adds(&entry, "\"," TIME ",\"v\":1}"), 0);
    assert_int_equal(ledger_verifier_add(v, entry.p, entry.len, NULL, &e), -1);
    assert_non_null(strstr(e.text, "longer than 65535"));
    ledger_verifier_free(&v);
    buf_free(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_log_verifies_in_any_order_of_checkpoints),
        cmocka_unit_test(every_one_of_1000_changed_bytes_is_noticed),
        cmocka_unit_test(a_changed_entry_is_named_by_its_index),
        cmocka_unit_test(a_failed_checkpoint_says_from_where),
        cmocka_unit_test(a_dropped_or_swapped_line_is_noticed),
        cmocka_unit_test(a_cut_tail_is_noticed),
        cmocka_unit_test(two_trees_of_one_size_are_never_both_good),
        cmocka_unit_test(an_empty_log_has_its_checkpoint_too),
        cmocka_unit_test(a_checkpoint_after_its_entries_is_refused),
        cmocka_unit_test(many_at_once_are_good_in_any_pieces),
        cmocka_unit_test(many_at_once_say_what_one_by_one_says),
        cmocka_unit_test(what_was_begun_counts_in_its_place_only),
        cmocka_unit_test(a_changed_leaf_among_many_fails_the_next_checkpoint),
        cmocka_unit_test(entries_without_form_are_refused),
        cmocka_unit_test(only_times_of_our_form_are_taken),
        cmocka_unit_test(an_entry_over_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
