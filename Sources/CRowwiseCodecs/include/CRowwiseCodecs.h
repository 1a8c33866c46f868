// A fence around libpng and libjpeg.
//
// Both libraries report errors by longjmp, which must never cross a Swift frame and which Swift
// cannot catch. Every function here catches it and returns a status; the text of the error stays in
// the decoder. No function keeps a pointer to the caller's memory after it returns, none calls back
// into the caller, and none prints.
//
// Input is pushed: each call gets the unread bytes and says how many it used up. What it did not
// use must come again, followed by more, in the next call.
#ifndef CROWWISECODECS_H
#define CROWWISECODECS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a call ended.
typedef enum rw_status {
  RW_DONE = 0,        // The call did what it is for.
  RW_NEEDS_INPUT = 1, // The bytes ran out; call again with more.
  RW_FAILED = 2,      // See the decoder's failure and message. Only destroying it is left.
} rw_status;

/// What kind of failure a decoder met.
typedef enum rw_failure {
  RW_FAILURE_NONE = 0,
  RW_FAILURE_CORRUPT = 1,     // The bytes break the format's rules.
  RW_FAILURE_UNSUPPORTED = 2, // A lawful variant that the library does not decode.
  RW_FAILURE_MEMORY = 3,      // An allocation failed.
  RW_FAILURE_TRUNCATED = 4,   // The bytes end before the picture does.
  RW_FAILURE_SCANS = 5,       // More scans than allowed.
} rw_failure;

// MARK: PNG

typedef struct rw_png rw_png;

/// libpng gets the data of IDAT chunks in portions of so many bytes, counted from each chunk's first
/// one. Where zlib meets damage, it drops the row that it completed in the same call, so that the
/// portions decide which rows come. The caller passes whole portions, but for a chunk's last one and
/// the file's end; then what comes does not depend on how the file's bytes arrive.
///
/// Deflate grows data at most 1032-fold: a portion leaves at most 4.1 MiB of rows not asked for.
#define RW_PNG_PORTION 4096

/// What libpng shall make of the stored pixels.
typedef struct rw_png_options {
  bool keep_16_bits; // false: the low byte of 16-bit samples is dropped.
} rw_png_options;

/// Creates a decoder, or returns NULL where memory is short.
rw_png *rw_png_create(rw_png_options options);
void rw_png_destroy(rw_png *decoder);

/// Feeds bytes before the first row: signature, chunks, up to the first IDAT chunk's length and
/// type. Uses all of them. After those, rw_png_is_started() is true.
rw_status rw_png_feed_header(rw_png *decoder, const uint8_t *bytes, size_t count);
bool rw_png_is_started(const rw_png *decoder);

/// Header fields, valid once IHDR was fed.
uint32_t rw_png_width(const rw_png *decoder);
uint32_t rw_png_height(const rw_png *decoder);
uint32_t rw_png_bit_depth(const rw_png *decoder);
/* That of the file, before it is changed to 8 or 16. */
uint32_t rw_png_stored_bit_depth(const rw_png *decoder);
/* 3 for a palette, which has become RGB or RGBA; else that of the rows. */
uint32_t rw_png_color_type(const rw_png *decoder);
bool rw_png_is_interlaced(const rw_png *decoder);

/// Channels (1 gray, 2 gray + alpha, 3 RGB, 4 RGBA) and bytes of one output row; valid once started.
/// 16-bit samples are in the machine's byte order.
uint32_t rw_png_channels(const rw_png *decoder);
size_t rw_png_row_bytes(const rw_png *decoder);

/// The EXIF block (TIFF header first) or, with `text`, a "Raw profile type exif" text found so far;
/// NULL where there is none. Owned by the decoder.
const uint8_t *rw_png_exif(const rw_png *decoder, size_t *count);
const char *rw_png_raw_exif_text(const rw_png *decoder, size_t *count);

/// Decodes up to `row_count` rows into `rows` (row r starts at r * stride; each row_bytes long).
/// `*used`: how many of `bytes` were used up; `*decoded`: how many rows were written, also when the
/// call fails. RW_DONE when all rows asked for were written, or when the file's end was reached.
/// Rows that come out before they are asked for are kept; their memory stays below 4.2 MiB.
/// An interlaced picture is held whole and its rows come after its last pass.
rw_status rw_png_read_rows(rw_png *decoder, const uint8_t *bytes, size_t count, uint8_t *rows,
                           size_t stride, size_t row_count, size_t *used, size_t *decoded);

/// Whether IEND was read.
bool rw_png_is_at_end(const rw_png *decoder);

rw_failure rw_png_failure(const rw_png *decoder);
const char *rw_png_message(const rw_png *decoder);

/// Encodes 8-bit gray (1 channel) or RGB (3) pixels. On RW_DONE `*encoded` has `*size` bytes, to be
/// released with rw_free(). With lawful sizes it fails only for want of memory.
rw_status rw_png_encode(const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels,
                        uint8_t **encoded, size_t *size);
void rw_free(void *memory);

// MARK: JPEG

typedef struct rw_jpeg rw_jpeg;

typedef struct rw_jpeg_options {
  bool lenient;            // Damage is counted, not an error.
  uint32_t maximum_scans;  // Of a progressive file.
} rw_jpeg_options;

typedef enum rw_jpeg_color {
  RW_JPEG_GRAY = 1,
  RW_JPEG_RGB = 3,
  RW_JPEG_CMYK = 4, // Inverted, as Adobe writes it: 255 is no ink.
} rw_jpeg_color;

typedef struct rw_jpeg_header {
  uint32_t width, height;
  uint32_t components;
  uint32_t precision;        // Bits a sample.
  rw_jpeg_color color;       // Of the decoded rows.
  bool is_progressive;
  bool is_arithmetic;
  bool has_multiple_scans;   // All coefficients are held until the last scan.
  bool has_icc_profile;
  uint64_t coefficient_bytes; // What they take when they are held.
} rw_jpeg_header;

rw_jpeg *rw_jpeg_create(rw_jpeg_options options);
void rw_jpeg_destroy(rw_jpeg *decoder);

/// Reads up to the first scan. `is_final`: no bytes follow these.
rw_status rw_jpeg_read_header(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                              size_t *used, rw_jpeg_header *header);

/// The first APP1 EXIF block (TIFF header first), or NULL. Owned by the decoder.
const uint8_t *rw_jpeg_exif(const rw_jpeg *decoder, size_t *count);

/// The first APP2 block of the Multi-Picture Format (TIFF header first), or NULL. Owned by the decoder.
const uint8_t *rw_jpeg_multi_picture(const rw_jpeg *decoder, size_t *count);

/// Starts decoding at 1/scale_denominator (1, 2, 4 or 8) of the size. A file with several scans is
/// read to its end here; it and an arithmetic-coded one want all bytes at once (`is_final`).
rw_status rw_jpeg_start(rw_jpeg *decoder, uint32_t scale_denominator, const uint8_t *bytes,
                        size_t count, bool is_final, size_t *used);

/// Decodes up to `row_count` rows; as rw_png_read_rows().
rw_status rw_jpeg_read_rows(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                            uint8_t *rows, size_t stride, size_t row_count, size_t *used,
                            size_t *decoded);

/// Reads from the last row to the end-of-image marker.
rw_status rw_jpeg_finish(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                         size_t *used);

rw_failure rw_jpeg_failure(const rw_jpeg *decoder);
const char *rw_jpeg_message(const rw_jpeg *decoder);
/// The first damage a lenient decoder passed over; empty where there was none.
const char *rw_jpeg_damage(const rw_jpeg *decoder);

#ifdef __cplusplus
}
#endif

#endif
