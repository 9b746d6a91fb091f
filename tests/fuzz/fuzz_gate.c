/*
 * The gate rule, fed with whatever stands in entries: it takes anything that is
 * JSON; where nobody said yes nothing was allowed to be fetched, where nothing
 * was fetched nothing is kept, and where nothing is kept nothing is read. The
 * same entries give the same verdicts.
 */
#include "fuzz.h"

#include "resguardo/ledger.h"

struct seen {
    size_t lines, yes, fetched, kept, violations;
};

static void count(struct seen *s, const json_t *entry)
{
    const char *event = json_str(entry, "event_type");

    s->lines++;
    if (event == NULL)
        return;
    s->yes += strcmp(event, "consent_given") == 0;
    s->fetched += strcmp(event, "media_fetching") == 0;
    s->kept += strcmp(event, "media_stored") == 0 ||
               strcmp(event, "media_quarantined") == 0;
}

static struct ledger_gate_counts judge(const uint8_t *data, size_t size,
                                       struct seen *s)
{
    struct fuzz_input in = { data, size };
    struct ledger_gate *gate = ledger_gate_new();
    struct ledger_gate_counts counts;

    FUZZ_CHECK(gate != NULL);
    while (in.len > 0) {
        size_t n;
        const uint8_t *line = fuzz_until(&in, '\n', &n);
        const char *violation = "not said";
        struct error e = { 0 };
        json_t *entry = json_parse(line, n, &e);
        struct json_doc *doc = json_scan(line, n, &e);

        FUZZ_CHECK((entry == NULL) == (doc == NULL));
        if (entry == NULL)
            continue;
        FUZZ_CHECK(ledger_gate_add_node(gate, json_root(doc), &violation, &e) ==
                   0);
        FUZZ_CHECK(violation == NULL || violation[0] != '\0');
        s->violations += violation != NULL;
        count(s, entry);
        json_decref(entry);
        json_doc_free(&doc);
    }
    counts = *ledger_gate_counts(gate);
    ledger_gate_free(&gate);
    return counts;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen one = { 0 }, two = { 0 };
    struct ledger_gate_counts counts = judge(data, size, &one);
    struct ledger_gate_counts again = judge(data, size, &two);

    FUZZ_CHECK(memcmp(&counts, &again, sizeof(counts)) == 0);
    FUZZ_CHECK(memcmp(&one, &two, sizeof(one)) == 0);
    FUZZ_CHECK(counts.fetched <= one.fetched && counts.kept <= one.kept);
    FUZZ_CHECK(one.yes > 0 || counts.fetched == 0);
    FUZZ_CHECK(counts.fetched > 0 || counts.kept == 0);
    FUZZ_CHECK(counts.kept > 0 || counts.read == 0);
    FUZZ_CHECK(one.violations <= one.lines);
    return 0;
}
