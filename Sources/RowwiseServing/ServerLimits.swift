/// What a server does not exceed, whatever clients send.
package struct ServerLimits: Sendable, Equatable {
  /// Bytes of a request's body that is kept in memory.
  package var bodyBytes = 16 << 20
  /// Pictures in a request.
  package var pictures = 256
  /// Connections at a time.
  package var connections = 512
  /// Bytes of all bodies that are kept at a time.
  package var heldBytes = 256 << 20
  /// Seconds that a request's head may take.
  package var headSeconds = 10.0
  /// Seconds without a byte, between requests or in one.
  package var idleSeconds = 60.0
  /// Seconds that a body may take that is kept in memory.
  package var bodySeconds = 300.0
  /// Seconds that requests have to end after the server was asked to.
  package var drainSeconds = 30.0

  /// Bytes of a request's head, and fields in it.
  package static let head = (bytes: 16 << 10, fields: 100)
  /// Bytes of a picture that wait to be read by its rows, before no more are taken from the connection.
  package static let waitingBytes = 256 << 10
  /// Bytes of a frame of a WebSocket.
  package static let frameBytes = 1 << 20
  /// Explanations that wait for others.
  package static let explanations = 16
  /// The most classes an answer may name.
  package static let top = 1_000_000

  /// The limits as they are where nothing is said.
  package init() {}
}
