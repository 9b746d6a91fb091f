/* One receipt for a burst of files, because every message costs money. */
#include "attachment_private.h"
#include "case_private.h"
#include "mail_private.h"
#include "outward_private.h"
#include "registrar_private.h"
#include "talk_private.h"

#include <string.h>

int receipt_note(struct registrar *r, const struct attachment_row *row,
                 struct error *err)
{
    const struct policy *policy = policy_find(r->policies, row->policy);
    struct burst_row burst;
    int found = burst_get(r->store, row->subject, row->policy, row->number,
                          &burst, err);

    if (found < 0 || policy == NULL)
        return found < 0 ? -1 : 0;
    if (found == 0) {
        memset(&burst, 0, sizeof(burst));
        memcpy(burst.subject, row->subject, sizeof(burst.subject));
        memcpy(burst.policy, row->policy, sizeof(burst.policy));
        memcpy(burst.number, row->number, sizeof(burst.number));
        burst.first_end = r->now;
    }
    burst.due = r->now + policy->receipt_quiet;
    if (burst.due > burst.first_end + policy->receipt_max)
        burst.due = burst.first_end + policy->receipt_max;
    return burst_put(r->store, &burst, err);
}

/* ---- composing ---------------------------------------------------------- */

/* Cases that one receipt speaks of. */
#define BURSTS 3

struct tally {
    struct registrar *r;
    const struct policy_language *language;
    struct error *err;
    int stored, refused, quarantined, expired;
    bool reasons[TEXT__MAX];
    char case_id[STORE_CASE_SIZE];
    /* What it brought for cases of procedures, in the order in which it came;
     * what is beyond has no words. */
    struct guide_burst bursts[BURSTS];
    size_t nbursts;
    bool waits; /* for a person, who is asked for no more */
};

/* Who speaks is not told to send it as a photo. */
static enum policy_text text_of(const struct policy_language *l,
                                const struct attachment_row *row)
{
    const char *reason = row->reason;
    static const struct {
        const char *reason;
        enum policy_text text;
    } table[] = {
        { "type", TEXT_REASON_TYPE },     { "size", TEXT_REASON_SIZE },
        { "hash", TEXT_REASON_HASH },     { "judge", TEXT_REASON_JUDGE },
        { "finding", TEXT_REASON_JUDGE }, { "expired", TEXT_REASON_EXPIRED },
    };

    if (strcmp(reason, "type") == 0 && strcmp(row->kind, "audio") == 0 &&
        l->texts[TEXT_REASON_VOICE] != NULL)
        return TEXT_REASON_VOICE;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(table[i].reason, reason) == 0)
            return table[i].text;
    return TEXT_REASON_UNAVAILABLE;
}

/* The case's; NULL, where there is no room for one more. */
static struct guide_burst *burst_of(struct tally *t, const char *case_id)
{
    for (size_t i = 0; i < t->nbursts; i++)
        if (strcmp(t->bursts[i].case_id, case_id) == 0)
            return &t->bursts[i];
    if (t->nbursts == BURSTS)
        return NULL;
    SET(t->bursts[t->nbursts].case_id, case_id);
    return &t->bursts[t->nbursts++];
}

static bool has_item(const struct burst_items *items, const char *item)
{
    for (size_t i = 0; i < items->n; i++)
        if (strcmp(items->item[i], item) == 0)
            return true;
    return false;
}

/* False: they are too many to be named. */
static bool add_item(struct burst_items *items, const char *item)
{
    if (has_item(items, item))
        return true;
    if (items->n == BURST_ITEMS)
        return false;
    SET(items->item[items->n], item);
    items->n++;
    return true;
}

static void tally_kept(struct guide_burst *b, const struct attachment_row *row)
{
    if (strcmp(row->item, ITEM_UNREQUESTED) != 0) {
        (void)add_item(&b->of[BURST_STORED], row->item);
        if ((row->matched & MATCHED_MORE) != 0)
            (void)add_item(&b->of[BURST_MORE], row->item);
        if ((row->matched & MATCHED_GUESS) != 0)
            (void)add_item(&b->of[BURST_GUESSED], row->item);
    } else if ((row->matched & MATCHED_ELSEWHERE) != 0 &&
               b->nelsewhere < BURST_ITEMS) {
        SET(b->elsewhere[b->nelsewhere], row->id);
        b->nelsewhere++;
    } else {
        b->unrequested = true;
    }
}

/* A file for an item that was no good: the item says how it is, not the list of
 * all that we take. True: it is told so. */
