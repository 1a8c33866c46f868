#ifndef CINTRINSICS_H
#define CINTRINSICS_H
#endif
