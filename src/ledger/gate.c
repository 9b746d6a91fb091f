/*
 * The gate rule: at the place in the log of each fetch, of each file that was
 * kept and of each reading, was there a basis for it? packaging/audit/gate.py
 * is the same in Python, for those who do not trust this one.
 */
#include "resguardo/ledger.h"

#include <stdlib.h>
#include <string.h>

enum map {
    NOTICES,   /* policy, version, language: the notice's hash */
    VERSIONS,  /* policy: a list of its notices' versions */
    BASES,     /* policy, version, purpose: what it rests on by that notice */
    READ_IT,   /* policy, version, purpose: only for who says they read it */
    CHANGED,   /* policy, version, purpose: a later notice changed it */
    TOLD,      /* person, policy: a notice was presented */
    SHOWN,     /* person, notice: that one was */
    ASKED,     /* a question about one purpose, as it was put */
    OPEN,      /* person, policy, purpose: by which version, until when */
    BORNE,     /* the same: open once, and not withdrawn */
    FILES,     /* attachment: person, policy, purposes */
    FETCHED,   /* attachments */
    DOCUMENTS, /* document: person, policy, purposes */
    CLOSED,    /* document or person: blocked or erased */
    RELEASED,  /* document or person: until when all the same */
    LINKED,    /* newer and former reference: carried over by an officer */
    CHILDREN,  /* person: said to be under age, and nobody answers for them */
    OTHERS,    /* attachment of somebody else's papers: its case */
    MANDATES,  /* case: who writes may */
    OPENABLE,  /* document: blocked, but for the person's own access */
    ACCESS,    /* person: what they asked to see, and nobody answered yet */
    MAP__MAX
};

struct ledger_gate {
    json_t *maps[MAP__MAX];
    struct ledger_gate_counts counts;
    struct buf name, what;
    bool no_memory;
};

struct ledger_gate *ledger_gate_new(void)
{
    struct ledger_gate *g = calloc(1, sizeof(*g));

    for (int i = 0; g != NULL && i < MAP__MAX; i++)
        if ((g->maps[i] = json_object()) == NULL)
            ledger_gate_free(&g);
    return g;
}

void ledger_gate_free(struct ledger_gate **gate)
{
    struct ledger_gate *g = *gate;

    if (g == NULL)
        return;
    for (int i = 0; i < MAP__MAX; i++)
        json_decref(g->maps[i]);
    buf_free(&g->name);
    buf_free(&g->what);
    free(g);
    *gate = NULL;
}

const struct ledger_gate_counts *ledger_gate_counts(const struct ledger_gate *g)
{
    return &g->counts;
}

/* ---- names -------------------------------------------------------------- */

/* A member, "" when it has none. */
static const char *get(const struct json_node *e, const char *key)
{
    const char *value = json_node_str(e, key);

    return value != NULL ? value : "";
}

/* The parts, each with its length before it: no two names are one. NULL ends
 * them. */
static const char *join(struct ledger_gate *g, struct buf *out,
                        const char *const *parts)
{
    buf_reset(out);
    for (; *parts != NULL; parts++)
        if (buf_addf(out, "%zu %s ", strlen(*parts), *parts) != 0) {
            g->no_memory = true;
            return "";
        }
    return (const char *)out->p;
}
#define NAME(g, ...)                                                           \
    join((g), &(g)->name, (const char *const[]){ __VA_ARGS__, NULL })

static void put(struct ledger_gate *g, enum map map, const char *key,
                const char *value)
{
    if (json_object_set_new(g->maps[map], key, json_string(value)) != 0)
        g->no_memory = true;
}

/* NULL: it is not there. */
static const char *find(const struct ledger_gate *g, enum map map,
                        const char *key)
{
    return json_string_value(json_object_get(g->maps[map], key));
}

/* ---- notices and decisions ---------------------------------------------- */

static const char *notice_of(struct ledger_gate *g, const struct json_node *e)
{
    return NAME(g, get(e, "policy"), get(e, "notice_version"),
                get(e, "language"));
}

