#ifndef TRYOUT_H
#define TRYOUT_H

#include <efi.h>
#include "bytes.h"

/* Deletes what an earlier start in the same boot left: BallastParametersOutcome, BallastParametersTrial. False: the firmware refused. */
bool tryout_clear(void);

/* Gives a loaded image the parameters of the variable BallastParameters, if there are any, they are allowed, and they were proven or
 * have never been tried. Returns what was done about them, a word of BallastParametersOutcome; NULL: there are none. */
const char *tryout_start(EFI_LOADED_IMAGE_PROTOCOL *image);

#endif
