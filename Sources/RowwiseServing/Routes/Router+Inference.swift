import NIOHTTP1
import Rowwise
import RowwiseAnswers
import RowwiseImageDecoding
import RowwiseTexts

extension Router {
  /// The routes of the Open Inference Protocol v2.
  ///
  /// - Parameter parts: of the path behind `/v2`.
  /// - Throws: `RequestProblem`.
  func inference(
    _ head: HTTPRequestHead, _ parts: [String], reads: Bool
  ) throws(RequestProblem) -> Route {
    switch parts {
    case []:
      try Self.check(head, reads, "GET")
      return Route(
        "v2",
        .answer(
          Response(
            json: .object([
              .init("name", .string("rowwise")),
              .init("version", .string(ToolkitVersion.current)),
              .init(
                "extensions",
                .array(
                  ["binary_tensor_data", "classification", "model_configuration"].map(
                    JSONValue.string))),
            ]))))
    case ["health", "live"]:
      try Self.check(head, reads, "GET")
      return Route("health", .answer(Response(json: .object([.init("live", .bool(true))]))))
    case ["health", "ready"]:
      try Self.check(head, reads, "GET")
      return Route("health", .answer(Self.readiness(isReady(), key: "ready")))
    case ["repository", "index"]:
      try Self.check(head, head.method == .POST, "POST")
      return Route("v2", .read { [shelf] _, reply in reply(Self.index(of: shelf.all)) })
    default:
      guard parts.first == "models", parts.count >= 2 else {
        throw RequestProblem(.notFound, "there is nothing at \(head.uri.prefix(80))")
      }
      return try model(head, parts[1], Array(parts.dropFirst(2)), reads: reads)
    }
  }

  private static func readiness(_ isReady: Bool, key: String) -> Response {
    Response(isReady ? .ok : .serviceUnavailable, json: .object([.init(key, .bool(isReady))]))
  }

  private static func index(of models: [ServedModel]) -> Response {
    Response(
      json: .array(
        models.map { model in
          .object([
            .init("name", .string(model.name)), .init("version", .string(ServedModel.version)),
            .init("state", .string("READY")),
          ])
        }))
  }

  private func model(
    _ head: HTTPRequestHead, _ name: String, _ rest: [String], reads: Bool
  ) throws(RequestProblem) -> Route {
    let model = try shelf.model(name)
    var rest = rest[...]
    if rest.first == "versions" {
      guard rest.dropFirst().first == ServedModel.version else {
        throw RequestProblem(
          .notFound, "model \(name) has the version \(ServedModel.version) only")
      }
      rest = rest.dropFirst(2)
    }
    switch Array(rest) {
    case []:
      try Self.check(head, reads, "GET")
      return Route("v2", model: name, .answer(Response(json: model.metadata)))
    case ["config"]:
      try Self.check(head, reads, "GET")
      let configuration = model.configuration(batchSize: queue.batchSize)
      return Route("v2", model: name, .answer(Response(json: configuration)))
    case ["ready"]:
      try Self.check(head, reads, "GET")
      return Route("health", model: name, .answer(Self.readiness(isReady(), key: "ready")))
    case ["infer"]:
      try Self.check(head, head.method == .POST, "POST")
      return try infer(head, model)
    default:
      throw RequestProblem(.notFound, "there is nothing at \(head.uri.prefix(80))")
    }
  }

  private func infer(
    _ head: HTTPRequestHead, _ model: ServedModel
  ) throws(RequestProblem) -> Route {
    var length: Int?
    if let text = head.headers.first(name: "Inference-Header-Content-Length") {
      guard let number = Int(text), number >= 0 else {
        throw RequestProblem(
          .badRequest, "Inference-Header-Content-Length: \(text.prefix(40)) is no number of bytes")
      }
      length = number
    }
    return Route(
      "infer", model: model.name,
      .read { [queue, limits, length] body, reply in
        queue.run {
          do throws(RequestProblem) {
            let request = try InferenceRequest(
              body, jsonLength: length, shape: model.pictureShape, most: limits.pictures)
            queue.add(try Self.group(model, request, reply))
          } catch {
            reply(error)
          }
        }
      })
  }

  private static func group(
    _ model: ServedModel, _ request: InferenceRequest, _ reply: Reply
  ) throws(RequestProblem) -> PictureGroup {
    let pictures: [PictureGroup.Picture]
    switch request.input {
    case .files(let files):
      pictures = files.enumerated().map { .file($1, name: "picture \($0)") }
    case .pixels(let all):
      guard model.files.readsPixels else {
        throw RequestProblem(
          .badRequest,
          "the networks of model \(model.name) read pictures of different sizes; send files as image"
        )
      }
      pictures = all.map { .pixels($0) }
    }
    return PictureGroup(model, pictures) { outcomes in
      do throws(RequestProblem) {
        let answers = try Self.answers(outcomes)
        reply(
          InferenceAnswer(request: request, model: model, answers: answers).response,
          pictures: answers.count)
      } catch {
        reply(error)
      }
    }
  }

  /// The answers of all; the protocol has no room for some that fail.
  private static func answers(
    _ outcomes: [PictureGroup.Outcome]
  ) throws(RequestProblem) -> [FileClassifier.Answer] {
    var answers: [FileClassifier.Answer] = []
    for (number, outcome) in outcomes.enumerated() {
      switch outcome {
      case .failure(let error):
        throw RequestProblem(.badRequest, "picture \(number): \(error.descriptionWithoutSource)")
      case .success(let answer):
        guard answer.probabilities.allSatisfy(\.isFinite) else {
          throw RequestProblem(
            .unprocessableEntity, "picture \(number): \(ClassifiedImage.noNumber)")
        }
        answers.append(answer)
      }
    }
    return answers
  }
}
