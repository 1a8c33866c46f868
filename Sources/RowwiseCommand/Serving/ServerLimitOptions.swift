import ArgumentParser
import RowwiseServing
import RowwiseSystem

/// How pictures of several requests are classified together.
struct BatchOptions: ParsableArguments, Sendable {
  @Option(help: "Pictures that are classified together, at most.")
  var batchSize = 64

  @Option(
    help: ArgumentHelp(
      """
      How long a picture waits for others to be classified with. With 0 those are classified together \
      that have come while all threads were busy.
      """, valueName: "milliseconds"))
  var batchDelay = 0.0

  func validate() throws {
    try OptionRange.check("batch-size", batchSize)
    try OptionRange.check("batch-delay", batchDelay)
  }
}

/// What a server does not exceed.
struct ServerLimitOptions: ParsableArguments, Sendable {
  @Option(help: ArgumentHelp("Size of a request's body, at most.", valueName: "MiB"))
  var maxBody = 16

  @Option(help: ArgumentHelp("Pictures in a request, at most.", valueName: "count"))
  var maxPictures = 256

  @Option(
    help: ArgumentHelp(
      "Connections at a time; others are refused with the status 503.", valueName: "count"))
  var maxConnections = 512

  @Option(
    help: ArgumentHelp(
      "Memory for the bodies of all requests together; beyond it the status is 503.",
      valueName: "MiB"))
  var bodyMemory = 256

  @Option(
    help: ArgumentHelp("How long a request's head may take to come.", valueName: "seconds"))
  var headTimeout = 10.0

  @Option(
    help: ArgumentHelp(
      "How long a connection may send nothing, between requests or in one.", valueName: "seconds"))
  var idleTimeout = 60.0

  @Option(
    help: ArgumentHelp(
      "How long requests have to end after SIGTERM.", valueName: "seconds"))
  var drainTimeout = 30.0

  func validate() throws {
    for (name, value) in [
      ("max-body", maxBody), ("max-pictures", maxPictures), ("max-connections", maxConnections),
      ("body-memory", bodyMemory),
    ] { try OptionRange.check(name, value) }
    for (name, value) in [
      ("head-timeout", headTimeout), ("idle-timeout", idleTimeout), ("drain-timeout", drainTimeout),
    ] { try OptionRange.check(name, value) }
    guard bodyMemory >= maxBody else {
      throw ValidationError(
        "--body-memory \(bodyMemory) has no room for a body of --max-body \(maxBody)")
    }
  }

  /// Descriptors that are not for connections.
  private static let ownDescriptors = 32

  /// The limits, and no more connections than the system gives descriptors for.
  func limits(_ console: Console) -> ServerLimits {
    var limits = ServerLimits()
    (limits.bodyBytes, limits.pictures) = (maxBody << 20, maxPictures)
    (limits.connections, limits.heldBytes) = (maxConnections, bodyMemory << 20)
    (limits.headSeconds, limits.idleSeconds) = (headTimeout, idleTimeout)
    limits.drainSeconds = drainTimeout
    var files = rlimit()
    #if os(Linux)
      let code = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    #else
      let code = getrlimit(RLIMIT_NOFILE, &files)
    #endif
    guard code == 0 else { return limits }
    let room = Int(clamping: files.rlim_cur) - Self.ownDescriptors
    guard room < maxConnections else { return limits }
    limits.connections = max(1, room)
    console.caution(
      "the system lets the command open \(files.rlim_cur) files, so that \(limits.connections) "
        + "connections at a time are taken, not \(maxConnections); ulimit -n raises it")
    return limits
  }
}
