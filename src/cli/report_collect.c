/* From the ledger's entries to the numbers of a report, in one pass. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* ---- what all of them need ---------------------------------------------- */

/* An entry that counts, with what is asked of it again and again. */
struct seeing {
    struct report *r;
    const json_t *entry;
    const char *event;
    msec time;
    bool inside; /* not before `since` */
};

/* Room for one more; NULL: no memory. */
static void *one_more(void *list, size_t n, size_t *cap, size_t size)
{
    size_t more = *cap == 0 ? 16 : *cap * 2;

    if (n < *cap)
        return list;
    list = reallocarray(list, more, size);
    if (list != NULL)
        *cap = more;
    return list;
}

static const char *get(const struct seeing *s, const char *key)
{
    const char *text = json_str(s->entry, key);

    return text != NULL ? text : "";
}

static msec time_of(const char *text)
{
    msec t;

    return time_parse(text, &t) == 0 ? t : 0;
}

static struct report_person *person(const struct seeing *s)
{
    const char *id = get(s, "subject");

    /* An entry that verified and is about nobody we know of is passed over. */
    return id_valid(id, 's') ? report_person(&s->r->table, id) : NULL;
}

/* ---- decisions ---------------------------------------------------------- */

static int64_t day_of(msec time)
{
    time_t t = (time_t)(time / MSEC_S);
    struct tm tm = { 0 };

    (void)localtime_r(&t, &tm);
    return (time / MSEC_S + tm.tm_gmtoff) / (MSEC_D / MSEC_S);
}

/* Entries come nearly in order: the day is the last one, or close to it. */
static struct report_day *day_at(struct report *r, int64_t day)
{
    size_t i = r->ndays;
    void *list;

    while (i > 0 && r->days[i - 1].day > day)
        i--;
    if (i > 0 && r->days[i - 1].day == day)
        return &r->days[i - 1];
    list = one_more(r->days, r->ndays, &r->days_cap, sizeof(*r->days));
    if (list == NULL)
        return NULL;
    r->days = list;
    memmove(&r->days[i + 1], &r->days[i], (r->ndays - i) * sizeof(*r->days));
    r->ndays++;
    r->days[i] = (struct report_day){ .day = day };
    return &r->days[i];
}

static int see_decision(const struct seeing *s)
{
    static const char *const events[REPORT_DECISION__MAX] = {
        "consent_given", "consent_refused", "consent_withdrawn",
        "consent_expired"
    };
    struct report *r = s->r;

    for (size_t i = 0; s->inside && i < REPORT_DECISION__MAX; i++)
        if (strcmp(events[i], s->event) == 0) {
            struct report_day *day = day_at(r, day_of(s->time));

            if (day == NULL)
                return -1;
            day->n[i]++;
            r->decisions[i]++;
        }
    return 0;
}

/* From the second in which it was sent to the entry that closed the gate, and
 * to those that blocked documents. */
static void see_withdrawal(const struct seeing *s)
{
    struct report_person *p;

    if (strcmp(s->event, "consent_withdrawn") == 0 && (p = person(s)) != NULL) {
        p->withdrawn = time_of(get(s, "provider_time"));
        if (s->inside && p->withdrawn != 0)
            latency_add(&s->r->to_closed, s->time - p->withdrawn);
    }
    if (strcmp(s->event, "document_blocked") == 0 &&
        json_str(s->entry, "reason") == NULL && s->inside &&
        (p = person(s)) != NULL && p->withdrawn != 0)
        latency_add(&s->r->to_blocked, s->time - p->withdrawn);
}

/* ---- notices ------------------------------------------------------------ */

static struct report_notice *notice_at(struct report *r, const char *policy,
                                       const char *version)
{
    void *list;

    for (size_t i = 0; i < r->nnotices; i++)
        if (strcmp(r->notices[i].policy, policy) == 0 &&
            strcmp(r->notices[i].version, version) == 0)
            return &r->notices[i];
    list =
        one_more(r->notices, r->nnotices, &r->notices_cap, sizeof(*r->notices));
    if (list == NULL)
        return NULL;
    r->notices = list;
    r->notices[r->nnotices] = (struct report_notice){ .published = 0 };
    (void)snprintf(r->notices[r->nnotices].policy, sizeof(r->notices->policy),
                   "%s", policy);
    (void)snprintf(r->notices[r->nnotices].version, sizeof(r->notices->version),
                   "%s", version);
    return &r->notices[r->nnotices++];
}

