import RowwiseTexts

/// An image and its vector, or why there is none.
struct EmbeddedImage {
  /// Why an image has no vector.
  struct Reason: Error {
    let text: String
  }

  let path: String
  let result: Result<[Float], Reason>

  var vector: [Float]? { try? result.get() }
}

/// Vectors or neighbours of images as text, one row an image.
struct EmbeddingRows {
  private let images: [EmbeddedImage]
  private let format: EmbedCommand.Format
  private let width: Int
  /// How many neighbours are named; nil: vectors are written.
  private let count: Int?
  /// Those of each image, as places in `images`.
  private let neighbors: [Int: [EmbeddingNeighbors.Neighbor]]

  /// - Parameters:
  ///   - neighbors: how many to name; nil: vectors are written.
  ///   - width: of the vectors.
  init(_ images: [EmbeddedImage], format: EmbedCommand.Format, neighbors: Int?, width: Int) {
    self.images = images
    self.format = format
    self.width = width
    count = neighbors
    guard let neighbors else {
      self.neighbors = [:]
      return
    }
    let read = images.indices.filter { images[$0].vector != nil }
    let search = EmbeddingNeighbors(read.compactMap { images[$0].vector })
    var found: [Int: [EmbeddingNeighbors.Neighbor]] = [:]
    for (place, index) in read.enumerated() {
      found[index] = search.nearest(to: place, count: neighbors).map {
        .init(index: read[$0.index], similarity: $0.similarity)
      }
    }
    self.neighbors = found
  }

  var text: String {
    switch format {
    case .csv: head + images.indices.map { CSVText.row(fields($0)) }.joined()
    case .jsonl: images.indices.map { json($0).compact + "\n" }.joined()
    }
  }

  private var head: String {
    let columns =
      count.map { count in (0..<count).flatMap { ["neighbor_\($0 + 1)", "similarity_\($0 + 1)"] } }
      ?? (0..<width).map { "v\($0)" }
    return CSVText.row(["path", "error"] + columns)
  }

  private func fields(_ index: Int) -> [String] {
    let image = images[index]
    switch image.result {
    case .failure(let reason):
      return [image.path, reason.text] + Array(repeating: "", count: count.map { 2 * $0 } ?? width)
    case .success(let vector):
      guard let count else { return [image.path, ""] + vector.map(\.description) }
      let found = neighbors[index] ?? []
      let named = found.flatMap { [images[$0.index].path, Self.text($0.similarity)] }
      return [image.path, ""] + named + Array(repeating: "", count: 2 * (count - found.count))
    }
  }

  private func json(_ index: Int) -> JSONValue {
    let image = images[index]
    switch image.result {
    case .failure(let reason):
      return .object([.init("path", .string(image.path)), .init("error", .string(reason.text))])
    case .success(let vector):
      guard count != nil else {
        return .object([
          .init("path", .string(image.path)), .init("embedding", .array(vector.map { .float($0) })),
        ])
      }
      return .object([
        .init("path", .string(image.path)),
        .init(
          "neighbors",
          .array(
            (neighbors[index] ?? []).map {
              .object([
                .init("path", .string(images[$0.index].path)),
                .init("similarity", .double($0.similarity)),
              ])
            })),
      ])
    }
  }

  private static func text(_ similarity: Double) -> String {
    NumberText.fixed(similarity, decimals: 4)
  }
}
