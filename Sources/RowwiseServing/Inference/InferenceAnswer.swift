import Rowwise
import RowwiseEvaluation
import RowwiseTexts

/// The answer to an inference request.
struct InferenceAnswer {
  let request: InferenceRequest
  let model: ServedModel
  let answers: [FileClassifier.Answer]

  /// One output.
  private enum Values {
    case floats([Float])
    case integers([Int])
    case texts([String])

    var datatype: String {
      switch self {
      case .floats: "FP32"
      case .integers: "INT64"
      case .texts: "BYTES"
      }
    }

    var json: JSONValue {
      switch self {
      case .floats(let values): .array(values.map(JSONValue.float))
      case .integers(let values): .array(values.map(JSONValue.int))
      case .texts(let values): .array(values.map(JSONValue.string))
      }
    }

    /// The lowest bytes first; texts with their length before them.
    var bytes: [UInt8] {
      switch self {
      case .floats(let values): values.flatMap { Self.bytes($0.bitPattern) }
      case .integers(let values): values.flatMap { Self.bytes(Int64($0)) }
      case .texts(let values): values.flatMap { Self.bytes(UInt32($0.utf8.count)) + Array($0.utf8) }
      }
    }

    private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }

  /// The response.
  var response: Response {
    var binary: [UInt8] = []
    let outputs = request.outputs.map { output in
      let (shape, values) = tensor(output)
      var members: [JSONValue.Member] = [
        .init("name", .string(output.name)), .init("datatype", .string(values.datatype)),
        .init("shape", .array(shape.map(JSONValue.int))),
      ]
      if output.isBinary {
        let bytes = values.bytes
        members.append(
          .init("parameters", .object([.init("binary_data_size", .int(bytes.count))])))
        binary += bytes
      } else {
        members.append(.init("data", values.json))
      }
      return JSONValue.object(members)
    }
    let json = JSONValue.object(
      [.init("model_name", .string(model.name)), .init("model_version", .string("1"))]
        + (request.id.map { [JSONValue.Member("id", .string($0))] } ?? [])
        + [.init("outputs", .array(outputs))])
    guard request.outputs.contains(where: \.isBinary) else { return Response(json: json) }
    let text = Array(json.compact.utf8)
    var response = Response(.ok, "application/octet-stream", text + binary)
    response.fields = [("Inference-Header-Content-Length", String(text.count))]
    return response
  }

  private func tensor(_ output: InferenceRequest.Output) -> (shape: [Int], values: Values) {
    let (count, classes) = (answers.count, model.classNames.count)
    if output.classes > 0 {
      let most = min(output.classes, classes)
      return ([count, most], .texts(answers.flatMap { classification($0, most) }))
    }
    switch output.name {
    case InferenceRequest.Name.probabilities:
      return ([count, classes], .floats(answers.flatMap(\.probabilities)))
    case InferenceRequest.Name.index: return ([count], .integers(answers.map(\.prediction)))
    default: return ([count], .texts(answers.map { model.classNames[$0.prediction] }))
    }
  }

  /// `value:index:name` of the likeliest classes, as Triton's classification extension has it.
  private func classification(_ answer: FileClassifier.Answer, _ most: Int) -> [String] {
    ProbabilityRow.top(most, of: answer.probabilities.span).map {
      "\($0.probability):\($0.classIndex):\(model.classNames[$0.classIndex])"
    }
  }
}

extension FileClassifier.Answer {
  /// The likeliest class; of several the first.
  fileprivate var prediction: Int { ProbabilityRow.prediction(probabilities.span) }
}
