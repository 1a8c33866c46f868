#include "CRowwiseIntrinsics.h"
