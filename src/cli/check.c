/* check: storage against database against ledger, on the live daemon. */
#include "cli.h"

static int show(const struct cli *cli, const json_t *answer,
                const json_t *faults, struct error *e)
{
    const json_t *fault;
    size_t i;

    if (cli->json) {
        if (output_json(stdout, answer, e) != 0)
            return -1;
        return output_end(stdout, e);
    }
    json_array_foreach(faults, i, fault)
    {
        struct buf text = { 0 };

        if (output_value(&text, fault) == 0 && text.p != NULL)
            (void)printf("fault: %s\n", (const char *)text.p);
        buf_free(&text);
    }
    if (json_array_size(faults) == 0)
        (void)puts("storage, database and ledger agree");
    return output_end(stdout, e);
}

/* No fault of what is stored: the exit code is the same. */
static void warn(const json_t *warnings)
{
    const json_t *warning;
    size_t i;

    json_array_foreach(warnings, i, warning)
    {
        struct buf text = { 0 };

        if (output_value(&text, warning) == 0 && text.p != NULL)
            (void)fprintf(stderr, "warning: %s\n", (const char *)text.p);
        buf_free(&text);
    }
}

static int verdict(const json_t *faults, struct error *e)
{
    size_t n = json_array_size(faults);

    if (n == 0)
        return 0;
    return error_set(
        e, ERR_VERIFY, "the check found %zu fault%s; the first: %s", n,
        n == 1 ? "" : "s", json_string_value(json_array_get(faults, 0)));
}

int check_run(const struct cli *cli, struct error *e)
{
    struct client *client = NULL;
    json_t *answer = NULL;
    const json_t *faults;
    int ok = -1;

    if (client_open(&client, cli->socket, e) != 0)
        goto out;
    answer = client_get_json(client, "/check", e);
    if (answer == NULL)
        goto out;
    faults = json_object_get(answer, "faults");
    if (!json_is_array(faults)) {
        (void)error_set(e, ERR_INPUT, "the desk's answer is malformed");
    } else if (show(cli, answer, faults, e) == 0) {
        warn(json_object_get(answer, "warnings"));
        ok = verdict(faults, e);
    }
out:
    json_decref(answer);
    client_close(&client);
    return ok;
}
