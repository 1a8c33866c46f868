/// What is done for every tile of a number of rows.
protocol TileOperation {
  associatedtype C: Columns
  /// Does it for the tile that starts at row `row`.
  func compute<T: Tile>(_: T.Type, row: Int) where T.C == C
}

extension TileOperation {
  /// Cuts 0 ..< count into tiles of even size and does it for each.
  @inline(__always)
  func callAsFunction(rows count: Int) {
    guard count > 0 else { return }
    let tiles = EvenSplit(count, limit: maximumTileRows)
    for tile in 0..<tiles.count {
      let row = tiles.start(tile)
      switch tiles.size(tile) {
      case 1: compute(Tile1<C>.self, row: row)
      case 2: compute(Tile2<C>.self, row: row)
      #if KERNELS_AVX512 || (KERNELS_BASELINE && arch(arm64))
        case 3: compute(Tile3<C>.self, row: row)
        case 4: compute(Tile4<C>.self, row: row)
        default: compute(Tile5<C>.self, row: row)
      #else
        default: compute(Tile3<C>.self, row: row)
      #endif
      }
    }
  }
}
