/* The machine: storage in memory, starting, stepping, dying. */
#include "sim.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "registrar/registrar_private.h"
#include "store/store_private.h"

#define WAL_FRAMES 256

/* ---- setting up -------------------------------------------------------- */

static int make_keyring(struct world *w, struct error *err)
{
    struct secret *officer = age_identity_new(&w->random);
    struct secret *epoch = age_identity_new(&w->random);
    uint8_t custody[AGE_KEY_LEN], recipient[AGE_KEY_LEN], sign[SIGN_LEN];
    struct buf entry = { 0 };
    int ok = -1;

    w->custody = age_identity_new(&w->random);
    w->keyring = keyring_new();
    if (age_identity_recipient(custody, w->custody) == 0 &&
        age_identity_recipient(recipient, epoch) == 0 &&
        keyring_sign_root(w->keyring, officer, 1000, "staff", custody, w->now,
                          &entry, sign, err) == 0 &&
        keyring_sign_epoch(w->keyring, officer, recipient, w->now, &entry, sign,
                           err) == 0)
        ok = 0;
    buf_free(&entry);
    secret_free(&officer);
    secret_free(&epoch);
    return ok;
}

static void make_config(struct world *w)
{
    for (int i = 0; i < POLICIES; i++) {
        struct config_number *n = &w->config_numbers[i];
        (void)snprintf(n->phone_number_id, sizeof(n->phone_number_id), "%s",
                       sim_numbers[i]);
        (void)snprintf(n->policy, sizeof(n->policy), "%s", sim_policies[i]);
        n->media_lifetime = dice_one_in(&w->dice, 4) ? MSEC_H : 7 * MSEC_D;
    }
    w->config.storage = w->storage;
    w->config.numbers = w->config_numbers;
    w->config.nnumbers = POLICIES;
}

static int make_folder(struct world *w, struct error *err)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    struct buf path = { 0 };

    (void)snprintf(w->folder, sizeof(w->folder), "%s/simulation-XXXXXX", base);
    if (mkdtemp(w->folder) == NULL)
        return error_errno(err, ERR_IO, "no folder for a storage");
    (void)snprintf(w->storage, sizeof(w->storage), "%s/s", w->folder);
    buf_free(&path);
    return 0;
}

