import RowwiseDatasetLoading
import RowwiseImageDecoding

/// Data set files from bytes.
enum DatasetFuzzing {
  static func options() -> DatasetOptions {
    var options = DatasetOptions()
    options.threads = 1
    options.fileBytes = 1 << 20
    options.cacheBytes = 1 << 20
    options.decoding.limits.maximumPixels = 1 << 16
    return options
  }

  /// Two bytes, the lower first, say how long the file of labels is; then come it and the images.
  static func idx(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard bytes.count >= 2 else { return }
    let length = min(Int(bytes[0]) | Int(bytes[1]) << 8, bytes.count - 2)
    let folder = FuzzFolder.shared
    let images = folder.write(bytes[(2 + length)...], to: "t10k-images-idx3-ubyte")
    _ = folder.write(bytes[2..<2 + length], to: "t10k-labels-idx1-ubyte")
    guard let splits = try? DatasetLoader.open(images, options: options()) else { return }
    for (part, dataset) in splits.parts {
      try expect(dataset.count > 0, "a part \(part) without samples")
      try expect(dataset.labels.count == dataset.count, "labels and samples differ in count")
      try expect(
        dataset.labels.allSatisfy { dataset.classNames.indices.contains(Int($0)) },
        "a label without a class")
    }
  }

  /// The manifest's folder holds two pictures, `0.png` and `1.png`.
  static func manifest(_ bytes: [UInt8]) throws(FuzzFinding) {
    let folder = FuzzFolder.shared
    for level in 0...1 {
      let picture = DecodedImage(
        width: 2, height: 2, channels: 1, pixels: [0, 9, 200, UInt8(level)])
      folder.writeOnce("\(level).png") { (try? PNGWriter.encode(picture)) ?? [] }
    }
    let path = folder.write(bytes[...], to: "manifest.csv")
    guard let splits = try? DatasetLoader.open(path, options: options()) else { return }
    for dataset in splits.parts.values {
      try expect(dataset.count > 0, "a part without samples")
      try expect(
        dataset.labels.allSatisfy { dataset.classNames.indices.contains(Int($0)) },
        "a label without a class")
    }
  }
}
