/* subject reveal, and --reveal of what shows ids. */
#include "reveal.h"

#include <string.h>

static int no_memory(struct error *e)
{
    return error_set(e, ERR_NOMEM, "no memory to reveal anybody");
}

static int keep(json_t *people, const json_t *answer, struct error *e)
{
    json_t *person;
    size_t i;

    json_array_foreach(answer, i, person)
    {
        const char *id = json_str(person, "subject");

        if (id == NULL)
            return error_set(e, ERR_INPUT, "the desk's answer is malformed");
        if (json_object_set(people, id, person) != 0)
            return no_memory(e);
    }
    return 0;
}

static int ask(const struct cli *cli, json_t *list, json_t *people,
               struct error *e)
{
    json_t *answer = NULL;
    int ok = session_once(cli, "/reveal",
                          json_pack("{s:O, s:s}", "subjects", list, "reason",
                                    cli->options[OPTION_REASON]),
                          &answer, e);

    if (ok == 0)
        ok = keep(people, answer, e);
    json_decref(answer);
    return ok;
}

int reveal_fetch(const struct cli *cli, const json_t *subjects, json_t **people,
                 struct error *e)
{
    json_t *list = json_array(), *all = json_object();
    size_t n = 0, total = json_object_size(subjects);
    const char *id;
    json_t *value;
    int ok = list == NULL || all == NULL ? no_memory(e) : 0;

    json_object_foreach((json_t *)(uintptr_t)subjects, id, value)
    {
        if (ok == 0 && json_array_append_new(list, json_string(id)) != 0)
            ok = no_memory(e);
        if (ok == 0 &&
            (++n == total || json_array_size(list) == LIMIT_REVEAL)) {
            ok = ask(cli, list, all, e);
            (void)json_array_clear(list);
        }
    }
    json_decref(list);
    *people = all;
    return ok;
}

int reveal_reason(const json_t *people, const json_t *entry, json_t *row)
{
    const json_t *person = json_object_get(
        people,
        json_str(entry, "subject") != NULL ? json_str(entry, "subject") : "");
    const json_t *commitments = json_object_get(entry, "commitments");
    const char *hash = json_str(commitments, "reason");
    const char *text;

    if (hash == NULL)
        hash = json_str(commitments, "filter");
    if (hash == NULL)
        return 0;
    text = json_str(json_object_get(person, "reasons"), hash);
    return text == NULL ? 0
                        : json_object_set_new(row, "words", json_string(text));
}

int subject_run_reveal(const struct cli *cli, struct error *e)
{
    json_t *subjects = json_object(), *people = NULL;
    json_t *person;
    int ok = -1;

    if (session_words(cli, OPTION_REASON, "--reason", e) != 0)
        goto out;
    if (json_object_set_new(subjects, cli->argument, json_true()) != 0)
        (void)no_memory(e);
    else if (reveal_fetch(cli, subjects, &people, e) == 0) {
        person = json_object_get(people, cli->argument);
        (void)json_object_del(person, "reasons");
        ok = output_answer(cli, person, e);
    }
out:
    json_decref(subjects);
    json_decref(people);
    return ok;
}
