/* HEIC by the brands of its first box. */
#include "brands.h"

#include <string.h>

#define BRAND_LEN 4u
/* Size, "ftyp", major brand, minor version. */
#define FTYP_HEAD 16u
/* Real boxes hold fewer than ten brands. */
#define FTYP_MAX 512u

/* Brands that promise an HEVC-coded picture by themselves. */
static const char *const heic_brands[] = { "heic", "heix", "heim", "heis",
                                           "hevc", "hevx", "hevm", "hevs",
                                           "MiHE", NULL };
/* Brands that only promise the container, with any codec. */
static const char *const container_brands[] = { "mif1", "miaf", NULL };
/* Codecs that an image sequence may have instead of HEVC. */
static const char *const other_codecs[] = { "avif", "avis", "avci",
                                            "avcs", "jpeg", "jpgs",
                                            "j2ki", "j2is", NULL };

static bool brand_in(const uint8_t *brand, const char *const *list)
{
    for (; *list != NULL; list++)
        if (memcmp(brand, *list, BRAND_LEN) == 0)
            return true;
    return false;
}

/* Is any compatible brand of this box in the list? */
static bool compatible_with(const uint8_t *box, size_t size,
                            const char *const *list)
{
    for (size_t at = FTYP_HEAD; at + BRAND_LEN <= size; at += BRAND_LEN)
        if (brand_in(box + at, list))
            return true;
    return false;
}

bool inspect_brands_heic(const uint8_t *p, size_t len)
{
    const uint8_t *major = p + 8;
    size_t size;

    if (len < FTYP_HEAD || memcmp(p + 4, "ftyp", 4) != 0)
        return false;
    size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (size < FTYP_HEAD || size > FTYP_MAX || size > len ||
        size % BRAND_LEN != 0)
        return false;

    if (brand_in(major, heic_brands))
        return true;
    if (brand_in(major, container_brands))
        return compatible_with(p, size, heic_brands);
    return memcmp(major, "msf1", BRAND_LEN) == 0 &&
           !compatible_with(p, size, other_codecs);
}
