// Writing PNG to memory.
#include "CRowwiseCodecs.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

typedef struct output {
  uint8_t *bytes;
  size_t size, capacity;
} output;

static void on_error(png_structp png, png_const_charp text) {
  (void)text;
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_write(png_structp png, png_bytep bytes, size_t count) {
  output *out = png_get_io_ptr(png);
  if (count > out->capacity - out->size) {
    size_t capacity = out->capacity * 2 + count;
    uint8_t *grown = realloc(out->bytes, capacity);
    if (grown == NULL) png_error(png, "Out of memory");
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->size, bytes, count);
  out->size += count;
}

static void on_flush(png_structp png) { (void)png; }

/// The part that libpng may leave by longjmp; the caller releases everything.
static rw_status encode(png_structp png, png_infop info, output *out, const uint8_t *pixels,
                        uint32_t width, uint32_t height, uint32_t channels) {
  if (setjmp(png_jmpbuf(png)) != 0) return RW_FAILED;
  png_set_write_fn(png, out, on_write, on_flush);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, width, height, 8,
               channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t row = 0; row < height; row++) {
    png_write_row(png, pixels + (size_t)row * width * channels);
  }
  png_write_end(png, info);
  return RW_DONE;
}

rw_status rw_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                        uint8_t **encoded, size_t *size) {
  output out = {NULL, 0, 0};
  *encoded = NULL;
  *size = 0;
  rw_status status = RW_FAILED;
  png_infop info = NULL;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
  if (png != NULL) info = png_create_info_struct(png);
  if (info != NULL) status = encode(png, info, &out, pixels, width, height, channels);
  png_destroy_write_struct(&png, &info);
  if (status == RW_DONE) {
    *encoded = out.bytes;
    *size = out.size;
  } else {
    free(out.bytes);
  }
  return status;
}

void rw_free(void *memory) { free(memory); }
