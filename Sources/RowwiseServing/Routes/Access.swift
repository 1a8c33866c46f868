import NIOHTTP1

/// Who may ask.
struct Access: Sendable {
  /// What requests have to show; nil: nothing.
  let token: [UInt8]?

  /// Throws where a request may not be answered: without the token, or from another site's page.
  ///
  /// - Parameter isOpen: whether it needs no token.
  /// - Throws: `RequestProblem`.
  func check(_ head: HTTPRequestHead, isOpen: Bool, changes: Bool) throws(RequestProblem) {
    if changes, let origin = head.headers.first(name: "Origin"),
      !Self.isSame(origin, host: head.headers.first(name: "Host"))
    {
      throw RequestProblem(.forbidden, "pages of other sites may not ask this server")
    }
    guard !isOpen, let token else { return }
    guard let shown = Self.shown(head), Self.isEqual(Array(shown.utf8), token) else {
      throw RequestProblem(
        .unauthorized, "this server answers those who know its token: Authorization: Bearer TOKEN")
    }
  }

  /// The token in a request: in `Authorization`, or among the protocols of a WebSocket, to which browsers
  /// add no other fields.
  private static func shown(_ head: HTTPRequestHead) -> Substring? {
    if let field = head.headers.first(name: "Authorization") {
      let parts = field.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
      return parts[1]
    }
    return head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
      .first { $0.hasPrefix("bearer.") }?.dropFirst("bearer.".count)
  }

  /// Takes as long wherever they differ.
  private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func isSame(_ origin: String, host: String?) -> Bool {
    guard let host else { return false }
    return ["http://", "https://"].contains { origin.lowercased() == $0 + host.lowercased() }
  }
}
