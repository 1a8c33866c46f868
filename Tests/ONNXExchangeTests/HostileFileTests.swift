import Foundation
import RowwiseLayers
import Testing

@testable import RowwiseONNXExchange

/// Files that were made to do harm end in a typed error, quickly.
struct HostileFileTests {
  private static func lstm() throws -> ONNXModel {
    var model = try ONNXModel(
      serializedBytes: try ONNXExport(Networks.classifier([LSTM(5)])).bytes)
    model.metadataProps = []
    return model
  }

  private static func bytes(_ change: (inout ONNXModel) -> Void) throws -> [UInt8] {
    var model = try lstm()
    change(&model)
    return try model.serializedBytes()
  }

  private static func message(_ bytes: [UInt8]) -> String? {
    do {
      _ = try ONNXImport(bytes: bytes)
      return nil
    } catch {
      return error.description
    }
  }

  private static func isRefused(
    _ part: String, _ change: (inout ONNXModel) -> Void
  ) throws {
    let message = try Self.message(Self.bytes(change))
    #expect(message?.contains(part) == true, "\(message ?? "accepted")")
  }

  @Test func everyTruncation() throws {
    let bytes = try ONNXExport(Networks.classifier([LSTM(2, peephole: .full)])).bytes
    for count in 0..<bytes.count {
      // A cut between two fields leaves a shorter file of the same kind, which may be a model.
      guard let message = Self.message(Array(bytes[..<count])) else { continue }
      #expect(!message.isEmpty)
    }
    for count in 0..<100 { #expect(Self.message(Array(bytes[..<count])) != nil) }
  }

  /// Every byte changed in its lowest bit, its highest and all: never a crash.
  @Test func everyChangedByte() throws {
    let bytes = try ONNXExport(Networks.classifier([LSTM(2)])).bytes
    var refused = 0
    for index in bytes.indices {
      for bits in [1, 0x80, 0xFF] as [UInt8] {
        var changed = bytes
        changed[index] ^= bits
        if Self.message(changed) != nil { refused += 1 }
      }
    }
    // Names and weights take most of the file, and others may stand there.
    #expect(refused > bytes.count / 4)
  }

  @Test func cyclicGraph() throws {
    try Self.isRefused("is not computed by any node before it") {
      $0.graph.node[0].input = [$0.graph.node.last?.output.first ?? ""]
    }
  }

  @Test func selfReference() throws {
    try Self.isRefused("is not computed by any node before it") {
      $0.graph.node[0].input = $0.graph.node[0].output
    }
  }

  @Test func sizesThatOverflow() throws {
    try Self.isRefused("impossible size") {
      $0.graph.initializer[0].dims = [1 << 40, 1 << 40, 1 << 40]
    }
    try Self.isRefused("impossible size") { $0.graph.initializer[0].dims = [-1, 20, 6] }
    try Self.isRefused("no numbers") { $0.graph.initializer[0].dims = [0, 1 << 40, 1 << 40] }
    try Self.isRefused("numbers where its sizes") {
      $0.graph.initializer[0].dims = [1, 1 << 30, 6]
    }
  }

  @Test func sizesBeyondTheFile() throws {
    try Self.isRefused("W is not") { model in
      model.graph.node = model.graph.node.map { node in
        var node = node
        node.input = node.input.map { $0 == "layers.0/W" ? "timesteps" : $0 }
        return node
      }
    }
    try Self.isRefused("hidden_size") { model in
      for place in model.graph.node.indices where model.graph.node[place].opType == "LSTM" {
        for index in model.graph.node[place].attribute.indices {
          model.graph.node[place].attribute[index].i = .max
        }
      }
    }
  }

  /// Many nodes that share one weight would each hold it anew.
  @Test func sharedWeights() throws {
    var model = try ONNXModel(
      serializedBytes: try ONNXExport(Networks.classifier([LSTM(40)])).bytes)
    model.metadataProps = []
    let place = try #require(model.graph.node.firstIndex { $0.opType == "LSTM" })
    let node = model.graph.node[place]
    for copy in 0..<1000 {
      var node = node
      node.output = node.output.map { $0.isEmpty ? "" : "\($0) \(copy)" }
      model.graph.node.insert(node, at: place)
      // An output that nobody needs is not read.
      model.graph.node[model.graph.node.count - 1].input += node.output.filter { !$0.isEmpty }
    }
    let message = try Self.message(model.serializedBytes())
    #expect(message?.contains("makes more of its constants") == true, "\(message ?? "accepted")")
  }

  /// By the standard an end of −T stops before the first of T timesteps; past it everything is read.
  @Test(arguments: [(-9, true), (-8, false), (-7, false)])
  func reversalThatLeavesTimestepsOut(end: Int64, isWhole: Bool) throws {
    var model = try Self.lstm()
    let place = try #require(model.graph.node.firstIndex { $0.opType == "LSTM" })
    let sequence = model.graph.node[place].input[0]
    let input = try #require(model.graph.node.first { $0.output.contains(sequence) })
    #expect(input.opType == "Transpose")
    model.graph.input[0].type.tensorType.shape.dim[1].dimValue = 8
    for (name, value) in [("start", -1), ("end", end), ("axis", 0), ("step", -1)] {
      model.graph.initializer.append(
        .with {
          $0.name = name
          $0.dataType = ElementType.int64.rawValue
          $0.dims = [1]
          $0.int64Data = [value]
        })
    }
    model.graph.node.insert(
      .with {
        $0.opType = "Slice"
        $0.input = [sequence, "start", "end", "axis", "step"]
        $0.output = ["turned"]
      }, at: place)
    model.graph.node[place + 1].input[0] = "turned"
    let message = try Self.message(model.serializedBytes())
    if isWhole {
      #expect(message == nil)
    } else {
      #expect(message?.contains("it cuts axis 0") == true, "\(message ?? "accepted")")
    }
  }

  /// Also in a file that is ours in everything else.
  @Test func numbersThatAreNotFinite() throws {
    for isOurs in [true, false] {
      var model = try ONNXModel(
        serializedBytes: try ONNXExport(Networks.classifier([LSTM(5)])).bytes)
      if !isOurs { model.metadataProps = [] }
      let weight = try #require(
        model.graph.initializer.firstIndex { $0.name == "layers.0/R" })
      model.graph.initializer[weight].rawData.replaceSubrange(0..<4, with: [0, 0, 0xC0, 0x7F])
      let message = Self.message(try model.serializedBytes())
      #expect(message?.contains("a number that is not finite") == true, "\(message ?? "accepted")")
    }
  }