static int publish(const struct seeing *s)
{
    struct report *r = s->r;
    struct report_notice *n =
        notice_at(r, get(s, "policy"), get(s, "notice_version"));
    size_t len;

    if (n == NULL)
        return -1;
    if (n->published == 0)
        n->published = s->time;
    len = strlen(n->languages);
    (void)snprintf(n->languages + len, sizeof(n->languages) - len, "%s%s",
                   len > 0 ? ", " : "", get(s, "language"));
    for (size_t i = 0; i < r->nnotices; i++)
        if (strcmp(r->notices[i].policy, n->policy) == 0)
            r->notices[i].newest = &r->notices[i] == n;
    return 0;
}

static int see_notice(const struct seeing *s)
{
    struct report_notice *n;
    struct report_person *p;

    if (strcmp(s->event, "notice_published") == 0)
        return publish(s);
    if (strcmp(s->event, "subject_erased") == 0) {
        if ((p = person(s)) != NULL)
            p->erased = true;
        s->r->erased += s->inside;
        return 0;
    }
    if (strcmp(s->event, "notice_presented") != 0)
        return 0;
    n = notice_at(s->r, get(s, "policy"), get(s, "notice_version"));
    if (n == NULL)
        return -1;
    if ((p = person(s)) != NULL) {
        p->notice = (uint32_t)(n - s->r->notices);
        s->r->informed += s->inside && !p->informed;
        p->informed |= s->inside;
    }
    return 0;
}

/* ---- who looked --------------------------------------------------------- */

static const struct {
    const char *event;
    enum report_access access;
} accesses[] = {
    { "document_read", REPORT_READ },
    { "document_shown", REPORT_SHOWN },
    { "subject_searched", REPORT_SHOWN },
    { "subject_revealed", REPORT_SHOWN },
    { "approval_shown", REPORT_SHOWN },
    { "documents_listed", REPORT_LISTED },
    { "case_read", REPORT_WHOLE },
    { "subject_exported", REPORT_WHOLE },
    { "consent_exported", REPORT_EXPORTED },
    { "consent_reported", REPORT_EXPORTED },
    { "service_reported", REPORT_EXPORTED },
    { "receipt_issued", REPORT_EXPORTED },
    { "ledger_exported", REPORT_EXPORTED },
    { "access_denied", REPORT_DENIED },
};

static struct report_staff *staff_at(struct report *r, const char *name)
{
    void *list;

    for (size_t i = 0; i < r->nstaff; i++)
        if (strcmp(r->staff[i].name, name) == 0)
            return &r->staff[i];
    list = one_more(r->staff, r->nstaff, &r->staff_cap, sizeof(*r->staff));
    if (list == NULL)
        return NULL;
    r->staff = list;
    r->staff[r->nstaff] = (struct report_staff){ .late = 0 };
    (void)snprintf(r->staff[r->nstaff].name, sizeof(r->staff->name), "%s",
                   name);
    return &r->staff[r->nstaff++];
}

/* An entry may stand for several attempts. */
static uint64_t how_many(const struct seeing *s)
{
    json_int_t n = json_integer_value(
        json_object_get(json_object_get(s->entry, "evidence"), "count"));

    return strcmp(s->event, "access_denied") == 0 && n > 0 ? (uint64_t)n : 1;
}

static int count_access(const struct seeing *s, enum report_access access,
                        bool bulk)
{
    struct report_staff *staff = staff_at(s->r, get(s, "actor"));
    time_t t = (time_t)(s->time / MSEC_S);
    struct tm tm = { 0 };
    bool late = hours_over(&s->r->office, s->time);

    if (staff == NULL)
        return -1;
    staff->n[access] += how_many(s);
    if (access == REPORT_DENIED)
        return 0;
    (void)localtime_r(&t, &tm);
    s->r->hours[(tm.tm_wday + 6) % 7][tm.tm_hour % 24]++;
    s->r->accesses++;
    s->r->late += late;
    staff->late += late;
    staff->bulk += bulk;
    return 0;
}

static int see_access(const struct seeing *s)
{
    /* What was read before the period counts for what is bulk in it. */
    int bulk = access_bulk_is(s->r->bulk, s->entry);

    if (bulk < 0)
        return -1;
    for (size_t i = 0; s->inside && i < sizeof(accesses) / sizeof(*accesses);
         i++)
        if (strcmp(accesses[i].event, s->event) == 0)
            return count_access(s, accesses[i].access, bulk > 0);
    return 0;
}

/* ---- files -------------------------------------------------------------- */

