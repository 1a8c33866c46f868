// Reading PNG through libpng's progressive reader, which takes bytes in any portions.
#include "CRowwiseCodecs.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

enum {
  MESSAGE_SIZE = 160,
  METADATA_LIMIT = 1 << 20,
};

/// libpng's and zlib's memory for one picture comes from one block, and goes with it: for a small
/// picture, a dozen allocations and libpng's careful release of each took a tenth of the time. What
/// does not fit is allocated by itself.
typedef struct large_block {
  struct large_block *previous, *next;
} large_block;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RW_NO_ARENA 1  // It watches single allocations.
#endif
#endif

enum {
#ifdef RW_NO_ARENA
  ARENA_SIZE = 0,
#else
  // libpng's two structures, zlib's state, a window of 1 KiB and rows of a small picture.
  ARENA_SIZE = 14 << 10,
#endif
  ALIGNMENT = 16,
};

struct rw_png {
  /* Of the file, before it is changed to 8 or 16. */
  uint32_t stored_bit_depth;
  bool has_palette;
  png_structp png;
  png_infop info;
  rw_png_options options;
  rw_failure failure;
  char message[MESSAGE_SIZE];
  bool is_started, is_at_end;
  size_t row_bytes;
  uint32_t height, channels;
  // Where the next rows go.
  uint8_t *rows;
  size_t stride, row_count, decoded;
  // Rows that nobody asked for yet: `waiting` rows from row `first` on.
  uint8_t *queue;
  size_t queue_capacity, first, waiting;
  // An interlaced picture, whole, and how many of its rows are final.
  uint8_t *image;
  size_t final_rows, delivered;
  large_block large;  // Head of a ring.
  size_t arena_used;
  // The rest of the block.
  _Alignas(ALIGNMENT) uint8_t arena[];
};

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
  rw_png *decoder = png_get_mem_ptr(png);
  if (size <= ARENA_SIZE - decoder->arena_used) {
    void *memory = decoder->arena + decoder->arena_used;
    decoder->arena_used += (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    return memory;
  }
  if (size > SIZE_MAX - sizeof(large_block)) return NULL;
  large_block *block = malloc(sizeof *block + size);
  if (block == NULL) return NULL;
  block->previous = &decoder->large;
  block->next = decoder->large.next;
  block->next->previous = block;
  decoder->large.next = block;
  return block + 1;
}

static void release(png_structp png, png_voidp memory) {
  rw_png *decoder = png_get_mem_ptr(png);
  uintptr_t place = (uintptr_t)memory;
  if (place - (uintptr_t)decoder->arena < ARENA_SIZE) return;
  large_block *block = (large_block *)memory - 1;
  block->previous->next = block->next;
  block->next->previous = block->previous;
  free(block);
}

static void fail(png_structp png, rw_failure failure, const char *text) {
  rw_png *decoder = png_get_error_ptr(png);
  decoder->failure = failure;
  strncpy(decoder->message, text, MESSAGE_SIZE - 1);
  png_longjmp(png, 1);
}

static void on_error(png_structp png, png_const_charp text) {
  fail(png, strcmp(text, "Out of memory") == 0 ? RW_FAILURE_MEMORY : RW_FAILURE_CORRUPT, text);
}

static void on_warning(png_structp png, png_const_charp text) {
  // The progressive reader only warns where the checksum of the whole picture is wrong or its
  // compressed data has no end; libpng's other reader refuses such a file, and so is done here: at
  // once, or else the next damage would be told instead where it is among the same bytes.
  if (strcmp(text, "Truncated compressed data in IDAT") == 0 ||
      strstr(text, "ADLER32") != NULL) {
    fail(png, RW_FAILURE_CORRUPT, "incorrect data check of the compressed pixels");
  }
}

static void on_header(png_structp png, png_infop info) {
  rw_png *decoder = png_get_progressive_ptr(png);
  // libpng passes over every row for a conversion that is asked for, needed or not.
  int depth = png_get_bit_depth(png, info);
  decoder->stored_bit_depth = (uint32_t)depth;
  decoder->has_palette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;
  if (depth < 8 || decoder->has_palette ||
      png_get_valid(png, info, PNG_INFO_tRNS) != 0) {
    png_set_expand(png);
  }
  if (depth == 16 && !decoder->options.keep_16_bits) {
    png_set_strip_16(png);
  } else if (depth == 16) {
    const uint16_t probe = 1;
    if (*(const uint8_t *)&probe == 1) png_set_swap(png);
  }
  if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE) png_set_interlace_handling(png);
  png_read_update_info(png, info);
  decoder->row_bytes = png_get_rowbytes(png, info);
  decoder->channels = png_get_channels(png, info);
  decoder->height = png_get_image_height(png, info);
  if (png_get_interlace_type(png, info) != PNG_INTERLACE_NONE) {
    decoder->image = calloc(decoder->height, decoder->row_bytes);
    if (decoder->image == NULL) png_error(png, "Out of memory");
  }
  decoder->is_started = true;
}