static const char *purpose_of(struct ledger_gate *g, const char *policy,
                              const char *version, const char *purpose)
{
    return NAME(g, policy, version, purpose);
}

static bool is_true(const struct json_node *object, const char *key)
{
    const struct json_node *n = json_node_get(object, key);

    return n != NULL && n->kind == JSON_KIND_TRUE;
}

/* All versions that were there say nothing of this purpose any more. */
static void supersede(struct ledger_gate *g, const char *policy,
                      const char *purpose)
{
    const json_t *version;
    size_t i;

    json_array_foreach(json_object_get(g->maps[VERSIONS], policy), i, version)
    {
        put(g, CHANGED,
            purpose_of(g, policy, json_string_value(version), purpose), "");
    }
}

/* What a version fixes beside its words: what rests on what, and of what no
 * former version counts any more. */
static void learn_terms(struct ledger_gate *g, const struct json_node *e)
{
    const struct json_node *terms = json_node_get(e, "evidence"), *n = NULL;
    const struct json_node *purposes = json_node_get(terms, "purposes");
    const char *policy = get(e, "policy"), *version = get(e, "notice_version");

    while ((n = json_node_next(purposes, n)) != NULL) {
        const char *purpose = get(n, "purpose");

        put(g, BASES, purpose_of(g, policy, version, purpose),
            get(n, "legal_basis"));
        if (is_true(n, "acknowledge"))
            put(g, READ_IT, purpose_of(g, policy, version, purpose), "");
        if (is_true(n, "substantial"))
            supersede(g, policy, purpose);
    }
}

/* Its other languages say the same, and change nothing again. */
static void learn_version(struct ledger_gate *g, const struct json_node *e)
{
    const char *policy = get(e, "policy"), *version = get(e, "notice_version");
    json_t *list = json_object_get(g->maps[VERSIONS], policy);
    const json_t *known;
    size_t i;

    json_array_foreach(list, i, known)
    {
        if (strcmp(json_string_value(known), version) == 0)
            return;
    }
    learn_terms(g, e);
    if (list == NULL && json_object_set_new(g->maps[VERSIONS], policy,
                                            list = json_array()) != 0)
        g->no_memory = true;
    else if (json_array_append_new(list, json_string(version)) != 0)
        g->no_memory = true;
}

static const char *published(struct ledger_gate *g, const struct json_node *e)
{
    const char *words = get(e, "notice_sha256");
    const char *name = notice_of(g, e), *before = find(g, NOTICES, name);

    if (before != NULL && strcmp(before, words) != 0)
        return "a published notice has other words now";
    put(g, NOTICES, name, words);
    learn_version(g, e);
    return NULL;
}

static const char *cites(struct ledger_gate *g, const struct json_node *e)
{
    const char *words = get(e, "notice_sha256");
    const char *before = find(g, NOTICES, notice_of(g, e));

    return words[0] == '\0' || before == NULL || strcmp(before, words) != 0
               ? "it cites a notice that was not published"
               : NULL;
}

static const char *shown_to(struct ledger_gate *g, const struct json_node *e)
{
    return NAME(g, get(e, "subject"), get(e, "policy"),
                get(e, "notice_version"), get(e, "language"),
                get(e, "notice_sha256"));
}

static const char *presented(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = cites(g, e);

    if (bad == NULL) {
        put(g, TOLD, NAME(g, get(e, "subject"), get(e, "policy")), "");
        put(g, SHOWN, shown_to(g, e), "");
    }
    return bad;
}

static const char *question_of(struct ledger_gate *g, const struct json_node *e)
{
    return NAME(g, get(e, "subject"), get(e, "purpose"), get(e, "legal_basis"),
                get(e, "policy"), get(e, "notice_version"), get(e, "language"),
                get(e, "notice_sha256"));
}

static const char *requested(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = cites(g, e);

    if (bad == NULL)
        put(g, ASKED, question_of(g, e), "");
    return bad;
}

static const char *decision_of(struct ledger_gate *g, const struct json_node *e)
{
    return NAME(g, get(e, "subject"), get(e, "policy"), get(e, "purpose"));
}

