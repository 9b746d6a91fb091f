/* How it was: the answer to our question, and why. */
#include "dialogue_private.h"

#include <string.h>

/* "5", "5.", "(5)" or the sign for it that telephones have: nothing else in it.
 * 0: it is none. */
static int typed_score(const char *text)
{
    static const char *const signs[] = { "\xef\xb8\x8f", "\xe2\x83\xa3" };
    int score = 0;

    while (*text != '\0') {
        if (*text >= '1' && *text <= '5' && score == 0) {
            score = *text++ - '0';
        } else if (strchr(" \t\r\n.,;:!()*", *text) != NULL) {
            text++;
        } else {
            size_t i = 0;

            while (i < 2 && strncmp(text, signs[i], 3) != 0)
                i++;
            if (i == 2)
                return 0;
            text += 3;
        }
    }
    return score;
}

/* The comment on it. A question in it wants more than thanks: the menu, and in
 * it the way to a person, where that may be shown. */
static void comment(struct decide *d)
{
    struct dialogue_action *action = decide_add(d, DO_COMMENT, -1, -1);
    size_t n = d->plan->n;

    if (strchr(d->input->text, '?') != NULL)
        (void)tell_menu(d);
    action->silent = d->plan->n > n;
}

static void rate(struct decide *d, int score)
{
    decide_add(d, DO_RATE, -1, -1)->value = score;
    d->state.rating.stage = RATING_COMMENT;
}

bool rating_text_means(struct decide *d)
{
    const struct dialogue_rating *rating = &d->state.rating;
    int score;

    if (rating->stage == RATING_COMMENT) {
        if (decide_any_fresh(d) || policy_courtesy(d->input->text))
            return false;
        comment(d);
        return true;
    }
    score = typed_score(d->input->text);
    if (rating->stage != RATING_ASKED || score == 0 ||
        d->now - rating->asked >= (msec)LIMIT_RATING_TYPED_H * MSEC_H)
        return false;
    rate(d, score);
    return true;
}

void rating_pick(struct decide *d, const char *rest)
{
    const struct dialogue_rating *rating = &d->state.rating;
    size_t len = strcspn(rest, "/");

    /* Of a question that is over, or of nobody's: it has no effect. */
    if (rating->stage == RATING_ASKED && strlen(rating->id) == len &&
        memcmp(rating->id, rest, len) == 0 && rest[len] == '/' &&
        rest[len + 1] >= '1' && rest[len + 1] <= '5' && rest[len + 2] == '\0')
        rate(d, rest[len + 1] - '0');
}

void rating_settle(struct decide *d)
{
    const struct dialogue_plan *plan = d->plan;

    if (d->state.rating.stage != RATING_COMMENT || plan->n == 0)
        return;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->actions[i].kind == DO_RATE ||
            plan->actions[i].kind == DO_COMMENT)
            return;
    decide_add(d, DO_COMMENT_END, -1, -1);
}
