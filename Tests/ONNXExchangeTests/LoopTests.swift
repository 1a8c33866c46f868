import Foundation
import RowwiseLayers
import Testing

@testable import RowwiseONNXExchange

/// Loops that tf2onnx has written are read for what their bodies compute, and for nothing else;
/// that they are read rightly is in `ImportCaseTests`.
struct LoopTests {
  private static func model(_ name: String) throws -> ONNXModel {
    let url = URL(fileURLWithPath: ImportCaseTests.path(name))
    return try ONNXModel(serializedBytes: [UInt8](Data(contentsOf: url)))
  }

  private static func message(_ model: ONNXModel) throws -> String? {
    let bytes: [UInt8] = try model.serializedBytes()
    do {
      _ = try ONNXImport(bytes: bytes)
      return nil
    } catch {
      return error.description
    }
  }

  /// Changes the loop's node, and its body.
  private static func changing(
    _ name: String = "keras-gru-tf2onnx", _ change: (inout ONNXModel, _ loop: Int) throws -> Void
  ) throws -> String? {
    var model = try model(name)
    let loop = try #require(model.graph.node.firstIndex { $0.opType == "Loop" })
    try change(&model, loop)
    return try message(model)
  }

  private static func integer(_ name: String, _ value: Int32, in model: inout ONNXModel) {
    model.graph.initializer.append(
      .with {
        $0.name = name
        $0.dataType = ElementType.int32.rawValue
        $0.int32Data = [value]
      })
  }

  @Test func cells() throws {
    let gru = try ONNXImport(path: ImportCaseTests.path("keras-gru-both-tf2onnx"))
    #expect(
      gru.weights.layers.dropLast() == [
        .recurrent(GRU(4, returnSequences: true, direction: .both)),
        .recurrent(GRU(3, direction: .both)),
      ])
    let before = try ONNXImport(path: ImportCaseTests.path("loop-gru-before"))
    #expect(before.weights.layers.dropLast() == [.recurrent(GRU(4, resetAfter: false))])
    let rnn = try ONNXImport(path: ImportCaseTests.path("keras-rnn-export"))
    #expect(rnn.weights.layers.dropLast() == [.recurrent(SimpleRNN(4))])
    #expect(rnn.timesteps == 5)
  }

  /// Any operator of a body replaced by another one is another cell, or none.
  @Test(arguments: ["keras-gru-tf2onnx", "keras-rnn-tf2onnx", "loop-gru-before"])
  func changedOperators(name: String) throws {
    let others = [
      "Sigmoid": "Tanh", "Tanh": "Sigmoid", "Add": "Mul", "Mul": "Add", "Sub": "Add",
      "Less": "And", "And": "Less", "MatMul": "Add", "Gather": "Slice",
    ]
    var changed = 0
    let place = try #require(Self.model(name).graph.node.first { $0.opType == "Loop" })
    let body = try #require(place.attribute.firstIndex { $0.name == "body" })
    for (index, node) in place.attribute[body].g.node.enumerated() {
      guard let other = others[node.opType] else { continue }
      changed += 1
      let message = try Self.changing(name) { model, loop in
        model.graph.node[loop].attribute[body].g.node[index].opType = other
      }
      #expect(message != nil, "\(node.opType) \(index) as \(other)")
    }
    #expect(changed >= 9)
  }

  /// It must run over all timesteps.
  @Test func iterations() throws {
    for count in [4, 6, -1, .max] as [Int32] {
      let message = try Self.changing { model, loop in
        Self.integer("count", count, in: &model)
        model.graph.node[loop].input[0] = "count"
      }
      // Its own condition ends it before more iterations than it was written for.
      let type = count == 6 ? "(Less)" : "(Loop)"
      #expect(message?.contains(type) == true, "\(message ?? "accepted")")
    }
    let message = try Self.changing { model, loop in
      Self.integer("never", 0, in: &model)
      model.graph.node[loop].input[1] = "never"
    }
    #expect(message?.contains("a loop that may end before the last timestep") == true)
  }

  /// A limit inside the body that ends it early.
  @Test func earlyEnd() throws {
    let message = try Self.changing { model, loop in
      let body = try #require(
        model.graph.node[loop].attribute.firstIndex { $0.name == "body" })
      let less = try #require(
        model.graph.node[loop].attribute[body].g.node.firstIndex { $0.opType == "Less" })
      Self.integer("limit", 3, in: &model)
      model.graph.node[loop].attribute[body].g.node[less].input[1] = "limit"
    }
    #expect(message?.contains("(Less)") == true, "\(message ?? "accepted")")
  }

  /// The first timestep must be the first one read.
  @Test func lateStart() throws {
    let message = try Self.changing { model, loop in
      Self.integer("first", 1, in: &model)
      model.graph.node[loop].input[2] = "first"
    }
    #expect(message != nil)
  }

  @Test func bodyWithoutInputs() throws {
    let message = try Self.changing { model, loop in
      for index in model.graph.node[loop].attribute.indices {
        model.graph.node[loop].attribute[index].g.input = []
      }
    }
    #expect(message?.contains("its body has other inputs or outputs than the loop") == true)
  }
}
