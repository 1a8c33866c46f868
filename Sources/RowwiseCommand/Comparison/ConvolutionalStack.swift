import RowwiseLayers

/// The layers of the convolutional baseline: blocks of a 3 × 3 convolution and 2 × 2 pooling, each with twice
/// as many channels as the one before, and a dense layer on what is left of the picture.
struct ConvolutionalStack {
  /// Blocks: as many as leave at most 8 × 8 places of the picture, but two at least. MNIST's 28 × 28 become
  /// 7 × 7, 64 × 64 take three.
  let blocks: Int

  private static let fewest = 2
  /// For pictures of a few rows and very many columns.
  private static let most = 4
  private static let places = 64

  /// - Parameters:
  ///   - width: of the pictures.
  ///   - height: of the pictures.
  init(width: Int, height: Int) {
    var (blocks, width, height) = (0, width, height)
    while blocks < Self.fewest || (blocks < Self.most && width * height > Self.places) {
      blocks += 1
      (width, height) = ((width + 1) / 2, (height + 1) / 2)
    }
    self.blocks = blocks
  }

  /// The layers, as `--layers` spells them.
  ///
  /// - Parameters:
  ///   - channels: of the first block.
  ///   - units: of the dense layer.
  func layers(channels: Int, units: Int) -> String {
    (0..<blocks).map { "conv:\(channels << $0)," }.joined() + "dense:\(units):relu"
  }

  /// The layers whose weights come nearest to a number: the channels that suit a dense layer of twice as many
  /// units as the last block has channels, and then the units that make up for the rest.
  ///
  /// - Parameter weights: how many weights a network of such layers has.
  func layers(nearest target: Int, weights: (String) throws -> Int) rethrows -> String {
    // All sizes stay within what a layer may have.
    let most = LayersText.maximumUnits >> blocks
    let channels = try BaselineFamily.units(nearest: target, most: most) { channels in
      try weights(layers(channels: channels, units: channels << blocks))
    }
    let units = try BaselineFamily.units(nearest: target) { units in
      try weights(layers(channels: channels, units: units))
    }
    return layers(channels: channels, units: units)
  }
}
