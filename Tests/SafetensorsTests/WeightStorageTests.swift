import Testing

@testable import RowwiseSafetensors

/// Numbers as 8-bit integers and 16-bit floats.
struct WeightStorageTests {
  @Test func int8ByColumn() {
    let matrix = Int8Matrix([1, -20, 0, -0.5, 10, 0], columns: 3, channelsAreRows: false)
    #expect(matrix.scales == [1 / 127, 20 / 127, 1])
    #expect(matrix.numbers == [127, -127, 0, -64, 64, 0])
  }

  @Test func int8ByRow() {
    let matrix = Int8Matrix([1, -2, 3, 0], columns: 2, channelsAreRows: true)
    #expect(matrix.scales == [2 / 127, 3 / 127])
    #expect(matrix.numbers == [64, -127, 127, 0])
  }

  /// What is read of a file has the same numbers again, so that nothing is rounded twice.
  @Test func int8OfInt8IsTheSame() {
    for seed in 1...200 {
      var state = UInt32(seed)
      let values = (0..<96).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: state)) * 1e-10
      }
      let once = Int8Matrix(values, columns: 4, channelsAreRows: false)
      let twice = Int8Matrix(
        once.values(columns: 4, channelsAreRows: false), columns: 4, channelsAreRows: false)
      #expect(twice.numbers == once.numbers)
      for (a, b) in zip(once.scales, twice.scales) { #expect(abs(a - b) <= a.ulp) }
    }
  }

  /// A channel whose scale would be subnormal is zero, not infinite or not a number.
  @Test func int8OfTheSmallestNumbers() {
    let matrix = Int8Matrix([.leastNonzeroMagnitude, 0], columns: 2, channelsAreRows: true)
    #expect(matrix.scales == [1])
    #expect(matrix.numbers == [0, 0])
  }

  /// A phase that is rounded turns away over a long sequence.
  @Test(arguments: WeightStorage.allCases)
  func eigenvaluesStayExact(_ storage: WeightStorage) throws {
    let values: [Float] = [-6.123456, 0.1234567, -0.7654321, -1.2345678, -0.3333333, 1.1111111]
    let tensors = try SafetensorsFile.Tensor.stored(
      name: "layers.0.forward.eigenvalues", shape: [3, 2], values: values, as: storage)
    #expect(try tensors.map { try $0.floats() } == [values])
    #expect(tensors.map(\.elementType) == [.float32])
  }

  /// Halfway cases go to the even neighbour, as IEEE 754 rounds.
  @Test func bfloat16RoundsToEven() {
    #expect(bfloat16(1) == 1)
    #expect(bfloat16(Float(bitPattern: 0x3F80_8000)) == Float(bitPattern: 0x3F80_0000))
    #expect(bfloat16(Float(bitPattern: 0x3F81_8000)) == Float(bitPattern: 0x3F82_0000))
    #expect(bfloat16(Float(bitPattern: 0x3F80_8001)) == Float(bitPattern: 0x3F81_0000))
    #expect(bfloat16(-0.0).bitPattern == Float(-0.0).bitPattern)
  }
}
