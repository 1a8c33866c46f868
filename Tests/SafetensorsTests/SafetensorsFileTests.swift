import Foundation
import RowwiseFiles
import RowwiseSafetensors
import TestSupport
import Testing

typealias Tensor = SafetensorsFile.Tensor

struct SafetensorsFileTests {
  @Test func roundTripKeepsEveryBit() throws {
    let floats: [Float] = [0, -0.0, .infinity, .nan, .leastNonzeroMagnitude, 1 / 3]
    let doubles: [Double] = [.pi, -.greatestFiniteMagnitude]
    let file = try SafetensorsFile(
      tensors: [
        Tensor(name: "layers.0.input_weight", shape: [2, 3], values: floats),
        Tensor(name: "wide", shape: [2, 1], values: doubles),
        Tensor(name: "", elementType: .bool, shape: [3], bytes: [1, 0, 1]),
      ],
      metadata: ["a": "\u{0}\"\\/\n\u{1F600}", "": "empty key", "b": ""])
    let bytes = file.encoded()
    let again = try SafetensorsFile(bytes: bytes)
    #expect(again == file)
    #expect(
      try again.tensor(named: "layers.0.input_weight").floats().map(\.bitPattern)
        == floats.map(\.bitPattern))
    #expect(try again.tensor(named: "wide").doubles() == doubles)
    #expect(again.encoded() == bytes)
    #expect(bytes.count % 8 == 3, "the header is filled up to a multiple of 8")
  }

  @Test func orderOfTensorsDoesNotMatter() throws {
    let tensors = try ["b", "a", "c"].map { try Tensor(name: $0, shape: [1], values: [Float(1)]) }
    let first = try SafetensorsFile(tensors: tensors).encoded()
    #expect(try SafetensorsFile(tensors: tensors.reversed()).encoded() == first)
  }

  @Test func emptyFile() throws {
    let bytes = try SafetensorsFile(tensors: []).encoded()
    #expect(bytes == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(bytes: bytes).tensors.isEmpty)
  }

  @Test func wideningIsExact() throws {
    let bfloat = try Tensor(
      name: "b", elementType: .bfloat16, shape: [3], bytes: [0x80, 0x3F, 0x49, 0xC0, 0x01, 0x00])
    #expect(try bfloat.floats() == [1, -3.140625, 0x1p-133])
    // Smallest, largest subnormal, smallest normal, 1, largest, infinity, of both signs.
    let halves: [UInt16] = [0x0001, 0x03FF, 0x0400, 0x3C00, 0x7BFF, 0x7C00, 0x8001, 0xFBFF]
    let half = try Tensor(
      name: "h", elementType: .float16, shape: [8],
      bytes: halves.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }[...])
    #expect(
      try half.floats()
        == [0x1p-24, 0x1.FF8p-15, 0x1p-14, 1, 65504, .infinity, -0x1p-24, -65504])
    let nan = try Tensor(
      name: "n", elementType: .float16, shape: [], bytes: [0x01, 0x7E])
    #expect(try nan.floats()[0].isNaN)
  }

  @Test func refusesWrongUse() throws {
    #expect(throws: SafetensorsError.wrongByteCount(tensor: "w", expected: 24, received: 20)) {
      try Tensor(name: "w", shape: [2, 3], values: [Float](repeating: 0, count: 5))
    }
    #expect(throws: SafetensorsError.invalidShape(tensor: "w", shape: [-1])) {
      try Tensor(name: "w", shape: [-1], values: [Float]())
    }
    #expect(throws: SafetensorsError.invalidShape(tensor: "w", shape: [Int.max, 2])) {
      try Tensor(name: "w", shape: [Int.max, 2], values: [Float]())
    }
    let deep = [Int](repeating: 1, count: 33)
    #expect(throws: SafetensorsError.invalidShape(tensor: "w", shape: deep)) {
      try Tensor(name: "w", shape: deep, values: [Float(0)])
    }
    let tensor = try Tensor(name: "w", shape: [1], values: [Float(1)])
    #expect(throws: SafetensorsError.duplicateName("w")) {
      try SafetensorsFile(tensors: [tensor, tensor])
    }
    let reserved = try Tensor(name: "__metadata__", shape: [1], values: [Float(1)])
    #expect(throws: SafetensorsError.duplicateName("__metadata__")) {
      try SafetensorsFile(tensors: [reserved])
    }
    let file = try SafetensorsFile(tensors: [tensor])
    #expect(throws: SafetensorsError.missingTensor("v")) { try file.tensor(named: "v") }
    #expect(
      throws: SafetensorsError.wrongElementType(tensor: "w", expected: "F64", received: "F32")
    ) {
      try file.tensor(named: "w").doubles()
    }
  }

  @Test func messagesAreBounded() {
    let long = SafetensorsError.duplicateName(String(repeating: "n", count: 1000)).description
    #expect(
      long
        == "damaged safetensors file: the name \"\(String(repeating: "n", count: 80))…\" occurs twice"
    )
  }

  @Test func readsFilesFromDisk() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/model.safetensors"
    let file = try SafetensorsFile(
      tensors: [SafetensorsFile.Tensor(name: "w", shape: [2], values: [Float(1), 2])],
      metadata: ["k": "v"])
    try file.write(toPath: path)
    #expect(try SafetensorsFile(path: path) == file)
    try AtomicFile.write([UInt8](file.encoded().dropLast()), toPath: path)
    #expect(
      throws: SafetensorsError.offsetsOutOfRange(tensor: "w", begin: 0, end: 8, byteCount: 7)
    ) {
      try SafetensorsFile(path: path)
    }
    #expect(throws: SafetensorsError.file(.cannotRead(path: folder.path, code: EISDIR))) {
      try SafetensorsFile(path: folder.path)
    }
    #expect(throws: SafetensorsError.file(.cannotRead(path: path + "x", code: ENOENT))) {
      try SafetensorsFile(path: path + "x")
    }
    #expect(throws: SafetensorsError.file(.cannotRead(path: "/dev/zero", code: ESPIPE))) {
      try SafetensorsFile(path: "/dev/zero")
    }
  }
}
