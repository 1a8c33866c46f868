import RowwiseDatasetLoading
import TestSupport
import Testing

/// Real data beside the repository; skipped, aloud, where they are absent.
@Suite struct RealDataTests {
  @Test(.enabled(if: Repository.hasShared("mnist"), "needs ../shared/data/mnist"))
  func mnist() throws {
    let layout = try DatasetLoader.locate("mnist", searching: [Repository.shared("")])
    #expect(layout.parts == [.train, .test])
    let test = try layout.load(.test)
    #expect(test.count == 10_000 && test.width == 28 && test.height == 28)
    #expect(test.classCounts[0] == 980 && test.classCounts[1] == 1135)
    #expect(test.labels.prefix(5) == [7, 2, 1, 0, 4])
    let train = try layout.load(.train)
    #expect(train.count == 60_000)
    #expect(train.classCounts[0] == 5923 && train.classCounts[1] == 6742)
    // The mean and deviation that everybody normalizes MNIST by: 0.1307 and 0.3081.
    let statistics = try train.statistics()
    #expect(abs(statistics.mean[0] - 0.130_66) < 5e-6)
    #expect(abs(statistics.standardDeviation[0] - 0.308_11) < 5e-6)
    #expect(try train.statistics(threads: 3) == statistics)
    let pair = Repository.shared("mnist/t10k-labels-idx1-ubyte.gz")
    #expect(try DatasetLoader.open(pair).whole?.fingerprint == test.fingerprint)
  }

  @Test(
    .enabled(
      if: Repository.hasShared("cifar10-binary-first4000"),
      "needs ../shared/data/cifar10-binary-first4000"))
  func cifarRecords() throws {
    let folder = Repository.shared("cifar10-binary-first4000")
    let splits = try DatasetLoader.open(folder)
    #expect(splits.train?.count == 3000 && splits.test?.count == 1000)
    #expect(
      splits.train?.labels.prefix(20)
        == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3, 4, 7, 7, 2, 9, 9, 9, 3, 2, 6])
    #expect(splits.train?.classNames.first == "airplane")
    let lone = try DatasetLoader.open(folder + "/test_1000.bin")
    #expect(lone.whole?.fingerprint == splits.test?.fingerprint)
  }

  @Test(
    .enabled(
      if: Repository.hasShared("cifar10-jpeg-subset")
        && Repository.hasShared("cifar10-binary-first4000"),
      "needs ../shared/data/cifar10-jpeg-subset and cifar10-binary-first4000"))
  func cifarPictures() throws {
    let splits = try DatasetLoader.open(Repository.shared("cifar10-jpeg-subset"))
    let train = try #require(splits.train)
    #expect(train.classCounts == [Int](repeating: 200, count: 10))
    #expect(splits.test?.classCounts == [Int](repeating: 100, count: 10))
    #expect(train.width == 32 && train.height == 32 && train.color == .rgb)
    #expect(train.report.isEmpty)
    #expect(train.classNames.first == "airplane" && train.classNames.last == "truck")
    // The JPEG files are numbered class by class in the order of the records: the first airplane
    // of the records is airplane/0000.jpg, but for what JPEG loses.
    let records = try #require(
      try DatasetLoader.open(Repository.shared("cifar10-binary-first4000")).train)
    let first = try #require(records.labels.firstIndex(of: 0))
    let distance = zip(try records.pixels(at: first), try train.pixels(at: 0))
      .reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(distance / 3072 < 12, "mean distance \(distance / 3072)")
  }

  @Test(
    .enabled(
      if: Repository.hasShared("fsdd-spectrograms"), "needs ../shared/data/fsdd-spectrograms"))
  func spectrograms() throws {
    let layout = try DatasetLoader.locate(Repository.shared("fsdd-spectrograms"))
    let test = try layout.load(.test)
    #expect(test.width == 40 && test.height == 64 && test.color == .gray)
    #expect(test.classCounts == [Int](repeating: 30, count: 10))
    #expect(layout.parts == [.train, .test])
  }

  @Test(
    .enabled(
      if: Repository.hasShared("sign-digits-jpeg"), "needs ../shared/data/sign-digits-jpeg"))
  func photosOfHands() throws {
    let path = Repository.shared("sign-digits-jpeg")
    let layout = try DatasetLoader.locate(path)
    #expect(layout.report.ignoredFolders == [path + "/oversize"])
    let test = try layout.load(.test)
    #expect(test.width == 64 && test.height == 64 && test.color == .rgb)
    #expect(test.count == 411)
    // Photos that camera phones have turned: decoded upright, shrunk to fit.
    var options = DatasetOptions()
    options.classNames = ["7"]
    let large = try DatasetLoader.open(path + "/oversize", options: options)
    #expect(large.whole?.count == 3 && large.whole?.width == 64)
    #expect(throws: DatasetError.tooFewClasses(path: path + "/oversize", classes: ["7"])) {
      try DatasetLoader.open(path + "/oversize")
    }
  }
}
