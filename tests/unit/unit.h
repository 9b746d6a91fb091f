/* What every unit test includes: cmocka with its own includes in order. */
#ifndef RESGUARDO_UNIT_H
#define RESGUARDO_UNIT_H

#undef NDEBUG
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What guards the append-only tables: the first that a forger takes away. */
#define UNIT_UNGUARD                                                           \
    "DROP TRIGGER IF EXISTS ledger_follows;"                                   \
    "DROP TRIGGER IF EXISTS ledger_stays;"                                     \
    "DROP TRIGGER IF EXISTS ledger_keeps;"                                     \
    "DROP TRIGGER IF EXISTS notice_stays;"                                     \
    "DROP TRIGGER IF EXISTS notice_keeps;"                                     \
    "DROP TRIGGER IF EXISTS keyring_stays;"                                    \
    "DROP TRIGGER IF EXISTS keyring_keeps;"

/* A fresh private folder, in TMPDIR if that is set (tests/run: memory); the
 * caller removes it with unit_folder_free. */
static inline char *unit_folder_new(void)
{
    const char *base = getenv("TMPDIR");
    char path[64];
    char *copy;

    assert_in_range(snprintf(path, sizeof(path), "%s/resguardo-unit-XXXXXX",
                             base != NULL ? base : "/tmp"),
                    1, sizeof(path) - 1);
    assert_non_null(mkdtemp(path));
    copy = strdup(path);
    assert_non_null(copy);
    return copy;
}

static inline void unit_folder_free(char *path)
{
    char command[256];
    (void)snprintf(command, sizeof(command), "rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
    free(path);
}

#endif