/* By which version, and until when: no end is after all times. */
static void opens(struct ledger_gate *g, const struct json_node *e)
{
    const char *until =
        json_node_str(json_node_get(e, "evidence"), "valid_until");
    json_t *value = json_pack("[s, s]", get(e, "notice_version"),
                              until != NULL ? until : "~");
    const char *name = decision_of(g, e);

    if (json_object_set(g->maps[BORNE], name, value) != 0 ||
        json_object_set(g->maps[OPEN], name, value) != 0)
        g->no_memory = true;
    json_decref(value);
}

static const char *given(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = cites(g, e), *basis = get(e, "legal_basis");

    if (bad != NULL)
        return bad;
    if (find(g, TOLD, NAME(g, get(e, "subject"), get(e, "policy"))) == NULL ||
        find(g, ASKED, question_of(g, e)) == NULL)
        return "a yes of somebody who was not told or not asked";
    if (strcmp(basis, "consent") != 0 && strcmp(basis, "explicit_consent") != 0)
        return "a yes that is no legal basis";
    if (find(g, CHILDREN, get(e, "subject")) != NULL)
        return "a yes of a child for whom nobody answered";
    opens(g, e);
    return NULL;
}

/* What rests on no consent: that is what the notice says, and it was shown to
 * them. */
static const char *rests(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = cites(g, e), *basis = get(e, "legal_basis"), *says;

    if (bad != NULL)
        return bad;
    if (find(g, SHOWN, shown_to(g, e)) == NULL)
        return "a notice reached somebody to whom it was not shown";
    says = find(g, BASES,
                purpose_of(g, get(e, "policy"), get(e, "notice_version"),
                           get(e, "purpose")));
    return says == NULL || strcmp(says, basis) != 0 ||
                   strcmp(basis, "consent") == 0 ||
                   strcmp(basis, "explicit_consent") == 0
               ? "a purpose rests on what its notice does not say"
               : NULL;
}

static bool is_to_read(struct ledger_gate *g, const struct json_node *e)
{
    return find(g, READ_IT,
                purpose_of(g, get(e, "policy"), get(e, "notice_version"),
                           get(e, "purpose"))) != NULL;
}

static const char *delivered(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = rests(g, e);

    if (bad == NULL && !is_to_read(g, e))
        opens(g, e);
    return bad;
}

static const char *acknowledged(struct ledger_gate *g,
                                const struct json_node *e)
{
    const char *bad = rests(g, e);

    if (bad == NULL)
        opens(g, e);
    return bad;
}

/* A member of the evidence, "" when it has none. */
static const char *proof(const struct json_node *e, const char *key)
{
    return get(json_node_get(e, "evidence"), key);
}

static const char *relinked(struct ledger_gate *g, const struct json_node *e)
{
    put(g, LINKED,
        NAME(g, get(e, "subject"), proof(e, "former"), proof(e, "link_id")),
        "");
    return NULL;
}

static const char *carried_over(struct ledger_gate *g,
                                const struct json_node *e)
{
    const char *former = proof(e, "former"), *subject = get(e, "subject"),
               *name;
    json_t *value;

    if (find(g, LINKED, NAME(g, subject, former, proof(e, "link_id"))) == NULL)
        return "a consent came over without a link";
    value = json_object_get(
        g->maps[OPEN], NAME(g, former, get(e, "policy"), get(e, "purpose")));
    if (value == NULL)
        return "a consent came over that there was not";
    name = decision_of(g, e);
    if (json_object_set(g->maps[BORNE], name, value) != 0 ||
        json_object_set(g->maps[OPEN], name, value) != 0)
        g->no_memory = true;
    return NULL;
}

static const char *unlinked(struct ledger_gate *g, const struct json_node *e)
{
    (void)json_object_del(
        g->maps[LINKED],
        NAME(g, get(e, "subject"), proof(e, "former"), proof(e, "link_id")));
    return NULL;
}

static const char *child(struct ledger_gate *g, const struct json_node *e)
{
    put(g, CHILDREN, get(e, "subject"), "");
    return NULL;
}