  @Test func weightsInAnotherFile() throws {
    try Self.isRefused("in another file") {
      $0.graph.initializer[0].dataLocation = 1
      $0.graph.initializer[0].externalData = [.with { $0.key = "location" }]
    }
  }

  @Test func unknownOperators() throws {
    try Self.isRefused("no layer here") { $0.graph.node[1].opType = "Conv" }
    try Self.isRefused("outside of the ONNX standard") { $0.graph.node[1].domain = "com.example" }
  }

  @Test func impossibleInputs() throws {
    try Self.isRefused("not fixed") {
      $0.graph.input[0].type.tensorType.shape.dim[2].dimValue = .min
    }
    try Self.isRefused("expected [batch, timesteps, features]") {
      $0.graph.input[0].type.tensorType.shape.dim.removeLast()
    }
    try Self.isRefused("outputs; expected one") { $0.graph.output = [] }
  }

  /// A constant that is joined with itself again and again would have 2⁶⁰ numbers.
  @Test func doublingConstants() throws {
    try Self.isRefused("more of its constants than it holds") { model in
      var name = "doubled"
      model.graph.initializer.append(
        .with {
          $0.name = name
          $0.dataType = ElementType.int64.rawValue
          $0.dims = [1]
          $0.int64Data = [1]
        })
      for step in 0..<4000 {
        let next = "doubled\(step)"
        model.graph.node.insert(
          .with {
            $0.opType = "Concat"
            $0.input = step < 11 ? [name, name] : [name]
            $0.output = [next]
            $0.attribute = [.int("axis", 0)]
          }, at: step)
        name = next
      }
      model.graph.node[4000].input.append(name)
    }
  }

  /// Messages nested as deep as the file is long.
  @Test func deepNesting() {
    var bytes: [UInt8] = []
    for _ in 0..<20_000 {
      // Attribute.g (6) of Node.attribute (5) of Graph.node (1), around what is there.
      for field in [UInt8(6), 5, 1] {
        bytes = [field << 3 | 2] + Self.varint(bytes.count) + bytes
        if bytes.count > 60_000 { break }
      }
      if bytes.count > 60_000 { break }
    }
    bytes = [7 << 3 | 2] + Self.varint(bytes.count) + bytes
    #expect(Self.message(bytes) != nil)
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = value
    var result: [UInt8] = []
    while rest >= 128 {
      result.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return result + [UInt8(rest)]
  }

  /// A field that claims 10 GB in a file of a few bytes.
  @Test func tenGigabytesDeclared() {
    let size: [UInt8] = [0x80, 0xC8, 0xAF, 0xA0, 0x25]
    #expect(Self.message([7 << 3 | 2] + size + [0, 0, 0]) != nil)
    #expect(Self.message([0x42] + size) != nil)
  }

  /// A description that cannot be used is told, not passed over: what it says would be lost.
  @Test func uselessDescriptions() throws {
    let good = try ONNXModel(
      serializedBytes: try ONNXExport(Networks.classifier([LSTM(2)])).bytes)
    let place = try #require(good.metadataProps.firstIndex { $0.key == "rowwise" })
    for (piece, other, message) in [
      ("\"a\",", "\"ß\",", "two classes are called \"ß\""),
      (
        "\"formatVersion\":1", "\"formatVersion\":9",
        "format 9 is newer than this program's 1; update rowwise"
      ),
      ("\"gateOrder\":\"ifgo\"", "\"gateOrder\":\"ifog\"", "gate order ifog; expected ifgo"),
    ] {
      var model = good
      let text = model.metadataProps[place].value
      #expect(text.contains(piece))
      model.metadataProps[place].value = text.replacingOccurrences(of: piece, with: other)
      let bytes: [UInt8] = try model.serializedBytes()
      #expect(throws: ONNXExchangeError.invalidDescription(reason: message)) {
        try ONNXImport(bytes: bytes)
      }
    }
  }

  @Test func filesOfOtherKinds() throws {
    let folder = FileManager.default.temporaryDirectory
    let path = folder.appendingPathComponent("rowwise-\(UUID().uuidString).onnx").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for content in ["", "PK\u{3}\u{4}", "just text", "\0\0\0\0"] {
      try Data(content.utf8).write(to: URL(fileURLWithPath: path))
      #expect {
        try ONNXImport(path: path)
      } throws: { error in
        if case ONNXExchangeError.unreadable(path, _) = error { true } else { false }
      }
    }
  }
}
