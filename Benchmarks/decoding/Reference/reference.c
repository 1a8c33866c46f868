#include "CReferenceDecoding.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

uint8_t *reference_png(const char *path, int channels, size_t *width, size_t *height) {
  uint8_t *volatile pixels = NULL;
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png)) == 0) {
    png_init_io(png, file);
    png_read_info(png, info);
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    if (channels == 3) png_set_gray_to_rgb(png);
    png_read_update_info(png, info);
    *width = png_get_image_width(png, info);
    *height = png_get_image_height(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    pixels = malloc(row_bytes * *height);
    for (size_t row = 0; row < *height; row++) {
      png_read_row(png, pixels + row * row_bytes, NULL);
    }
    png_read_end(png, NULL);
  } else {
    free(pixels);
    pixels = NULL;
  }
  png_destroy_read_struct(&png, &info, NULL);
  fclose(file);
  return pixels;
}

uint8_t *reference_jpeg(const char *path, int channels, size_t *width, size_t *height) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  // An error ends the process, as in libjpeg's own example; the files are known to be sound.
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_stdio_src(&jpeg, file);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_start_decompress(&jpeg);
  *width = jpeg.output_width;
  *height = jpeg.output_height;
  size_t row_bytes = *width * (size_t)channels;
  uint8_t *pixels = malloc(row_bytes * *height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = pixels + jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  fclose(file);
  return pixels;
}
