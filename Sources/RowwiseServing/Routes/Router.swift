import NIOHTTP1
import Rowwise
import RowwiseAnswers
import RowwiseEvaluation
import RowwiseTexts

/// Finds out what a request asks for.
struct Router: Sendable {
  let shelf: ModelShelf
  let queue: PictureIntake
  let explainer: Explainer
  let metrics: Metrics
  let access: Access
  let limits: ServerLimits
  /// What is so now, for `/metrics`; whether requests are still taken.
  let gauges: @Sendable () -> Metrics.Gauges
  let isReady: @Sendable () -> Bool

  /// The route of a request.
  ///
  /// - Throws: `RequestProblem`.
  func route(_ head: HTTPRequestHead) throws(RequestProblem) -> Route {
    guard let target = RequestTarget(head.uri) else {
      throw RequestProblem(.badRequest, "the request's target cannot be read; expected UTF-8")
    }
    let parts = target.parts
    let isOpen =
      parts.isEmpty || parts == ["page.css"] || parts == ["page.js"]
      || parts.count == 3 && parts.starts(with: ["v2", "health"])
    let reads = head.method == .GET || head.method == .HEAD
    let upgrades = head.headers.contains(name: "Upgrade")
    try access.check(head, isOpen: isOpen, changes: !reads || upgrades)
    let encoding = head.headers.first(name: "Content-Encoding") ?? "identity"
    guard encoding.lowercased() == "identity" else {
      throw RequestProblem(
        .unsupportedMediaType, "Content-Encoding: \(encoding.prefix(40)) is not read; send it plain"
      )
    }
    if parts.first == "v2" { return try inference(head, Array(parts.dropFirst()), reads: reads) }
    switch parts {
    case [], ["page.css"], ["page.js"]:
      try Self.check(head, reads, "GET")
      return Route("page", .answer(Page.response(parts.first ?? "")))
    case ["models"]:
      try Self.check(head, reads, "GET")
      return Route("models", .answer(Response(json: models)))
    case ["metrics"]:
      try Self.check(head, reads, "GET")
      let text = metrics.text(gauges())
      return Route(
        "metrics",
        .answer(Response(.ok, "text/plain; version=0.0.4; charset=utf-8", Array(text.utf8))))
    case ["classify"]:
      try Self.check(head, head.method == .POST, "POST")
      return try classify(head, RequestQuery(target))
    case ["explain"]:
      try Self.check(head, head.method == .POST, "POST")
      return try explain(RequestQuery(target))
    case ["rows"]:
      guard head.method != .GET else {
        _ = try rows(RequestQuery(target))
        throw RequestProblem(
          .upgradeRequired,
          "GET /rows is a WebSocket, as the first request of a connection; expected that, or POST")
      }
      try Self.check(head, head.method == .POST, "POST, or a WebSocket")
      return try rows(RequestQuery(target))
    default:
      throw RequestProblem(
        .notFound,
        "there is nothing at \(head.uri.prefix(80)); there is /classify, /rows, /explain, /models, "
          + "/metrics, /v2 and a page at /")
    }
  }

  /// Throws where the method is another one.
  ///
  /// - Throws: `RequestProblem`.
  static func check(
    _ head: HTTPRequestHead, _ isRight: Bool, _ expected: String
  ) throws(RequestProblem) {
    guard !isRight else { return }
    throw RequestProblem(
      .methodNotAllowed,
      "\(head.method.rawValue.prefix(20)) is not for this path; expected \(expected)")
  }

  /// How pictures that come by their rows are read.
  ///
  /// - Throws: `RequestProblem`.
  func rows(_ query: RequestQuery) throws(RequestProblem) -> Route {
    try query.check(["model", "top", "name", "early_exit", "every_row"])
    let model = try shelf.model(query["model"])
    let parameters = RowsParameters(
      model: model, classifier: try model.streaming(),
      exit: try query.flag("early_exit", default: false) ? try model.earlyExit() : nil,
      top: try query.number("top", in: 1...ServerLimits.top, default: 3),
      everyRow: try query.flag("every_row", default: true), name: query["name"] ?? "-")
    return Route("rows", model: model.name, .rows(parameters))
  }

