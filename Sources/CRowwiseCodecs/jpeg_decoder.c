// Reading JPEG through libjpeg with a source that can stop and go on ("suspending").
#include "CRowwiseCodecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

struct rw_jpeg {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  rw_jpeg_options options;
  rw_failure failure;
  char message[JMSG_LENGTH_MAX];
  char damage[JMSG_LENGTH_MAX];
  bool is_final;       // No bytes follow those of this call.
  bool cannot_suspend; // libjpeg's arithmetic and several-scan paths.
  bool met_end;        // The bytes ran out and a made-up end was read.
  size_t skip;         // Bytes still to be skipped.
  const JOCTET *end;    // Of the call's bytes.
  bool has_windows;     // libjpeg sees WINDOW_SIZE of them at a time.
  const JOCTET *window; // Where the latest one starts.
  const JOCTET *mark;   // Where libjpeg goes on when it stops for want of bytes.
  size_t decoded;
  uint8_t *exif;
  size_t exif_size;
  uint8_t *multi_picture;
  size_t multi_picture_size;
  bool has_icc_profile;
};

/// Where libjpeg-turbo sees at least 512 bytes for each block of a unit (jdhuff.c), it decodes the
/// unit by a path that takes a wrong Huffman code for a zero and says nothing. So that what is found
/// does not depend on how bytes arrive, and all damage is found, it sees fewer. Costs 2 %.
enum { WINDOW_SIZE = 480 };

static const JOCTET END_OF_IMAGE[2] = {0xFF, JPEG_EOI};

static void fail(rw_jpeg *decoder, rw_failure failure) {
  decoder->failure = failure;
  longjmp(decoder->escape, 1);
}

static rw_failure kind_of_error(int code) {
  switch (code) {
  case JERR_SOF_UNSUPPORTED:
  case JERR_BAD_PRECISION:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_ARITH_NOTIMPL:
  case JERR_NOTIMPL:
  case JERR_NOT_COMPILED:
  case JERR_COMPONENT_COUNT:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_CCIR601_NOTIMPL:
  case JERR_BAD_STRUCT_SIZE:
  case JERR_BAD_LIB_VERSION:
    return RW_FAILURE_UNSUPPORTED;
  case JERR_OUT_OF_MEMORY:
    return RW_FAILURE_MEMORY;
  case JERR_INPUT_EOF:
  case JERR_INPUT_EMPTY:
    return RW_FAILURE_TRUNCATED;
  default:
    return RW_FAILURE_CORRUPT;
  }
}

static void on_error(j_common_ptr jpeg) {
  rw_jpeg *decoder = jpeg->client_data;
  jpeg->err->format_message(jpeg, decoder->message);
  fail(decoder, kind_of_error(jpeg->err->msg_code));
}

/// Warnings that say nothing about the pixels.
static bool is_harmless(int code) {
  return code == JWRN_ADOBE_XFORM || code == JWRN_BOGUS_ICC || code == JWRN_JFIF_MAJOR ||
         code == JWRN_TOO_MUCH_DATA;
}

/// Writes the text of a warning. How many bytes libjpeg passes over before a marker depends on how
/// the input was cut, so that their count is left out.
static void describe(j_common_ptr jpeg, char *text) {
  if (jpeg->err->msg_code == JWRN_EXTRANEOUS_DATA) {
    snprintf(text, JMSG_LENGTH_MAX, "Corrupt JPEG data: extraneous bytes before marker 0x%02x",
             (unsigned)jpeg->err->msg_parm.i[1]);
  } else {
    jpeg->err->format_message(jpeg, text);
  }
}

static void on_message(j_common_ptr jpeg, int level) {
  rw_jpeg *decoder = jpeg->client_data;
  if (level >= 0 || is_harmless(jpeg->err->msg_code)) return;
  jpeg->err->num_warnings += 1;
  if (!decoder->options.lenient) {
    describe(jpeg, decoder->message);
    fail(decoder, jpeg->err->msg_code == JWRN_JPEG_EOF ? RW_FAILURE_TRUNCATED
                                                       : RW_FAILURE_CORRUPT);
  }
  if (decoder->damage[0] == 0) describe(jpeg, decoder->damage);
}

static void do_nothing(j_decompress_ptr jpeg) { (void)jpeg; }

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

