/* policy check: a folder by itself, before a daemon is started with it. */
#include "cli.h"

#include "resguardo/policy.h"

#include <stdlib.h>
#include <string.h>

/* What a daemon's configuration would fill in. */
#define CONTROLLER "Controller"
#define PUBLIC_URL "https://intake.example"

/* A folder's name is its policy's id: "x/" is x, and "." says none. */
static char *folder_named(const char *argument)
{
    char *folder = strdup(argument);
    const char *last;

    for (size_t n = folder == NULL ? 0 : strlen(folder);
         n > 1 && folder[n - 1] == '/'; n--)
        folder[n - 1] = '\0';
    if (folder == NULL)
        return NULL;
    last = strrchr(folder, '/');
    last = last == NULL ? folder : last + 1;
    if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
        free(folder);
        return realpath(argument, NULL);
    }
    return folder;
}

int policy_run_check(const struct cli *cli, struct error *e)
{
    char *folder = folder_named(cli->argument);
    struct policy *p;
    int ok = 0;

    if (folder == NULL)
        return error_errno(e, ERR_CONFIG, "cannot open %s", cli->argument);
    p = policy_load(folder, CONTROLLER, PUBLIC_URL, e);
    free(folder);
    if (p == NULL)
        return -1;
    if (cli->json) {
        json_t *o = json_pack(
            "{s:s, s:s, s:s, s:I, s:I}", "id", p->id, "jurisdiction",
            p->jurisdiction, "notice_version", p->notice_version, "purposes",
            (json_int_t)p->npurposes, "languages", (json_int_t)p->nlanguages);
        ok = output_json(stdout, o, e);
        json_decref(o);
    } else {
        (void)printf("%s is sound: notice %s, %zu purposes, %zu languages\n",
                     p->id, p->notice_version, p->npurposes, p->nlanguages);
    }
    policy_free(&p);
    return ok != 0 ? -1 : output_end(stdout, e);
}
