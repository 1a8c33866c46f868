import NIOCore
import NIOHTTP1
import NIOWebSocket

extension ServerCore {
  /// Sets a new connection up.
  func configure(_ channel: any Channel) throws {
    guard !isFull else {
      metrics.addConnection(refused: true)
      return try channel.pipeline.syncOperations.addHandler(RefusedConnection())
    }
    metrics.addConnection(refused: false)
    let connection = HTTPConnection(self)
    let pipeline = channel.pipeline.syncOperations
    let watch = ConnectionWatch(connection)
    try pipeline.addHandler(watch)
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldSize = ServerLimits.head.bytes
    limits.maxHeaderListSize = ServerLimits.head.bytes
    limits.maxHeaderFieldCount = ServerLimits.head.fields
    let (bound, boundWatch) = (
      NIOLoopBound(connection, eventLoop: loop), NIOLoopBound(watch, eventLoop: loop)
    )
    let upgrader = NIOWebSocketServerUpgrader(
      maxFrameSize: ServerLimits.frameBytes,
      shouldUpgrade: { channel, head in
        channel.eventLoop.makeSucceededFuture(self.upgradeFields(head))
      },
      upgradePipelineHandler: { channel, head in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          guard let route = try? self.router.route(socket: head),
            case .rows(let rows) = route.action
          else { return channel.close(promise: nil) }
          var exchange = Exchange(
            peer: channel.remoteAddress?.description ?? "", method: "GET", path: "/rows")
          (exchange.route, exchange.model) = ("rows_socket", route.model)
          try pipeline.addHandler(WebSocketConnection(self, rows, exchange))
          pipeline.removeHandler(bound.value, promise: nil)
          pipeline.removeHandler(boundWatch.value, promise: nil)
        }
      })
    try pipeline.configureHTTPServerPipeline(
      withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }),
      withErrorHandling: false, withOutboundHeaderValidation: false,
      withEncoderConfiguration: .init(),
      withDecoderLimitConfiguration: limits)
    try pipeline.addHandler(connection)
  }

  /// Fields of the answer to a request for a WebSocket; nil where there is none.
  private func upgradeFields(_ head: HTTPRequestHead) -> HTTPHeaders? {
    guard !isDraining, let route = try? router.route(socket: head), case .rows = route.action else {
      return nil
    }
    let protocols = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
    return protocols.contains("rowwise")
      ? HTTPHeaders([("Sec-WebSocket-Protocol", "rowwise")]) : HTTPHeaders()
  }
}

extension Router {
  /// The route of a request for a WebSocket.
  ///
  /// - Throws: `RequestProblem`.
  func route(socket head: HTTPRequestHead) throws(RequestProblem) -> Route {
    guard let target = RequestTarget(head.uri), target.parts == ["rows"] else {
      throw RequestProblem(.notFound, "the only WebSocket is /rows")
    }
    try access.check(head, isOpen: false, changes: true)
    return try rows(RequestQuery(target))
  }
}
