import RowwiseServing

/// What comes to a server besides pictures: forms, requests for inference, targets with their queries.
///
/// The first byte chooses which of them.
enum RequestFuzzing {
  static func check(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let first = bytes.first else { return }
    switch first % 3 {
    case 0: try form(Array(bytes.dropFirst()))
    case 1: try inference(Array(bytes.dropFirst()))
    default: try target(bytes.dropFirst())
    }
  }

  private static let boundary = Array("b".utf8)
  private static let most = 5

  /// Files lie one behind the other in the body, and no delimiter lies in one.
  private static func form(_ body: [UInt8]) throws(FuzzFinding) {
    // The field that names the boundary is read, too.
    _ = try? MultipartBody.boundary(of: String(decoding: body.prefix(100), as: UTF8.self))
    guard let form = try? MultipartBody(body, boundary: boundary, most: most) else { return }
    try expect(form.files.count <= most, "\(form.files.count) files")
    var end = 0
    for file in form.files {
      try expect(
        file.range.lowerBound >= end && file.range.upperBound <= body.count,
        "a file at \(file.range) of \(body.count) bytes behind \(end)")
      end = file.range.upperBound
      let delimiter = Array("\r\n--b".utf8)
      let content = body[file.range]
      let holds = content.indices.contains { content[$0...].starts(with: delimiter) }
      try expect(!holds, "a delimiter in a file at \(file.range)")
    }
  }

  /// The first byte tells how many are behind the JSON text. Pictures are as many and as large as they may.
  private static func inference(_ bytes: [UInt8]) throws(FuzzFinding) {
    guard let behind = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let shape = InferenceRequest.PictureShape(width: 2, height: 3, channels: 1)
    guard
      let request = try? InferenceRequest(
        body, jsonLength: behind == 0 ? nil : body.count - Int(behind), shape: shape, most: most)
    else { return }
    try expect(!request.outputs.isEmpty, "no outputs")
    switch request.input {
    case .files(let files):
      try expect((1...most).contains(files.count), "\(files.count) files")
      let size = files.reduce(0) { $0 + $1.count }
      try expect(size <= body.count, "\(size) bytes of \(body.count)")
    case .pixels(let pictures):
      try expect((1...most).contains(pictures.count), "\(pictures.count) pictures")
      try expect(pictures.allSatisfy { $0.count == 6 }, "a picture of another size")
    }
  }

  /// What is read of a target reads the same when it is written with escapes.
  private static func target(_ bytes: ArraySlice<UInt8>) throws(FuzzFinding) {
    guard let target = RequestTarget(String(decoding: bytes, as: UTF8.self)) else { return }
    let path = "/" + target.parts.map(escaped).joined(separator: "/")
    let query = target.query.map { "\(escaped($0.name))=\(escaped($0.value))" }
    // A slash at the end is passed over.
    let end = target.parts.last == "" ? "/" : ""
    let again = RequestTarget("\(path)\(end)?\(query.joined(separator: "&"))")
    try expect(again == target, "\(target) reads back as \(String(describing: again))")
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
