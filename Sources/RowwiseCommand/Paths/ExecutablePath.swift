import RowwiseSystem

/// Where the running command lies.
enum ExecutablePath {
  /// The path of this process's executable, links followed; nil where the system does not tell.
  static var ofProcess: String? {
    #if canImport(Darwin)
      var size: UInt32 = 0
      _NSGetExecutablePath(nil, &size)
      var buffer = [CChar](repeating: 0, count: Int(size))
      guard _NSGetExecutablePath(&buffer, &size) == 0 else { return nil }
      return real(buffer)
    #else
      return real(Array("/proc/self/exe".utf8CString))
    #endif
  }

  private static func real(_ path: [CChar]) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
