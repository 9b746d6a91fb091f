/*
 * The consent log on its way out: which entries (consent_filter.c), what a row
 * says (consent_row.c), in which order and how many (consent_view.c), and the
 * record of it (serve_consent.c). Private to these.
 */
#ifndef RESGUARDO_DESK_CONSENT_PRIVATE_H
#define RESGUARDO_DESK_CONSENT_PRIVATE_H

#include "desk_private.h"

#include "resguardo/ledger.h"

/* ---- one entry (consent_row.c) ------------------------------------------ */

/* Its members where they stand; `value` NULL: absent. In the order of the
 * export's columns, then those that only a view shows. */
enum consent_member {
    CONSENT_INDEX,
    CONSENT_TIME,
    CONSENT_EVENT,
    CONSENT_SUBJECT,
    CONSENT_POLICY,
    CONSENT_VERSION,
    CONSENT_NOTICE,
    CONSENT_LANGUAGE,
    CONSENT_PURPOSE,
    CONSENT_BASIS,
    CONSENT_CHANNEL,
    CONSENT_EVIDENCE,
    CONSENT_PROVIDER_TIME,
    CONSENT_ACTOR,
    CONSENT_MEMBER__MAX
};
struct consent_entry {
    struct json_member member[CONSENT_MEMBER__MAX];
};
/* Reads a leaf, whose bytes stay where they are. 1 it is of the consent log, 0
 * it is not, -1 it is no leaf. */
int consent_entry_read(struct consent_entry *, const void *leaf, size_t);
/* Copies a string member; "" where it is absent or longer. */
void consent_entry_text(const struct consent_entry *, enum consent_member,
                        char *out, size_t cap);
/* Appends the export's row, a line. -1 no memory. */
int consent_row(struct buf *, const struct consent_entry *);
/* The same for the view of a moment. */
int consent_state_row(struct buf *, const struct consent_entry *);
/* What an event makes of a decision ("given"); NULL: nothing. */
const char *consent_state(const char *event_type);
/* Does it decide, so that no question after it counts? */
bool consent_decides(const char *event_type);

/* ---- which (consent_filter.c) ------------------------------------------- */

/* Of entries; there is one a policy, purpose, notice version, language, event.
 */
#define CONSENT_KINDS 1024u

struct consent_kind {
    int64_t id;
    char name[LEDGER_KIND_SIZE];
    bool passes;
    bool asks, decides;      /* a question, or an answer */
    size_t about, about_len; /* policy and purpose, in the name */
};
struct consent_filter {
    msec since, until; /* since <= time < until */
    char subject[ID_SIZE];
    char text[LEDGER_KIND__MAX][STORE_NAME_SIZE]; /* "": any */
    char state[STORE_NAME_SIZE];
    enum { SENSITIVE_ANY, SENSITIVE_YES, SENSITIVE_NO } sensitive;
    bool by_person; /* their rows together, none that are about nobody */
    bool as_of;     /* the view of the first `size` entries */
    uint64_t size;
    uint64_t sample; /* rows, 0: all */
    char seed[STORE_NAME_SIZE];
    bool bounded;          /* since or until was given */
    struct ledger_span in; /* entries that can pass */

    struct consent_kind kinds[CONSENT_KINDS]; /* all */
    size_t nkinds;
};
/* Reads the query. `size` entries are committed. ERR_INPUT says what is
 * allowed, ERR_NOT_FOUND that a name never occurred. */
int consent_filter_read(struct consent_filter *, struct request *,
                        uint64_t size, struct error *);
/* In canonical JSON, as the record commits to it. */
int consent_filter_text(const struct request *, struct buf *, struct error *);
/* NULL: there is no such kind. */
const struct consent_kind *consent_filter_kind(const struct consent_filter *,
                                               int64_t id);
const struct consent_kind *consent_filter_kind_of(const struct consent_filter *,
                                                  const struct consent_entry *);
/* Are they about the same policy and purpose? */
bool consent_kind_same(const struct consent_kind *,
                       const struct consent_kind *);
bool consent_filter_in_time(const struct consent_filter *,
                            const struct consent_entry *);

/* ---- the rows of an answer (consent_view.c) ----------------------------- */

struct consent_view; /* opaque */
/* Borrows store and filter. */
struct consent_view *consent_view_new(struct store *,
                                      const struct consent_filter *);
void consent_view_free(struct consent_view **);
/* Appends rows of one page: 1 there is more, 0 that was all, -1. A page may
 * have none. */
int consent_view_page(struct consent_view *, struct buf *, uint64_t *rows,
                      struct error *);

#endif
