import RowwiseSystem
import Testing

/// A client of sockets only.
final class HTTPClient {
  private let descriptor: Int32
  private var rest: [UInt8] = []

  /// Connects to this machine.
  init(port: Int) throws {
    #if os(Linux)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    descriptor = socket(AF_INET, kind, 0)
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0)
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      try #require(count > 0)
      rest = rest.dropFirst(count)
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// The next bytes; none at the end.
  private func receive() -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = piece.withUnsafeMutableBytes { systemRead(descriptor, $0.baseAddress, $0.count) }
    guard count > 0 else { return false }
    rest += piece[..<count]
    return true
  }

  /// So many bytes.
  func take(_ count: Int) throws -> [UInt8] {
    while rest.count < count { try #require(receive()) }
    defer { rest.removeFirst(count) }
    return Array(rest.prefix(count))
  }

  private func line() throws -> String {
    while true {
      if let end = rest.firstIndex(of: 0x0A) {
        defer { rest.removeSubrange(...end) }
        return String(decoding: rest[..<max(0, end - 1)], as: UTF8.self)
      }
      try #require(receive())
    }
  }

  /// Whether nothing more comes.
  func isEnded() -> Bool { rest.isEmpty && !receive() }

  struct Answer: Equatable {
    var status: Int
    var fields: [String: String]
    var body: String
  }

  /// The next answer.
  ///
  /// - Parameter hasBody: whether it has one where it says how long that is.
  func answer(hasBody: Bool = true) throws -> Answer {
    let status = Int(try line().split(separator: " ")[1]) ?? 0
    var fields: [String: String] = [:]
    while true {
      let field = try line()
      guard let colon = field.firstIndex(of: ":") else { break }
      fields[field[..<colon].lowercased()] = String(field[colon...].dropFirst(2))
    }
    var body: [UInt8] = []
    if fields["transfer-encoding"] == "chunked" {
      while let size = Int(try line(), radix: 16), size > 0 {
        body += try take(size)
        _ = try line()
      }
      _ = try line()
    } else if status >= 200, hasBody {
      body = try take(Int(fields["content-length"] ?? "0") ?? 0)
    }
    return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
  }

  /// Asks and takes the answer.
  func ask(
    _ method: String, _ path: String, _ body: [UInt8] = [], fields: [String] = []
  ) throws -> Answer {
    let head =
      ["\(method) \(path) HTTP/1.1", "Host: localhost", "Content-Length: \(body.count)"] + fields
    try send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    return try answer(hasBody: method != "HEAD")
  }
}
