import Testing

@testable import RowwiseServing

struct MultipartBodyTests {
  private func files(_ text: String, boundary: String = "b", most: Int = 9) throws
    -> [[String]]
  {
    let bytes = Array(text.utf8)
    return try MultipartBody(bytes, boundary: Array(boundary.utf8), most: most).files.map {
      [$0.name, String(decoding: bytes[$0.range], as: UTF8.self)]
    }
  }

  private func part(_ disposition: String, _ bytes: String) -> String {
    "--b\r\nContent-Disposition: form-data; \(disposition)\r\nContent-Type: x\r\n\r\n\(bytes)\r\n"
  }

  @Test func filesWithTheirNames() throws {
    let text =
      "preamble\r\n" + part("name=\"x\"; filename=\"a b.png\"", "one\r\n--") + part("name=top", "3")
      + part("filename=\"q\\\".png\"; name=y", "") + part("filename=ü.png", "-b") + "--b--\r\nmore"
    #expect(try files(text) == [["a b.png", "one\r\n--"], ["q\".png", ""], ["ü.png", "-b"]])
  }

  @Test(arguments: [
    "", "abc", "--b", "--bx\r\n", "--b\r\n", "--b\r\n\r\nabc", "--b\r\nA: b",
    "--b\r\n\r\nabc\r\n--b", "--b\r\n\r\n\r\n--bX",
  ])
  func refused(_ text: String) {
    #expect(throws: RequestProblem.self) { try files(text) }
  }

  @Test func tooManyFiles() {
    let text = String(repeating: part("filename=a", "1"), count: 3) + "--b--"
    #expect(throws: RequestProblem.self) { try files(text, most: 2) }
    #expect((try? files(text, most: 3))?.count == 3)
  }

  @Test func boundaries() throws {
    #expect(try MultipartBody.boundary(of: "image/png") == nil)
    #expect(
      try MultipartBody.boundary(of: "Multipart/Form-Data; charset=x; boundary=\"a;b\"")
        == Array("a;b".utf8))
    #expect(throws: RequestProblem.self) { try MultipartBody.boundary(of: "multipart/form-data") }
    let long = String(repeating: "b", count: 71)
    #expect(throws: RequestProblem.self) {
      try MultipartBody.boundary(of: "multipart/form-data; boundary=\(long)")
    }
  }
}
