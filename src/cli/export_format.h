/*
 * Formats of the consent export: each a name and a few functions, in a file of
 * its own. The driver (consent.c) asks the desk, opens the result and writes
 * what a format appends to `out`, so that a format sees rows and bytes only.
 *
 * Private to cli.
 */
#ifndef RESGUARDO_CLI_EXPORT_FORMAT_H
#define RESGUARDO_CLI_EXPORT_FORMAT_H

#include "cli.h"

/* An export under way, as its format sees it. */
struct export_rows {
    const struct cli *cli;      /* its options */
    const char *const *columns; /* of every row, in order; NULL ends it */
    struct buf out;             /* append here; written and emptied by
                                 * the driver after each call */
    uint64_t rows;              /* before this one; at the end: of all */
    void *state;                /* the format's own */
    const json_t *policies;     /* what the desk's say, if asked for */
    const char *export_id;      /* of its entries; NULL: not told */
    char origin[128];           /* of the ledger, if asked for; else "" */
    /* For an end that makes much: writes `out` when it is large. */
    int (*flush)(struct export_rows *, struct error *);
};

/* The desk has agreed; no row was seen yet. Called also when none follows. */
typedef int (*export_begin)(struct export_rows *, struct error *);
/* One row: a line of compact JSON without its newline, an object of the
 * columns in their order; values are strings, integers and null. */
typedef int (*export_row)(struct export_rows *, const char *line, size_t len,
                          struct error *);
/* All rows were there. */
typedef int (*export_end)(struct export_rows *, struct error *);

struct export_format {
    const char *name; /* of --format */
    bool policies;    /* asks for them */
    bool origin;      /* and for that */
    bool by_person;   /* wants rows person by person, not by time */
    bool whole;       /* has all of a person: takes no view, no part of rows */
    /* Looks at --lang; NULL: it takes none. */
    int (*language)(const struct cli *, struct error *);
    export_begin begin;
    export_row row;
    export_end end;
    void (*free)(struct export_rows *); /* `state`, at any point */
};

extern const struct export_format export_csv;
extern const struct export_format export_jsonl;
extern const struct export_format export_html;
extern const struct export_format export_27560;

/* With --reveal: each row is handed on with three members more (phone, bsuid,
 * name; null where nothing is known), after the desk has on record who is
 * revealed. `end` hands on those that still wait. */
typedef int (*export_line)(void *arg, const char *line, size_t len,
                           struct error *);
struct export_reveal; /* opaque */
struct export_reveal *export_reveal_new(const struct cli *, export_line,
                                        void *arg); /* NULL: no memory */
int export_reveal_add(struct export_reveal *, const char *line, size_t len,
                      struct error *);
int export_reveal_end(struct export_reveal *, struct error *);
void export_reveal_free(struct export_reveal **);

/* The format that the options ask for; NULL: ERR_USAGE. */
const struct export_format *export_format_of(const struct cli *,
                                             struct error *);

#endif
