import NIOCore
import NIOHTTP1
import NIOWebSocket

/// One client's requests, one after the other.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, ServedConnection {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// Where the connection stands.
  private enum Phase {
    /// Nothing of a request is known, or a part of its head has come.
    case waiting
    /// The body, which is of no use, is passed over; then this is the answer.
    case passing(Response)
    /// The body is kept, and then given to this.
    case reading([UInt8], @Sendable ([UInt8], Reply) -> Void)
    /// The body is a picture that is read by its rows.
    case rows
    /// The answer is being made.
    case answering
    /// The answer was given before the whole request had come.
    case passingRest
    /// Nothing more is answered; what comes is thrown away until the client ends, too.
    case closing
  }

  let server: ServerCore
  private(set) var context: ChannelHandlerContext?
  private var phase = Phase.waiting
  private var deadline: NIODeadline
  /// When a body that is kept must have come.
  private var bodyDeadline = NIODeadline.distantFuture
  /// Whether a part of a head has come.
  private var hasBegun = false
  private var exchange: Exchange?
  /// Counts requests, so that an answer finds its own.
  private var number = 0
  private var version = HTTPVersion.http1_1
  private var isHeadOnly = false
  private var keepsAlive = true
  private var peer = ""
  /// Bytes of the present body that are kept.
  private var held = 0
  private var isReadHeld = false
  private(set) var rows: RowsExchange?

  /// A body that is of no use is passed over up to here; a longer one ends the connection.
  private static let passedOver = 64 << 10

  init(_ server: ServerCore) {
    self.server = server
    deadline = .now() + .seconds(server.limits.headSeconds)
  }

  // MARK: The connection's life

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    server.add(self)
  }

  func channelActive(context: ChannelHandlerContext) {
    peer = context.remoteAddress.map { "\($0.ipAddress ?? "?"):\($0.port ?? 0)" } ?? ""
    context.fireChannelActive()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    rows?.cancel()
    rows = nil
    release()
    self.context = nil
    server.remove(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    rows?.cancel()
    rows = nil
    release()
    number += 1
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case is HTTPParserError:
      let isLarge = (error as? HTTPParserError) == .headerOverflow
      refusePlainly(
        isLarge
          ? RequestProblem(
            .requestHeaderFieldsTooLarge,
            "a request's head may have \(ServerLimits.head.bytes) bytes and "
              + "\(ServerLimits.head.fields) fields")
          : RequestProblem(.badRequest, "this is no request of HTTP/1.1"))
    // The request is answered as any other then.
    case is NIOWebSocketUpgradeError: break
    default: end()
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      switch phase {
      // The answer is still wanted.
      case .answering, .passing: keepsAlive = false
      case .rows where rows?.hasEnded == true: keepsAlive = false
      case .waiting, .reading, .rows, .passingRest, .closing: end()
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  /// Bytes have come.
  func bytesCame() {
    switch phase {
    case .waiting where !hasBegun:
      hasBegun = true
      deadline = .now() + .seconds(server.limits.headSeconds)
    case .rows, .passingRest: deadline = .now() + .seconds(server.limits.idleSeconds)
    case .passing, .reading:
      deadline = min(bodyDeadline, .now() + .seconds(server.limits.idleSeconds))
    case .waiting, .answering, .closing: break
    }
  }

  func check(_ now: NIODeadline) {
    guard now >= deadline else { return }
    switch phase {
    case .waiting where hasBegun:
      refusePlainly(RequestProblem(.requestTimeout, "the request's head took too long"))
    case .waiting, .passingRest, .closing: end()
    case .passing, .reading:
      refuse(RequestProblem(.requestTimeout, "the request's body took too long"))
    case .rows:
      guard rows?.session.isBusy == false else {
        return deadline = now + .seconds(server.limits.idleSeconds)
      }
      endRows(with: RequestProblem(.requestTimeout, "no bytes of the picture came for too long"))
    case .answering: deadline = .distantFuture
    }
  }

  func drain() {
    keepsAlive = false
    // A request may be on its way: who had the last answer before was not told that it is the last.
    if case .waiting = phase, !hasBegun {
      deadline = min(deadline, .now() + .seconds(Self.lingering))
    }
  }

  func end() { context?.close(promise: nil) }

  // MARK: Reading

  func read(context: ChannelHandlerContext) {
    // Who does not take answers is asked for no more questions.
    let isFull = (rows?.session.waitingBytes ?? 0) >= ServerLimits.waitingBytes
    isReadHeld = isFull || !context.channel.isWritable
    if !isReadHeld { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    readOn()
    context.fireChannelWritabilityChanged()
  }

  /// Reads on where that was put off and need not be any longer.
  private func readOn() {
    guard isReadHeld, let context else { return }
    read(context: context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head)
    case .body(let bytes): take(bytes)
    case .end: finish()
    }
  }

  private func begin(_ head: HTTPRequestHead) {
    guard case .waiting = phase, context != nil else { return }
    number += 1
    version = head.version
    isHeadOnly = head.method == .HEAD
    keepsAlive = head.isKeepAlive && !server.isDraining
    let path = head.uri.prefix { $0 != "?" }
    exchange = Exchange(
      peer: peer, method: String(head.method.rawValue.prefix(20)), path: String(path.prefix(200)))
    bodyDeadline = .now() + .seconds(server.limits.bodySeconds)
    deadline = min(bodyDeadline, .now() + .seconds(server.limits.idleSeconds))
    let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
    do throws(RequestProblem) {
      let route = try server.router.route(head)
      exchange?.route = route.name
      exchange?.model = route.model
      switch route.action {
      case .answer(let response): pass(then: response, head, length)
      case .read(let take):
        try checkLength(length ?? 0)
        encourage(head)
        phase = .reading([], take)
      case .rows(let parameters):
        encourage(head)
        beginRows(parameters)
      }
    } catch {
      pass(then: error.response, head, length)
    }
  }

  /// Answers when the body has been passed over, or before it where it is long.
  private func pass(then response: Response, _ head: HTTPRequestHead, _ length: Int?) {
    let isChunked = head.headers.contains(name: "Transfer-Encoding")
    phase = .passing(response)
    let isLong = isChunked || (length ?? 0) > min(Self.passedOver, server.limits.bodyBytes)
    if isLong || Self.isWaiting(head) { answerEarly(response) }
  }

  private static func isWaiting(_ head: HTTPRequestHead) -> Bool {
    head.headers.first(name: "Expect")?.lowercased() == "100-continue"
  }

  /// Tells a client that asks whether it may send the body that it may.
  private func encourage(_ head: HTTPRequestHead) {
    guard Self.isWaiting(head), let context else { return }
    context.writeAndFlush(
      wrapOutboundOut(.head(HTTPResponseHead(version: version, status: .continue))), promise: nil)
  }

  private func checkLength(_ length: Int) throws(RequestProblem) {
    guard length <= server.limits.bodyBytes else {
      throw RequestProblem(
        .payloadTooLarge,
        "the body has more than \(server.limits.bodyBytes) bytes; send fewer pictures in a request, "
          + "or smaller ones")
    }
  }

  private func take(_ bytes: ByteBuffer) {
    exchange?.received += bytes.readableBytes
    let received = exchange?.received ?? 0
    switch phase {
    case .passing(let response):
      if received > Self.passedOver { answerEarly(response) }
    case .reading(var body, let take):
      do throws(RequestProblem) {
        try checkLength(received)
        guard server.memory.reserve(bytes.readableBytes) else {
          throw RequestProblem(
            .serviceUnavailable, "the server has no room for another body now; try again later")
        }
        held += bytes.readableBytes
        // One owner, so that appending does not copy.
        phase = .answering
        body.append(contentsOf: bytes.readableBytesView)
        phase = .reading(body, take)
      } catch {
        refuse(error)
      }
    case .rows: rows?.session.push(bytes)
    case .passingRest:
      if received > server.limits.bodyBytes { end() }
    case .waiting, .answering, .closing: break
    }
  }

  private func finish() {
    switch phase {
    case .passing(let response): respond(response)
    case .reading(let body, let take):
      phase = .answering
      deadline = .distantFuture
      take(body, reply())
    case .rows: rows?.end()
    case .passingRest:
      phase = .waiting
      ready()
    case .waiting, .answering, .closing: break
    }
  }

  /// Takes the answer to the present request.
  private func reply() -> Reply {
    let (number, connection) = (number, NIOLoopBound(self, eventLoop: server.loop))
    return Reply { [loop = server.loop] response, pictures in
      loop.execute {
        let connection = connection.value
        guard connection.number == number, case .answering = connection.phase else { return }
        connection.respond(response, pictures: pictures)
      }
    }
  }

  // MARK: Answering

  private func respond(_ response: Response, pictures: Int = 0) {
    guard let context else { return }
    if server.isDraining { keepsAlive = false }
    let closes = !keepsAlive
    note(status: Int(response.status.code), sent: response.body.count, pictures: pictures)
    release()
    phase = closes ? .closing : .waiting
    ready()
    context.write(
      wrapOutboundOut(.head(response.head(version: version, closes: closes))), promise: nil)
    if !isHeadOnly, !response.body.isEmpty {
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
    }
    finishWriting(context, closes: closes)
  }

  /// Ends an answer that was written.
  private func finishWriting(_ context: ChannelHandlerContext, closes: Bool) {
    guard closes else {
      return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    let connection = NIOLoopBound(self, eventLoop: server.loop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      connection.value.linger()
    }
  }

  /// Ends our side only: what the client has sent meanwhile would otherwise take the answer from it.
  private func linger() {
    deadline = .now() + .seconds(Self.lingering)
    context?.close(mode: .output, promise: nil)
  }

  /// The next request may come.
  private func ready() {
    hasBegun = false
    deadline = .now() + .seconds(server.limits.idleSeconds)
  }

  /// Seconds in which a client may end that has its last answer, or ask that had none.
  private static let lingering = 1.0

  private var isClosing: Bool { if case .closing = phase { true } else { false } }

  /// Answers before the whole request has come, and reads no more of it.
  private func answerEarly(_ response: Response) {
    keepsAlive = false
    respond(response)
  }

  private func refuse(_ problem: RequestProblem) {
    var response = problem.response
    if problem.status == .serviceUnavailable { response.fields.append(("Retry-After", "1")) }
    answerEarly(response)
  }

  /// Answers what is no request, past what takes requests and answers apart.
  private func refusePlainly(_ problem: RequestProblem) {
    guard let context, !isClosing else { return end() }
    exchange = exchange ?? Exchange(peer: peer, method: "", path: "")
    note(status: Int(problem.status.code), sent: 0, pictures: 0)
    phase = .closing
    ready()
    guard
      let encoder = try? context.pipeline.syncOperations.context(
        handlerType: HTTPResponseEncoder.self)
    else { return end() }
    let text = ByteBuffer(string: PlainAnswer.text(problem))
    let connection = NIOLoopBound(self, eventLoop: server.loop)
    encoder.writeAndFlush(NIOAny(text)).whenComplete { _ in connection.value.linger() }
  }

  private func note(status: Int, sent: Int, pictures: Int) {
    guard let exchange else { return }
    server.note(exchange, status: status, sent: sent, pictures: pictures)
    self.exchange = nil
  }

  private func release() {
    server.memory.release(held)
    held = 0
  }

  // MARK: Rows

  private func beginRows(_ parameters: RowsParameters) {
    phase = .rows
    deadline = .now() + .seconds(server.limits.idleSeconds)
    let (number, connection) = (number, NIOLoopBound(self, eventLoop: server.loop))
    let loop = server.loop
    let session = RowsSession(parameters, server.queue, server.memory, server.metrics) { output in
      loop.execute {
        let connection = connection.value
        guard connection.number == number, case .rows = connection.phase else { return }
        connection.write(output)
      }
    }
    rows = RowsExchange(session: session)
  }

  private func write(_ output: RowsSession.Output) {
    guard let context, rows != nil else { return }
    if !output.lines.isEmpty {
      beginAnswer(output.hasFailed ? .unprocessableEntity : .ok, context)
      let text = output.lines.joined(separator: "\n") + "\n"
      rows?.sent += text.utf8.count
      rows?.count += output.isAnswered && !output.hasFailed ? 1 : 0
      context.writeAndFlush(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
    }
    if output.isAnswered { endRows(with: nil) } else { readOn() }
  }

  private func beginAnswer(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
    guard rows?.status == nil else { return }
    if server.isDraining || version == .http1_0 { keepsAlive = false }
    rows?.status = status
    var headers = HTTPHeaders([
      ("Content-Type", "application/jsonl"), ("X-Content-Type-Options", "nosniff"),
    ])
    if !keepsAlive { headers.add(name: "Connection", value: "close") }
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: version, status: status, headers: headers))),
      promise: nil)
  }

  /// Ends the answer; where the rest of the picture is still to come, it is passed over.
  private func endRows(with problem: RequestProblem?) {
    guard let rows, let context else { return }
    rows.cancel()
    self.rows = nil
    guard let status = rows.status else {
      return refuse(problem ?? RequestProblem(.badRequest, "the body is empty; expected a picture"))
    }
    if problem != nil { keepsAlive = false }
    note(status: Int(status.code), sent: rows.sent, pictures: rows.count)
    let closes = !keepsAlive
    phase = closes ? .closing : rows.hasEnded ? .waiting : .passingRest
    ready()
    finishWriting(context, closes: closes)
    readOn()
  }
}

/// A picture that is read by its rows, and what was said of it.
struct RowsExchange {
  let session: RowsSession
  /// Whether the request has come as a whole.
  var hasEnded = false
  /// That of the answer, once it has begun.
  var status: HTTPResponseStatus?
  var sent = 0
  var count = 0

  init(session: RowsSession) { self.session = session }

  /// The request has come as a whole.
  mutating func end() {
    hasEnded = true
    session.end()
  }

  func cancel() { session.cancel() }
}
