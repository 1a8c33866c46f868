import Foundation
import RowwiseDatasetLoading
import TestSupport
import Testing

@Suite struct BundledDigitsTests {
  @Test func digitsAreComplete() throws {
    let layout = try DatasetLoader.locate("digits", searching: ["/nowhere", Repository.datasets])
    let train = try layout.load(.train)
    let test = try layout.load(.test)
    #expect(train.count == 1437 && test.count == 360)
    #expect(train.width == 8 && train.height == 8)
    #expect(zip(train.classCounts, test.classCounts).map(+).reduce(0, +) == 1797)
    // Every class in the same proportion.
    for (inTrain, inTest) in zip(train.classCounts, test.classCounts) {
      #expect(abs(Double(inTest) / Double(inTrain + inTest) - 360.0 / 1797) < 0.005)
    }
    // Seventeen gray levels, v × 255 / 16 rounded.
    let levels = Set((0...16).map { UInt8((Double($0) * 255 / 16).rounded()) })
    var seen: Set<UInt8> = []
    for index in 0..<test.count { seen.formUnion(try test.pixels(at: index)) }
    #expect(seen == levels)
    #expect(train.fingerprint != test.fingerprint)
  }

  @Test func picturesEqualTheTestSamplesOfTheirNumber() throws {
    let test = try DatasetLoader.locate("digits", searching: [Repository.datasets]).load(.test)
    let pictures = try #require(
      try DatasetLoader.open("digits-png", searching: [Repository.datasets]).whole)
    #expect(pictures.classCounts == [Int](repeating: 5, count: 10))
    var numbers: [Int] = []
    for index in 0..<pictures.count {
      let name = URL(fileURLWithPath: pictures.sampleName(at: index)).deletingPathExtension()
      let number = try #require(Int(name.lastPathComponent))
      numbers.append(number)
      #expect(try pictures.pixels(at: index) == test.pixels(at: number))
      #expect(pictures.labels[index] == test.labels[number])
    }
    // The file format leaves no trace: through PNG and through IDX the fingerprint is the same as
    // long as the samples are.
    #expect(pictures.fingerprint != test.fingerprint)
    #expect(pictures.classNames == test.classNames)
  }
}