  private var models: JSONValue {
    .object([
      .init("server", .string("rowwise")), .init("version", .string(ToolkitVersion.current)),
      .init(
        "limits",
        .object([
          .init("body", .int(limits.bodyBytes)), .init("pictures", .int(limits.pictures)),
          .init("top", .int(ServerLimits.top)),
        ])),
      .init("models", .array(shelf.all.map(\.json))),
    ])
  }

  private func classify(
    _ head: HTTPRequestHead, _ query: RequestQuery
  ) throws(RequestProblem) -> Route {
    try query.check(["model", "top", "name"])
    let model = try shelf.model(query["model"])
    let top = try query.number("top", in: 1...ServerLimits.top, default: 3)
    let name = query["name"] ?? "-"
    let type = head.headers.first(name: "Content-Type") ?? ""
    let boundary = try MultipartBody.boundary(of: type)
    return Route(
      "classify", model: model.name,
      .read { [queue, limits] body, reply in
        guard let boundary else {
          return queue.add(Self.group(model, [.file(body, name: name)], [name], top, reply))
        }
        queue.run {
          do throws(RequestProblem) {
            let multipart = try MultipartBody(body, boundary: boundary, most: limits.pictures)
            let names = multipart.files.map(\.name)
            guard !names.isEmpty else {
              throw RequestProblem(
                .badRequest, "no part of the body has a file name; expected pictures")
            }
            let pictures = multipart.files.map {
              PictureGroup.Picture.file(Array(body[$0.range]), name: $0.name)
            }
            queue.add(Self.group(model, pictures, names, top, reply))
          } catch {
            reply(error)
          }
        }
      })
  }

  /// Pictures that are answered as `rowwise classify --format jsonl` does.
  private static func group(
    _ model: ServedModel, _ pictures: [PictureGroup.Picture], _ names: [String], _ top: Int,
    _ reply: Reply
  ) -> PictureGroup {
    PictureGroup(model, pictures) { outcomes in
      let top = min(top, model.classNames.count)
      let images = zip(names, outcomes).map { name, outcome in
        ClassifiedImage(path: name, outcome, classNames: model.classNames, top: top)
      }
      let text = images.map { $0.json(top: top).compact + "\n" }.joined()
      let fails = images.allSatisfy(\.isFailed)
      reply(
        Response(fails ? .unprocessableEntity : .ok, "application/jsonl", Array(text.utf8)),
        pictures: images.count)
    }
  }

  private func explain(_ query: RequestQuery) throws(RequestProblem) -> Route {
    try query.check(["model", "class", "baseline", "name"])
    let model = try shelf.model(query["model"])
    var chosen: Int?
    if let name = query["class"] {
      guard let index = model.classNames.firstIndex(of: name) else {
        throw RequestProblem(
          .badRequest, "class: model \(model.name) has no class \"\(name.prefix(80))\"")
      }
      chosen = index
    }
    var baseline: Evidence.Baseline?
    if let name = query["baseline"] {
      guard let known = Evidence.Baseline(rawValue: name) else {
        throw RequestProblem(
          .badRequest, "baseline: \"\(name.prefix(20))\", expected mean, white or black")
      }
      baseline = known
    }
    let name = query["name"] ?? "-"
    return Route(
      "explain", model: model.name,
      .read { [explainer, chosen, baseline] body, reply in
        let isTaken = explainer.run {
          do throws(RequestProblem) {
            let value = try Explainer.explain(
              body, named: name, by: model, class: chosen, baseline: baseline)
            reply(Response(json: value), pictures: 1)
          } catch {
            reply(error)
          }
        }
        guard isTaken else {
          return reply(
            RequestProblem(
              .tooManyRequests,
              "\(ServerLimits.explanations) explanations wait already; try again later"))
        }
      })
  }
}
