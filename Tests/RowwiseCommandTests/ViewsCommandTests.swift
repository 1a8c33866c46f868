import Foundation
import Rowwise
import RowwiseImageDecoding
import Testing

@testable import RowwiseCommand

/// `--views`: several looks at each image.
struct ViewsCommandTests {
  private let picture = "Datasets/digits-png/3/003.png"

  private func place(_ options: String...) throws -> Workplace {
    let place = try Workplace()
    let run = try ToolRun(
      ["train", "digits", "--epochs", "2", "--layers", "lstm:16", "--quiet", "--output", "run"]
        + options, in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    return place
  }

  private func probabilities(_ run: ToolRun) throws -> [String: Float] {
    #expect(run.status == 0, "\(run.errors)")
    struct Row: Decodable {
      struct Entry: Decodable {
        let `class`: String
        let probability: Float
      }
      let top: [Entry]
    }
    let row = try JSONDecoder().decode(Row.self, from: Data(run.output.utf8))
    return Dictionary(uniqueKeysWithValues: row.top.map { ($0.class, $0.probability) })
  }

  /// The command says what the library says, and mirrors only where training did.
  @Test(arguments: [false, true])
  func classifyAveragesViews(mirrors: Bool) throws {
    let place = try mirrors ? place("--augment", "light,flip") : place("--augment", "light")
    let path = "\(place.path)/run/model.safetensors"
    let (classifier, provenance) = try ImageClassifier.load(path: path, threads: 1)
    #expect(provenance.augmentation == (mirrors ? "light,flip" : "light"))
    let image = try ImageDecoder.decode(
      path: "\(place.path)/\(picture)", options: DecodingOptions(pixelFormat: .gray8))
    for (options, views) in [
      ([], PictureViews.one), (["--views", "1"], .one),
      (["--views", "4"], PictureViews(4, mirrors: mirrors)),
    ] {
      let run = try ToolRun(
        ["classify", "run", picture, "--format", "jsonl", "--top", "10"] + options, in: place.path)
      let expected = classifier.averaging(views).probabilities(of: image)
      let answer = try probabilities(run)
      for (name, probability) in zip(classifier.classNames, expected) {
        #expect(answer[name] == probability, "\(options), \(name)")
      }
    }
    let inspected = try place.rowwise("inspect", "run")
    #expect(inspected.output.contains("augmentation"))
  }

  @Test func evaluateSaysHowManyViewsThereWere() throws {
    let place = try place()
    let once = try place.rowwise("evaluate", "run", "digits", "--format", "json")
    let one = try place.rowwise("evaluate", "run", "digits", "--format", "json", "--views", "1")
    #expect(one.output == once.output && !once.output.contains("\"views\""))
    let five = try place.rowwise(
      "evaluate", "run", "digits", "--format", "json", "--views", "5", "--report", "report")
    #expect(five.status == 0, "\(five.errors)")
    #expect(five.output.contains("\"views\": 5,") && five.output != once.output)
    #expect(try place.text("report/report.html").contains("Views of each image"))
    let alone = try place.rowwise(
      "evaluate", "run", "digits", "--format", "json", "--views", "5", "--threads", "1")
    #expect(alone.output == five.output)
  }

  @Test func whatLooksOnceRefusesViews() throws {
    let place = try place()
    for (arguments, message) in [
      ("classify run \(picture) --views 0", "--views must be from 1 to 25, got 0"),
      ("classify run \(picture) --views 26", "--views must be from 1 to 25, got 26"),
      (
        "classify run - --stream --views 2",
        "--stream looks at each image once, as it is; leave --views out"
      ),
      (
        "classify run \(picture) --early-exit --views 2",
        "--early-exit looks at each image once, as it is; leave --views out"
      ),
      (
        "evaluate run digits --folds 2 --views 2",
        "--folds looks at each image once, as it is; leave --views out"
      ),
      (
        "evaluate run digits --report r --evidence --views 2",
        "--evidence looks at each image once, as it is; leave --views out"
      ),
    ] {
      let run = try place.rowwise(arguments.split(separator: " ").map(String.init))
      #expect(run.status == CommandStatus.usage.rawValue && run.output.isEmpty, "\(arguments)")
      #expect(run.errors.hasPrefix("rowwise: \(message) "), "\(arguments): \(run.errors)")
    }
    #expect(!place.contents.contains("r"))
  }
}
