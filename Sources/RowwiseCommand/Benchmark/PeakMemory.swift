import RowwiseSystem

/// The most memory that this process had resident.
enum PeakMemory {
  /// Gives freed memory back and starts anew from what is resident now, where the system can
  /// (Linux); elsewhere the peak stays that of the whole process.
  static func reset() {
    #if canImport(Glibc)
      // Not in Swift's Glibc module: keeps what earlier cases have freed from counting here.
      if let symbol = dlsym(nil, "malloc_trim") {
        _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)(0)
      }
    #endif
    #if os(Linux)
      // 5 resets the peak: proc(5), /proc/pid/clear_refs.
      let file = open("/proc/self/clear_refs", O_WRONLY)
      guard file >= 0 else { return }
      _ = write(file, "5", 1)
      close(file)
    #endif
  }

  /// Megabytes (10⁶ bytes) at most since `reset`.
  static var megabytes: Double {
    #if os(Linux)
      if let kibibytes = statusValue("VmHWM:") { return Double(kibibytes) * 1024 / 1e6 }
    #endif
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) * 1024 / 1e6
    #endif
  }

  #if os(Linux)
    /// A number from `/proc/self/status`, in KiB.
    private static func statusValue(_ key: String) -> Int? {
      SystemText.rows(ofFile: "/proc/self/status").first { $0.hasPrefix(key) }
        .flatMap { row in row.split(whereSeparator: \.isWhitespace).dropFirst().first }
        .flatMap { Int($0) }
    }
  #endif
}
