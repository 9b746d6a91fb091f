/*
 * A row of the consent export, copied out of the leaf's own text: a leaf is
 * canonical JSON, so its strings are a row's strings, too.
 */
#include "consent_private.h"

#include <string.h>

/* With the quotes and the colon, as they are written. */
#define MEMBER(name)                                                           \
    {                                                                          \
        "\"" name "\":", sizeof(name) - 1                                      \
    }
static const struct {
    const char *text;
    size_t len; /* of the name */
} members[CONSENT_MEMBER__MAX] = {
    [CONSENT_INDEX] = MEMBER("index"),
    [CONSENT_TIME] = MEMBER("time"),
    [CONSENT_EVENT] = MEMBER("event_type"),
    [CONSENT_SUBJECT] = MEMBER("subject"),
    [CONSENT_POLICY] = MEMBER("policy"),
    [CONSENT_VERSION] = MEMBER("notice_version"),
    [CONSENT_NOTICE] = MEMBER("notice_sha256"),
    [CONSENT_LANGUAGE] = MEMBER("language"),
    [CONSENT_PURPOSE] = MEMBER("purpose"),
    [CONSENT_BASIS] = MEMBER("legal_basis"),
    [CONSENT_CHANNEL] = MEMBER("channel"),
    [CONSENT_EVIDENCE] = MEMBER("evidence"),
    [CONSENT_PROVIDER_TIME] = MEMBER("provider_time"),
    [CONSENT_ACTOR] = MEMBER("actor"),
};

/* ---- reading ------------------------------------------------------------ */

/* Those of a length; 0, an index, is none of them where it does not fit. */
#define NAME_LEN 14u
static const uint8_t by_len[NAME_LEN + 1][3] = {
    [4] = { CONSENT_TIME },
    [5] = { CONSENT_INDEX, CONSENT_ACTOR },
    [6] = { CONSENT_POLICY },
    [7] = { CONSENT_SUBJECT, CONSENT_PURPOSE, CONSENT_CHANNEL },
    [8] = { CONSENT_EVIDENCE, CONSENT_LANGUAGE },
    [10] = { CONSENT_EVENT },
    [11] = { CONSENT_BASIS },
    [13] = { CONSENT_NOTICE, CONSENT_PROVIDER_TIME },
    [14] = { CONSENT_VERSION },
};

static size_t member_of(const struct json_member *m)
{
    if (m->key_len > NAME_LEN)
        return CONSENT_MEMBER__MAX;
    for (size_t i = 0; i < 3; i++) {
        size_t is = by_len[m->key_len][i];

        if (members[is].len == m->key_len &&
            memcmp(members[is].text + 1, m->key, m->key_len) == 0)
            return is;
    }
    return CONSENT_MEMBER__MAX;
}

void consent_entry_text(const struct consent_entry *x, enum consent_member i,
                        char *out, size_t cap)
{
    const struct json_member *m = &x->member[i];

    out[0] = '\0';
    if (m->value == NULL || m->value_len < 2 || m->value[0] != '"' ||
        m->value_len - 2 >= cap)
        return;
    memcpy(out, m->value + 1, m->value_len - 2);
    out[m->value_len - 2] = '\0';
}

int consent_entry_read(struct consent_entry *x, const void *leaf, size_t len)
{
    struct json_walk walk;
    struct json_member m;
    char event[STORE_NAME_SIZE];
    int more;

    memset(x, 0, sizeof(*x));
    json_walk_begin(&walk, leaf, len);
    while ((more = json_walk_next(&walk, &m)) == 1) {
        size_t i = member_of(&m);

        if (i < CONSENT_MEMBER__MAX)
            x->member[i] = m;
    }
    if (more != 0 || !utf8_valid(leaf, len))
        return -1;
    consent_entry_text(x, CONSENT_EVENT, event, sizeof(event));
    return ledger_in_consent_log(event) ? 1 : 0;
}

/* ---- states ------------------------------------------------------------- */

