import RowwiseLayers
import RowwiseWeightExchange
import Testing

@testable import RowwiseONNXExchange

/// LSTM, GRU and RNN nodes: every attribute and every input is understood, or refused by its name.
struct RecurrentOperatorTests {
  /// An exported network as other toolkits write it: without a word of where it is from.
  private struct Example {
    var model: ONNXModel
    private let written: NetworkWeights

    /// Reads pictures of 6 × 5.
    init(_ layer: Recurrent) throws {
      let classifier = try Networks.classifier([layer])
      written = NetworkWeights(of: classifier.network)
      model = try ONNXModel(serializedBytes: ONNXExport(classifier).bytes)
      model.metadataProps = []
    }

    /// Position of the recurrent node.
    private var place: Int {
      model.graph.node.firstIndex { ["LSTM", "GRU", "RNN"].contains($0.opType) } ?? 0
    }

    var node: ONNXNode {
      get { model.graph.node[place] }
      set { model.graph.node[place] = newValue }
    }

    /// Puts an attribute into the place of the one with its name.
    mutating func set(_ attribute: ONNXAttribute) {
      node.attribute.removeAll { $0.name == attribute.name }
      node.attribute.append(attribute)
    }

    /// Puts a constant into an input.
    mutating func set(input: Int, _ name: String, _ dimensions: [Int], _ numbers: [Int32]) {
      add(name, dimensions, numbers, .int32)
      connect(name, to: input)
    }

    /// Puts zeros into an input, or ones.
    mutating func set(state input: Int, _ dimensions: [Int], of value: Float = 0) {
      let count = dimensions.reduce(1, *)
      model.graph.initializer.append(
        .with {
          $0.name = "state \(input)"
          $0.dataType = ElementType.float.rawValue
          $0.dims = dimensions.map { Int64($0) }
          $0.floatData = [Float](repeating: value, count: count)
        })
      connect("state \(input)", to: input)
    }

    private mutating func add(
      _ name: String, _ dimensions: [Int], _ numbers: [Int32], _ type: ElementType
    ) {
      model.graph.initializer.append(
        .with {
          $0.name = name
          $0.dataType = type.rawValue
          $0.dims = dimensions.map { Int64($0) }
          $0.int32Data = numbers
        })
    }

    private mutating func connect(_ name: String, to input: Int) {
      while node.input.count <= input { node.input.append("") }
      node.input[input] = name
    }

    /// Zeros of constant sizes that a node makes, instead of the state at `input`.
    mutating func set(computedState input: Int, _ sizes: [Int]) {
      model.graph.initializer.append(
        .with {
          $0.name = "sizes \(input)"
          $0.dataType = ElementType.int64.rawValue
          $0.dims = [Int64(sizes.count)]
          $0.int64Data = sizes.map { Int64($0) }
        })
      connect("zeros \(input)", to: input)
      model.graph.node.insert(
        .with {
          $0.opType = "ConstantOfShape"
          $0.input = ["sizes \(input)"]
          $0.output = ["zeros \(input)"]
        }, at: 0)
    }

    /// Fixes the batch and the number of timesteps.
    mutating func fix(batch: Int64, timesteps: Int64) {
      model.graph.input[0].type.tensorType.shape.dim[0].dimValue = batch
      model.graph.input[0].type.tensorType.shape.dim[1].dimValue = timesteps
    }

    func read() throws -> NetworkWeights {
      try ONNXImport(bytes: model.serializedBytes()).weights
    }

    /// Whether the network that was written is read, to the last bit.
    func isRead() throws -> Bool {
      let weights = try read()
      return weights.layers == written.layers
        && weights.parameters.allSatisfy { weights[$0.name] == written[$0.name] }
    }

    /// Why the node is refused; nil where it is not.
    func refusal() throws -> String? {
      do {
        _ = try read()
        return nil
      } catch let ONNXExchangeError.notUnderstood(_, type, reason) where type == node.opType {
        return reason
      }
    }
  }

  private static func strings(_ name: String, _ values: [String]) -> ONNXAttribute {
    .with {
      $0.name = name
      $0.type = .strings
      $0.strings = values.map { .init($0.utf8) }
    }
  }

