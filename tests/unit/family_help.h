/* People with two numbers, children and who answers for them: what tests of the
 * registrar about them share. WHO said yes in Spain (keep_help.h); OTHER is the
 * same person's other number. */
#ifndef RESGUARDO_UNIT_FAMILY_HELP_H
#define RESGUARDO_UNIT_FAMILY_HELP_H

#include "keep_help.h"

#include "resguardo/registrar_person.h"

#define OTHER "34600000002"

static inline int link_request(struct registrar *r, void *arg,
                               struct error *err)
{
    return registrar_link(r, arg, err);
}

static inline void reference(struct fixture *f, const char *phone,
                             char out[static ID_SIZE])
{
    assert_int_equal(subject_find(f->r->store, HANDLE_PHONE, phone, out, &f->e),
                     1);
}

/* One and another number are one person; proof NULL: nothing comes over. */
static inline struct link_order link_of_two(struct fixture *f, const char *now,
                                            const char *before,
                                            const char *proof,
                                            char former[static ID_SIZE])
{
    struct link_order o = { .by = help_by(ANA),
                            .former = former,
                            .kind = "two_numbers",
                            .proof = proof };

    reference(f, now, o.by.subject);
    reference(f, before, former);
    o.by.reason = "showed the same identity document in the branch";
    CALLS(f, link_request, &o);
    help_settle(f);
    return o;
}

static inline int outbound_request(struct registrar *r, void *arg,
                                   struct error *err)
{
    return registrar_outbound(r, arg, err);
}

/* One person of a list, and the order that reminds of a document in Spain. */
static inline struct outbound_item reminded(const char *who)
{
    return (struct outbound_item){
        .row = 1, .to = who, .phone = true, .values = { "x", "2026-12-15" }
    };
}

static inline struct outbound_order reminder(struct outbound_item *item)
{
    return (struct outbound_order){ .by = help_by(ANA),
                                    .policy = "es-gdpr",
                                    .template = "documento_pendiente",
                                    .batch = "00112233445566778899aabbccddeeff",
                                    .items = item,
                                    .n = 1 };
}

static inline void says_at(struct fixture *f, const char *number,
                           const char *who, const char *body)
{
    static unsigned n;
    char wamid[32], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.says.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"text\",\"text\":{\"body\":\"%s\"}", body);
    help_message_to(f, number, who, wamid, message);
    help_settle(f);
}

static inline void taps_at(struct fixture *f, const char *number,
                           const char *who, const char *id)
{
    static unsigned n;
    char wamid[32], message[256];

    (void)snprintf(wamid, sizeof(wamid), "wamid.taps.%u", n++);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"interactive\",\"interactive\":{\"type\":"
                   "\"list_reply\",\"list_reply\":{\"id\":\"%s\",\"title\":"
                   "\"x\"}}",
                   id);
    help_message_to(f, number, who, wamid, message);
    help_settle(f);
}

/* A photo with these words; *media grows. */
static inline void sends_at(struct fixture *f, const char *number,
                            const char *who, const char *caption)
{
    static unsigned n = 100;
    char wamid[32], message[256];

    n++;
    (void)snprintf(wamid, sizeof(wamid), "wamid.sends.%u", n);
    (void)snprintf(message, sizeof(message),
                   "\"type\":\"image\",\"image\":{\"id\":\"%u\",\"mime_type\":"
                   "\"image/jpeg\",\"caption\":\"%s\"}",
                   n, caption);
    help_message_to(f, number, who, wamid, message);
    help_settle(f);
}

/* In Colombia, having said yes to both questions; their photo is stored. */
static inline void colombian(struct fixture *f, const char *who)
{
    size_t sends = f->nsends, fetches = f->nfetches;

    sends_at(f, "8001", who, "hola");
    for (int i = 0; i < 2; i++) {
        help_accept_all(f, sends);
        f->now += 3 * MSEC_S;
        sends = f->nsends;
        says_at(f, "8001", who, "acepto");
    }
    assert_int_equal(f->nfetches, fetches + 1);
    help_judged(f, fetches, "image/jpeg");
}

static inline int64_t given(struct fixture *f, const char *subject)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM consent WHERE subject = '%s'"
                   " AND state = 'given'",
                   subject);
    return help_number(f, sql);
}

static inline int64_t of_reason(struct fixture *f, const char *reason)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM ledger WHERE"
                   " json_extract(CAST(entry AS TEXT),"
                   " '$.evidence.reason') = '%s'",
                   reason);
    return help_number(f, sql);
}

static inline bool said_to(const struct fixture *f, size_t from,
                           const char *words)
{
    for (size_t i = from; i < f->nsends; i++)
        if (strstr(f->sends[i].body, words) != NULL)
            return true;
    return false;
}

/* The rule that P1 is: no entry breaks it. */
static inline void gate_holds(struct fixture *f)
{
    struct ledger_gate *g = ledger_gate_new();
    int64_t n = help_number(f, "SELECT count(*) FROM ledger");
    char sql[96], entry[8192];

    assert_non_null(g);
    for (int64_t i = 0; i < n; i++) {
        const char *bad = NULL;
        json_t *leaf;

        (void)snprintf(
            sql, sizeof(sql),
            "SELECT CAST(entry AS TEXT) FROM ledger WHERE idx = %lld",
            (long long)i);
        help_word(f, sql, entry, sizeof(entry));
        leaf = json_parse(entry, strlen(entry), &f->e);
        assert_non_null(leaf);
        assert_int_equal(ledger_gate_add(g, leaf, &bad, &f->e), 0);
        if (bad != NULL)
            fail_msg("entry %lld: %s", (long long)i, bad);
        json_decref(leaf);
    }
    ledger_gate_free(&g);
}

static inline int family_end(void **state)
{
    gate_holds(*state);
    return end(state);
}

#endif