/// Shows libjpeg the bytes behind those that it has seen; false, and back to the last place that it
/// was done with, where there are none.
static boolean show_next_window(rw_jpeg *decoder) {
  struct jpeg_source_mgr *source = &decoder->source;
  // Each time that libjpeg is done with something it moves `next_input_byte`.
  if (source->next_input_byte != decoder->window) {
    decoder->mark = source->next_input_byte;
    decoder->window = decoder->mark;
  }
  decoder->window += source->bytes_in_buffer;
  size_t left = (size_t)(decoder->end - decoder->window);
  source->next_input_byte = left > 0 ? decoder->window : decoder->mark;
  source->bytes_in_buffer = left < WINDOW_SIZE ? left : WINDOW_SIZE;
  return left > 0;
}

static boolean fill_input(j_decompress_ptr jpeg) {
  rw_jpeg *decoder = jpeg->client_data;
  if (decoder->has_windows) return show_next_window(decoder);
  if (!decoder->is_final || !decoder->cannot_suspend) return FALSE;
  decoder->met_end = true;
  WARNMS(jpeg, JWRN_JPEG_EOF);
  decoder->source.next_input_byte = END_OF_IMAGE;
  decoder->source.bytes_in_buffer = sizeof END_OF_IMAGE;
  return TRUE;
}

/// Shows libjpeg `count` bytes from where it is, or a window of them.
static void show(rw_jpeg *decoder, size_t count) {
  if (decoder->has_windows && count > WINDOW_SIZE) count = WINDOW_SIZE;
  decoder->source.bytes_in_buffer = count;
  decoder->window = NULL;
}

static void skip_input(j_decompress_ptr jpeg, long count) {
  rw_jpeg *decoder = jpeg->client_data;
  if (count <= 0) return;
  size_t at_hand = (size_t)(decoder->end - decoder->source.next_input_byte);
  size_t now = (size_t)count < at_hand ? (size_t)count : at_hand;
  decoder->source.next_input_byte += now;
  show(decoder, at_hand - now);
  decoder->skip += (size_t)count - now;
}

/// Stops at too many scans; libjpeg calls it for every row of blocks that it reads ahead.
static void on_progress(j_common_ptr jpeg) {
  rw_jpeg *decoder = jpeg->client_data;
  int scan = ((j_decompress_ptr)jpeg)->input_scan_number;
  if (scan > 0 && (uint32_t)scan > decoder->options.maximum_scans) {
    fail(decoder, RW_FAILURE_SCANS);
  }
}

/// Keeps a copy of a block, unless there is one already.
static void keep(j_decompress_ptr jpeg, const JOCTET *data, size_t size, uint8_t **copy,
                 size_t *copy_size) {
  if (*copy != NULL) return;
  *copy = malloc(size);
  if (*copy == NULL) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
  memcpy(*copy, data, size);
  *copy_size = size;
}

/// Reads an APP1 or APP2 segment: keeps the first EXIF and the first multi-picture block, notes an ICC
/// profile, skips the rest.
static boolean read_application_segment(j_decompress_ptr jpeg) {
  rw_jpeg *decoder = jpeg->client_data;
  const JOCTET *bytes = decoder->source.next_input_byte;
  size_t at_hand = decoder->source.bytes_in_buffer;
  if (at_hand < 2) return FALSE;
  size_t length = (size_t)bytes[0] << 8 | bytes[1];
  if (length < 2) ERREXIT(jpeg, JERR_BAD_LENGTH);
  if (at_hand < length) return FALSE;
  const JOCTET *data = bytes + 2;
  size_t size = length - 2;
  if (jpeg->unread_marker == JPEG_APP0 + 1 && size > 6 && memcmp(data, "Exif\0", 5) == 0) {
    keep(jpeg, data + 6, size - 6, &decoder->exif, &decoder->exif_size);
  } else if (jpeg->unread_marker == JPEG_APP0 + 2 && size > 4 && memcmp(data, "MPF\0", 4) == 0) {
    keep(jpeg, data + 4, size - 4, &decoder->multi_picture, &decoder->multi_picture_size);
  } else if (jpeg->unread_marker == JPEG_APP0 + 2 && size > 12 &&
             memcmp(data, "ICC_PROFILE", 12) == 0) {
    decoder->has_icc_profile = true;
  }
  decoder->source.next_input_byte += length;
  decoder->source.bytes_in_buffer -= length;
  return TRUE;
}

