import NIOHTTP1
import RowwiseTexts

/// Why a request gets no answer.
package struct RequestProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Of the response.
  package let status: HTTPResponseStatus
  /// What was wrong, what was expected, what to do.
  package let description: String

  package init(_ status: HTTPResponseStatus, _ description: String) {
    (self.status, self.description) = (status, description)
  }

  /// What the client is told.
  var response: Response {
    Response(status, json: .object([.init("error", .string(description))]))
  }
}