static enum report_rejection rejection_of(const struct seeing *s)
{
    static const struct {
        const char *event, *reason; /* reason NULL: any */
        enum report_rejection as;
    } table[] = {
        { "media_refused", "type", REPORT_TYPE },
        { "media_refused", "size", REPORT_SIZE },
        { "media_refused", "unavailable", REPORT_UNAVAILABLE },
        { "media_refused", NULL, REPORT_OTHER },
        { "media_quarantined", "finding", REPORT_FINDING },
        { "media_quarantined", "hash", REPORT_HASH },
        { "media_quarantined", "judge", REPORT_JUDGE },
        { "media_quarantined", NULL, REPORT_OTHER },
        { "media_dropped", NULL, REPORT_NO_CONSENT },
        { "media_expired", NULL, REPORT_LATE },
        { "media_discarded", NULL, REPORT_DISCARDED },
    };
    const char *reason = get(s, "reason");

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
        if (strcmp(table[i].event, s->event) == 0 &&
            (table[i].reason == NULL || strcmp(table[i].reason, reason) == 0))
            return table[i].as;
    return REPORT_REJECTION__MAX;
}

static void see_file(const struct seeing *s)
{
    enum report_rejection as = rejection_of(s);

    if (!s->inside)
        return;
    s->r->stored += strcmp(s->event, "media_stored") == 0;
    if (as != REPORT_REJECTION__MAX)
        s->r->rejections[as]++;
}

/* ---- all of it ---------------------------------------------------------- */

int report_begin(struct report *r, msec since, msec until)
{
    *r = (struct report){ .since = since,
                          .until = until,
                          .gate = ledger_gate_new(),
                          .bulk = access_bulk_new() };
    r->office = OFFICE_USUAL;
    if (r->gate != NULL && r->bulk != NULL)
        return 0;
    report_free(r);
    return -1;
}

static int see_gate(const struct seeing *s, uint64_t index, struct error *e)
{
    struct report *r = s->r;
    const char *violation;
    struct report_violation *v;

    if (ledger_gate_add(r->gate, s->entry, &violation, e) != 0)
        return -1;
    if (violation == NULL)
        return 0;
    if (r->nviolations < LIMIT_REPORT_VIOLATIONS) {
        v = &r->violations[r->nviolations];
        v->index = index;
        v->what = violation;
        (void)snprintf(v->event, sizeof(v->event), "%s", s->event);
    }
    r->nviolations++;
    return 0;
}

int report_add(struct report *r, uint64_t index, const json_t *entry,
               struct error *e)
{
    struct seeing s = { .r = r, .entry = entry };

    s.event = get(&s, "event_type");
    s.time = time_of(get(&s, "time"));
    if (s.time >= r->until)
        return 0;
    s.inside = s.time >= r->since;
    r->entries++;
    if (s.inside) {
        r->last = s.time;
        r->first = r->inside++ == 0 ? s.time : r->first;
    }
    see_withdrawal(&s);
    see_file(&s);
    if (see_decision(&s) != 0 || see_notice(&s) != 0 || see_access(&s) != 0 ||
        report_deadline_see(r, entry, s.event, s.time, s.inside) != 0)
        return error_set(e, ERR_NOMEM, "no memory for a report");
    return see_gate(&s, index, e);
}

static uint64_t looked(const struct report_staff *s)
{
    uint64_t sum = 0;

    for (int i = 0; i < REPORT_ACCESS__MAX; i++)
        sum += s->n[i];
    return sum;
}

static int by_looks(const void *a, const void *b)
{
    const struct report_staff *x = a, *y = b;

    if (looked(x) != looked(y))
        return looked(x) > looked(y) ? -1 : 1;
    return strcmp(x->name, y->name);
}

void report_finish(struct report *r)
{
    for (size_t i = 0; i < r->table.cap; i++) {
        const struct report_person *p = &r->table.places[i];

        if (p->id[0] == '\0' || p->erased || p->notice == REPORT_NO_NOTICE)
            continue;
        r->notices[p->notice].people++;
        r->people++;
    }
    r->gate_counts = *ledger_gate_counts(r->gate);
    if (r->nstaff > 0)
        qsort(r->staff, r->nstaff, sizeof(*r->staff), by_looks);
    report_deadlines_sort(&r->deadlines);
}

void report_free(struct report *r)
{
    ledger_gate_free(&r->gate);
    access_bulk_free(&r->bulk);
    report_people_free(&r->table);
    free(r->days);
    free(r->staff);
    free(r->notices);
    report_deadlines_free(&r->deadlines);
    *r = (struct report){ .days = NULL };
}