rw_jpeg *rw_jpeg_create(rw_jpeg_options options) {
  rw_jpeg *decoder = calloc(1, sizeof *decoder);
  if (decoder == NULL) return NULL;
  decoder->options = options;
  decoder->jpeg.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = on_error;
  decoder->errors.emit_message = on_message;
  decoder->errors.output_message = on_output;
  decoder->jpeg.client_data = decoder;
  if (setjmp(decoder->escape) != 0) {
    rw_jpeg_destroy(decoder);
    return NULL;
  }
  jpeg_create_decompress(&decoder->jpeg);
  decoder->source.init_source = do_nothing;
  decoder->source.fill_input_buffer = fill_input;
  decoder->source.skip_input_data = skip_input;
  decoder->source.resync_to_restart = jpeg_resync_to_restart;
  decoder->source.term_source = do_nothing;
  decoder->jpeg.src = &decoder->source;
  decoder->progress.progress_monitor = on_progress;
  decoder->jpeg.progress = &decoder->progress;
  jpeg_set_marker_processor(&decoder->jpeg, JPEG_APP0 + 1, read_application_segment);
  jpeg_set_marker_processor(&decoder->jpeg, JPEG_APP0 + 2, read_application_segment);
  return decoder;
}

void rw_jpeg_destroy(rw_jpeg *decoder) {
  if (decoder == NULL) return;
  jpeg_destroy_decompress(&decoder->jpeg);
  free(decoder->exif);
  free(decoder->multi_picture);
  free(decoder);
}

/// Hands the bytes of one call to libjpeg, less what is to be skipped.
static void open_source(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                        bool has_windows) {
  size_t skipped = decoder->skip < count ? decoder->skip : count;
  decoder->skip -= skipped;
  decoder->source.next_input_byte = bytes + skipped;
  decoder->end = bytes + count;
  decoder->has_windows = has_windows;
  show(decoder, count - skipped);
  decoder->is_final = is_final;
}

/// How many of the call's bytes are used up; the rest must come again.
static size_t close_source(rw_jpeg *decoder, size_t count) {
  size_t left = decoder->met_end ? 0 : (size_t)(decoder->end - decoder->source.next_input_byte);
  decoder->source.next_input_byte = NULL;
  decoder->source.bytes_in_buffer = 0;
  return count - left;
}

static uint64_t coefficient_bytes(const struct jpeg_decompress_struct *jpeg) {
  uint64_t blocks = 0;
  for (int index = 0; index < jpeg->num_components; index++) {
    const jpeg_component_info *component = &jpeg->comp_info[index];
    blocks += (uint64_t)(component->width_in_blocks + component->h_samp_factor) *
              (component->height_in_blocks + component->v_samp_factor);
  }
  return blocks * DCTSIZE2 * sizeof(JCOEF);
}

rw_status rw_jpeg_read_header(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                              size_t *used, rw_jpeg_header *header) {
  *used = 0;
  if (decoder->failure != RW_FAILURE_NONE) return RW_FAILED;
  if (setjmp(decoder->escape) != 0) return RW_FAILED;
  open_source(decoder, bytes, count, is_final, false);
  int result = jpeg_read_header(&decoder->jpeg, TRUE);
  *used = close_source(decoder, count);
  if (result == JPEG_SUSPENDED) return RW_NEEDS_INPUT;

  struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
  switch (jpeg->jpeg_color_space) {
  case JCS_GRAYSCALE:
    jpeg->out_color_space = JCS_GRAYSCALE;
    header->color = RW_JPEG_GRAY;
    break;
  case JCS_RGB:
  case JCS_YCbCr:
    jpeg->out_color_space = JCS_RGB;
    header->color = RW_JPEG_RGB;
    break;
  case JCS_CMYK:
  case JCS_YCCK:
    jpeg->out_color_space = JCS_CMYK;
    header->color = RW_JPEG_CMYK;
    break;
  default:
    snprintf(decoder->message, sizeof decoder->message, "%d color components",
             jpeg->num_components);
    decoder->failure = RW_FAILURE_UNSUPPORTED;
    return RW_FAILED;
  }
  header->width = jpeg->image_width;
  header->height = jpeg->image_height;
  header->components = (uint32_t)jpeg->num_components;
  header->precision = (uint32_t)jpeg->data_precision;
  header->is_progressive = jpeg->progressive_mode;
  header->is_arithmetic = jpeg->arith_code;
  header->has_multiple_scans = jpeg_has_multiple_scans(jpeg);
  header->has_icc_profile = decoder->has_icc_profile;
  header->coefficient_bytes = coefficient_bytes(jpeg);
  decoder->cannot_suspend = header->is_arithmetic || header->has_multiple_scans;
  return RW_DONE;
}

