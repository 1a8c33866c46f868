import RowwiseDatasetLoading
import RowwiseRowSequencing
import TestSupport
import Testing

/// How many pictures of a data set's test part, which limits have not seen, are called unusual.
@Suite struct OrdinaryPicturesTests {
  /// Shares of the test part that are unusual as they are, and of those that look inverted when they are.
  private static func shares(_ path: String) throws -> (unusual: Double, found: Double) {
    var options = DatasetOptions()
    options.sizing = .reading
    let layout = try DatasetLoader.locate(path)
    let part = try #require(layout.trainingPart)
    let shape = try layout.preprocessing(options)
    options.read(as: shape)
    let training = try layout.load(part, options: options)
    let pictures = try #require(try training.pictureStatistics())
    // The sample does not depend on threads.
    #expect(try training.pictureStatistics(threads: 1) == pictures)
    options.pictures = pictures
    options.classNames = training.classNames
    let test = try layout.load(.test, options: options)
    let unusual = (0..<test.count).count { test.finding(at: $0)?.unusual != nil }
    options.adaptation.inversion = .yes
    let inverted = try layout.load(.test, options: options)
    let found = (0..<test.count).count {
      inverted.finding(at: $0)?.oddities.contains(.inverted) ?? false
    }
    print("\(path): \(unusual) of \(test.count) unusual, \(found) found inverted")
    return (Double(unusual) / Double(test.count), Double(found) / Double(test.count))
  }

  /// All bundled digits are light on black.
  @Test func digits() throws {
    let (unusual, found) = try Self.shares("\(Repository.datasets)/digits")
    #expect(unusual <= 0.005 && found >= 0.99, "\(unusual), \(found)")
  }

  @Test(.enabled(if: Repository.hasShared("mnist"), "needs ../shared/data/mnist"))
  func mnist() throws {
    let (unusual, found) = try Self.shares(Repository.shared("mnist"))
    #expect(unusual <= 0.005 && found >= 0.99, "\(unusual), \(found)")
  }

  /// Photographs have no side that is always dark: nothing is said of them.
  @Test(
    .enabled(
      if: Repository.hasShared("cifar10-jpeg-subset"), "needs ../shared/data/cifar10-jpeg-subset"))
  func photographs() throws {
    let (unusual, found) = try Self.shares(Repository.shared("cifar10-jpeg-subset"))
    #expect(unusual <= 0.005 && found <= 0.005, "\(unusual), \(found)")
  }

  @Test(
    .enabled(if: Repository.hasShared("sign-digits-jpeg"), "needs ../shared/data/sign-digits-jpeg"))
  func hands() throws {
    let (unusual, _) = try Self.shares(Repository.shared("sign-digits-jpeg"))
    #expect(unusual <= 0.005, "\(unusual)")
  }

  @Test(
    .enabled(
      if: Repository.hasShared("fsdd-spectrograms"), "needs ../shared/data/fsdd-spectrograms"))
  func spectrograms() throws {
    let (unusual, _) = try Self.shares(Repository.shared("fsdd-spectrograms"))
    #expect(unusual <= 0.005, "\(unusual)")
  }
}
