// The least C that decodes with libpng and libjpeg: what the Swift decoder is measured against.
#ifndef CREFERENCEDECODING_H
#define CREFERENCEDECODING_H

#include <stddef.h>
#include <stdint.h>

/// Decodes a file into memory that the caller releases with free(): `channels` (1 or 3) samples of
/// 8 bits a pixel, as stored. NULL where anything is wrong.
uint8_t *reference_png(const char *path, int channels, size_t *width, size_t *height);
uint8_t *reference_jpeg(const char *path, int channels, size_t *width, size_t *height);

#endif
