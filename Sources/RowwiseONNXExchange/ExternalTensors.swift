import RowwiseFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Numbers that a model keeps in files beside it, as PyTorch's exporter writes them by default.
///
/// A file names its own data: a path that leads out of its folder, by itself or by a link, is refused,
/// and what all tensors claim of a file together is no more than it holds.
struct ExternalTensors {
  /// One tensor's numbers.
  private struct Claim {
    /// The data's path as the model says it.
    var location = ""
    var offset = 0
    /// nil for all that follows.
    var length: Int?
  }

  /// A file with numbers. It is not kept open: a model may have one for each tensor.
  private struct DataFile {
    let path: String
    let byteCount: Int
    /// Bytes that no tensor has claimed.
    var free: Int

    var name: String { FileSystem.lastComponent(path) }
  }

  /// The most bytes that are read: as many as a model in one file may have.
  private static let maximumByteCount = Int(Int32.max)

  private let path: String
  /// By their paths without links.
  private var files: [String: DataFile] = [:]
  /// Bytes that tensors have claimed so far.
  private(set) var byteCount = 0

  /// - Parameter path: of the model.
  init(besides path: String) { self.path = path }

  /// Checks what every tensor of a graph claims, before anything is read.
  ///
  /// - Throws: `ONNXExchangeError` for a claim that cannot be, `FileError` where a file cannot be opened.
  mutating func check(_ graph: ONNXGraph) throws {
    var copy = graph
    try forEachTensor(in: &copy) { place, tensor throws in
      let (data, range) = try place.range(of: tensor)
      guard range.count <= data.free else {
        throw Self.invalid(
          tensor,
          "the tensors together claim more of \(data.name) than its \(data.byteCount) bytes")
      }
      place.files[data.path]?.free -= range.count
      place.byteCount += range.count
      guard place.byteCount <= Self.maximumByteCount else {
        throw Self.invalid(tensor, "more than 2 GiB of numbers in other files")
      }
    }
  }

  /// Puts the numbers into a graph that was checked, as if they had been in the model's own file.
  ///
  /// - Throws: `FileError` where they cannot be read.
  mutating func fill(_ graph: inout ONNXGraph) throws {
    try forEachTensor(in: &graph) { place, tensor throws in
      let (data, range) = try place.range(of: tensor)
      let file = try InputFile(path: data.path)
      guard range.upperBound <= file.byteCount else {
        throw FileError.endedEarly(
          path: data.path, missing: range.upperBound - file.byteCount)
      }
      tensor.rawData = Data(try file.bytes(range.count, at: range.lowerBound))
      tensor.externalData = []
      tensor.dataLocation = 0
    }
  }

  /// Whether a tensor's numbers are in another file.
  static func isExternal(_ tensor: ONNXTensor) -> Bool {
    tensor.dataLocation != 0 || !tensor.externalData.isEmpty
  }

  /// Calls `body` with every tensor of a graph, and of the bodies in it, whose numbers are elsewhere.
  private mutating func forEachTensor(
    in graph: inout ONNXGraph,
    _ body: (inout ExternalTensors, inout ONNXTensor) throws -> Void
  ) throws {
    for index in graph.initializer.indices where Self.isExternal(graph.initializer[index]) {
      try body(&self, &graph.initializer[index])
    }
    for node in graph.node.indices {
      for index in graph.node[node].attribute.indices {
        if graph.node[node].attribute[index].hasT,
          Self.isExternal(graph.node[node].attribute[index].t)
        {
          try body(&self, &graph.node[node].attribute[index].t)
        }
        if graph.node[node].attribute[index].hasG {
          try forEachTensor(in: &graph.node[node].attribute[index].g, body)
        }
      }
    }
  }

  /// The file that holds a tensor's numbers, and where.
  private mutating func range(of tensor: ONNXTensor) throws -> (DataFile, Range<Int>) {
    let claim = try Self.claim(of: tensor)
    let data = try file(claim.location, tensor)
    let size = data.byteCount
    guard claim.offset <= size, claim.length ?? 0 <= size - claim.offset else {
      let end = claim.length.map { " and are \($0) long" } ?? ""
      throw Self.invalid(
        tensor,
        "its numbers begin at byte \(claim.offset) of \(data.name)\(end), which has \(size) "
          + "bytes; it is cut short, or another model's")
    }
    return (data, claim.offset..<claim.offset + (claim.length ?? size - claim.offset))
  }

  /// What a tensor says of where its numbers are.
  private static func claim(of tensor: ONNXTensor) throws -> Claim {
    guard tensor.dataLocation == 1 else {
      throw invalid(tensor, "its data_location is \(tensor.dataLocation); expected 0 or 1")
    }
    guard tensor.rawData.isEmpty else {
      throw invalid(tensor, "it has numbers both in the model's file and in another one")
    }
    var claim = Claim()
    for entry in tensor.externalData {
      switch entry.key {
      case "location": claim.location = entry.value
      case "offset": claim.offset = try number(entry, tensor)
      case "length": claim.length = try number(entry, tensor)
      case "checksum": break
      default: throw invalid(tensor, "external_data has an entry \"\(entry.key.prefix(40))\"")
      }
    }
    return claim
  }

  private static func number(_ entry: ONNXProperty, _ tensor: ONNXTensor) throws -> Int {
    guard let number = Int(entry.value), number >= 0 else {
      throw invalid(
        tensor, "its \(entry.key) is \"\(entry.value.prefix(40))\"; expected a number of bytes")
    }
    return number
  }

  private mutating func file(_ location: String, _ tensor: ONNXTensor) throws -> DataFile {
    let found: String
    switch FileSystem.path(of: location, inFolderOf: path) {
    case .inside(let path): found = path
    case .outside(let reason):
      throw Self.invalid(
        tensor,
        "its numbers are in \"\(location.prefix(80))\", \(reason); only files in the model's own "
          + "folder are read")
    }
    if let file = files[found] { return file }
    let size = try InputFile(path: found).byteCount
    let data = DataFile(path: found, byteCount: size, free: size)
    files[found] = data
    return data
  }

  private static func invalid(_ tensor: ONNXTensor, _ reason: String) -> ONNXExchangeError {
    .invalidTensor(name: tensor.name, reason: reason)
  }
}
