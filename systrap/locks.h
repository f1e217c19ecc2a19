/* flock(2). An image's file is one for all containers of the image, but not its locks. */
#pragma once
#include "core.h"

handler lock_flock;
