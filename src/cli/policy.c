/* policy check: a folder by itself, before a daemon is started with it. */
#include "cli.h"

#include "resguardo/policy.h"

/* What a daemon's configuration would fill in. */
#define CONTROLLER "Controller"
#define PUBLIC_URL "https://intake.example"

int policy_run_check(const struct cli *cli, struct error *e)
{
    struct policy *p = policy_load(cli->argument, CONTROLLER, PUBLIC_URL, e);
    int ok = 0;

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
