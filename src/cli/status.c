/* status */
#include "cli.h"

int status_run(const struct cli *cli, struct error *e)
{
    return output_one(cli, "/status", "", e);
}
