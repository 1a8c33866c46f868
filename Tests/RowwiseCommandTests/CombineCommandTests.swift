import Foundation
import Rowwise
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// `rowwise combine`, and models that answer together with every command.
struct CombineCommandTests {
  private let picture = "Datasets/digits-png/3/003.png"

  /// Three models of the digits that differ in size, order, layers and what they are trained on.
  private func place() throws -> Workplace {
    let place = try Workplace()
    for (name, options) in [
      ("a", ["--layers", "lstm:16"]),
      ("b", ["--layers", "gru:12", "--reading-order", "columns", "--seed", "1"]),
      ("c", ["--layers", "lstm:8:bidirectional", "--size", "10x9", "--seed", "2"]),
    ] {
      let run = try ToolRun(
        ["train", "digits", "--epochs", "2", "--quiet", "--output", name] + options,
        in: place.path)
      #expect(run.status == 0, "\(run.errors)")
    }
    let run = try place.rowwise("combine", "a", "b", "c", "--output", "all.safetensors")
    #expect(run.status == 0 && run.output == "all.safetensors\n", "\(run.errors)")
    #expect(run.errors.hasPrefix("3 models of 10 classes, "))
    return place
  }

  /// None of the models is lost to the file that they are put into.
  @Test func inputsAreKept() throws {
    let place = try Workplace()
    for name in ["a", "b"] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--recipe", "keras", "--output",
        name)
      #expect(run.status == 0, "\(run.errors)")
    }
    let before = try place.bytes("b/model.safetensors")
    let run = try place.rowwise("combine", "a", "b", "-o", "b/model.safetensors")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(run.errors.contains("b/model.safetensors: one of the models that are combined"))
    #expect(try place.bytes("b/model.safetensors") == before)
  }

  private struct Metrics: Decodable {
    let accuracy: Double
    let loss: Double
    let members: Int?
    let model: String
  }

  private func metrics(_ run: ToolRun) throws -> Metrics {
    #expect(run.status == 0, "\(run.errors)")
    return try JSONDecoder().decode(Metrics.self, from: Data(run.output.utf8))
  }

  /// A file of all and their names with commas answer alike, and as the library does.
  @Test func theFileAndTheNamesAnswerAlike() throws {
    let place = try place()
    let pictures = ["Datasets/digits-png/3", "--format", "csv", "--top", "10", "--quiet"]
    let file = try place.rowwise(["classify", "all.safetensors"] + pictures)
    let names = try place.rowwise(["classify", "a,b,c"] + pictures)
    #expect(file.status == 0 && file.output == names.output, "\(file.errors)\(names.errors)")
    #expect(file.output.split(separator: "\n").count == 6)
    #expect(try file.output != place.rowwise(["classify", "a"] + pictures).output)
    let ensemble = try ImageEnsemble.load(path: "\(place.path)/all.safetensors", threads: 1)
    let answer = try FileClassifier(ensemble).classify(["\(place.path)/\(picture)"])[0].get()
    let best = try #require(answer.probabilities.max())
    let name = ensemble.classNames[answer.probabilities.firstIndex(of: best) ?? 0]
    let row = "003.png,\(name),\(CSVText.number(best)),"
    #expect(file.output.contains(row), "\(row) in \(file.output)")

    let one = try metrics(
      place.rowwise("evaluate", "all.safetensors", "digits", "--format", "json"))
    let three = try metrics(
      place.rowwise(
        "evaluate", "a,b,c", "digits", "--format", "json", "--report", "report", "--threads", "1"))
    #expect(one.members == 3 && three.members == 3)
    #expect(one.loss == three.loss && one.accuracy == three.accuracy)
    #expect(three.model == "a/model.safetensors,b/model.safetensors,c/model.safetensors")
    #expect(try place.text("report/report.html").contains("Models that answer together"))
    let alone = try metrics(place.rowwise("evaluate", "a", "digits", "--format", "json"))
    #expect(alone.members == nil && alone.loss != one.loss)
    // Several looks by every model.
    let looks = try metrics(
      place.rowwise("evaluate", "a,b", "digits", "--format", "json", "--views", "5"))
    #expect(looks.members == 2)
    // Each counts as one, wherever it comes from.
    let nested = try place.rowwise(
      "combine", "all.safetensors", "a", "--output", "four.safetensors")
    #expect(nested.errors.hasPrefix("4 models of 10 classes, "))
  }

  /// Rows of a table of pixels are read by each in its own size.
  @Test func tablesOfPixelsAreRead() throws {
    let place = try place()
    let header = (["label"] + (0..<64).map { "pixel\($0)" }).joined(separator: ",")
    let rows = (0..<3).map { n in
      "0," + (0..<64).map { "\(($0 * 7 + n * 50) % 256)" }.joined(separator: ",")
    }
    try place.write(
      Data(([header] + rows).joined(separator: "\n").utf8), to: "table.csv")
    let file = try place.rowwise(
      "classify", "all.safetensors", "table.csv", "--format", "csv", "--quiet")
    #expect(file.status == 0, "\(file.errors)")
    let lines = file.output.split(separator: "\n")
    #expect(lines.count == 4 && lines[1].hasPrefix("table.csv#0,"))
  }

  @Test func otherCommandsTakeTheFile() throws {
    let place = try place()
    let inspected = try place.rowwise("inspect", "all.safetensors")
    #expect(inspected.status == 0, "\(inspected.errors)")
    #expect(inspected.output.contains("3, by the mean of their probabilities"))
    #expect(inspected.output.contains("2 of 3") && inspected.output.contains("columns"))
    let json = try place.rowwise("inspect", "all.safetensors", "--format", "json")
    #expect(json.output.contains("\"kind\": \"models\""))

    let compared = try place.rowwise(
      "compare", "a", "a,b", "all.safetensors", "--data", "digits", "--format", "json")
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.contains("\"name\": \"a,b\""))

    let refused = try place.rowwise("calibrate", "all.safetensors", "digits")
    #expect(refused.status == CommandStatus.badData.rawValue)
    #expect(refused.errors.contains("its models were trained with other seeds"))
    let before = try metrics(
      place.rowwise("evaluate", "all.safetensors", "digits", "--format", "json"))
    let run = try place.rowwise(
      "calibrate", "all.safetensors", "digits", "--part", "test", "--output", "calm.safetensors")
    #expect(run.status == 0 && run.output == "calm.safetensors\n", "\(run.errors)")
    let after = try metrics(
      place.rowwise("evaluate", "calm.safetensors", "digits", "--format", "json"))
    #expect(after.loss < before.loss)
    // Of one seed, what was held back is found again.
    let other = try place.rowwise(
      "train", "digits", "--epochs", "1", "--layers", "rnn:8", "--quiet", "--output", "d")
    #expect(other.status == 0)
    #expect(try place.rowwise("combine", "a", "d", "--output", "two.safetensors").status == 0)
    let found = try place.rowwise("calibrate", "two.safetensors", "digits")
    #expect(found.status == 0 && found.output == "two.safetensors\n", "\(found.errors)")
  }

  /// What follows one network says so, and what to do.
  @Test func whatFollowsOneNetworkRefusesSeveral() throws {
    let place = try place()
    let several =
      "all.safetensors: 3 models in one file, which answer together (rowwise combine); this takes one "
      + "network: give one of the models that it was made of"
    for arguments in [
      "explain all.safetensors \(picture)", "embed all.safetensors \(picture)",
      "export all.safetensors --output m.onnx", "train digits --from all.safetensors --output t",
      "classify all.safetensors - --stream",
      "calibrate all.safetensors digits --early-exit lost<=0.1",
    ] {
      let run = try place.rowwise(arguments.split(separator: " ").map(String.init))
      #expect(run.status == CommandStatus.badData.rawValue, "\(arguments)")
      #expect(run.errors == "rowwise: \(several)\n", "\(arguments)")
    }
    for (arguments, option) in [
      ("classify all.safetensors \(picture) --early-exit", "--early-exit"),
      ("evaluate all.safetensors digits --folds 2", "--folds"),
      ("evaluate all.safetensors digits --evidence --report r", "--evidence"),
      ("evaluate all.safetensors digits --early-exit", "--early-exit"),
    ] {
      let run = try place.rowwise(arguments.split(separator: " ").map(String.init))
      #expect(run.status == CommandStatus.badData.rawValue, "\(arguments)")
      #expect(
        run.errors
          == "rowwise: all.safetensors: 3 models that answer together; \(option) is for one "
          + "network: give one of the models, or leave it out\n", "\(arguments)")
    }
    let imported = try place.rowwise("import", "all.safetensors", "--output", "m.safetensors")
    #expect(imported.errors.contains("a model file of rowwise already"))
    let names = try place.rowwise("explain", "a,b", picture)
    #expect(
      names.errors == "rowwise: a,b: several models, where one is expected: name one of them\n")
    #expect(!place.contents.contains { ["m.onnx", "m.safetensors", "t", "r"].contains($0) })
  }

  @Test func mistakes() throws {
    let place = try Workplace()
    for name in ["a", "b,c"] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "1", "--layers", "lstm:4", "--quiet", "--output", name)
      #expect(run.status == 0)
    }
    for (name, value) in [("x", 40), ("y", 200)] {
      for index in 0..<6 {
        try place.writePicture("data/\(name)/\(index).png", value: UInt8(value + index))
      }
    }
    let other = try place.rowwise(
      "train", "data", "--epochs", "1", "--layers", "lstm:4", "--quiet", "--output", "other")
    #expect(other.status == 0, "\(other.errors)")
    // A path with a comma is that path.
    let run = try place.rowwise("classify", "b,c", picture)
    #expect(run.status == 0, "\(run.errors)")
    let before = place.contents
    let classes =
      "other/model.safetensors: against a/model.safetensors it lacks the classes \"0\", \"1\", \"2\", "
      + "\"3\", \"4\", …, and alone has the classes \"x\", \"y\"; models that answer together name the "
      + "same classes: leave it out, or train it again with these\n"
    for (arguments, status, message) in [
      (["combine", "a", "--output", "m"], CommandStatus.usage, "name at least two MODELS (see"),
      (["combine", "a", "other", "--output", "m"], .badData, classes),
      (["classify", "a,other", picture], .badData, classes),
      (
        ["combine", "a", "none", "--output", "m"], .inputNotFound, "none: no such file or folder; "
      ),
      (
        ["combine", "a", "a", "--output", "no/m"], .cannotCreateOutput,
        "cannot write no/m: there is"
      ),
      (["evaluate", "a,none", "digits"], .inputNotFound, "none: no such file or folder; expected"),
      (["evaluate", "a,", "digits"], .badData, "a,: a name is missing beside a comma; expected"),
      (["evaluate", "p,q", "digits"], .inputNotFound, "p,q: no such file or folder; expected"),
      (["combine", "a", picture, "--output", "m"], .badData, "\(picture): not a model file: "),
    ] {
      let run = try place.rowwise(arguments)
      #expect(run.status == status.rawValue && run.output.isEmpty, "\(arguments): \(run.errors)")
      #expect(run.errors.hasPrefix("rowwise: \(message)"), "\(arguments): \(run.errors)")
    }
    #expect(place.contents == before)
  }
}
