import RowwiseSystem
import RowwiseWorkers

/// What the system says of the machine.
enum MachineDescription {
  /// Processor, cores and system, such as `AMD EPYC, 2 cores, Linux x86_64`.
  static var text: String {
    let cores = WorkerPool.availableThreads
    return "\(processor), \(cores) \(cores == 1 ? "core" : "cores"), \(system)"
  }

  private static var processor: String {
    #if os(Linux)
      let row = SystemText.rows(ofFile: "/proc/cpuinfo").first { $0.hasPrefix("model name") }
      if let value = row?.split(separator: ":", maxSplits: 1).last {
        return value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      }
    #elseif canImport(Darwin)
      var bytes = [CChar](repeating: 0, count: 256)
      var size = bytes.count
      if sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 {
        let text = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self)
      }
    #endif
    return "unknown processor"
  }

  private static var system: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown system" }
    return "\(SystemText.string(names.sysname)) \(SystemText.string(names.machine))"
  }
}

/// Small texts from the system.
enum SystemText {
  /// The rows of a small file, at most its first 64 KiB; none where it cannot be read.
  static func rows(ofFile path: String) -> [Substring] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
  }

  /// A C array of characters, imported as a tuple, up to its zero.
  static func string<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
