/*
 * What this daemon says of itself in the ledger: that it began, with which
 * program and which files, that it was told anew, that it ended, and how its
 * clock is. Whoever has no `instance` (tests, replays) says nothing.
 */
#include "keyring_private.h"
#include "leaf_private.h"
#include "registrar_private.h"
#include "upkeep_private.h"

/* ---- what it is --------------------------------------------------------- */

static const char *const events[] = { [INSTANCE_STARTED] = "daemon_started",
                                      [INSTANCE_STOPPED] = "daemon_stopped",
                                      [INSTANCE_CHANGED] = "config_changed" };

/* Which keyring the ledger goes with, from its first start on: what is on it
 * before there is a change of it stands in no other entry. */
static void put_keyring(const struct registrar *r, json_t *evidence)
{
    const struct keyring *ring = keyring_newest(r);
    uint8_t head[KEYRING_HASH_LEN];

    keyring_head(ring, head);
    leaf_value(evidence, "keyring_size",
               json_integer((json_int_t)keyring_size(ring)));
    leaf_hash(evidence, "keyring_head", head, sizeof(head));
}

static int enter(struct registrar *r, enum instance_event what,
                 struct error *err)
{
    json_t *leaf = leaf_new(r, events[what], NULL, NULL);
    json_t *evidence = json_object();

    if (what == INSTANCE_STARTED) {
        leaf_time(evidence, "began_at", r->opened);
        put_keyring(r, evidence);
    }
    leaf_text(leaf, "actor", "system");
    leaf_text(evidence, "version", r->instance.version);
    leaf_text(evidence, "config_sha256", r->instance.config_sha256);
    leaf_text(evidence, "policies_sha256", r->instance.policies_sha256);
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* A start is an entry once the storage was found sound. So whoever put back
 * what was there before a start that found damage lacks no entry. */
static int enter_start(struct registrar *r, struct error *err)
{
    if (r->said.started)
        return 0;
    r->said.started = true;
    return enter(r, INSTANCE_STARTED, err);
}

struct saying {
    enum instance_event what;
    const struct registrar_instance *now; /* or NULL: as it was */
};

/* What was denied so far follows in the same batch. */
static int step_say(struct registrar *r, void *arg, struct error *err)
{
    const struct saying *s = arg;

    pthread_mutex_lock(&r->lock); /* who is denied meanwhile reads it */
    if (s->now != NULL)
        r->instance = *s->now;
    r->denied.closing = s->what == INSTANCE_STOPPED;
    pthread_mutex_unlock(&r->lock);

    /* Stopped before it was known to be sound, and nothing came in meanwhile:
     * there is nothing to tell of. */
    if (s->what == INSTANCE_STOPPED && !r->said.started &&
        !deep_check_passed(r) &&
        ledger_working(r->ledger)->size == r->opened_at)
        return 0;
    return enter_start(r, err) != 0 ? -1 : enter(r, s->what, err);
}

int registrar_record_instance(struct registrar *r, enum instance_event what,
                              const struct registrar_instance *now,
                              struct error *err)
{
    struct saying s = { what, now };

    return queue_staff(r, step_say, &s, err);
}

/* ---- its clock ---------------------------------------------------------- */

static int enter_clock(struct registrar *r, const char *reason,
                       const struct clock_state *state, msec behind,
                       struct error *err)
{
    json_t *leaf = leaf_new(r, "clock_status", NULL, NULL);
    json_t *evidence = json_object();

    leaf_text(leaf, "actor", "system");
    leaf_text(leaf, "reason", reason);
    if (behind != 0)
        leaf_value(evidence, "behind_ms", json_integer(behind));
    if (state != NULL && state->known) {
        leaf_value(evidence, "offset_ms", json_integer(state->offset));
        leaf_value(evidence, "error_ms", json_integer(state->error));
    }
    leaf_object(leaf, "evidence", evidence);
    return leaf_append(r, leaf, NULL, err);
}

/* What the kernel says. A clock that no service keeps right is no reason to
 * take nothing in: most containers cannot tell. It is warned of. */
static int look_at_kernel(struct registrar *r, struct error *err)
{
    struct clock_state state;
    const char *reason;

    r->instance.clock_state(&state);
    reason = !state.known          ? "unknown"
             : !state.synchronised ? "unsynchronised"
             : llabs(state.offset) > LIMIT_CLOCK_WARN_S * MSEC_S
                 ? "offset"
                 : "synchronised";
    if (strcmp(reason, "synchronised") != 0)
        log_event(LOG_LEVEL_WARN, "clock_doubtful", "{s:s, s:I}", "reason",
                  reason, "offset_ms", (json_int_t)state.offset);
    return enter_clock(r, reason, &state, 0, err);
}

static bool hour_over(msec now, msec last)
{
    return last == 0 || now - last >= MSEC_H || now < last;
}

void clock_compare(struct registrar *r, int64_t provider_s)
{
    msec behind = provider_s * MSEC_S - r->now;

    if (behind <= LIMIT_CLOCK_WARN_S * MSEC_S || behind <= r->clock_behind)
        return;
    r->clock_behind = behind;
    if (hour_over(r->now, r->said.behind))
        r->last_upkeep = 0; /* this very batch says it */
}

/* What Meta's messages say: none of them can be of a later time than now. */
static int look_at_messages(struct registrar *r, struct error *err)
{
    msec behind = r->clock_behind;

    r->clock_behind = 0;
    if (behind == 0 || !hour_over(r->now, r->said.behind))
        return 0;
    r->said.behind = r->now;
    log_event(LOG_LEVEL_ALARM, "clock_behind", "{s:I}", "behind_ms",
              (json_int_t)behind);
    return enter_clock(r, "behind", NULL, behind, err);
}

int instance_upkeep(struct registrar *r, struct error *err)
{
    if (r->instance.version == NULL)
        return 0;
    if (deep_check_passed(r) && enter_start(r, err) != 0)
        return -1;
    if (r->said.started && hour_over(r->now, r->said.clock)) {
        r->said.clock = r->now;
        if (look_at_kernel(r, err) != 0)
            return -1;
    }
    return look_at_messages(r, err);
}
