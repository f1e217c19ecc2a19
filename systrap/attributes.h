/* Calls that change modes and times, and those on extended attributes: see section 2 of the manual.
   A file of the image's is copied before, so that it is the container's own. */
#pragma once
#include "core.h"

handler attribute_chmod, attribute_fchmod, attribute_fchmodat, attribute_fchmodat2;
handler attribute_utime, attribute_utimes, attribute_futimesat, attribute_utimensat;
handler attribute_xattr, attribute_lxattr, attribute_fsetxattr, attribute_fremovexattr;
