import NIOCore
import RowwiseTexts

/// What connections share. They all live on one event loop.
final class ServerCore: Sendable {
  let limits: ServerLimits
  let router: Router
  let metrics: Metrics
  let memory: HeldMemory
  let queue: WorkQueue
  let log: RequestLog?
  let loop: any EventLoop
  // SAFETY: touched on `loop` only; see `ServerTests`.
  nonisolated(unsafe) private var connections: [ObjectIdentifier: any ServedConnection] = [:]
  private let state: ServerState
  // SAFETY: as `connections`.
  nonisolated(unsafe) private var drained: EventLoopPromise<Void>?

  init(
    limits: ServerLimits, router: Router, metrics: Metrics, memory: HeldMemory, queue: WorkQueue,
    log: RequestLog?, loop: any EventLoop, state: ServerState
  ) {
    (self.limits, self.router, self.metrics) = (limits, router, metrics)
    (self.memory, self.queue, self.log, self.loop) = (memory, queue, log, loop)
    self.state = state
  }

  /// Whether every answer is the last of its connection.
  var isDraining: Bool { state.isDraining }

  /// Whether there is no room for another one.
  var isFull: Bool { connections.count >= limits.connections }

  func add(_ connection: any ServedConnection) {
    connections[ObjectIdentifier(connection)] = connection
    state.connections = connections.count
  }

  func remove(_ connection: any ServedConnection) {
    connections[ObjectIdentifier(connection)] = nil
    state.connections = connections.count
    if connections.isEmpty { drained?.succeed() }
  }

  /// Ends connections whose time is over.
  func checkDeadlines() {
    let now = NIODeadline.now()
    for connection in connections.values { connection.check(now) }
  }

  /// Says from now on that it is not ready.
  func leave() { state.isLeaving = true }

  /// Makes every answer the last of its connection, and ends those that ask nothing. When nobody can connect
  /// any more: who is told to connect anew before that might wait at a listener that ends.
  ///
  /// - Returns: succeeds when all have ended.
  func drain() -> EventLoopFuture<Void> {
    let promise = loop.makePromise(of: Void.self)
    drained = promise
    state.isDraining = true
    for connection in connections.values { connection.drain() }
    if connections.isEmpty { promise.succeed() }
    return promise.futureResult
  }

  /// Ends all connections, whatever they wait for; tells how many there were.
  func endAll() -> Int {
    let all = Array(connections.values)
    for connection in all { connection.end() }
    return all.count
  }

  /// Counts and logs a request that was answered.
  func note(_ exchange: Exchange, status: Int, sent: Int, pictures: Int) {
    let seconds = Double((NIODeadline.now() - exchange.start).nanoseconds) / 1e9
    metrics.addRequest(
      exchange.route, status: status, seconds: seconds, received: exchange.received, sent: sent)
    guard let log else { return }
    let isKept = log.add(
      [
        .init("peer", .string(exchange.peer)), .init("method", .string(exchange.method)),
        .init("path", .string(exchange.path)), .init("route", .string(exchange.route)),
        .init("model", exchange.model.map(JSONValue.string) ?? .null),
        .init("status", .int(status)), .init("milliseconds", .double(seconds * 1000)),
        .init("pictures", .int(pictures)), .init("received", .int(exchange.received)),
        .init("sent", .int(sent)),
      ])
    if !isKept { metrics.addLostLogRows(1) }
  }
}

/// A connection that can be ended.
protocol ServedConnection: AnyObject {
  /// Ends it where its time is over.
  func check(_ now: NIODeadline)
  /// Ends it as soon as it asks nothing.
  func drain()
  /// Ends it at once.
  func end()
}

/// What is known of a request.
struct Exchange {
  var peer: String
  var method: String
  /// The target without its query.
  var path: String
  var route = "other"
  var model: String?
  var start = NIODeadline.now()
  /// Bytes of the body that came.
  var received = 0
}