static bool tally_refused(struct guide_burst *b,
                          const struct attachment_row *row)
{
    if (strcmp(row->item, ITEM_UNREQUESTED) == 0)
        return false;
    if (strcmp(row->reason, "type") == 0)
        return add_item(&b->of[BURST_WRONG], row->item);
    return strcmp(row->reason, "full") == 0 &&
           add_item(&b->of[BURST_FULL], row->item);
}

/* For a procedure's case. True: what is said of it stands there. */
static bool tally_item(struct tally *t, const struct attachment_row *row)
{
    struct guide_burst *b = row->item[0] == '\0' || row->case_id[0] == '\0'
                                ? NULL
                                : burst_of(t, row->case_id);

    if (b == NULL)
        return false;
    b->named |= (row->matched & MATCHED_OTHER) != 0;
    if (strcmp(row->state, "stored") == 0)
        tally_kept(b, row);
    return strcmp(row->state, "refused") == 0 && tally_refused(b, row);
}

static int tally_one(void *arg, const struct attachment_row *untold)
{
    struct tally *t = arg;
    struct attachment_row row = *untold;
    bool told = tally_item(t, &row);

    if (strcmp(row.state, "stored") == 0)
        t->stored++;
    else if (strcmp(row.state, "quarantined") == 0)
        t->quarantined++;
    else if (strcmp(row.state, "refused") == 0)
        t->refused++;
    else
        t->expired++;
    if (strcmp(row.state, "stored") != 0 && !told)
        t->reasons[text_of(t->language, &row)] = true;
    if (row.case_id[0] != '\0')
        memcpy(t->case_id, row.case_id, sizeof(t->case_id));
    row.told = 1;
    return attachment_update(t->r->store, &row, t->err);
}

/* Where another file of the same burst was good, nothing is to be done better:
 * why one was not kept is all there is to say. */
static void settle(struct tally *t)
{
    for (size_t k = 0; k < t->nbursts; k++) {
        struct burst_items *wrong = &t->bursts[k].of[BURST_WRONG];
        size_t n = 0;

        t->bursts[k].named |= t->nbursts > 1;
        for (size_t i = 0; i < wrong->n; i++) {
            if (has_item(&t->bursts[k].of[BURST_STORED], wrong->item[i]))
                t->reasons[TEXT_REASON_TYPE] = true;
            else
                memmove(wrong->item[n++], wrong->item[i],
                        sizeof(wrong->item[0]));
        }
        wrong->n = n;
    }
}

static int paragraph(struct buf *out, const char *text, const char *key, int n,
                     const char *case_id)
{
    char count[16];
    const char *const pairs[] = { key, count, "case", case_id, NULL };

    (void)snprintf(count, sizeof(count), "%d", n);
    if (out->len > 0 && buf_adds(out, "\n\n") != 0)
        return -1;
    return policy_fill(out, text, pairs);
}

static const char *why(const struct tally *t, enum policy_text text)
{
    const char *queue = t->language->spoken[SPOKEN_VOICE_QUEUE];

    return text == TEXT_REASON_VOICE && t->waits && queue != NULL
               ? queue
               : t->language->texts[text];
}

static int compose(const struct tally *t, struct buf *out)
{
    char *const *texts = t->language->texts;

    if (t->stored > 0 && paragraph(out, texts[TEXT_RECEIPT_STORED], "stored",
                                   t->stored, t->case_id) != 0)
        return -1;
    if (t->quarantined > 0 &&
        paragraph(out, texts[TEXT_RECEIPT_QUARANTINED], "quarantined",
                  t->quarantined, t->case_id) != 0)
        return -1;
    if (t->refused + t->expired > 0 &&
        paragraph(out, texts[TEXT_RECEIPT_REFUSED], "refused",
                  t->refused + t->expired, t->case_id) != 0)
        return -1;
    for (int i = 0; i < TEXT__MAX; i++)
        if (t->reasons[i] && (buf_adds(out, "\n") != 0 ||
                              buf_adds(out, why(t, (enum policy_text)i)) != 0))
            return -1;
    return 0;
}

static int say(struct registrar *r, const struct policy *policy,
               const struct burst_row *burst, const struct buf *text,
               struct error *err)
{
    return text->len == 0 ? 0
                          : mail_say(r, policy, burst->subject, burst->number,
                                     "receipt", (const char *)text->p, err);
}

