import Foundation
import Rowwise
import RowwiseImageDecoding
import TestSupport
import Testing

@testable import RowwiseCommand

/// What `classify` says where the command line is not what somebody may have meant.
struct ClassifyMistakesTests {
  private func place() throws -> Workplace {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--quiet", "--output", "run")
    #expect(run.status == 0, "\(run.errors)")
    return place
  }

  private let picture = "Datasets/digits-png/3/003.png"

  @Test func theModelComesFirst() throws {
    let place = try place()
    for (command, first) in [
      ("classify", picture), ("classify", "Datasets/digits-png"), ("evaluate", "digits"),
      ("calibrate", "digits"),
    ] {
      let run = try place.rowwise(command, first, "run")
      #expect(run.status == CommandStatus.usage.rawValue && run.output.isEmpty)
      #expect(
        run.errors == "rowwise: \(first) is no model, but run is one, and the model comes first: "
          + "rowwise \(command) run \(first)\n")
    }
    let pictures = try place.rowwise("classify", picture, picture)
    #expect(pictures.status == CommandStatus.badData.rawValue)
    #expect(
      pictures.errors == "rowwise: \(picture): a picture, where a model is expected: rowwise "
        + "classify MODEL \(picture)\n")
    let missing = try place.rowwise("classify", "nowhere", picture)
    #expect(missing.status == CommandStatus.inputNotFound.rawValue)
  }

  @Test func emptyInputsAreNoSuccess() throws {
    let place = try place()
    for input in ["", "\n\n"] {
      let run = try place.rowwise("classify", "run", "-", "--format", "csv", input: input)
      #expect(run.status == CommandStatus.badData.rawValue && run.output.isEmpty)
      #expect(
        run.errors
          == "rowwise: nothing is on standard input; - stands for paths that come there, as "
          + "in find . -name '*.jpg' | rowwise classify run -\n")
    }
    let both = try place.rowwise("classify", "run", "-", picture)
    #expect(both.status == 0 && both.output.hasPrefix(picture))
    #expect(
      both.errors
        == "warning: nothing is on standard input; - stands for paths that come there\n")
    let quiet = try place.rowwise("classify", "run", "-", picture, "--quiet")
    #expect(quiet.errors.isEmpty && quiet.output == both.output)
    #expect(try place.rowwise("classify", "run", "-", input: "\(picture)\n").status == 0)
  }

  /// What is said of pictures of one colour besides, where the model has learnt digits.
  private static func constant(_ count: Int, of all: Int) -> String {
    let subject =
      all == 1 ? "the image is" : "\(count) of \(all) images \(count == 1 ? "is" : "are")"
    return "warning: \(subject) unlike those that the model was trained on (\(count) constant)\n"
  }

  @Test func capitalLettersAreSeen() throws {
    let place = try place()
    try place.writePicture("scans/a.png", value: 9)
    try place.writePicture("scans/a.PNG", value: 9)
    try place.writePicture("scans/b.png", value: 9)
    try place.writePicture("scans/B.PNG", value: 8)
    try place.writePicture("more/c.PNG", value: 8)
    let folder = try place.rowwise("classify", "run", "scans")
    #expect(folder.status == 0 && folder.output.split(separator: "\n").count == 4)
    #expect(
      folder.errors
        == "warning: scans/B.PNG and scans/b.png differ in capital letters only; so do 1 "
        + "more\n" + Self.constant(4, of: 4))
    let twice = try place.rowwise("classify", "run", "scans/a.png", "scans/a.PNG")
    #expect(
      twice.errors == "warning: scans/a.PNG and scans/a.png differ in capital letters only and are "
        + "the same picture\n" + Self.constant(2, of: 2))
    let pattern = try place.rowwise("classify", "run", "scans/*.png")
    #expect(pattern.status == 0 && pattern.output.split(separator: "\n").count == 2)
    #expect(
      pattern.errors
        == "warning: 2 pictures are left out that a pattern would match but for capital "
        + "letters, such as scans/a.PNG\n" + Self.constant(2, of: 2))
    let none = try place.rowwise("classify", "run", "more/*.png")
    #expect(none.status == CommandStatus.inputNotFound.rawValue)
    #expect(none.errors.hasSuffix("; but for capital letters it would match more/c.PNG\n"))
    let missing = try place.rowwise("classify", "run", "more/c.png")
    #expect(missing.status == CommandStatus.inputNotFound.rawValue)
    #expect(missing.errors.hasSuffix("; but there is more/c.PNG\n"), "\(missing.errors)")
    // The same path twice is meant so.
    #expect(try place.rowwise("classify", "run", picture, picture).errors.isEmpty)
  }

  @Test func patternsAreMadeForBothKindsOfLetters() {
    #expect(CapitalLetters.patternForBoth("A/b*.jp[eG]1") == "A/[bB]*.[jJ][pP][eEgG]1")
    #expect(CapitalLetters.patternForBoth("?") == "?")
  }

  @Test func modelsOfOtherDataAreSeen() throws {
    let place = try place()
    let large = DecodedImage(
      width: 40, height: 40, channels: 3, pixels: [UInt8](repeating: 7, count: 4800))
    try place.folder.folder("other")
    try PNGWriter.write(large, toPath: "\(place.path)/other/large.png")
    let start = "warning: the model has learnt gray pictures of 8 × 8, but "
    let run = try place.rowwise("classify", "run", "other")
    #expect(run.status == 0)
    #expect(
      run.errors == "\(start)other/large.png is in colour, 40 × 40: is it a model of other data?\n"
        + Self.constant(1, of: 1))
    #expect(try place.rowwise("classify", "run", "other", "--quiet").errors.isEmpty)
    // One that fits among them is enough.
    let both = try place.rowwise("classify", "run", "other", picture)
    #expect(both.errors == Self.constant(1, of: 2))
    let name = try place.rowwise("classify", "run", "digits")
    #expect(name.status == CommandStatus.inputNotFound.rawValue)
    #expect(name.errors.hasSuffix("; it is the name of a data set, which rowwise evaluate reads\n"))
  }

  @Test func headersTellWhatFits() throws {
    var provenance = Provenance()
    #expect(PictureFit(provenance) == nil)
    (provenance.pictureWidth, provenance.pictureHeight) = (28, 28)
    provenance.picturesHaveColor = false
    let folder = try TemporaryFolder()
    func fits(_ side: Int, channels: Int) throws -> Bool {
      let path = "\(folder.path)/\(side)-\(channels).png"
      let pixels = [UInt8](repeating: 1, count: side * side * channels)
      try PNGWriter.write(
        DecodedImage(width: side, height: side, channels: channels, pixels: pixels), toPath: path)
      let fit = try #require(PictureFit(provenance))
      return fit.fits(try ImageRowReader(path: path).info)
    }
    #expect(try fits(28, channels: 1) && fits(100, channels: 1) && fits(8, channels: 1))
    #expect(try !fits(112, channels: 1) && !fits(7, channels: 1) && !fits(28, channels: 3))
    // Of pictures that were shrunk before training no size is known.
    (provenance.pictureWidth, provenance.picturesHaveColor) = (64, true)
    #expect(try fits(500, channels: 3) && fits(500, channels: 1) && fits(4, channels: 3))
  }
}