const uint8_t *rw_jpeg_exif(const rw_jpeg *decoder, size_t *count) {
  *count = decoder->exif_size;
  return decoder->exif;
}

const uint8_t *rw_jpeg_multi_picture(const rw_jpeg *decoder, size_t *count) {
  *count = decoder->multi_picture_size;
  return decoder->multi_picture;
}

rw_status rw_jpeg_start(rw_jpeg *decoder, uint32_t scale_denominator, const uint8_t *bytes,
                        size_t count, bool is_final, size_t *used) {
  *used = 0;
  if (decoder->failure != RW_FAILURE_NONE) return RW_FAILED;
  if (setjmp(decoder->escape) != 0) return RW_FAILED;
  open_source(decoder, bytes, count, is_final, false);
  decoder->jpeg.scale_num = 1;
  decoder->jpeg.scale_denom = scale_denominator;
  boolean is_started = jpeg_start_decompress(&decoder->jpeg);
  *used = close_source(decoder, count);
  return is_started ? RW_DONE : RW_NEEDS_INPUT;
}

rw_status rw_jpeg_read_rows(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                            uint8_t *rows, size_t stride, size_t row_count, size_t *used,
                            size_t *decoded) {
  enum { AT_ONCE = 16 };
  *used = 0;
  *decoded = 0;
  if (decoder->failure != RW_FAILURE_NONE) return RW_FAILED;
  decoder->decoded = 0;
  if (setjmp(decoder->escape) != 0) {
    *decoded = decoder->decoded;
    return RW_FAILED;
  }
  open_source(decoder, bytes, count, is_final, !decoder->cannot_suspend);
  rw_status status = RW_DONE;
  // libjpeg gives one or two rows a call; the pointers are made for several calls.
  JSAMPROW pointers[AT_ONCE];
  size_t first = 0, end = 0;  // Rows whose pointers are there.
  while (decoder->decoded < row_count &&
         decoder->jpeg.output_scanline < decoder->jpeg.output_height) {
    if (decoder->decoded == end) {
      first = end;
      for (; end < row_count && end - first < AT_ONCE; end++) {
        pointers[end - first] = rows + end * stride;
      }
    }
    bool had_met_end = decoder->met_end;
    JDIMENSION got = jpeg_read_scanlines(&decoder->jpeg, pointers + (decoder->decoded - first),
                                         (JDIMENSION)(end - decoder->decoded));
    if (got == 0) {
      status = RW_NEEDS_INPUT;
      break;
    }
    // Rows made from a made-up end are no rows of this picture, unless all scans were read before.
    if (decoder->met_end && !had_met_end) {
      decoder->failure = RW_FAILURE_TRUNCATED;
      decoder->errors.msg_code = JWRN_JPEG_EOF;
      decoder->errors.format_message((j_common_ptr)&decoder->jpeg, decoder->message);
      status = RW_FAILED;
      break;
    }
    decoder->decoded += got;
  }
  *used = close_source(decoder, count);
  *decoded = decoder->decoded;
  return status;
}

rw_status rw_jpeg_finish(rw_jpeg *decoder, const uint8_t *bytes, size_t count, bool is_final,
                         size_t *used) {
  *used = 0;
  if (decoder->failure != RW_FAILURE_NONE) return RW_FAILED;
  if (setjmp(decoder->escape) != 0) return RW_FAILED;
  open_source(decoder, bytes, count, is_final, false);
  boolean is_finished = jpeg_finish_decompress(&decoder->jpeg);
  *used = close_source(decoder, count);
  return is_finished ? RW_DONE : RW_NEEDS_INPUT;
}

rw_failure rw_jpeg_failure(const rw_jpeg *decoder) { return decoder->failure; }
const char *rw_jpeg_message(const rw_jpeg *decoder) { return decoder->message; }
const char *rw_jpeg_damage(const rw_jpeg *decoder) { return decoder->damage; }
