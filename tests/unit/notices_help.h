/* The shipped Colombian policy with what docs/reminders.md says to copy. */
#ifndef RESGUARDO_UNIT_NOTICES_HELP_H
#define RESGUARDO_UNIT_NOTICES_HELP_H

#include "unit.h"

#include "resguardo/policy.h"

/* A folder of all policies, changed so; for unit_folder_free. */
static inline char *changed_folder(const char *how)
{
    char *folder = unit_folder_new();
    char command[512];

    (void)snprintf(command, sizeof(command),
                   "cp -r policies/. '%s' && python3 tests/with_notices.py "
                   "'%s' %s",
                   folder, folder, how);
    assert_int_equal(system(command), 0);
    return folder;
}

static inline char *notices_folder(void)
{
    return changed_folder("");
}

/* With the page's example of a reminder that is answered, too. */
static inline char *answers_folder(void)
{
    return changed_folder("answers");
}

static inline struct policy *policy_in(char *folder)
{
    struct error err = { 0 };
    struct policy *p;
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/co-habeas-data", folder);
    p = policy_load(path, "Ejemplo S. A.", "https://x.example", &err);
    if (p == NULL)
        fail_msg("%s", err.text);
    unit_folder_free(folder);
    return p;
}

static inline struct policy *policy_with_notices(void)
{
    return policy_in(notices_folder());
}

#endif
