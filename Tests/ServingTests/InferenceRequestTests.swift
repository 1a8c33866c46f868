import Testing

@testable import RowwiseServing

struct InferenceRequestTests {
  private static let shape = InferenceRequest.PictureShape(width: 2, height: 1, channels: 1)

  private func request(_ json: String, binary: [UInt8] = []) throws -> InferenceRequest {
    let text = Array(json.utf8)
    return try InferenceRequest(
      text + binary, jsonLength: binary.isEmpty ? nil : text.count, shape: Self.shape, most: 3)
  }

  private func input(_ members: String) -> String { #"{"inputs":[{\#(members)}]}"# }

  @Test func pixelsInJSON() throws {
    // The data stand before what tells how to read them.
    let found = try request(
      #"{"id":"7","inputs":[{"data":[[[[1],[2]]],[[[3],[255]]]],"name":"pixels","shape":[2,1,2,1],"#
        + #""datatype":"UINT8","parameters":{"other":[{}]}}],"more":null}"#)
    #expect(found.id == "7")
    #expect(found.input == .pixels([[1, 2], [3, 255]]))
    #expect(found.outputs.map(\.name) == ["probabilities", "label", "index"])
    #expect(found.outputs.allSatisfy { !$0.isBinary })
  }

  @Test func pixelsBehindJSON() throws {
    let found = try request(
      #"{"parameters":{"binary_data_output":true},"inputs":[{"name":"pixels","shape":[1,1,2],"#
        + #""datatype":"UINT8","parameters":{"binary_data_size":2}}],"outputs":[{"name":"label"},"#
        + #"{"name":"index","parameters":{"binary_data":false,"classification":2}}]}"#,
      binary: [8, 9])
    #expect(found.input == .pixels([[8, 9]]))
    #expect(
      found.outputs == [
        .init(name: "label", isBinary: true), .init(name: "index", isBinary: false, classes: 2),
      ])
  }

  @Test func files() throws {
    let json = try request(
      input(#""name":"image","datatype":"BYTES","shape":[3],"data":["AQID","/+8=",""]"#))
    #expect(json.input == .files([[1, 2, 3], [255, 239], []]))
    let binary = try request(
      input(
        #""name":"image","datatype":"BYTES","shape":[2,1],"parameters":{"binary_data_size":11}"#),
      binary: [3, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0])
    #expect(binary.input == .files([[1, 2, 3], []]))
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"inputs":[]}"#, #"{"inputs":[{},{}]}"#, #"{"inputs":[{}]} x"#,
    #"{"inputs":[{"name":"pixels","datatype":"FP32","shape":[1,1,2,1],"data":[1,2]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,2,1,1],"data":[1,2]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,1,2,1],"data":[1]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,1,2,1],"data":[1,256]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,1,2,1],"data":[1,1.5]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[1,1,2,1],"data":[1,"a"]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[0,1,2,1],"data":[]}]}"#,
    #"{"inputs":[{"name":"pixels","datatype":"UINT8","shape":[4,1,2,1],"data":[1,2,3,4,5,6,7,8]}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["A"]}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[2],"data":["AQID"]}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[9223372036854775807,2],"data":[]}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":9}}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":-1}}]}"#,
    #"{"inputs":[{"name":"image","datatype":"BYTES","shape":[1],"data":["AQID"]}],"outputs":[{"name":"x"}]}"#,
  ])
  func refused(_ json: String) {
    #expect(throws: RequestProblem.self) { try request(json) }
  }

  @Test(arguments: [
    [9, 0, 0, 0, 1], [1, 0, 0], [255, 255, 255, 255, 1], [1, 0, 0, 0, 7, 1, 0, 0, 0, 7],
  ])
  func refusedBehindJSON(_ bytes: [UInt8]) {
    let json = input(
      #""name":"image","datatype":"BYTES","shape":[1],"parameters":{"binary_data_size":\#(bytes.count)}"#
    )
    #expect(throws: RequestProblem.self) { try request(json, binary: bytes) }
  }
}
