import Testing

@testable import RowwiseServing

struct RequestTargetTests {
  @Test func partsAndQuery() throws {
    let target = try #require(RequestTarget("/v2/models/a%2Fb/infer?x=1&y=a+b%26&z&x=2"))
    #expect(target.parts == ["v2", "models", "a/b", "infer"])
    #expect(target.query.map(\.name) == ["x", "y", "z", "x"])
    #expect(target.query.map(\.value) == ["1", "a b&", "", "2"])
    #expect(RequestQuery(target)["x"] == "2")
  }

  @Test(arguments: ["", "*", "http://a/b", "/%", "/%4", "/%zz", "/%ff", "/?a=%f"])
  func refused(_ text: String) { #expect(RequestTarget(text) == nil) }

  @Test(arguments: [("/", []), ("/a/", ["a"]), ("/?", []), ("//a", ["", "a"])])
  func slashes(_ text: String, _ parts: [String]) {
    #expect(RequestTarget(text)?.parts == parts)
  }
}
