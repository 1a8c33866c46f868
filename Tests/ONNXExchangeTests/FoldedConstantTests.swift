import RowwiseLayers
import RowwiseWeightExchange
import Testing

@testable import RowwiseONNXExchange

/// Weights that the graph itself puts together, as torch.export leaves it to do.
struct FoldedConstantTests {
  /// A classifier's graph without anything that says where it comes from, changed.
  private static func read(
    _ layers: [any Layer] = [LSTM(5)], _ change: (inout ONNXGraph) throws -> Void
  ) throws -> (read: NetworkWeights, written: NetworkWeights) {
    let classifier = try Networks.classifier(layers)
    var model = try ONNXModel(serializedBytes: try ONNXExport(classifier).bytes)
    model.metadataProps = []
    try change(&model.graph)
    let read = try ONNXImport(bytes: try model.serializedBytes()).weights
    return (read, NetworkWeights(of: classifier.network))
  }

  /// The same layers with the same numbers; timesteps are not in such a file.
  private static func expectEqual(_ read: NetworkWeights, _ written: NetworkWeights) {
    #expect(read.layers == written.layers)
    for parameter in written.parameters {
      #expect(read[parameter.name] == written[parameter.name], "\(parameter.name)")
    }
  }

  private static func node(
    _ type: String, _ inputs: [String], _ output: String, _ attributes: [ONNXAttribute] = []
  ) -> ONNXNode {
    .with {
      $0.opType = type
      $0.input = inputs
      $0.output = [output]
      $0.attribute = attributes
    }
  }

  private static func integers(_ name: String, _ values: [Int]) -> ONNXTensor {
    .with {
      $0.name = name
      $0.dataType = ElementType.int64.rawValue
      $0.dims = [Int64(values.count)]
      $0.int64Data = values.map { Int64($0) }
    }
  }

  /// Cut in two along an axis and joined again: the same weights, also where a part is all zeros,
  /// as the second half of this bias is.
  @Test(arguments: [("W", 1, 10), ("R", 2, 3), ("B", 1, 20)])
  func cutAndJoined(name: String, axis: Int, place: Int) throws {
    let (read, written) = try Self.read { graph in
      let weight = "layers.0/\(name)"
      graph.initializer += [
        Self.integers("start", [0]), Self.integers("middle", [place]),
        Self.integers("end", [.max]), Self.integers("axis", [axis]),
      ]
      let user = try #require(graph.node.firstIndex { $0.input.contains(weight) })
      graph.node[user].input = graph.node[user].input.map { $0 == weight ? "joined" : $0 }
      graph.node.insert(
        contentsOf: [
          Self.node("Slice", [weight, "start", "middle", "axis"], "first"),
          Self.node("Slice", [weight, "middle", "end", "axis"], "second"),
          Self.node("Concat", ["first", "second"], "joined", [.int("axis", axis)]),
        ], at: 0)
    }
    Self.expectEqual(read, written)
  }

  /// A state of constant zeros is what a layer begins with anyway.
  @Test func zeroStates() throws {
    let (read, written) = try Self.read { graph in
      graph.initializer.append(
        .with {
          $0.name = "zeros"
          $0.dataType = ElementType.float.rawValue
          $0.dims = [1, 1, 5]
          $0.floatData = [0, 0, 0, 0, 0]
        })
      let user = try #require(graph.node.firstIndex { $0.opType == "LSTM" })
      graph.node[user].input += ["", "zeros", "zeros"]
    }
    Self.expectEqual(read, written)
  }

  /// Constants that do not fit beside each other.
  @Test func otherSizes() throws {
    #expect {
      try Self.read { graph in
        let user = try #require(graph.node.firstIndex { $0.opType == "LSTM" })
        graph.node[user].input[1] = "joined"
        graph.node.insert(
          Self.node("Concat", ["layers.0/W", "layers.0/R"], "joined", [.int("axis", 0)]), at: 0)
      }
    } throws: { error in
      guard case ONNXExchangeError.notUnderstood("joined", "Concat", let reason) = error else {
        return false
      }
      return reason == "it joins constants of other sizes"
    }
  }

  /// Zero points may be any integers.
  @Test func zeroPointsOutOfRange() throws {
    let (read, _) = try Self.read { graph in
      graph.initializer += [
        Self.integers("numbers", [Int](repeating: .min, count: 40)),
        Self.integers("zero", [.max]),
        .with {
          $0.name = "scale"
          $0.dataType = ElementType.float.rawValue
          $0.floatData = [0x1p-64]
        },
      ]
      let user = try #require(graph.node.firstIndex { $0.opType == "LSTM" })
      graph.node[user].input[3] = "bias"
      graph.initializer.append(Self.integers("shape", [1, 40]))
      graph.node.insert(
        contentsOf: [
          Self.node("DequantizeLinear", ["numbers", "scale", "zero"], "wide"),
          Self.node("Reshape", ["wide", "shape"], "bias"),
        ], at: 0)
    }
    #expect(read["layers.0.bias"] == [Float](repeating: -2, count: 20))
  }
}