const char *consent_state(const char *event_type)
{
    static const struct {
        const char *event, *state;
    } states[] = {
        { "notice_delivered", "informed" },
        { "notice_acknowledged", "acknowledged" },
        { "consent_requested", "requested" },
        { "consent_given", "given" },
        { "consent_refused", "refused" },
        { "consent_withdrawn", "withdrawn" },
        { "consent_expired", "expired" },
        { "consent_carried", "given" },
        { "consent_uncarried", "expired" },
    };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].event, event_type) == 0)
            return states[i].state;
    return NULL;
}

bool consent_decides(const char *event_type)
{
    return consent_state(event_type) != NULL &&
           strcmp(event_type, "consent_requested") != 0;
}

/* ---- writing ------------------------------------------------------------ */

/* An object as a string of compact JSON. */
static char *put_quoted(char *to, const char *text, size_t len)
{
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        *to = '\\';
        to += text[i] == '"' || text[i] == '\\';
        *to++ = text[i];
    }
    *to++ = '"';
    return to;
}

/* A row has thousands of sisters: its room is made once, and then it is only
 * written. */
static size_t room(const struct consent_entry *x)
{
    size_t n = STORE_NAME_SIZE + sizeof(",\"state\":\"\"}\n");

    for (size_t i = 0; i < CONSENT_MEMBER__MAX; i++)
        n += members[i].len + sizeof(",\"\":\"\"") + sizeof("null") +
             2 * x->member[i].value_len;
    return n;
}

static char *put(char *to, const char *text, size_t len)
{
    memcpy(to, text, len);
    return to + len;
}

static char *put_member(char *to, char before, enum consent_member i,
                        const struct consent_entry *x)
{
    const struct json_member *m = &x->member[i];

    *to++ = before;
    to = put(to, members[i].text, members[i].len + 3);
    if (m->value == NULL)
        return put(to, "null", 4);
    return m->value[0] == '{' ? put_quoted(to, m->value, m->value_len)
                              : put(to, m->value, m->value_len);
}

static char *put_members(char *to, const struct consent_entry *x,
                         const enum consent_member *which, size_t n,
                         char before)
{
    for (size_t i = 0; i < n; i++)
        to = put_member(to, i == 0 ? before : ',', which[i], x);
    return to;
}

static int end_row(struct buf *out, char *to)
{
    to = put(to, "}\n", 2);
    *to = '\0';
    out->len = (size_t)(to - (char *)out->p);
    return 0;
}

int consent_row(struct buf *out, const struct consent_entry *x)
{
    char *to;

    if (buf_reserve(out, room(x)) != 0)
        return -1;
    to = (char *)out->p + out->len;
    for (size_t i = 0; i <= CONSENT_EVIDENCE; i++)
        to = put_member(to, i == 0 ? '{' : ',', (enum consent_member)i, x);
    return end_row(out, to);
}

int consent_state_row(struct buf *out, const struct consent_entry *x)
{
    static const enum consent_member
        first[] = { CONSENT_INDEX, CONSENT_TIME, CONSENT_SUBJECT,
                    CONSENT_POLICY, CONSENT_PURPOSE },
        rest[] = { CONSENT_EVENT,   CONSENT_PROVIDER_TIME, CONSENT_VERSION,
                   CONSENT_NOTICE,  CONSENT_LANGUAGE,      CONSENT_BASIS,
                   CONSENT_CHANNEL, CONSENT_EVIDENCE };
    static const char name[] = ",\"state\":\"";
    char event[STORE_NAME_SIZE], *to;
    const char *state;

    consent_entry_text(x, CONSENT_EVENT, event, sizeof(event));
    state = consent_state(event);
    if (buf_reserve(out, room(x)) != 0)
        return -1;
    to = (char *)out->p + out->len;
    to = put_members(to, x, first, sizeof(first) / sizeof(first[0]), '{');
    to = put(to, name, sizeof(name) - 1);
    to = put(to, state, strlen(state));
    *to++ = '"';
    to = put_members(to, x, rest, sizeof(rest) / sizeof(rest[0]), ',');
    return end_row(out, to);
}