int host_install(struct world *w, struct error *err)
{
    struct store *store = NULL;
    char path[128];
    int ok = -1;

    if (make_folder(w, err) != 0 ||
        (w->policies = policies_of_world(w->folder, err)) == NULL ||
        make_keyring(w, err) != 0)
        return -1;
    make_config(w);
    if (store_create(w->storage, NULL, w->now, &w->random, err) != 0 ||
        store_open(&store, w->storage, NULL, STORE_WRITER, &w->random, err) !=
            0)
        return -1;
    if (store_begin(store, err) == 0 &&
        ledger_create(store, "s.example", &w->random, err) == 0)
        ok = store_commit(store, err);
    store_close(&store);
    (void)snprintf(path, sizeof(path), "%s/payloads", w->storage);
    w->payloads = open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    return w->payloads < 0 ? -1 : ok;
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

void host_stop(struct world *w)
{
    disk.dead = true;
    host_reader_close(w);
    registrar_close(&w->registrar);
    if (w->payloads > 0)
        (void)close(w->payloads);
    disk.dead = false;
    if (w->folder[0] != '\0')
        (void)nftw(w->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- a reader beside the writer ---------------------------------------- */

static const char tail_sql[] =
    "SELECT idx, entry, leaf FROM ledger WHERE idx >= ?1 ORDER BY idx";

struct store *host_reader(struct world *w)
{
    struct error err = { 0 };

    disk.ours = true;
    if (w->reader != NULL)
        return w->reader;
    if (store_open(&w->reader, w->storage, NULL, STORE_READER, &w->random,
                   &err) != 0)
        sim_fail(w, "a reader cannot open the storage: %s", err.text);
    else if (sqlite3_prepare_v2(w->reader->db, tail_sql, -1, &w->tail, NULL) !=
             SQLITE_OK)
        sim_fail(w, "the ledger cannot be read: %s",
                 sqlite3_errmsg(w->reader->db));
    return w->reader;
}

void host_reader_close(struct world *w)
{
    sqlite3_finalize(w->tail);
    w->tail = NULL;
    store_close(&w->reader);
}

/* Looking ends. A handle that stays keeps the wal-index alive, one that goes
 * does not: the product meets both. */
void host_reader_done(struct world *w)
{
    if (!w->weather.reader_stays)
        host_reader_close(w);
    disk.ours = false;
}

/* ---- life and death ---------------------------------------------------- */

/* As the store's own, and a short WAL counts as one past its limit: one that
 * is seldom written back is seldom read back after a death. */
static int after_commit(void *arg, sqlite3 *db, const char *database,
                        int frames)
{
    struct store *store = arg;

    (void)db, (void)database;
    store->wal_frames = frames < WAL_FRAMES ? frames : INT_MAX;
    return SQLITE_OK;
}

static int start_once(struct world *w, struct error *err)
{
    struct registrar_needs needs = { &w->config, w->policies, NULL,
                                     w->keyring, &w->effects, &w->clock,
                                     &w->random, NULL };
    struct store *store = NULL;

    if (store_open(&store, w->storage, NULL, STORE_WRITER, &w->random, err) !=
        0)
        return -1;
    (void)sqlite3_wal_hook(store->db, after_commit, store);
    needs.store = store;
    if (registrar_open(&w->registrar, &needs, err) == 0)
        return 0;
    store_close(&store);
    return -1;
}

static void plug(struct world *w)
{
    disk_disarm();
    if (disk.dead && w->weather.power_cuts && dice_below(&w->dice, 2) == 0) {
        w->cuts++;
        disk_cut_power();
    }
    disk.dead = false;
    disk.io_error = false;
}

void host_start(struct world *w)
{
    struct error err;

    /* Starting may fail like anything else; a service manager tries again. */
    for (int i = 0; i < 8; i++) {
        bool faulty = i < 6 && !w->calm && w->weather.fault != 0 &&
                      dice_one_in(&w->dice, 8);

        err = (struct error){ 0 };
        if (faulty)
            disk_arm((enum disk_fault)(1 + dice_below(&w->dice, DISK__MAX - 1)),
                     dice_below(&w->dice, 60), false);
        if (start_once(w, &err) == 0 && !disk.dead) {
            disk_disarm();
            disk.io_error = false;
            break;
        }
        if ((err.code == ERR_VERIFY && !disk.io_error && !disk.dead) ||
            err.code == ERR_CONFIG) {
            sim_fail(w, "the storage does not start: %s", err.text);
            return;
        }
        disk.dead = true;
        registrar_close(&w->registrar);
        plug(w);
        w->restarts++;
    }
    if (w->registrar == NULL)
        sim_fail(w, "the storage does not start: %s", err.text);
    model_look(w);
    host_reader_done(w);
}

void host_crash(struct world *w)
{
    disk.dead = true;
    w->crashes++;
    w->life++;
    trace_text(&w->trace, "crash");
    host_reader_close(w);
    registrar_close(&w->registrar);
    meta_lost(w);
    staff_lost(w);
    graph_crash(w);
    plug(w);
    host_start(w);
    model_crashed(w);
}

/* A fault, a death or nothing, somewhere in the next step. */
static void arm(struct world *w)
{
    const struct weather *t = &w->weather;

    w->releasing_ends = false;
    if (w->calm || disk.lasting)
        return;
    if (dice_one_in(&w->dice, t->fault)) {
        w->faults++;
        disk_arm((enum disk_fault)(1 + dice_below(&w->dice, DISK_BUSY)),
                 dice_below(&w->dice, dice_below(&w->dice, 2) ? 3 : 30), false);
    } else if (dice_one_in(&w->dice, t->full_disk)) {
        w->faults++;
        disk_arm(dice_below(&w->dice, 2) ? DISK_FULL : DISK_BUSY, 0, true);
    } else if (dice_one_in(&w->dice, t->crash)) {
        if (dice_below(&w->dice, 3) > 0) {
            disk_arm(DISK_DIE, dice_below(&w->dice, 40), false);
        } else {
            w->releasing_ends = true;
            w->release_left = dice_below(&w->dice, 6);
        }
    }
}

void host_step(struct world *w)
{
    struct registrar_status status;
    bool shaken;

    w->steps++;
    arm(w);
    if (disk.lasting && dice_one_in(&w->dice, 20))
        disk_disarm(); /* somebody freed some space */
    disk.io_error = false;
    (void)registrar_step(w->registrar);
    shaken = disk.io_error && !w->calm;
    if (!disk.lasting)
        disk_disarm();
    if (disk.dead) {
        host_crash(w);
        return;
    }
    /* What a registrar hears that writes no more is lost with it. */
    if (w->registrar->retry_at == 0 && w->registrar->queued == 0 &&
        !w->registrar->read_only)
        graph_settled(w);
    staff_answered(w);

    /* To open a handle costs more than a step. */
    if (w->weather.reader_stays || w->steps % 64 == 0) {
        model_look(w);
        host_reader_done(w);
    }

    /* Read-only until a restart: whoever watches restarts it. Trouble with a
     * disk often ends in a restart, and seldom comes alone. */
    registrar_get_status(w->registrar, &status);
    if (shaken && w->weather.crash != 0 && dice_one_in(&w->dice, 4))
        w->aftershocks = 20;
    if ((status.read_only && dice_below(&w->dice, 4) == 0) ||
        w->aftershocks == 20 ||
        (w->aftershocks > 0 && dice_one_in(&w->dice, 10)) ||
        (!w->calm && dice_one_in(&w->dice, 2 * w->weather.crash)))
        host_crash(w);
    w->aftershocks -= w->aftershocks > 0;
}