/* What of each case fits into a message of its own. */
static int add_cases(struct registrar *r, const struct policy *policy,
                     struct tally *tally, struct buf *out, bool *completed,
                     struct error *err)
{
    for (size_t i = 0; i < tally->nbursts; i++) {
        struct buf one = { 0 };
        int ok = guide_receipt(r, policy, &tally->bursts[i], &one, err);

        *completed |= tally->bursts[i].completed;
        if (ok == 0 && one.len > 0 &&
            (out->len == 0 ||
             utf8_count((char *)out->p) + 2 + utf8_count((char *)one.p) <=
                 LIMIT_TEXT_BODY) &&
            ((out->len > 0 && buf_adds(out, "\n\n") != 0) ||
             buf_adds(out, (char *)one.p) != 0))
            ok = error_set(err, ERR_NOMEM, "no memory for a receipt");
        buf_free(&one);
        if (ok != 0)
            return -1;
    }
    return 0;
}

/* One message, with what the burst means for its procedure's case; two where
 * long texts do not fit into one. */
static int send(struct registrar *r, const struct policy *policy,
                const struct burst_row *burst, struct tally *tally,
                struct error *err)
{
    struct buf text = { 0 }, more = { 0 };
    bool completed = false;
    int ok = -1;

    settle(tally);
    if (compose(tally, &text) != 0) {
        (void)error_set(err, ERR_NOMEM, "no memory for a receipt");
        goto out;
    }
    if (add_cases(r, policy, tally, &more, &completed, err) != 0)
        goto out;
    if (text.len > 0 && more.len > 0 &&
        utf8_count((char *)text.p) + 2 + utf8_count((char *)more.p) >
            LIMIT_TEXT_BODY) {
        if (say(r, policy, burst, &text, err) != 0)
            goto out;
        buf_free(&text);
    }
    if (more.len > 0 && ((text.len > 0 && buf_adds(&text, "\n\n") != 0) ||
                         buf_adds(&text, (char *)more.p) != 0))
        (void)error_set(err, ERR_NOMEM, "no memory for a receipt");
    else
        ok = say(r, policy, burst, &text, err);

    /* Without procedures no case is ever complete: what was kept is all. */
    if (ok == 0 &&
        (completed || (policy->nprocedures == 0 && tally->stored > 0)))
        ok = notices_ask(r, policy, burst->subject, burst->number, true, err);
out:
    buf_free(&text);
    buf_free(&more);
    return ok;
}

/* Looked at only of who spoke. */
static int look_who_answers(struct tally *t, const struct burst_row *burst)
{
    struct conversation_row talk;
    int found =
        !t->reasons[TEXT_REASON_VOICE]
            ? 0
            : conversation_find(t->r->store, burst->subject, burst->policy,
                                burst->number, &talk, t->err);

    t->waits = found > 0 && strcmp(talk.mode, "waiting") == 0;
    return found < 0 ? -1 : 0;
}

static bool is_silent(const struct tally *t)
{
    return t->stored + t->refused + t->quarantined + t->expired == 0;
}

int receipt_send(struct registrar *r, const struct burst_row *due,
                 struct error *err)
{
    const struct policy *policy = policy_find(r->policies, due->policy);
    struct tally tally = { .r = r, .err = err };
    struct burst_row burst = *due;
    int64_t active;

    if (policy == NULL)
        return error_set(err, ERR_INVARIANT, "a burst of an unknown policy");

    /* Others of this person are still on their way: wait for them, but not
     * for ever. */
    if ((active =
             attachment_active(r->store, burst.subject, burst.policy, err)) < 0)
        return -1;
    if (active > 0 && r->now < burst.first_end + policy->receipt_max) {
        burst.due = r->now + policy->receipt_quiet;
        if (burst.due > burst.first_end + policy->receipt_max)
            burst.due = burst.first_end + policy->receipt_max;
        return burst_put(r->store, &burst, err);
    }

    tally.language = person_language(r, policy, burst.subject);
    if (attachment_untold(r->store, burst.subject, burst.policy, burst.number,
                          tally_one, &tally, err) != 0 ||
        burst_delete(r->store, &burst, err) != 0 ||
        look_who_answers(&tally, &burst) != 0)
        return -1;
    if (send(r, policy, &burst, &tally, err) != 0)
        return -1;

    /* The receipt is about one case: what came for others, or ended without a
     * word, may have been all that they waited for. */
    return policy->nprocedures > 0 && (tally.nbursts > 1 || is_silent(&tally))
               ? guide_settle(r, policy, burst.subject, err)
               : 0;
}
