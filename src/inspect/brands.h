/*
 * brands: HEIC by the brands of its ftyp box (ISO/IEC 14496-12 §4.3,
 * ISO/IEC 23008-12 annex B), whichever of them a phone writes first.
 */
#ifndef RESGUARDO_INSPECT_BRANDS_H
#define RESGUARDO_INSPECT_BRANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does a file that starts with these bytes say that it is HEIC? */
bool inspect_brands_heic(const uint8_t *, size_t);

#endif
