/* The collector of a report, and the page that is made of it. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cli/export_format.h"
#include "cli/record.h"
#include "cli/report_chart.h"

static struct report report;
static uint64_t next;

static int setup(void **state)
{
    (void)state;
    (void)setenv("TZ", "UTC", 1);
    tzset();
    next = 0;
    return report_begin(&report, INT64_MIN, INT64_MAX);
}

static int teardown(void **state)
{
    (void)state;
    report_free(&report);
    return 0;
}

/* An entry, in JSON with ' for ". */
static void add(const char *text)
{
    struct error e = { 0 };
    char *copy = strdup(text);
    json_t *entry;

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    entry = json_parse(copy, strlen(copy), &e);
    assert_non_null(entry);
    assert_int_equal(report_add(&report, next++, entry, &e), 0);
    json_decref(entry);
    free(copy);
}

#define ANA "saaaaaaaaaaaaaaaaaaaaaaaaac"
#define EVA "saaaaaaaaaaaaaaaaaaaaaaaaag"
#define IDA "saaaaaaaaaaaaaaaaaaaaaaaaak"

/* ---- how long ----------------------------------------------------------- */

static void times_are_read_off_within_three_percent(void **state)
{
    static const msec some[] = { 0, 1, 63, 64, 65, 999, 12345, MSEC_H, MSEC_D };

    (void)state;
    for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
        static struct latency l;

        memset(&l, 0, sizeof(l));
        latency_add(&l, some[i]);
        latency_add(&l, 90 * MSEC_D);
        assert_true(latency_at(&l, 50) >= some[i]);
        assert_true(latency_at(&l, 50) <= some[i] + some[i] / 32);
        assert_true(latency_at(&l, 100) == 90 * MSEC_D);
    }
}

static void percentiles_count_from_the_shortest(void **state)
{
    static struct latency l;

    (void)state;
    memset(&l, 0, sizeof(l));
    assert_int_equal(latency_at(&l, 50), 0);
    for (int i = 0; i < 94; i++)
        latency_add(&l, 10);
    for (int i = 0; i < 6; i++)
        latency_add(&l, 50);
    assert_int_equal(latency_at(&l, 50), 10);
    assert_int_equal(latency_at(&l, 94), 10);
    assert_int_equal(latency_at(&l, 95), 50);
    latency_add(&l, -5);
    assert_int_equal(latency_at(&l, 1), 10);
    assert_int_equal(l.max, 50);
    latency_add(&l, INT64_MAX / 2);
    assert_int_equal(latency_at(&l, 100), INT64_MAX / 2);
}

/* ---- people ------------------------------------------------------------- */

static void many_people_stay_apart(void **state)
{
    struct report_people table = { .places = NULL };
    char id[ID_SIZE];

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(id, sizeof(id), "s%026u", i);
        assert_int_equal(report_person(&table, id)->notice, REPORT_NO_NOTICE);
        report_person(&table, id)->notice = i;
    }
    for (unsigned i = 0; i < 5000; i++) {
        (void)snprintf(id, sizeof(id), "s%026u", i);
        assert_int_equal(report_person(&table, id)->notice, i);
    }
    assert_int_equal(table.n, 5000);
    report_people_free(&table);
}

/* ---- the collector ------------------------------------------------------ */