/// Makes room for one more waiting row and returns its place, or NULL where memory is short.
static uint8_t *append_waiting_row(rw_png *decoder) {
  if (decoder->first + decoder->waiting == decoder->queue_capacity) {
    if (decoder->first > 0) {
      memmove(decoder->queue, decoder->queue + decoder->first * decoder->row_bytes,
              decoder->waiting * decoder->row_bytes);
      decoder->first = 0;
    } else {
      size_t capacity = decoder->queue_capacity == 0 ? 4 : decoder->queue_capacity * 2;
      if (capacity > decoder->height) capacity = decoder->height;
      uint8_t *queue = realloc(decoder->queue, capacity * decoder->row_bytes);
      if (queue == NULL) return NULL;
      decoder->queue = queue;
      decoder->queue_capacity = capacity;
    }
  }
  decoder->waiting += 1;
  return decoder->queue + (decoder->first + decoder->waiting - 1) * decoder->row_bytes;
}

static void on_row(png_structp png, png_bytep row, png_uint_32 index, int pass) {
  rw_png *decoder = png_get_progressive_ptr(png);
  if (decoder->image != NULL) {
    if (index >= decoder->height) return;
    if (row != NULL) {
      png_progressive_combine_row(png, decoder->image + index * decoder->row_bytes, row);
    }
    if (pass == 6) decoder->final_rows = (size_t)index + 1;
    return;
  }
  if (row == NULL) return;
  uint8_t *place;
  if (decoder->decoded < decoder->row_count) {
    place = decoder->rows + decoder->decoded * decoder->stride;
    decoder->decoded += 1;
  } else {
    place = append_waiting_row(decoder);
    if (place == NULL) png_error(png, "Out of memory");
  }
  memcpy(place, row, decoder->row_bytes);
}

static void on_end(png_structp png, png_infop info) {
  (void)info;
  rw_png *decoder = png_get_progressive_ptr(png);
  decoder->is_at_end = true;
}

rw_png *rw_png_create(rw_png_options options) {
  rw_png *decoder = malloc(sizeof *decoder + ARENA_SIZE);
  if (decoder == NULL) return NULL;
  memset(decoder, 0, sizeof *decoder);
  decoder->large.previous = decoder->large.next = &decoder->large;
  decoder->options = options;
  decoder->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning,
                                          decoder, allocate, release);
  if (decoder->png != NULL) decoder->info = png_create_info_struct(decoder->png);
  if (decoder->info == NULL) {
    rw_png_destroy(decoder);
    return NULL;
  }
  // The caller has its own limits and names them better; libpng's stay as a second line.
  png_set_user_limits(decoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(decoder->png, METADATA_LIMIT);
  png_set_chunk_cache_max(decoder->png, 16);
  // The progressive reader of libpng 1.6.39 does not know eXIf; kept as an unknown chunk, its
  // checksum is verified and its bytes can be had with every version.
  png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "eXIf", 1);
  png_set_progressive_read_fn(decoder->png, decoder, on_header, on_row, on_end);
  return decoder;
}

void rw_png_destroy(rw_png *decoder) {
  if (decoder == NULL) return;
  // libpng and zlib hold nothing but memory.
  for (large_block *block = decoder->large.next, *next; block != &decoder->large; block = next) {
    next = block->next;
    free(block);
  }
  free(decoder->queue);
  free(decoder->image);
  free(decoder);
}

/// Runs libpng over the bytes, catching its errors.
static rw_status process(rw_png *decoder, const uint8_t *bytes, size_t count) {
  if (decoder->failure != RW_FAILURE_NONE) return RW_FAILED;
  if (setjmp(png_jmpbuf(decoder->png)) != 0) return RW_FAILED;
  // libpng takes a non-const pointer and only reads through it.
  png_process_data(decoder->png, decoder->info, (png_bytep)(uintptr_t)bytes, count);
  return RW_DONE;
}