static const char *no_child(struct ledger_gate *g, const struct json_node *e)
{
    (void)json_object_del(g->maps[CHILDREN], get(e, "subject"));
    return NULL;
}

static const char *declared(struct ledger_gate *g, const struct json_node *e)
{
    const char *id = json_node_str(e, "case_id");

    if (id == NULL)
        return no_child(g, e);
    put(g, MANDATES, NAME(g, get(e, "subject"), id), "");
    return NULL;
}

static const char *undeclared(struct ledger_gate *g, const struct json_node *e)
{
    const char *id = json_node_str(e, "case_id");

    if (id == NULL)
        return child(g, e);
    (void)json_object_del(g->maps[MANDATES], NAME(g, get(e, "subject"), id));
    return NULL;
}

/* What came is borne still: nobody took the yes back. */
static const char *expired(struct ledger_gate *g, const struct json_node *e)
{
    (void)json_object_del(g->maps[OPEN], decision_of(g, e));
    return NULL;
}

static const char *ended(struct ledger_gate *g, const struct json_node *e)
{
    (void)json_object_del(g->maps[BORNE], decision_of(g, e));
    return expired(g, e);
}

/* ---- files -------------------------------------------------------------- */

/* Is it open at that time: to a notice that stands, and not over? */
static bool is_open(struct ledger_gate *g, const char *subject,
                    const char *policy, const char *purpose, const char *now)
{
    json_t *value =
        json_object_get(g->maps[OPEN], NAME(g, subject, policy, purpose));
    const char *version, *until;

    return json_unpack(value, "[s, s]", &version, &until) == 0 &&
           strcmp(now, until) < 0 &&
           find(g, CHANGED, purpose_of(g, policy, version, purpose)) == NULL;
}

/* How many of the purposes are open, or (now NULL) were and bear what came, and
 * how many there are. */
static void carried(struct ledger_gate *g, const char *subject,
                    const char *policy, const char *purposes, const char *now,
                    size_t *open, size_t *all)
{
    struct buf one = { 0 };
    const char *p = purposes;

    *open = *all = 0;
    for (bool more = true; more; (*all)++) {
        size_t n = strcspn(p, ",");

        buf_reset(&one);
        if (buf_add(&one, p, n) != 0) {
            g->no_memory = true;
            break;
        }
        *open += now != NULL
                     ? is_open(g, subject, policy, (const char *)one.p, now)
                     : json_object_get(g->maps[BORNE],
                                       NAME(g, subject, policy,
                                            (const char *)one.p)) != NULL;
        more = p[n] == ',';
        p += n + more;
    }
    buf_free(&one);
}

/* Whose file it is and what it needs, as one value. */
static const char *what_of(struct ledger_gate *g, const struct json_node *e)
{
    return join(g, &g->what,
                (const char *const[]){ get(e, "subject"), get(e, "policy"),
                                       get(e, "purpose"), NULL });
}

static const char *held(struct ledger_gate *g, const struct json_node *e)
{
    const char *id = get(e, "attachment_id");
    const char *before = find(g, FILES, id), *what = what_of(g, e);
    bool represented;

    if (before != NULL && strcmp(before, what) != 0)
        return "a file that was announced otherwise";
    put(g, FILES, id, what);
    represented =
        json_node_get(json_node_get(e, "evidence"), "represented") != NULL;
    if (represented)
        put(g, OTHERS, id, get(e, "case_id"));
    return NULL;
}

/* Are they somebody else's papers, and nobody said that they may? */
static bool waits(struct ledger_gate *g, const char *id, const char *subject)
{
    const char *of = find(g, OTHERS, id);

    return of != NULL && find(g, MANDATES, NAME(g, subject, of)) == NULL;
}

