#ifndef VARIABLES_H
#define VARIABLES_H

#include "reset.h"
#include "skipped.h"

/* Deletes BallastTrial, BallastSkipped, BallastResetState and BallastResetData: what is there was not said in this boot. False: the
 * firmware refused. */
bool variables_clear(void);

/* Says what has to be made anew: BallastResetState, BallastResetData. False: the firmware refused, and it is not done in this boot. */
bool variables_set_resets(struct resets resets);

/* Says to the image what is started and how: LoaderInfo, LoaderDevicePartUUID, and BallastTrial and BallastSkipped where they apply.
 * False: the firmware refused one; the others are set all the same. */
bool variables_set(const uint8_t partition_guid[16], bool trial, const struct skipped *skipped);

#endif