  private static func floats(_ name: String, _ values: [Float]) -> ONNXAttribute {
    .with {
      $0.name = name
      $0.type = .floats
      $0.floats = values
    }
  }

  private static let refused: [(attribute: ONNXAttribute, reason: String)] = [
    (.float("clip", 3), "clip 3.0, which no layer here does"),
    (floats("activation_alpha", [0.5]), "activation_alpha of 1 numbers; expected none"),
    (floats("activation_beta", [0.5, 1]), "activation_beta of 2 numbers; expected none"),
    (.int("input_forget", 1), "input_forget 1: coupled input and forget gates"),
    (.int("layout", 2), "layout 2; expected 0 or 1"),
    (.int("linear_before_reset", 1), "attribute linear_before_reset"),
    (.int("output_sequence", 1), "attribute output_sequence"),
    (.string("direction", "sideways"), "direction \"sideways\""),
    (.int("hidden_size", 0), "hidden_size 0"), (.int("hidden_size", 4), "W is [1, 20, 6]"),
    (
      strings("activations", ["Sigmoid", "Tanh"]),
      "activations sigmoid, tanh; expected sigmoid, tanh, tanh"
    ),
    (
      strings("activations", ["Sigmoid", "Relu", "Tanh"]),
      "activations sigmoid, relu, tanh; expected sigmoid, tanh, tanh"
    ),
    (
      strings("activations", ["Sigmoid", "Tanh", "Tanh", "Relu"]),
      "activations sigmoid, tanh, tanh, relu; expected sigmoid, tanh, tanh"
    ),
  ]

  @Test func attributesThatMeanAnotherNetwork() throws {
    for (attribute, reason) in Self.refused {
      var example = try Example(LSTM(5))
      example.set(attribute)
      let refusal = try example.refusal()
      #expect(refusal?.contains(reason) == true, "\(attribute.name): \(refusal ?? "accepted")")
    }
    var example = try Example(GRU(5))
    example.set(.int("linear_before_reset", 2))
    #expect(try example.refusal() == "linear_before_reset 2; expected 0 or 1")
  }

  @Test func attributesThatSayTheUsual() throws {
    for attribute in [
      Self.strings("activations", ["sigmoid", "Tanh", "TANH"]), Self.floats("activation_alpha", []),
      .int("input_forget", 0), .int("layout", 0),
    ] {
      var example = try Example(LSTM(5))
      example.set(attribute)
      #expect(try example.isRead(), "\(attribute.name)")
    }
  }

