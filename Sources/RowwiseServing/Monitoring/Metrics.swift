import Rowwise
import RowwiseSystem
import Synchronization

/// What has happened since the server began, in Prometheus' text form.
final class Metrics: Sendable {
  private struct Model {
    var batches = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256])
    var classified = 0
    var failed = 0
    var rowsRead = 0
    var rowsOfPictures = 0
    var loads = 0
    var failedLoads = 0
  }

  private struct State {
    var requests: [String: [Int: Int]] = [:]
    var seconds: [String: Histogram] = [:]
    var models: [String: Model] = [:]
    var received = 0
    var sent = 0
    var accepted = 0
    var refused = 0
    var lostLogRows = 0
  }

  private let state = Mutex(State())
  private let start = Double(time(nil))

  /// Counts a request that was answered.
  func addRequest(_ route: String, status: Int, seconds: Double, received: Int, sent: Int) {
    state.withLock { state in
      state.requests[route, default: [:]][status, default: 0] += 1
      state.seconds[
        route,
        default: Histogram(
          bounds: [
            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
          ])
      ].add(seconds)
      state.received += received
      state.sent += sent
    }
  }

  /// Counts pictures that were classified together.
  func addBatch(of count: Int, model: String) {
    state.withLock { $0.models[model, default: Model()].batches.add(Double(count)) }
  }

  /// Counts pictures that were answered.
  func addPictures(model: String, classified: Int, failed: Int) {
    state.withLock { state in
      state.models[model, default: Model()].classified += classified
      state.models[model, default: Model()].failed += failed
    }
  }

  /// Counts the rows that were read of a picture, and those that it has.
  func addRows(_ rows: Int, of all: Int, model: String) {
    state.withLock { state in
      state.models[model, default: Model()].rowsRead += rows
      state.models[model, default: Model()].rowsOfPictures += all
    }
  }

  /// Counts a model file that was read, or could not be.
  func addLoad(model: String, succeeded: Bool) {
    state.withLock { state in
      if succeeded {
        state.models[model, default: Model()].loads += 1
      } else {
        state.models[model, default: Model()].failedLoads += 1
      }
    }
  }

  /// Counts a connection that was accepted, or refused.
  func addConnection(refused: Bool) {
    state.withLock { state in
      if refused { state.refused += 1 } else { state.accepted += 1 }
    }
  }

  /// Counts rows of the log that nobody took in time.
  func addLostLogRows(_ count: Int) { state.withLock { $0.lostLogRows += count } }

  /// What is so at a moment.
  struct Gauges: Sendable {
    var connections: Int
    var waitingPictures: Int
    var heldBytes: Int
  }

  /// All of it.
  func text(_ gauges: Gauges) -> String {
    let state = state.withLock { $0 }
    var text = ""
    func family(_ name: String, _ type: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
    func single(_ name: String, _ type: String, _ help: String, _ value: Int) {
      family(name, type, help)
      text += "\(name) \(value)\n"
    }
    family("rowwise_build_info", "gauge", "The server's version.")
    text += "rowwise_build_info{version=\"\(ToolkitVersion.current)\"} 1\n"
    family("rowwise_requests_total", "counter", "Requests that were answered.")
    for (route, codes) in state.requests.sorted(by: { $0.key < $1.key }) {
      for (code, count) in codes.sorted(by: { $0.key < $1.key }) {
        text += "rowwise_requests_total{route=\"\(route)\",code=\"\(code)\"} \(count)\n"
      }
    }
    family("rowwise_request_seconds", "histogram", "From a request's head to its whole answer.")
    for (route, histogram) in state.seconds.sorted(by: { $0.key < $1.key }) {
      histogram.write("rowwise_request_seconds", labels: "route=\"\(route)\"", to: &text)
    }
    let models = state.models.sorted { $0.key < $1.key }
      .map { (label: "model=\"\(Self.escaped($0.key))\"", model: $0.value) }
    family("rowwise_batch_pictures", "histogram", "Pictures that were classified together.")
    for (label, model) in models {
      model.batches.write("rowwise_batch_pictures", labels: label, to: &text)
    }
    family("rowwise_pictures_total", "counter", "Pictures that were answered.")
    for (label, model) in models {
      text += "rowwise_pictures_total{\(label),outcome=\"classified\"} \(model.classified)\n"
      text += "rowwise_pictures_total{\(label),outcome=\"failed\"} \(model.failed)\n"
    }
    let perModel: [(String, String, (Model) -> Int)] = [
      ("rowwise_rows_read_total", "Rows read of pictures that came row by row.", \.rowsRead),
      ("rowwise_rows_total", "Rows that these pictures have.", \.rowsOfPictures),
      ("rowwise_model_loads_total", "Times that the model was read.", \.loads),
      ("rowwise_model_load_failures_total", "Times that it could not be read.", \.failedLoads),
    ]
    for (name, help, value) in perModel {
      family(name, "counter", help)
      for (label, model) in models { text += "\(name){\(label)} \(value(model))\n" }
    }
    single(
      "rowwise_received_bytes_total", "counter", "Bytes of requests' bodies.", state.received)
    single("rowwise_sent_bytes_total", "counter", "Bytes of answers' bodies.", state.sent)
    single(
      "rowwise_connections_total", "counter", "Connections that were accepted.", state.accepted)
    single(
      "rowwise_connections_refused_total", "counter", "Connections above the limit.", state.refused)
    single("rowwise_connections", "gauge", "Connections now.", gauges.connections)
    single("rowwise_waiting_pictures", "gauge", "Pictures that wait now.", gauges.waitingPictures)
    single("rowwise_held_bytes", "gauge", "Bytes of bodies in memory now.", gauges.heldBytes)
    single(
      "rowwise_log_rows_lost_total", "counter", "Rows of the log that nobody took in time.",
      state.lostLogRows)
    if let bytes = Self.residentBytes {
      single("process_resident_memory_bytes", "gauge", "Memory of the process.", bytes)
    }
    single("process_start_time_seconds", "gauge", "When the process began.", Int(start))
    return text
  }

  /// A label's value.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static var residentBytes: Int? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = fread(&bytes, 1, bytes.count, file)
    let fields = bytes.prefix(count).split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else {
      return nil
    }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
