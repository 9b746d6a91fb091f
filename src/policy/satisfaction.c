/* Whether people are asked how it was, and how often. */
#include "policy_private.h"

#define ASK_AFTER  (10 * 60 * MSEC_S)
#define QUIET_DAYS 30

int satisfaction_load(const struct reading *r, struct yaml_node *root)
{
    static const char *const keys[] = { "ask_after", "quiet_days", NULL };
    struct yaml_node *map = yaml_get(r->file, root, "satisfaction"), *node;
    const char *text;
    msec after = ASK_AFTER;
    int days = QUIET_DAYS;

    if (map == NULL)
        return 0;
    if (!yaml_is_map(map))
        return reading_wrong(r, map, "satisfaction",
                             "needs ask_after or quiet_days");
    if (yaml_check_keys(r->file, map, keys, r->err) != 0 ||
        reading_number(r, map, "quiet_days", 0, LIMIT_QUIET_DAYS, &days,
                       "is not 0 to 365") != 0)
        return -1;
    node = yaml_get(r->file, map, "ask_after");
    text = yaml_text(node);
    if (node != NULL && (text == NULL || duration_parse(text, &after) != 0))
        return reading_wrong(r, node, "ask_after",
                             "is no duration such as 0s or 10m");
    if (after > (msec)LIMIT_ASK_AFTER_H * MSEC_H)
        return reading_wrong(r, node, "ask_after", "is longer than 12h");
    r->policy->satisfaction.asked = true;
    r->policy->satisfaction.ask_after = after;
    r->policy->satisfaction.quiet = days * MSEC_D;
    return 0;
}