  /// A state of another width belongs to a projection, which gives the network other outputs.
  @Test func statesThatAreNotTheCells() throws {
    let wrong: [(input: Int, sizes: [Int], text: String)] = [
      (6, [1, 1, 7], "its initial_c is [1, 1, 7]; expected [1, ?, 5]"),
      (5, [1, 1, 4], "its initial_h is [1, 1, 4]; expected [1, ?, 5]"),
      (5, [2, 1, 5], "its initial_h is [2, 1, 5]; expected [1, ?, 5]"),
      (5, [1, 5], "its initial_h is [1, 5]; expected [1, ?, 5]"),
    ]
    for (input, sizes, text) in wrong {
      var constant = try Example(LSTM(5))
      constant.set(state: input, sizes)
      #expect(try constant.refusal()?.hasPrefix(text) == true)
      var computed = try Example(LSTM(5))
      computed.set(computedState: input, sizes)
      #expect(throws: ONNXExchangeError.self) { try computed.read() }
    }
    var right = try Example(LSTM(5))
    right.set(state: 5, [1, 3, 5])
    right.set(state: 6, [1, 3, 5])
    #expect(try right.isRead())
    right.fix(batch: 2, timesteps: 5)
    #expect(
      try right.refusal()?.hasPrefix("its initial_h is [1, 3, 5]; expected [1, 2, 5]") == true)
    var notZero = try Example(LSTM(5))
    notZero.set(state: 5, [1, 1, 5], of: 1)
    #expect(try notZero.refusal() == "its initial_h is other than zeros, which no layer here has")
  }

  /// As exporters write a projection: states of zeros, cut and joined on the way.
  @Test func sizesOfZerosAreFollowed() throws {
    let cases: [(node: String, sizes: [Int], isRight: Bool)] = [
      ("Transpose", [1, 5, 3], true), ("Transpose", [1, 3, 5], false),
      ("Unsqueeze", [3, 5], true), ("Unsqueeze", [3, 4], false),
      ("Slice", [2, 3, 5], true), ("Slice", [2, 3, 7], false),
      ("Concat", [1, 3, 5], false), ("Gather", [2, 1, 3, 5], true),
    ]
    for (type, sizes, isRight) in cases {
      var example = try Example(LSTM(5))
      example.set(computedState: 6, sizes)
      example.node.input[6] = "changed"
      example.model.graph.node.insert(
        .with {
          $0.opType = type
          $0.output = ["changed"]
          switch type {
          case "Transpose":
            $0.input = ["zeros 6"]
            $0.attribute = [.ints("perm", [0, 2, 1])]
          case "Unsqueeze":
            $0.input = ["zeros 6"]
            $0.attribute = [.ints("axes", [0])]
          case "Concat":
            $0.input = ["zeros 6", "zeros 6"]
            $0.attribute = [.int("axis", 0)]
          case "Gather": $0.input = ["zeros 6", "one"]
          default: $0.input = ["zeros 6", "zero", "one", "zero"]
          }
        }, at: 1)
      for (name, value) in [("zero", Int64(0)), ("one", 1)] {
        example.model.graph.initializer.append(
          .with {
            $0.name = name
            $0.dataType = ElementType.int64.rawValue
            if type != "Gather" { $0.dims = [1] }
            $0.int64Data = [value]
          })
      }
      if isRight {
        #expect(try example.isRead(), "\(type), \(sizes)")
      } else {
        #expect(try example.refusal()?.hasPrefix("its initial_c is") == true, "\(type), \(sizes)")
      }
    }
  }

  @Test func lengthsThatLeaveNothingOut() throws {
    var example = try Example(GRU(5))
    example.set(input: 4, "lengths", [3], [5, 5, 5])
    let free = try example.refusal()
    #expect(free?.contains("the input's shape does not fix the number of timesteps") == true)
    example.fix(batch: 3, timesteps: 5)
    #expect(try example.isRead())
    example.fix(batch: 2, timesteps: 5)
    #expect(try example.refusal() == "its sequence_lens has 3 numbers; expected 2")
    example.fix(batch: 3, timesteps: 6)
    #expect(
      try example.refusal()
        == "its sequence_lens leaves timesteps out; here every sequence has all 6")
  }

  /// Sequences, states and outputs with the batch first.
  @Test(arguments: [LSTM(5), GRU(5), GRU(5, resetAfter: false), SimpleRNN(5)])
  func batchFirst(_ layer: Recurrent) throws {
    var example = try Example(layer)
    let transposed = example.node.input[0]
    let graph = example.model.graph
    let source = try #require(graph.node.first { $0.output.contains(transposed) })
    #expect(source.opType == "Transpose")
    example.node.input[0] = source.input[0]
    // The axis of directions, which is taken away.
    let axis = try #require(graph.initializer.firstIndex { $0.name == "layers.0/direction" })
    example.set(.int("layout", 1))
    example.model.graph.initializer[axis].rawData = littleEndianData([UInt64(1)])
    #expect(try example.isRead())
    let inputs = example.node.input
    example.set(state: 5, [3, 1, 5])
    #expect(try example.isRead())
    example.node.input = inputs
    example.model.graph.initializer.removeLast()
    example.set(state: 5, [1, 3, 5])
    let refusal = try example.refusal()
    #expect(refusal?.hasPrefix("its initial_h is [1, 3, 5]; expected [?, 1, 5]") == true)
  }

  @Test func moreInputsThanTheOperatorHas() throws {
    var example = try Example(SimpleRNN(5))
    example.set(state: 7, [1, 15])
    #expect(try example.refusal() == "8 inputs; expected at most 6")
  }
}