static void decisions_are_counted_by_day(void **state)
{
    (void)state;
    add("{'event_type':'consent_given','time':'2026-11-02T23:59:59.000Z'}");
    add("{'event_type':'consent_refused','time':'2026-11-03T00:00:00.000Z'}");
    /* A clock that was set back. */
    add("{'event_type':'consent_given','time':'2026-11-01T10:00:00.000Z'}");
    add("{'event_type':'consent_expired','time':'2026-11-03T10:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.ndays, 3);
    assert_int_equal(report.days[0].n[REPORT_GIVEN], 1);
    assert_int_equal(report.days[1].n[REPORT_GIVEN], 1);
    assert_int_equal(report.days[2].n[REPORT_REFUSED], 1);
    assert_int_equal(report.days[2].n[REPORT_EXPIRED], 1);
    assert_true(report.days[2].day == report.days[1].day + 1);
    assert_int_equal(report.decisions[REPORT_GIVEN], 2);
}

static void a_range_leaves_out_what_is_outside(void **state)
{
    (void)state;
    report_free(&report);
    msec since, until;
    assert_int_equal(time_parse("2026-11-02", &since), 0);
    assert_int_equal(time_parse("2026-11-03", &until), 0);
    assert_int_equal(report_begin(&report, since, until), 0);
    add("{'event_type':'notice_published','time':'2026-11-01T00:00:00.000Z',"
        "'policy':'p','notice_version':'1','language':'es'}");
    add("{'event_type':'notice_presented','time':'2026-11-01T00:00:00.000Z',"
        "'policy':'p','notice_version':'1','subject':'" ANA "'}");
    add("{'event_type':'consent_given','time':'2026-11-01T23:59:59.999Z'}");
    add("{'event_type':'consent_given','time':'2026-11-02T00:00:00.000Z'}");
    add("{'event_type':'consent_given','time':'2026-11-03T00:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.decisions[REPORT_GIVEN], 1);
    /* Who was told before is still somebody who was told. */
    assert_int_equal(report.people, 1);
    assert_int_equal(report.entries, 4);
}

static void a_withdrawal_is_timed_from_the_message(void **state)
{
    (void)state;
    add("{'event_type':'document_blocked','time':'2026-11-02T08:00:00.000Z',"
        "'subject':'" ANA "'}");
    add("{'event_type':'consent_withdrawn','time':'2026-11-02T10:00:01.500Z',"
        "'provider_time':'2026-11-02T10:00:00.000Z','subject':'" ANA "'}");
    add("{'event_type':'document_blocked','time':'2026-11-02T10:00:04.000Z',"
        "'subject':'" ANA "'}");
    /* A rule blocked it, or another person withdrew: neither counts. */
    add("{'event_type':'document_blocked','time':'2026-11-02T10:10:00.000Z',"
        "'subject':'" ANA "','reason':'retention'}");
    add("{'event_type':'document_blocked','time':'2026-11-02T10:10:00.000Z',"
        "'subject':'" EVA "'}");
    assert_int_equal(report.to_closed.n, 1);
    assert_int_equal(report.to_closed.max, 1500);
    assert_int_equal(report.to_blocked.n, 1);
    assert_int_equal(report.to_blocked.max, 4000);
}

static void people_are_on_the_last_notice_they_saw(void **state)
{
    (void)state;
    for (int v = 1; v <= 2; v++) {
        char text[256];

        (void)snprintf(text, sizeof(text),
                       "{'event_type':'notice_published','policy':'p',"
                       "'notice_version':'%d','language':'es',"
                       "'time':'2026-11-02T10:00:00.000Z'}",
                       v);
        add(text);
    }
    add("{'event_type':'notice_presented','policy':'p','notice_version':'1',"
        "'subject':'" ANA "','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'notice_presented','policy':'p','notice_version':'1',"
        "'subject':'" EVA "','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'notice_presented','policy':'p','notice_version':'2',"
        "'subject':'" ANA "','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'notice_presented','policy':'p','notice_version':'2',"
        "'subject':'" IDA "',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'subject_erased',"
        "'subject':'" IDA "',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.nnotices, 2);
    assert_false(report.notices[0].newest);
    assert_true(report.notices[1].newest);
    assert_int_equal(report.notices[0].people, 1);
    assert_int_equal(report.notices[1].people, 1);
    assert_int_equal(report.people, 2);
    assert_int_equal(report.informed, 3);
}

static void accesses_are_told_apart_by_person_and_hour(void **state)
{
    (void)state;
    /* A Monday, and a Sunday. */
    add("{'event_type':'document_read','actor':'ana',"
        "'time':'2026-11-02T06:59:59.000Z'}");
    add("{'event_type':'document_read','actor':'ana',"
        "'time':'2026-11-02T07:00:00.000Z'}");
    add("{'event_type':'case_read','actor':'ana',"
        "'time':'2026-11-02T18:59:59.000Z'}");
    add("{'event_type':'documents_listed','actor':'eva',"
        "'time':'2026-11-02T19:00:00.000Z'}");
    add("{'event_type':'consent_exported','actor':'eva',"
        "'time':'2026-11-08T12:00:00.000Z'}");
    add("{'event_type':'access_denied','actor':'eva','evidence':{'count':7},"
        "'time':'2026-11-08T12:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.nstaff, 2);
    assert_string_equal(report.staff[0].name, "eva");
    assert_int_equal(report.staff[0].n[REPORT_DENIED], 7);
    assert_int_equal(report.staff[0].late, 2);
    assert_int_equal(report.staff[1].n[REPORT_READ], 2);
    assert_int_equal(report.staff[1].n[REPORT_WHOLE], 1);
    assert_int_equal(report.staff[1].bulk, 1); /* no case is named */
    assert_int_equal(report.staff[0].bulk, 1);
    assert_int_equal(report.staff[1].late, 1);
    assert_int_equal(report.hours[0][6], 1);
    assert_int_equal(report.hours[6][12], 1);
    assert_int_equal(report.accesses, 5);
    assert_int_equal(report.late, 3);
}

static void a_deadline_is_open_until_its_end(void **state)
{
    (void)state;
    add("{'event_type':'erasure_ordered','erasure_id':'r1','scope':'subject',"
        "'due':'2026-12-02T10:00:00.000Z','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'erasure_ordered','erasure_id':'r2','scope':'subject',"
        "'due':'2026-12-01T10:00:00.000Z','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'hold_placed','evidence':{'hold_id':'h1'},"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'hold_placed','evidence':{'hold_id':'h2'},"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'approval_requested','approval_id':'q1',"
        "'action':'erase','evidence':{'expires':'2026-11-03T10:00:00.000Z'},"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'documents_erased','erasure_id':'r3',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'hold_lifted','evidence':{'hold_id':'h2'},"
        "'time':'2026-11-02T10:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.deadlines.n, 4);
    assert_string_equal(report.deadlines.list[0].id, "q1");
    assert_string_equal(report.deadlines.list[1].id, "r2");
    assert_string_equal(report.deadlines.list[2].id, "r1");
    assert_string_equal(report.deadlines.list[3].id, "h1");
    assert_int_equal(report.deadlines.list[3].due, 0);
    add("{'event_type':'subject_erased','erasure_id':'r2',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'approval_expired','approval_id':'q1',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    assert_int_equal(report.deadlines.n, 2);
}

#define REQUEST(event, id, type, due, more)                                    \
    add("{'event_type':'" event "','time':'2026-11-02T10:00:00.000Z',"         \
        "'evidence':{'request_id':'" id "','type':'" type                      \
        "','clock':'consulta','due':'" due "'" more "}}")

static void a_request_is_open_until_it_is_answered(void **state)
{
    const struct report_deadline *d = NULL;

    (void)state;
    REQUEST("request_opened", "g1", "access", "2026-11-20", "");
    REQUEST("request_opened", "g2", "erase", "2026-11-10", "");
    REQUEST("request_opened", "g3", "sla", "2026-11-30", "");
    REQUEST("request_opened", "g4", "nonsense", "2026-11-30", "");
    REQUEST("request_extended", "g1", "access", "2026-12-04",
            ",'notice':'elsewhere','extensions':1");
    REQUEST("request_overdue", "g2", "erase", "2026-11-10", "");
    REQUEST("request_asked", "g3", "sla", "2026-11-30", ",'notice':'message'");
    REQUEST("request_deemed_accepted", "g4", "nonsense", "2026-11-30", "");
    report_finish(&report);
    assert_int_equal(report.deadlines.n, 4);
    d = report.deadlines.list;
    assert_string_equal(d[0].id, "g2");
    assert_int_equal(d[0].state, REQUEST_OVERDUE);
    assert_int_equal(d[1].state, REQUEST_LACKS);
    assert_int_equal(d[2].state, REQUEST_DEEMED);
    assert_string_equal(d[3].id, "g1");
    assert_int_equal(d[3].state, REQUEST_EXTENDED);
    assert_int_equal(d[3].extensions, 1);
    assert_true(d[3].told_elsewhere);
    assert_string_equal(d[3].day, "2026-12-04");

    /* In UTC here: a day is over when the next one begins. */
    assert_int_equal(d[0].due, INT64_C(1794355200000));
    assert_int_equal(report.requests[REPORT_TYPE_ACCESS][REPORT_OPENED], 1);
    assert_int_equal(report.requests[REPORT_TYPE_ACCESS][REPORT_EXTENDED], 1);
    assert_int_equal(report.requests[REPORT_TYPE_ERASE][REPORT_OVERDUE], 1);
    assert_int_equal(report.requests[REPORT_TYPE_OTHER][REPORT_DEEMED], 1);

    REQUEST("request_closed", "g2", "erase", "2026-11-10", "");
    REQUEST("request_closed", "g9", "erase", "2026-11-10", "");
    assert_int_equal(report.deadlines.n, 3);
    assert_int_equal(report.requests[REPORT_TYPE_ERASE][REPORT_CLOSED], 2);
}

/* As many as there are, in any order: each is found, and closed once. */
static void thousands_of_requests_open_and_close(void **state)
{
    char text[256];
    unsigned open = 0;

    (void)state;
    for (unsigned i = 0; i < 6000; i++) {
        (void)snprintf(text, sizeof(text),
                       "{'event_type':'request_opened','time':"
                       "'2026-11-02T10:00:00.000Z','evidence':{'request_id':"
                       "'g%u','type':'sla','clock':'tramite','due':"
                       "'2026-11-20'}}",
                       i);
        add(text);
        open++;
        for (unsigned k = 0; i % 3 == 2 && k < 2; k++, open--) {
            (void)snprintf(text, sizeof(text),
                           "{'event_type':'request_closed','time':"
                           "'2026-11-02T10:00:00.000Z','evidence':"
                           "{'request_id':'g%u','type':'sla'}}",
                           k == 0 ? i - 2 : i);
            add(text);
        }
        assert_int_equal(report.deadlines.n, open);
    }
    for (size_t i = 0; i < report.deadlines.n; i++)
        assert_int_equal(atoi(report.deadlines.list[i].id + 1) % 3, 1);

    /* Those that stayed long are found, too. */
    for (unsigned i = 1; i < 6000; i += 3) {
        (void)snprintf(text, sizeof(text),
                       "{'event_type':'request_closed','time':"
                       "'2026-11-02T10:00:00.000Z','evidence':"
                       "{'request_id':'g%u','type':'sla'}}",
                       i);
        add(text);
    }
    assert_int_equal(report.deadlines.n, 0);
}

static void what_should_not_have_happened_is_named(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LIMIT_REPORT_VIOLATIONS + 5; i++)
        add("{'event_type':'document_read','document_id':'d','actor':'ana',"
            "'time':'2026-11-02T10:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report.nviolations, LIMIT_REPORT_VIOLATIONS + 5);
    assert_int_equal(report.violations[3].index, 3);
    assert_string_equal(report.violations[3].event, "document_read");
    assert_non_null(report.violations[3].what);
}

static void files_are_counted_by_reason(void **state)
{
    (void)state;
    add("{'event_type':'media_refused','reason':'size',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'media_refused','reason':'of a later version',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'media_dropped','reason':'no_consent',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'media_stored','time':'2026-11-02T10:00:00.000Z'}");
    assert_int_equal(report.rejections[REPORT_SIZE], 1);
    assert_int_equal(report.rejections[REPORT_OTHER], 1);
    assert_int_equal(report.rejections[REPORT_NO_CONSENT], 1);
    assert_int_equal(report.stored, 1);
}

/* ---- charts and words --------------------------------------------------- */

static void columns_are_never_more_than_fit(void **state)
{
    struct chart_bins b;

    (void)state;
    add("{'event_type':'consent_given','time':'2026-01-01T10:00:00.000Z'}");
    chart_bins(&b, &report);
    assert_int_equal(b.n, 1);
    add("{'event_type':'consent_given','time':'2026-03-03T10:00:00.000Z'}");
    chart_bins(&b, &report);
    assert_int_equal(b.step, 1);
    assert_int_equal(b.n, 62);
    add("{'event_type':'consent_given','time':'2026-03-04T10:00:00.000Z'}");
    chart_bins(&b, &report);
    assert_int_equal(b.step, 7);
    add("{'event_type':'consent_given','time':'9999-03-04T10:00:00.000Z'}");
    chart_bins(&b, &report);
    assert_true(b.n <= CHART_BINS);
    assert_int_equal(b.count[0][REPORT_GIVEN], 3);
    assert_int_equal(b.count[b.n - 1][REPORT_GIVEN], 1);
}

static void numbers_are_as_each_language_writes_them(void **state)
{
    struct sheet es = { .out = NULL }, en = { .out = NULL, .english = true };
    char text[SHEET_PLAIN];

    (void)state;
    sheet_plain(&es, text, 1234);
    assert_string_equal(text, "1234");
    sheet_plain(&es, text, 1234567);
    assert_string_equal(text, "1\u202f234\u202f567");
    sheet_plain(&en, text, 1234);
    assert_string_equal(text, "1,234");
    sheet_plain(&en, text, UINT64_MAX);
    assert_string_equal(text, "18,446,744,073,709,551,615");
    sheet_plain(&es, text, UINT64_MAX);
    assert_int_equal(strlen(text), 20 + 6 * 3);
    sheet_duration(&es, text, 1250);
    assert_string_equal(text, "1,2 s");
    sheet_duration(&en, text, 999);
    assert_string_equal(text, "999 ms");
    sheet_duration(&en, text, 3 * MSEC_D);
    assert_string_equal(text, "3 days");
}

/* Names in the log are text of others. */
static void nothing_of_others_is_markup(void **state)
{
    struct report_about about = { .zone = "UTC",
                                  .origin = "a<b>c",
                                  .note = "x<script>" };
    struct buf page = { 0 };

    (void)state;
    add("{'event_type':'document_read','actor':'<img src=x>',"
        "'time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'notice_published','policy':'<u>','notice_version':"
        "'<i>','language':'<s>','time':'2026-11-02T10:00:00.000Z'}");
    add("{'event_type':'erasure_ordered','erasure_id':'<q>','scope':'<em>',"
        "'due':'2026-12-02T10:00:00.000Z','time':'2026-11-02T10:00:00.000Z'}");
    report_finish(&report);
    assert_int_equal(report_page(&page, &report, &about), 0);
    assert_non_null(strstr((char *)page.p, "&lt;img src=x&gt;"));
    assert_null(strstr((char *)page.p, "<img"));
    assert_null(strstr((char *)page.p, "<script"));
    assert_null(strstr((char *)page.p, "a<b>"));
    assert_null(strstr((char *)page.p, "<u>"));
    assert_null(strstr((char *)page.p, "<i>"));
    assert_null(strstr((char *)page.p, "<s>"));
    assert_null(strstr((char *)page.p, "<q>"));
    assert_null(strstr((char *)page.p, "<em>"));
    assert_null(strstr((char *)page.p, "http://"));
    assert_null(strstr((char *)page.p, "https://"));
    buf_free(&page);
}

static void a_notice_is_shown_as_it_is_meant_and_stays_text(void **state)
{
    struct buf page = { 0 };
    struct sheet s = { .out = &page };

    (void)state;
    markdown_put(&s, "*Ana <b>* y `x`\n\n## Para qué {#purposes}\n\n"
                     "1. Uno\n2. Dos <i>\n\n- a\n---\nsuelto * no\notra\n");
    assert_false(s.failed);
    assert_string_equal((char *)page.p,
                        "<p><b>Ana &lt;b&gt;</b> y <code>x</code></p>\n"
                        "<h3>Para qué</h3>\n"
                        "<ol><li>Uno</li><li>Dos &lt;i&gt;</li></ol>\n"
                        "<ul><li>a</li></ul>\n<hr>\n"
                        "<p>suelto * no<br>otra</p>\n");
    buf_free(&page);
}

/* ---- records ------------------------------------------------------------ */

static json_t *parse(const char *text)
{
    struct error e = { 0 };
    char *copy = strdup(text);
    json_t *value;

    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    value = json_parse(copy, strlen(copy), &e);
    free(copy);
    assert_non_null(value);
    return value;
}

static void a_record_has_the_state_of_its_last_decision(void **state)
{
    json_t *policies =
        parse("[{'policy':'p','jurisdiction':'ES','controller':'C','purposes':"
              "[{'purpose':'a','class':'necessary','sensitive':false,"
              "'personal_data':['x']}],'url':'https://u','recipients':['r'],"
              "'storage_locations':['s']}]");
    json_t *rows = parse(
        "[{'event_type':'notice_presented','subject':'" ANA "','policy':'p'},"
        "{'event_type':'consent_requested','purpose':'a','subject':'" ANA "'},"
        "{'event_type':'consent_given','purpose':'a','subject':'" ANA "'},"
        "{'event_type':'consent_refused','purpose':'b','subject':'" ANA "'},"
        "{'event_type':'consent_ignored','purpose':'a','subject':'" ANA "'},"
        "{'event_type':'document_read','subject':'" ANA "'}]");
    json_t *out = json_array(), *first, *second;
    struct error e = { 0 };
    const json_t *policy = record_policy(policies, "p", &e);

    (void)state;
    assert_non_null(policy);
    assert_int_equal(record_add(out, policy, rows), 0);
    assert_int_equal(json_array_size(out), 2);
    first = json_array_get(out, 0);
    second = json_array_get(out, 1);
    assert_string_equal(
        json_str(json_object_get(first, "dpv:hasConsentStatus"), "@id"),
        "dpv:ConsentGiven");
    assert_string_equal(
        json_str(json_object_get(second, "dpv:hasConsentStatus"), "@id"),
        "dpv:ConsentRefused");
    /* The notice belongs to both; what is no decision to none. */
    assert_int_equal(json_array_size(json_object_get(first, "rg:hasEvent")), 4);
    assert_int_equal(json_array_size(json_object_get(second, "rg:hasEvent")),
                     2);
    assert_string_equal(json_str(first, "dct:conformsTo"),
                        "https://w3id.org/dpv/schema/"
                        "dpv-27560#record-eu-gdpr");
    assert_string_not_equal(json_str(first, "@id"), json_str(second, "@id"));
    assert_null(record_policy(policies, "q", &e));
    assert_int_equal(e.code, ERR_VERIFY);
    json_decref(out);
    json_decref(rows);
    json_decref(policies);
}

/* ---- an export of them --------------------------------------------------- */

enum { PEOPLE = 500, POLICIES = 2 };

struct written {
    struct export_rows x;
    struct buf all;
    size_t most; /* that waited to be written */
};

static int write_out(struct export_rows *x, struct error *e)
{
    struct written *w = (struct written *)x;

    (void)e;
    if (x->out.len > w->most)
        w->most = x->out.len;
    assert_int_equal(buf_add(&w->all, x->out.p, x->out.len), 0);
    buf_reset(&x->out);
    return 0;
}

static int add_decision(struct written *w, unsigned person, unsigned policy,
                        const char *event, struct error *e)
{
    struct buf line = { 0 };
    int ok;

    assert_int_equal(
        buf_addf(&line,
                 "{\"index\":1,\"event_type\":\"%s\",\"subject\":"
                 "\"s%026u\",\"policy\":\"p%u\",\"purpose\":\"a\"}",
                 event, person, policy),
        0);
    ok = export_27560.row(&w->x, (const char *)line.p, line.len, e);
    buf_free(&line);
    return ok;
}

static json_t *two_policies(void)
{
    return parse("[{'policy':'p0','controller':'C','url':'https://u'},"
                 "{'policy':'p1','controller':'C','url':'https://u'}]");
}

/* A record a person and policy, out of all their rows; and no more waits than
 * what there is of one person, however many there are. */
static void records_are_written_as_people_come(void **state)
{
    json_t *policies = two_policies(), *whole, *graph;
    struct written w = { .x = { .flush = write_out, .policies = policies } };
    struct error e = { 0 };

    (void)state;
    assert_int_equal(export_27560.begin(&w.x, &e), 0);
    for (unsigned i = 0; i < PEOPLE; i++)
        for (unsigned k = 0; k < 2 * POLICIES; k++)
            assert_int_equal(add_decision(&w, i, k % POLICIES,
                                          k < POLICIES ? "consent_requested"
                                                       : "consent_given",
                                          &e),
                             0);
    assert_int_equal(export_27560.end(&w.x, &e), 0);
    assert_int_equal(write_out(&w.x, &e), 0);
    export_27560.free(&w.x);

    assert_non_null(whole = json_parse(w.all.p, w.all.len, &e));
    graph = json_object_get(whole, "@graph");
    assert_int_equal(json_array_size(graph), PEOPLE * POLICIES);
    for (size_t i = 0; i < PEOPLE * POLICIES; i++) {
        const json_t *record = json_array_get(graph, i);

        assert_string_equal(
            json_str(json_object_get(record, "dpv:hasConsentStatus"), "@id"),
            "dpv:ConsentGiven");
        assert_int_equal(
            json_array_size(json_object_get(record, "rg:hasEvent")), 2);
    }
    assert_true(w.most < w.all.len / PEOPLE * 3);
    json_decref(whole);
    json_decref(policies);
    buf_free(&w.all);
    buf_free(&w.x.out);
}

/* Half of their rows later would be another record of the same. */
static void nobody_comes_twice(void **state)
{
    json_t *policies = two_policies();
    struct written w = { .x = { .flush = write_out, .policies = policies } };
    struct error e = { 0 };

    (void)state;
    assert_int_equal(export_27560.begin(&w.x, &e), 0);
    assert_int_equal(add_decision(&w, 1, 0, "consent_requested", &e), 0);
    assert_int_equal(add_decision(&w, 2, 0, "consent_requested", &e), 0);
    assert_int_equal(add_decision(&w, 1, 0, "consent_given", &e), -1);
    assert_int_equal(e.code, ERR_VERIFY);
    export_27560.free(&w.x);
    json_decref(policies);
    buf_free(&w.all);
    buf_free(&w.x.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_off_within_three_percent),
        cmocka_unit_test(percentiles_count_from_the_shortest),
        cmocka_unit_test(many_people_stay_apart),
        cmocka_unit_test_setup_teardown(decisions_are_counted_by_day, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_range_leaves_out_what_is_outside,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawal_is_timed_from_the_message,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(people_are_on_the_last_notice_they_saw,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            accesses_are_told_apart_by_person_and_hour, setup, teardown),
        cmocka_unit_test_setup_teardown(a_request_is_open_until_it_is_answered,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(thousands_of_requests_open_and_close,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_is_open_until_its_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_should_not_have_happened_is_named,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(files_are_counted_by_reason, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(columns_are_never_more_than_fit, setup,
                                        teardown),
        cmocka_unit_test(numbers_are_as_each_language_writes_them),
        cmocka_unit_test_setup_teardown(nothing_of_others_is_markup, setup,
                                        teardown),
        cmocka_unit_test(a_notice_is_shown_as_it_is_meant_and_stays_text),
        cmocka_unit_test(a_record_has_the_state_of_its_last_decision),
        cmocka_unit_test(records_are_written_as_people_come),
        cmocka_unit_test(nobody_comes_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