rw_status rw_png_feed_header(rw_png *decoder, const uint8_t *bytes, size_t count) {
  return process(decoder, bytes, count);
}

bool rw_png_is_started(const rw_png *decoder) { return decoder->is_started; }
bool rw_png_is_at_end(const rw_png *decoder) { return decoder->is_at_end; }
uint32_t rw_png_channels(const rw_png *decoder) { return decoder->channels; }
size_t rw_png_row_bytes(const rw_png *decoder) { return decoder->row_bytes; }
rw_failure rw_png_failure(const rw_png *decoder) { return decoder->failure; }
const char *rw_png_message(const rw_png *decoder) { return decoder->message; }

uint32_t rw_png_width(const rw_png *decoder) {
  return png_get_image_width(decoder->png, decoder->info);
}
uint32_t rw_png_height(const rw_png *decoder) {
  return png_get_image_height(decoder->png, decoder->info);
}
uint32_t rw_png_stored_bit_depth(const rw_png *decoder) {
  return decoder->stored_bit_depth;
}

uint32_t rw_png_bit_depth(const rw_png *decoder) {
  return png_get_bit_depth(decoder->png, decoder->info);
}
uint32_t rw_png_color_type(const rw_png *decoder) {
  return decoder->has_palette ? PNG_COLOR_TYPE_PALETTE
                              : png_get_color_type(decoder->png, decoder->info);
}
bool rw_png_is_interlaced(const rw_png *decoder) {
  return png_get_interlace_type(decoder->png, decoder->info) != PNG_INTERLACE_NONE;
}

const uint8_t *rw_png_exif(const rw_png *decoder, size_t *count) {
  *count = 0;
  png_unknown_chunkp chunks = NULL;
  int chunk_count = png_get_unknown_chunks(decoder->png, decoder->info, &chunks);
  for (int index = 0; index < chunk_count; index++) {
    if (memcmp(chunks[index].name, "eXIf", 4) == 0 && chunks[index].size > 0) {
      *count = chunks[index].size;
      return chunks[index].data;
    }
  }
  return NULL;
}

const char *rw_png_raw_exif_text(const rw_png *decoder, size_t *count) {
  *count = 0;
  png_textp texts = NULL;
  int text_count = 0;
  png_get_text(decoder->png, decoder->info, &texts, &text_count);
  for (int index = 0; index < text_count; index++) {
    if (strcmp(texts[index].key, "Raw profile type exif") == 0) {
      *count = texts[index].text_length;
      return texts[index].text;
    }
  }
  return NULL;
}

/// Moves rows that are ready to the caller.
static void deliver(rw_png *decoder) {
  while (decoder->decoded < decoder->row_count) {
    const uint8_t *row;
    if (decoder->waiting > 0) {
      row = decoder->queue + decoder->first * decoder->row_bytes;
      decoder->first += 1;
      decoder->waiting -= 1;
    } else if (decoder->delivered < decoder->final_rows) {
      row = decoder->image + decoder->delivered * decoder->row_bytes;
      decoder->delivered += 1;
    } else {
      break;
    }
    memcpy(decoder->rows + decoder->decoded * decoder->stride, row, decoder->row_bytes);
    decoder->decoded += 1;
  }
  if (decoder->waiting == 0) decoder->first = 0;
}

rw_status rw_png_read_rows(rw_png *decoder, const uint8_t *bytes, size_t count, uint8_t *rows,
                           size_t stride, size_t row_count, size_t *used, size_t *decoded) {
  decoder->rows = rows;
  decoder->stride = stride;
  decoder->row_count = row_count;
  decoder->decoded = 0;
  *used = 0;
  rw_status status = RW_DONE;
  deliver(decoder);
  // Asked for no rows, it reads to the end.
  while (!decoder->is_at_end && (row_count == 0 || decoder->decoded < row_count)) {
    if (decoder->failure != RW_FAILURE_NONE) {
      status = RW_FAILED;
      break;
    }
    size_t portion = count - *used;
    if (portion == 0) {
      status = RW_NEEDS_INPUT;
      break;
    }
    if (portion > RW_PNG_PORTION) portion = RW_PNG_PORTION;
    if (process(decoder, bytes + *used, portion) == RW_DONE) *used += portion;
    deliver(decoder);
  }
  *decoded = decoder->decoded;
  decoder->rows = NULL;
  decoder->row_count = 0;
  return status;
}