/* An announced file all of whose purposes are open. */
static const char *taken(struct ledger_gate *g, const struct json_node *e)
{
    const char *before = find(g, FILES, get(e, "attachment_id"));
    const char *subject = get(e, "subject");
    size_t open, all;

    if (before == NULL || strcmp(before, what_of(g, e)) != 0)
        return "a file that was not announced so";
    if (waits(g, get(e, "attachment_id"), subject))
        return "papers of somebody else were taken without a mandate";
    if (find(g, CHILDREN, subject) != NULL)
        return "a file of a child was taken for whom nobody answered";
    carried(g, subject, get(e, "policy"), get(e, "purpose"), get(e, "time"),
            &open, &all);
    return open < all || find(g, CLOSED, subject) != NULL
               ? "a file was taken without a legal basis for all its purposes"
               : NULL;
}

static const char *fetching(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = taken(g, e);

    if (bad != NULL)
        return bad;
    put(g, FETCHED, get(e, "attachment_id"), "");
    g->counts.fetched++;
    return NULL;
}

static const char *kept(struct ledger_gate *g, const struct json_node *e)
{
    const char *bad = taken(g, e), *id = get(e, "document_id");

    if (bad != NULL)
        return bad;
    if (json_object_del(g->maps[FETCHED], get(e, "attachment_id")) != 0)
        return "a file was kept that was not fetched";
    if (json_object_get(g->maps[DOCUMENTS], id) != NULL)
        return "a document that is there already";
    if (json_object_set_new(g->maps[DOCUMENTS], id,
                            json_pack("[s, s, s]", get(e, "subject"),
                                      get(e, "policy"), get(e, "purpose"))) !=
        0)
        g->no_memory = true;
    g->counts.kept++;
    return NULL;
}

/* ---- what people ask to see --------------------------------------------- */

/* Theirs, or of somebody who showed that they may ask. */
static const char *asked_to_see(struct ledger_gate *g,
                                const struct json_node *e)
{
    const char *who = proof(e, "requester_role");
    const char *how = proof(e, "identity_assurance"), *subject;
    const char *type = proof(e, "type");
    bool own = who[0] == '\0' || strcmp(who, "subject") == 0;
    json_t *open;

    if ((strcmp(type, "access") != 0 && strcmp(type, "portability") != 0) ||
        (!own &&
         (strcmp(how, "unverified") == 0 || strcmp(how, "wa_account") == 0)))
        return NULL;
    subject = get(e, "subject");
    open = json_object_get(g->maps[ACCESS], subject);
    if (open == NULL && json_object_set_new(g->maps[ACCESS], subject,
                                            open = json_object()) != 0)
        g->no_memory = true;
    else if (json_object_set_new(open, proof(e, "request_id"), json_true()) !=
             0)
        g->no_memory = true;
    return NULL;
}

static const char *seen_or_not(struct ledger_gate *g, const struct json_node *e)
{
    (void)json_object_del(json_object_get(g->maps[ACCESS], get(e, "subject")),
                          proof(e, "request_id"));
    return NULL;
}

/* ---- documents ---------------------------------------------------------- */

static const char *document_closed(struct ledger_gate *g,
                                   const struct json_node *e)
{
    const char *id = get(e, "document_id");

    put(g, CLOSED, id, get(e, "event_type"));
    if (strcmp(proof(e, "open_to"), "subject") == 0)
        put(g, OPENABLE, id, "");
    else
        (void)json_object_del(g->maps[OPENABLE], id);
    return NULL;
}

static const char *subject_closed(struct ledger_gate *g,
                                  const struct json_node *e)
{
    put(g, CLOSED, get(e, "subject"), get(e, "event_type"));
    return NULL;
}

static const char *released(struct ledger_gate *g, const struct json_node *e)
{
    const char *until = json_node_str(json_node_get(e, "evidence"), "until");
    const char *id = json_node_str(e, "document_id");

    if (until == NULL)
        return "a release without an end";
    put(g, RELEASED, id != NULL ? id : get(e, "subject"), until);
    return NULL;
}

static bool is_erased(const struct ledger_gate *g, const char *id)
{
    const char *state = find(g, CLOSED, id);

    return state != NULL && strstr(state, "_erased") != NULL;
}

static bool is_released(const struct ledger_gate *g, const char *id,
                        const char *now)
{
    const char *until = find(g, RELEASED, id);

    return until != NULL && strcmp(until, now) >= 0;
}

