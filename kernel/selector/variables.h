#ifndef VARIABLES_H
#define VARIABLES_H

#include "skipped.h"

/* Deletes BallastTrial and BallastSkipped: what is there was not said in this boot. False: the firmware refused. */
bool variables_clear(void);

/* Says to the image what is started and how: LoaderInfo, LoaderDevicePartUUID, and BallastTrial and BallastSkipped where they apply.
 * False: the firmware refused one; the others are set all the same. */
bool variables_set(const uint8_t partition_guid[16], bool trial, const struct skipped *skipped);

#endif
