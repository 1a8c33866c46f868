// Counts heap allocations, for tests that nothing is allocated where nothing should be.
#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

// Whether allocations are counted: with glibc, without a sanitizer.
bool allocation_counter_works(void);

// Allocations that the calling thread has made so far.
uint64_t allocation_counter_value(void);

#endif
