/*
 * disk: where SQLite's files live in a simulation: memory, with a power plug.
 * It registers itself as the default VFS of the process. It also stands before
 * the C library's calls that the product writes its other files with (slots,
 * ledger head, payloads), which stay real files in a folder.
 *
 * A process that died (`dead`) writes nothing any more, whoever asks; files
 * keep what was written, as a kernel would keep it. After a power cut each
 * sector written since the last sync holds its new or its old bytes.
 */
#ifndef SIMULATION_DISK_H
#define SIMULATION_DISK_H

#include "dice.h"

enum disk_fault {
    DISK_OK,
    DISK_FULL,      /* a write finds no space */
    DISK_WRITE_ERR, /* a write fails, perhaps after half of it */
    DISK_SYNC_ERR,  /* a sync fails: what was written may be lost */
    DISK_READ_ERR,  /* a read fails */
    DISK_BUSY,      /* a lock is not had */
    DISK_DIE,       /* the process dies at this call */
    DISK__MAX
};

struct disk_state {
    bool dead;
    bool io_error; /* a fault other than full and busy was given */
    bool hit;      /* the fault that was armed has happened */
    enum disk_fault fault;
    uint32_t countdown; /* calls of that kind until it happens */
    bool lasting;       /* then every later call of the kind fails too */
    bool tracking;      /* keep old sectors, so that the power may be cut */
    bool liar;          /* syncs do nothing */
    bool ours;          /* our own looking: never fails */
    bool quiet;         /* nothing of the product's log is shown */
    struct dice *dice;
    uint64_t writes, syncs;
};
extern struct disk_state disk;

int disk_open(void); /* once a process */
void disk_arm(enum disk_fault, uint32_t countdown, bool lasting);
void disk_disarm(void);
/* All handles are closed; what a power cut would have lost is lost. */
void disk_cut_power(void);
/* Forgets all files. */
void disk_wipe(void);

#endif
