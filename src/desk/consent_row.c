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

static size_t member_of(const struct json_member *m)
{
    size_t i = 0;

    while (i < CONSENT_MEMBER__MAX &&
           (members[i].len != m->key_len ||
            memcmp(members[i].text + 1, m->key, m->key_len) != 0))
        i++;
    return i;
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
static int add_quoted(struct buf *out, const char *text, size_t len)
{
    char *to;

    if (buf_reserve(out, 2 * len + 2) != 0)
        return -1;
    to = (char *)out->p + out->len;
    *to++ = '"';
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            *to++ = '\\';
        *to++ = text[i];
    }
    *to++ = '"';
    *to = '\0';
    out->len = (size_t)(to - (char *)out->p);
    return 0;
}

static int add_member(struct buf *out, enum consent_member i,
                      const struct consent_entry *x)
{
    const struct json_member *m = &x->member[i];
    size_t len = members[i].len + 3;
    char *to;

    if (buf_reserve(out, len + 1 + m->value_len) != 0)
        return -1;
    to = (char *)out->p + out->len;
    *to = out->len == 0 || to[-1] == '\n' ? '{' : ',';
    memcpy(to + 1, members[i].text, len);
    out->len += len + 1;
    if (m->value == NULL)
        return buf_add(out, "null", 4);
    return m->value[0] == '{' ? add_quoted(out, m->value, m->value_len)
                              : buf_add(out, m->value, m->value_len);
}

static int add_members(struct buf *out, const struct consent_entry *x,
                       const enum consent_member *which, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (add_member(out, which[i], x) != 0)
            return -1;
    return 0;
}

int consent_row(struct buf *out, const struct consent_entry *x)
{
    for (size_t i = 0; i <= CONSENT_EVIDENCE; i++)
        if (add_member(out, (enum consent_member)i, x) != 0)
            return -1;
    return buf_adds(out, "}\n");
}

int consent_state_row(struct buf *out, const struct consent_entry *x)
{
    static const enum consent_member
        first[] = { CONSENT_INDEX, CONSENT_TIME, CONSENT_SUBJECT,
                    CONSENT_POLICY, CONSENT_PURPOSE },
        rest[] = { CONSENT_EVENT,   CONSENT_PROVIDER_TIME, CONSENT_VERSION,
                   CONSENT_NOTICE,  CONSENT_LANGUAGE,      CONSENT_BASIS,
                   CONSENT_CHANNEL, CONSENT_EVIDENCE };
    char event[STORE_NAME_SIZE];

    consent_entry_text(x, CONSENT_EVENT, event, sizeof(event));
    return add_members(out, x, first, sizeof(first) / sizeof(first[0])) != 0 ||
                   buf_addf(out, ",\"state\":\"%s\"", consent_state(event)) !=
                       0 ||
                   add_members(out, x, rest, sizeof(rest) / sizeof(rest[0])) !=
                       0 ||
                   buf_adds(out, "}\n") != 0
               ? -1
               : 0;
}
