/// Distances between rows of working memory.
enum RowStride {
  /// For rows of `width` elements: whole cache lines, and never a multiple of 512 bytes (of
  /// `Float`), which would map the rows of a block to a few sets of the first-level cache.
  static func of(_ width: Int) -> Int {
    let padded = (width + 15) / 16 * 16
    return padded % 128 == 0 ? padded + 16 : padded
  }
}
