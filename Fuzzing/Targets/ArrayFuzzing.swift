import RowwiseDatasetLoading
import RowwiseFiles

/// Files of many samples, and archives, from bytes.
enum ArrayFuzzing {
  static func table(_ bytes: [UInt8]) throws(FuzzFinding) { try check(bytes, "fuzz.csv") }

  /// An array by itself, or an archive of arrays.
  static func numpy(_ bytes: [UInt8]) throws(FuzzFinding) {
    try check(bytes, bytes.first == 0x50 ? "fuzz.npz" : "fuzz.npy")
  }

  static func pickle(_ bytes: [UInt8]) throws(FuzzFinding) { try check(bytes, "fuzz-batch") }

  /// Every member is read that the archive lists, and each lies below it.
  static func archive(_ bytes: [UInt8]) throws(FuzzFinding) {
    let path = FuzzFolder.shared.write(bytes[...], to: "fuzz.zip")
    defer { Archives.unmount(path) }
    guard (try? Archives.mount(path)) != nil else { return }
    var names: [String] = []
    try? FileSystem.forEachFile(below: path) { path, _ in names.append(path) }
    for name in names.prefix(100) {
      try expect(
        name.hasPrefix(path + "/") && !name.split(separator: "/").contains(".."),
        "\(name) leads out of the archive")
      guard let kind = FileKind(path: name) else { throw FuzzFinding("\(name) is not there") }
      guard let member = try? InputFile.bytes(path: name, atMost: 1 << 20) else { continue }
      try expect(
        member.count == min(kind.size, 1 << 20 + 1), "\(name) has \(member.count) bytes")
    }
    _ = try? DatasetLoader.open(path, options: DatasetFuzzing.options())
  }

  private static func check(_ bytes: [UInt8], _ name: String) throws(FuzzFinding) {
    let path = FuzzFolder.shared.write(bytes[...], to: name)
    defer { Archives.unmount(path) }
    guard let splits = try? DatasetLoader.open(path, options: DatasetFuzzing.options()) else {
      return
    }
    for (part, dataset) in splits.parts {
      try expect(dataset.count > 0, "a part \(part) without samples")
      try expect(
        dataset.labels.allSatisfy { dataset.classNames.indices.contains(Int($0)) },
        "a label without a class")
      let size = dataset.byteCount
      let last = try? dataset.pixels(at: dataset.count - 1)
      try expect(last?.count == size, "a sample of another size")
    }
  }
}