/* Blocked by the person's own no, and read for them, who asked to see it. */
static bool is_theirs_to_see(const struct ledger_gate *g,
                             const struct json_node *e, const char *id,
                             const char *subject)
{
    return strcmp(proof(e, "ground"), "subject_access") == 0 &&
           find(g, CLOSED, subject) == NULL && find(g, OPENABLE, id) != NULL &&
           json_object_size(json_object_get(g->maps[ACCESS], subject)) > 0;
}

static const char *read_by(struct ledger_gate *g, const struct json_node *e)
{
    const char *id = get(e, "document_id"), *subject = get(e, "subject");
    const char *now = get(e, "time"), *whose, *policy, *purposes;
    json_t *document = json_object_get(g->maps[DOCUMENTS], id);
    size_t open, all;

    if (json_unpack(document, "[s, s, s]", &whose, &policy, &purposes) != 0 ||
        strcmp(whose, subject) != 0)
        return "a document was read that is nobody's";
    if (is_erased(g, id) || is_erased(g, subject))
        return "a document was read that had been erased";
    carried(g, subject, policy, purposes, NULL, &open, &all);
    if (!is_released(g, id, now) && !is_released(g, subject, now) &&
        !is_theirs_to_see(g, e, id, subject)) {
        if (find(g, CLOSED, id) != NULL || find(g, CLOSED, subject) != NULL)
            return "a document was read while it was blocked";
        if (open == 0)
            return "a document was read that no purpose carried";
    }
    g->counts.read++;
    return NULL;
}

/* ---- entries ------------------------------------------------------------ */

static const struct {
    const char *event;
    const char *(*rule)(struct ledger_gate *, const struct json_node *);
} rules[] = {
    { "notice_published", published },
    { "notice_presented", presented },
    { "notice_delivered", delivered },
    { "notice_acknowledged", acknowledged },
    { "consent_requested", requested },
    { "consent_given", given },
    { "consent_refused", ended },
    { "consent_withdrawn", ended },
    { "consent_expired", expired },
    { "subject_relinked", relinked },
    { "consent_carried", carried_over },
    { "consent_uncarried", ended },
    { "subject_unlinked", unlinked },
    { "minor_declared", child },
    { "minor_cleared", no_child },
    { "representation_declared", declared },
    { "representation_ended", undeclared },
    { "media_held", held },
    { "media_fetching", fetching },
    { "media_stored", kept },
    { "media_quarantined", kept },
    { "request_opened", asked_to_see },
    { "request_completed", asked_to_see },
    { "request_closed", seen_or_not },
    { "document_blocked", document_closed },
    { "document_erased", document_closed },
    { "subject_blocked", subject_closed },
    { "subject_erased", subject_closed },
    { "document_released", released },
    { "document_read", read_by },
};

bool ledger_gate_minds(const char *event, size_t len)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strlen(rules[i].event) == len &&
            memcmp(rules[i].event, event, len) == 0)
            return true;
    return false;
}

int ledger_gate_add_node(struct ledger_gate *g, const struct json_node *entry,
                         const char **violation, struct error *e)
{
    const char *event = get(entry, "event_type");

    *violation = NULL;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (strcmp(rules[i].event, event) == 0)
            *violation = rules[i].rule(g, entry);
    return g->no_memory ? error_set(e, ERR_NOMEM, "no memory for the gate rule")
                        : 0;
}

int ledger_gate_add(struct ledger_gate *g, const json_t *entry,
                    const char **violation, struct error *e)
{
    const char *event = json_str(entry, "event_type");
    struct json_doc *doc = NULL;
    struct buf text = { 0 };
    int ok = -1;

    *violation = NULL;
    if (event == NULL || !ledger_gate_minds(event, strlen(event)))
        return 0;
    if (json_canonical(entry, &text) != 0)
        (void)error_set(e, ERR_NOMEM, "no memory for the gate rule");
    else if ((doc = json_scan(text.p, text.len, e)) != NULL)
        ok = ledger_gate_add_node(g, json_root(doc), violation, e);
    json_doc_free(&doc);
    buf_free(&text);
    return ok;
}
