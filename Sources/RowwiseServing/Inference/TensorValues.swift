import RowwiseTexts

/// The values of an inference request's tensor.
struct TensorValues {
  let tensor: InferenceTensor
  let json: [UInt8]
  /// What stands behind the JSON text.
  let binary: ArraySlice<UInt8>

  private var isBinary: Bool {
    if case .binary = tensor.place { true } else { false }
  }

  /// Picture files: BYTES of shape [pictures].
  ///
  /// - Throws: `RequestProblem`.
  func files(atMost most: Int) throws(RequestProblem) -> [[UInt8]] {
    let shape = tensor.shape
    guard shape.count == 1 || shape.count == 2 && shape[1] == 1, let count = tensor.count else {
      throw wrongShape("[pictures]")
    }
    try Self.check(count, atMost: most)
    let files = isBinary ? try binaryTexts() : try base64Texts(atMost: count)
    guard files.count == count else {
      throw RequestProblem(
        .badRequest, "input \"\(tensor.name)\" of shape \(shape) has \(files.count) elements")
    }
    return files
  }

  /// Pictures as the model reads them: UINT8 of shape [pictures, height, width, channels].
  ///
  /// - Throws: `RequestProblem`.
  func pictures(
    of picture: InferenceRequest.PictureShape, atMost most: Int
  ) throws(RequestProblem) -> [[UInt8]] {
    let (shape, full) = (tensor.shape, [picture.height, picture.width, picture.channels])
    let isPlain = picture.channels == 1 && shape.count == 3
    guard shape.count == 4 || isPlain, shape.dropFirst().elementsEqual(full.prefix(shape.count - 1))
    else { throw wrongShape("[pictures, \(full[0]), \(full[1]), \(full[2])]") }
    try Self.check(shape[0], atMost: most)
    let numbers = isBinary ? Array(binary) : try jsonBytes()
    guard numbers.count == shape[0] * picture.byteCount else {
      throw RequestProblem(
        .badRequest,
        "input \"\(tensor.name)\" of shape \(shape) needs \(shape[0] * picture.byteCount) values, got "
          + "\(numbers.count)")
    }
    return (0..<shape[0]).map {
      Array(numbers[$0 * picture.byteCount..<($0 + 1) * picture.byteCount])
    }
  }

  private func wrongShape(_ expected: String) -> RequestProblem {
    RequestProblem(
      .badRequest, "input \"\(tensor.name)\" has shape \(tensor.shape), expected \(expected)")
  }

  private static func check(_ count: Int, atMost most: Int) throws(RequestProblem) {
    guard count > 0 else { throw RequestProblem(.badRequest, "no pictures in the request") }
    guard count <= most else {
      throw RequestProblem(
        .payloadTooLarge,
        "\(count) pictures in a request, at most \(most) are taken; send them in several")
    }
  }

  /// Numbers of an array in the JSON text.
  private func jsonBytes() throws(RequestProblem) -> [UInt8] {
    guard case .json(let place) = tensor.place else { return [] }
    var numbers: [UInt8] = []
    do throws(JSONSyntaxError) {
      var scanner = JSONScanner(bytes: json)
      scanner.seek(to: place)
      try scanner.numbers { number throws(JSONSyntaxError) in
        guard let byte = UInt8(exactly: number) else {
          throw JSONSyntaxError(offset: place, expected: "whole numbers from 0 to 255")
        }
        numbers.append(byte)
      }
    } catch {
      throw malformed(error)
    }
    return numbers
  }

  private func malformed(_ error: JSONSyntaxError) -> RequestProblem {
    RequestProblem(
      .badRequest,
      "the data of input \"\(tensor.name)\" cannot be read: at byte \(error.offset), "
        + "\(error.expected) is expected")
  }

  /// Texts of an array in the JSON text, in base64.
  private func base64Texts(atMost most: Int) throws(RequestProblem) -> [[UInt8]] {
    guard case .json(let place) = tensor.place else { return [] }
    var texts: [[UInt8]] = []
    do throws(JSONSyntaxError) {
      var scanner = JSONScanner(bytes: json)
      scanner.seek(to: place)
      try scanner.array("an array of texts") { scanner throws(JSONSyntaxError) in
        guard texts.count < most else { throw scanner.malformed("\(most) elements") }
        let text = try scanner.string("a picture file in base64")
        guard let bytes = Base64.decoded(text) else {
          throw scanner.malformed("a picture file in base64")
        }
        texts.append(bytes)
      }
    } catch {
      throw malformed(error)
    }
    return texts
  }

  /// Elements that each have their length before them, in four bytes, the lowest first.
  private func binaryTexts() throws(RequestProblem) -> [[UInt8]] {
    var texts: [[UInt8]] = []
    var rest = binary
    while !rest.isEmpty {
      let head = rest.prefix(4)
      let length = head.reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard head.count == 4, length <= rest.count else {
        throw RequestProblem(
          .badRequest, "element \(texts.count) of input \"\(tensor.name)\" is longer than the body")
      }
      texts.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return texts
  }
}
