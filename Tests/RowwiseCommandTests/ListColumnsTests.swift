import Foundation
import Testing

/// `--columns` of every command that takes a data set.
@Suite struct ListColumnsTests {
  @Test func everyCommandTakesThem() throws {
    let place = try Workplace()
    var text = "label,Taken,species,kind\n"
    for number in 0..<40 {
      let name = "pictures/\(number).png"
      try place.writePicture(name, value: UInt8(number % 2 == 0 ? number : 255 - number))
      text += "7,\(name),\(number % 2 == 0 ? "cat" : "dog"),\(number < 32 ? "train" : "test")\n"
    }
    try place.write(Data(text.utf8), to: "list.csv")
    let columns = ["--columns", "taken,species,kind"]
    func run(_ arguments: String...) throws -> String {
      let run = try place.rowwise(arguments + columns)
      #expect(run.status == 0, "\(run.errors)")
      return run.output
    }
    let training = try place.rowwise(
      ["train", "list.csv", "--epochs", "1", "--layers", "lstm:4", "--output", "m"] + columns)
    #expect(training.status == 0, "\(training.errors)")
    #expect(
      training.errors.contains(
        "next: rowwise evaluate m list.csv --columns 'taken,species,kind' --report report"))
    let config = try place.text("m/config.json")
    #expect(config.contains("\"columns\": \"taken,species,kind\""))
    let metrics = try run("evaluate", "m", "list.csv", "--format", "json")
    #expect(metrics.contains("\"cat\"") && metrics.contains("\"samples\": 8"))
    #expect(try run("inspect", "list.csv").contains("dog"))
    _ = try run("calibrate", "m", "list.csv", "--output", "c.safetensors")
    _ = try run("compare", "m", "c.safetensors", "--data", "list.csv")
    _ = try run(
      "export", "m", "--weights", "int8", "--data", "list.csv", "--output", "e.safetensors")
    // Another data set to be judged by need be no list.
    for name in ["cat/a", "dog/b"] {
      try place.writePicture("folders/\(name).png", value: name == "cat/a" ? 0 : 250)
    }
    _ = try run(
      "train", "list.csv", "--validation", "folders", "--epochs", "1", "--layers", "lstm:4",
      "--output", "v")
    // The run knows them; without, the first column of a known name is taken.
    #expect(try place.rowwise("train", "--resume", "m").status == 0)
    let other = try place.rowwise("evaluate", "m", "list.csv")
    #expect(other.status == 65)
    #expect(other.errors.contains("path and label"), "\(other.errors)")
    let missing = try place.rowwise("inspect", "list.csv", "--columns", "taken,kinds")
    #expect(missing.status == 65 && missing.errors.contains("no column is called kinds"))
    let folder = try place.rowwise("inspect", "digits", "--columns", "taken,kind")
    #expect(folder.status == 65 && folder.errors.contains("it is no CSV list"))
  }
}
