import RowwiseSafetensors
import Testing

/// Against bytes that the reference implementation (safetensors of PyPI) wrote:
/// the output of Scripts/goldens/safetensors_golden.py.
struct SafetensorsReferenceTests {
  static let bytes: [UInt8] = {
    let digits = Array(
      """
      e8010000000000007b225f5f6d657461646174615f5f223a7b22726f7777697365223a227b5c2263
      6c61737365735c223a5b5c22615c222c5c22c3bc5c225d7d5c745c7530303031227d2c2273746570
      73223a7b226474797065223a22493634222c227368617065223a5b325d2c22646174615f6f666673
      657473223a5b302c31365d7d2c2262696173223a7b226474797065223a22463634222c2273686170
      65223a5b325d2c22646174615f6f666673657473223a5b31362c33325d7d2c22656d707479223a7b
      226474797065223a22463332222c227368617065223a5b302c345d2c22646174615f6f6666736574
      73223a5b33322c33325d7d2c22776569676874223a7b226474797065223a22463332222c22736861
      7065223a5b322c335d2c22646174615f6f666673657473223a5b33322c35365d7d2c226e615c226d
      655c5c5c6ec3a9223a7b226474797065223a22493332222c227368617065223a5b5d2c2264617461
      5f6f666673657473223a5b35362c36305d7d2c2268616c66223a7b226474797065223a2246313622
      2c227368617065223a5b355d2c22646174615f6f666673657473223a5b36302c37305d7d2c226d61
      736b223a7b226474797065223a225538222c227368617065223a5b335d2c22646174615f6f666673
      657473223a5b37302c37335d7d7d20200700000000000000ffffffffffffffff9a9999999999b93f
      9c7500883ce437fe0000c03f000000c0cdcccc3dffff7f7f010000000000008005000000003cff7b
      010000fc543500ff03
      """.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
  }()

  @Test func readsWhatTheReferenceWrote() throws {
    let file = try SafetensorsFile(bytes: Self.bytes)
    #expect(file.metadata == ["rowwise": "{\"classes\":[\"a\",\"ü\"]}\t\u{1}"])
    #expect(
      Set(file.tensors.map(\.name)) == [
        "weight", "bias", "half", "steps", "mask", "empty", "na\"me\\\né",
      ])
    let weight = try file.tensor(named: "weight")
    #expect(weight.shape == [2, 3])
    #expect(weight.elementType == .float32)
    let values = try weight.floats()
    #expect(values == [1.5, -2, 0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0])
    #expect(values[5].sign == .minus)
    #expect(try file.tensor(named: "bias").doubles() == [0.1, -1e300])
    // 6e-8 and 0.333 as the nearest half-precision values.
    #expect(
      try file.tensor(named: "half").floats()
        == [1, 65504, 5.9604645e-08, -.infinity, 0.33300781])
    #expect(try file.tensor(named: "steps").bytes.count == 16)
    #expect(Array(try file.tensor(named: "mask").bytes) == [0, 255, 3])
    #expect(try file.tensor(named: "empty").shape == [0, 4])
    #expect(try file.tensor(named: "empty").floats().isEmpty)
    #expect(try file.tensor(named: "na\"me\\\né").shape.isEmpty)
  }

  @Test func writesTheReferencesBytes() throws {
    let file = try SafetensorsFile(bytes: Self.bytes)
    let again = try SafetensorsFile(tensors: file.tensors.reversed(), metadata: file.metadata)
    #expect(again.encoded() == Self.bytes)
  }

  /// No byte may be missing: each shorter file is refused, by an error and not by a trap.
  @Test func refusesEveryTruncation() {
    for count in 0..<Self.bytes.count {
      #expect(throws: SafetensorsError.self, "cut to \(count) bytes") {
        try SafetensorsFile(bytes: Array(Self.bytes.prefix(count)))
      }
    }
  }

  @Test func refusesBytesAfterTheEnd() {
    #expect(throws: SafetensorsError.unclaimedBytes(count: 1)) {
      try SafetensorsFile(bytes: Self.bytes + [0])
    }
  }

  /// Whatever one wrong byte makes of the header, reading returns or throws.
  @Test func survivesEveryWrongByteOfTheHeader() throws {
    let headerEnd = 8 + Int(Self.bytes[0]) + Int(Self.bytes[1]) << 8
    var refused = 0
    for position in 0..<headerEnd {
      for value: UInt8 in [0, 0x22, 0x2C, 0x39, 0x5C, 0x7D, 0x80, 0xFF] {
        var bytes = Self.bytes
        bytes[position] = value
        do {
          let file = try SafetensorsFile(bytes: bytes)
          #expect(file.tensors.count <= 7)
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > headerEnd * 4)
  }
}
