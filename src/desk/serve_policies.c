/* What the policies of today say, for records and receipts. */
#include "desk_private.h"

#include <string.h>

/* What people call a purpose, by language. */
static json_t *titles_of(const struct policy *policy, size_t purpose)
{
    json_t *o = json_object();

    for (size_t i = 0; o != NULL && i < policy->nlanguages; i++) {
        const struct policy_language *l = &policy->languages[i];

        if (l->titles[purpose] != NULL &&
            json_object_set_new(o, l->tag, json_string(l->titles[purpose])) !=
                0) {
            json_decref(o);
            return NULL;
        }
    }
    return o;
}

static json_t *purposes_of(const struct policy *policy)
{
    const json_t *data = json_object_get(policy->record, "personal_data");
    json_t *list = json_array();

    for (size_t i = 0; i < policy->npurposes; i++) {
        const struct policy_purpose *p = &policy->purposes[i];

        if (json_array_append_new(
                list,
                json_pack("{s:s, s:s, s:b, s:s, s:s*, s:o*, s:o*, s:O?, s:o}",
                          "purpose", p->id, "class", p->data_class, "sensitive",
                          p->sensitive, "legal_basis",
                          legal_basis_names[p->basis], "exemption",
                          p->exemption != EXEMPTION_NONE
                              ? exemption_names[p->exemption]
                              : NULL,
                          "acknowledge", p->acknowledge ? json_true() : NULL,
                          "valid_for_seconds",
                          p->valid_for > 0 ? json_integer(p->valid_for / MSEC_S)
                                           : NULL,
                          "personal_data", json_object_get(data, p->id),
                          "titles", titles_of(policy, i))) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *policy_facts(const struct policy *policy, const struct config *config)
{
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "policy", policy->id,
                  "jurisdiction", policy->jurisdiction, "notice_version",
                  policy->notice_version, "language", policy->languages[0].tag,
                  "url", config->public_url, "purposes", purposes_of(policy));

    if (o == NULL || json_object_update_missing(o, policy->about) != 0 ||
        json_object_update_missing(o, policy->record) != 0) {
        json_decref(o);
        return NULL;
    }
    return o;
}

/* ---- opening hours ------------------------------------------------------- */

static json_t *day_json(const struct opening_day *day)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < day->n; i++)
        if (json_array_append_new(list,
                                  json_pack("[i, i]", day->openings[i].from,
                                            day->openings[i].until)) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static json_t *table_json(const struct hours *hours)
{
    json_t *week = json_array(), *special = json_array();
    int ok = 0;

    for (int d = 0; ok == 0 && d < 7; d++)
        ok = json_array_append_new(week, day_json(&hours->week[d]));
    for (size_t i = 0; ok == 0 && i < hours->nspecial; i++) {
        char day[DATE_SIZE];

        date_format(day, hours->special[i].day);
        ok = json_array_append_new(
            special, json_pack("{s:s, s:o}", "day", day, "open",
                               day_json(&hours->special[i].open)));
    }
    if (ok == 0)
        return json_pack("{s:o, s:o}", "week", week, "special", special);
    json_decref(week);
    json_decref(special);
    return NULL;
}

/* The days on which nobody is there, of the years that a ledger may tell of:
 * ten back, and the next one. */
static json_t *closed_json(const struct calendar *c, msec now)
{
    int year = date_of(zone_day(c->zone, now, NULL)).year;
    json_t *list = json_array();

    for (civil_day day = date_day(year - 10, 1, 1);
         list != NULL && day < date_day(year + 2, 1, 1); day++) {
        char text[DATE_SIZE];

        if (!calendar_closed(c, day))
            continue;
        date_format(text, day);
        if (json_array_append_new(list, json_string(text)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *hours_json(const struct policy *policy, msec now)
{
    json_t *tables;
    int ok = 0;

    if (policy->nhours == 0)
        return json_null();
    tables = json_array();
    for (size_t i = 0; ok == 0 && i < policy->nhours; i++)
        ok = json_array_append_new(tables, table_json(&policy->hours[i]));
    if (ok == 0)
        return json_pack("{s:s, s:o, s:o}", "timezone",
                         policy->calendar.timezone, "tables", tables, "closed",
                         closed_json(&policy->calendar, now));
    json_decref(tables);
    return NULL;
}

/* What records say, and when somebody is there. */
static json_t *shown(const struct request *r, const struct policy *policy)
{
    json_t *o = policy_facts(policy, r->desk->needs.config);
    msec now = clock_now(r->desk->needs.clock);

    if (json_object_set_new(o, "hours", hours_json(policy, now)) == 0)
        return o;
    json_decref(o);
    return NULL;
}

int serve_policies(struct request *r, struct error *e)
{
    const struct policy_set *set = registrar_policies(r->desk->needs.registrar);
    json_t *list = json_array();

    for (size_t i = 0; i < set->n; i++)
        if (json_array_append_new(list, shown(r, set->policies[i])) != 0) {
            json_decref(list);
            return error_set(e, ERR_NOMEM, "no memory for an answer");
        }
    return answer_json(r, list, e);
}
