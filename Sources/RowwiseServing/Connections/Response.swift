import NIOCore
import NIOHTTP1
import RowwiseTexts

/// A response whose body is known as a whole.
struct Response: Sendable, Equatable {
  var status: HTTPResponseStatus
  var contentType: String
  /// Fields besides those that every response has.
  var fields: [(name: String, value: String)] = []
  var body: [UInt8]

  init(_ status: HTTPResponseStatus, _ contentType: String, _ body: [UInt8]) {
    (self.status, self.contentType, self.body) = (status, contentType, body)
  }

  init(_ status: HTTPResponseStatus = .ok, json: JSONValue) {
    self.init(status, "application/json", Array(json.compact.utf8))
  }

  static func == (left: Self, right: Self) -> Bool {
    left.status == right.status && left.contentType == right.contentType
      && left.body == right.body && left.fields.elementsEqual(right.fields) { $0 == $1 }
  }

  /// What stands before the body.
  func head(version: HTTPVersion, closes: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(4 + fields.count)
    headers.add(name: "Content-Type", value: contentType)
    headers.add(name: "Content-Length", value: String(body.count))
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    for field in fields { headers.add(name: field.name, value: field.value) }
    if closes { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: version, status: status, headers: headers)
  }
}
