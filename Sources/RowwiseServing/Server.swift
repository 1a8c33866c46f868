import NIOCore
import NIOPosix
import Rowwise
import RowwiseImageDecoding
import RowwiseSystem
import RowwiseWorkers

/// What happens to a server that people should know.
package enum ServerEvent: Sendable, Equatable {
  /// A model's file was replaced, and the new one answers.
  case replaced(model: String)
  /// A model's file was replaced and cannot be read; the old one answers.
  case notReplaced(model: String, reason: String)
}

/// Why a server cannot begin.
package enum ServerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody can listen there.
  case cannotListen(host: String, port: Int, reason: String)
  /// The system gives no threads.
  case noThreads

  package var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason):
      "cannot listen at \(host), port \(port): \(reason); choose others with --host and --port"
    case .noThreads: "the system gives no more threads; end other programs, or give --threads 1"
    }
  }
}

/// How a server answers.
package struct ServerSettings: Sendable {
  package var host = "127.0.0.1"
  /// 0: any that is free.
  package var port = 8080
  /// Threads that decode and classify.
  package var threads = 1
  /// Pictures that are classified together, at most.
  package var batchSize = 64
  /// Seconds that pictures wait for others.
  package var batchDelay = 0.0
  /// What requests have to show; nil: nothing.
  package var token: String?
  /// Limits, background and strictness of decoding.
  package var decoding = DecodingOptions()
  /// Whether models are read again when their files are replaced.
  package var watches = false
  package var limits = ServerLimits()

  package init() {}
}

/// Models that answer over HTTP.
package final class Server {
  private let settings: ServerSettings
  private let group: MultiThreadedEventLoopGroup
  private let core: ServerCore
  private let explainer = Explainer()
  private let watcher: ModelWatcher?
  private var threads: [SystemThread] = []
  private var listener: (any Channel)?

  /// Reads the models.
  ///
  /// - Parameters:
  ///   - sources: at least one, all names different.
  ///   - log: gets a row a request.
  ///   - tell: called on any thread.
  /// - Throws: what reading a model throws.
  package init(
    _ sources: [ModelSource], _ settings: ServerSettings, log: RequestLog? = nil,
    tell: @escaping @Sendable (ServerEvent) -> Void = { _ in }
  ) throws {
    precondition(Set(sources.map(\.name)).count == sources.count, "two models have one name")
    self.settings = settings
    let metrics = Metrics()
    let load: @Sendable (ModelSource) throws -> ServedModel = { source in
      do {
        let ensemble = try source.load()
        metrics.addLoad(model: source.name, succeeded: true)
        return ServedModel(
          name: source.name, ensemble, decoding: settings.decoding,
          evaluation: EvaluationSummary.find(besides: source.paths[0]), threads: settings.threads)
      } catch {
        metrics.addLoad(model: source.name, succeeded: false)
        throw error
      }
    }
    let shelf = ModelShelf(try sources.map(load))
    watcher =
      settings.watches
      ? ModelWatcher(sources, replace: { shelf.replace(by: try load($0)) }, tell: tell) : nil
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let memory = HeldMemory(limit: settings.limits.heldBytes)
    let queue = WorkQueue(
      batchSize: settings.batchSize, hasDelay: settings.batchDelay > 0, metrics: metrics)
    let state = ServerState()
    let router = Router(
      shelf: shelf,
      queue: PictureIntake(queue: queue, loop: loop, delay: .seconds(settings.batchDelay)),
      explainer: explainer, metrics: metrics,
      access: Access(token: settings.token.map { Array($0.utf8) }), limits: settings.limits,
      gauges: {
        Metrics.Gauges(
          connections: state.connections, waitingPictures: queue.count, heldBytes: memory.bytes)
      }, isReady: { !state.isLeaving })
    core = ServerCore(
      limits: settings.limits, router: router, metrics: metrics, memory: memory, queue: queue,
      log: log, loop: loop, state: state)
  }

  /// Begins to listen.
  ///
  /// - Returns: the port.
  /// - Throws: `ServerError`.
  package func start() throws(ServerError) -> Int {
    do throws(ServerError) {
      return try begin()
    } catch {
      stop()
      throw error
    }
  }

  private func begin() throws(ServerError) -> Int {
    threads = core.queue.start(threads: settings.threads)
    guard !threads.isEmpty, let explaining = explainer.start() else { throw .noThreads }
    threads.append(explaining)
    if let log = core.log {
      guard let thread = log.start() else { throw .noThreads }
      threads.append(thread)
    }
    if let watcher {
      guard let thread = watcher.start() else { throw .noThreads }
      threads.append(thread)
    }
    let core = core
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try core.configure(channel) }
      }
    do {
      let channel = try bootstrap.bind(host: settings.host, port: settings.port).wait()
      listener = channel
      core.loop.scheduleRepeatedTask(
        initialDelay: .milliseconds(250), delay: .milliseconds(250)
      ) { _ in core.checkDeadlines() }
      return channel.localAddress?.port ?? settings.port
    } catch {
      throw .cannotListen(
        host: settings.host, port: settings.port,
        reason: (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)")
    }
  }

  /// Seconds between the moment from which the server says that it is not ready and the one from which nobody
  /// can connect.
  private static let notice: UInt32 = 1

  /// Ends the server: requests that have come are answered, others are not taken.
  ///
  /// - Returns: connections that took too long and were ended.
  package func drain() -> Int {
    let core = core
    core.leave()
    sleep(Self.notice)
    try? listener?.close().wait()
    let isOver = core.loop.makePromise(of: Int.self)
    core.loop.execute {
      core.drain().whenComplete { _ in isOver.succeed(0) }
      core.loop.scheduleTask(in: .seconds(core.limits.drainSeconds)) {
        isOver.succeed(core.endAll())
      }
    }
    let cut = (try? isOver.futureResult.wait()) ?? 0
    stop()
    return cut
  }

  private func stop() {
    core.queue.stop()
    explainer.stop()
    watcher?.stop()
    core.log?.close()
    for thread in threads { thread.join() }
    try? group.syncShutdownGracefully()
  }
}
