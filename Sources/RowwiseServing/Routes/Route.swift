import NIOHTTP1

/// What is to be done for a request, as its head says.
struct Route {
  /// What is done.
  enum Action {
    /// Nothing else is needed for the answer.
    case answer(Response)
    /// The body is read, and then this is called, which replies once, now or later.
    case read(@Sendable ([UInt8], Reply) -> Void)
    /// The body is a picture that is read by its rows.
    case rows(RowsParameters)
  }

  /// What metrics call it.
  var name: String
  /// The model that answers.
  var model: String?
  var action: Action

  init(_ name: String, model: String? = nil, _ action: Action) {
    (self.name, self.model, self.action) = (name, model, action)
  }
}

/// Takes the answer to one request, on any thread.
struct Reply: Sendable {
  /// Gets it, with the number of pictures that it is about.
  let send: @Sendable (Response, Int) -> Void

  func callAsFunction(_ response: Response, pictures: Int = 0) { send(response, pictures) }

  func callAsFunction(_ problem: RequestProblem) { send(problem.response, 0) }
}
