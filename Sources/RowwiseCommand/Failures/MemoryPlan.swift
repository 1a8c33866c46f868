import Rowwise
import RowwiseFiles
import RowwiseLayers
import RowwiseSystem
import RowwiseTraining

/// What a command is going to need of the machine's memory, compared with what there is before
/// anything is begun: once an allocation fails in the midst of things, it is too late to say so.
struct MemoryPlan: Sendable, Equatable {
  /// What needs it, for messages: "training with these options".
  let what: String
  /// Bytes, about.
  let bytes: Double
  /// What somebody can do about it.
  let advice: String

  /// Training: weights, their gradients, averages and copies, and a batch's activations.
  ///
  /// - Parameters:
  ///   - count: images to train on; a batch has no more.
  ///   - teacher: whose answers about each batch are learned from; nil for none.
  ///   - what: the training's name, and what can be done about it.
  init(
    training space: WorkSpace, options: TrainingOptions, count: Int, activationBudget: Int,
    teacher: ImageEnsemble? = nil, what: String = "training with these options",
    advice: String = "choose fewer units, smaller images or a smaller --batch-size"
  ) {
    (self.what, self.advice) = (what, advice)
    let batch = max(1, min(options.batchSize, count))
    // Two averages of the optimizer, the averaged weights, the best ones, a checkpoint's copy.
    let copies = 5.0
    // What a process takes besides: threads, files, tables.
    let rest = 32e6
    let answers = teacher?.members.reduce(0.0) { bytes, member in
      let network = member.classifier.network
      return bytes + network.predictionBytes(batch: network.batch(of: batch))
    }
    bytes =
      rest + (answers ?? 0) + space.trainingBytes(batch: batch, activationBudget: activationBudget)
      + copies * space.weightBytes
  }

  /// Importing a file: its bytes, its weights as they are read, put together, in a network, and as the
  /// new file's bytes.
  ///
  /// - Parameter byteCount: of the file and of what it keeps beside it; nil for its own.
  init(importing path: String, byteCount: Int? = nil) {
    what = "importing \(path)"
    bytes = 32e6 + Self.importing * Double(byteCount ?? FileKind(path: path)?.size ?? 0)
    advice = "import it where there is more"
  }

  /// Bytes that importing takes for each byte of the file.
  private static let importing = 8.0

  init(what: String, bytes: Double, advice: String) {
    (self.what, self.bytes, self.advice) = (what, bytes, advice)
  }

  /// Throws where it is more than is allowed, or more than the system gives.
  ///
  /// - Parameter allowed: MiB; nil for what the machine has.
  func check(allowed: Int?) throws(CommandFailure) {
    let limit = allowed.map { Double($0) * 1_048_576 } ?? Self.available
    if let limit, bytes > limit {
      throw CommandFailure(
        message: "\(what) needs \(Self.text(bytes)) of memory; \(Self.text(limit)) are "
          + "\(allowed == nil ? "free" : "allowed"); \(advice)"
          + (allowed == nil ? "" : ", or raise --memory"), status: .systemLacks)
    }
    guard bytes < 1e18, Self.canReserve(Int(bytes)) else {
      throw CommandFailure(
        message: "\(what) needs \(Self.text(bytes)) of memory, which the system does not give; "
          + advice, status: .systemLacks)
    }
  }

  /// Bytes as people write them.
  static func text(_ bytes: Double) -> String {
    if bytes < 1e9 { return "\(Int((bytes / 1e6).rounded(.up))) MB" }
    let tenths = (bytes / 1e8).rounded()
    return tenths < 1e15 ? "\(Int(tenths) / 10).\(Int(tenths) % 10) GB" : "\(bytes / 1e9) GB"
  }

  // MARK: The machine

  /// Bytes that are free, by the least of what the system says; nil where it says nothing.
  static var available: Double? {
    [physical, ofControlGroup, ofAddressSpace].compactMap { $0 }.min()
  }

  private static var physical: Double? {
    #if os(Linux)
      for row in SystemText.rows(ofFile: "/proc/meminfo") where row.hasPrefix("MemAvailable:") {
        return row.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 * 1024 }
      }
    #endif
    let (pages, size) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && size > 0 ? Double(pages) * Double(size) : nil
  }

  /// What the control group of the process may still take (cgroup v2, then v1).
  private static var ofControlGroup: Double? {
    #if os(Linux)
      for (limit, usage) in [
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        (
          "/sys/fs/cgroup/memory/memory.limit_in_bytes",
          "/sys/fs/cgroup/memory/memory.usage_in_bytes"
        ),
      ] {
        func number(_ path: String) -> Double? {
          SystemText.rows(ofFile: path).first.flatMap { Double($0) }
        }
        guard let limit = number(limit), limit < 1e18 else { continue }
        // What is cached of files is given up where it is needed.
        return max(limit - (number(usage) ?? 0) / 2, 0)
      }
    #endif
    return nil
  }

  /// What `ulimit -v` leaves.
  private static var ofAddressSpace: Double? {
    var limit = rlimit()
    #if canImport(Glibc)
      let code = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    #else
      let code = getrlimit(RLIMIT_AS, &limit)
    #endif
    guard code == 0, limit.rlim_cur < 1 << 62 else { return nil }
    #if os(Linux)
      let used = SystemText.rows(ofFile: "/proc/self/statm").first?.split(separator: " ").first
      let pages = used.flatMap { Double($0) } ?? 0
      return max(Double(limit.rlim_cur) - pages * Double(sysconf(Int32(_SC_PAGESIZE))), 0)
    #else
      return Double(limit.rlim_cur)
    #endif
  }

  /// Whether the system maps so much; nothing of it is touched.
  private static func canReserve(_ bytes: Int) -> Bool {
    guard bytes > 0 else { return true }
    #if canImport(Darwin)
      let flags = MAP_PRIVATE | MAP_ANON
    #else
      let flags = MAP_PRIVATE | MAP_ANONYMOUS
    #endif
    guard let place = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), place != MAP_FAILED
    else { return false }
    munmap(place, bytes)
    return true
  }
}
