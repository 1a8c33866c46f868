import Foundation
import Rowwise
import Testing

@testable import RowwiseCommand

/// `rowwise train --teacher`: learning from what other models answer.
struct TeacherTests {
  private let quick = ["--epochs", "2", "--layers", "lstm:8", "--quiet"]

  /// A place with models of the digits in `a` and `b`.
  private func place() throws -> Workplace {
    let place = try Workplace()
    for (name, layers, seed) in [("a", "lstm:24", "1"), ("b", "gru:16", "2")] {
      let run = try place.rowwise(
        "train", "digits", "--epochs", "4", "--layers", layers, "--seed", seed, "--quiet",
        "--output", name)
      try #require(run.status == 0, "\(run.errors)")
    }
    return place
  }

  /// A run keeps its teachers, and goes on without them to the same bytes.
  @Test func aRunGoesOnWithoutItsTeachers() throws {
    let place = try place()
    let options = quick + ["--teacher", "a,b", "--teacher-weight", "0.7", "--mixup", "0.3"]
    let whole = try place.rowwise(["train", "digits", "--output", "whole"] + options)
    #expect(whole.status == 0, "\(whole.errors)")
    let plain = try place.rowwise(
      ["train", "digits", "--mixup", "0.3", "--output", "plain"] + quick)
    #expect(plain.status == 0, "\(plain.errors)")
    let model = try place.bytes("whole/model.safetensors")
    #expect(try place.bytes("plain/model.safetensors") != model)
    let text = String(decoding: try place.bytes("whole/config.json"), as: UTF8.self)
    for row in [
      "\"teacher\": \"a,b\"", "\"teacher_weight\": 0.7", "\"teacher_temperature\": null",
    ] {
      #expect(text.contains(row), "\(row)")
    }
    // One thread, another folder, and as a file of options says it.
    let again = try place.rowwise(
      "train", "--config", "whole/config.json", "--threads", "1", "--quiet", "--output", "again")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try place.bytes("again/model.safetensors") == model)

    let first = try place.rowwise(
      ["train", "digits", "--output", "short"] + options + ["--epochs", "1"])
    #expect(first.status == 0, "\(first.errors)")
    for name in ["a", "b"] { try FileManager.default.removeItem(atPath: "\(place.path)/\(name)") }
    let further = try place.rowwise("train", "--resume", "short", "--epochs", "2", "--quiet")
    #expect(further.status == 0, "\(further.errors)")
    let kept = try ImageEnsemble.load(path: "\(place.path)/short/teacher.safetensors", threads: 1)
    #expect(kept.members.count == 2)
  }

  /// Size and colour are the teacher's where nothing is said of them.
  @Test func aTeacherSaysTheSize() throws {
    let place = try place()
    let large = try place.rowwise(
      ["train", "digits", "--size", "10x12", "--output", "large"] + quick)
    #expect(large.status == 0, "\(large.errors)")
    let run = try place.rowwise(
      ["train", "digits", "--teacher", "large", "--output", "student"] + quick)
    #expect(run.status == 0, "\(run.errors)")
    let student = try ImageClassifier.load(
      path: "\(place.path)/student/model.safetensors", threads: 1
    ).classifier
    #expect(student.preprocessing.width == 10 && student.preprocessing.height == 12)
  }

  @Test func whatATeacherCannotTeachIsSaid() throws {
    let place = try place()
    func refused(_ options: [String], _ status: CommandStatus, _ text: String) throws {
      let run = try place.rowwise(["train", "digits"] + quick + options)
      #expect(run.status == status.rawValue, "\(options): \(run.errors)")
      // Lines are folded.
      let errors = run.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(errors.contains(text), "\(options): \(errors)")
    }
    try refused(
      ["--teacher", "a", "--size", "9x9"], .badData,
      "a: it reads images of 8 × 8 gray, and this run images of 9 × 9 gray")
    try refused(["--teacher", "nowhere"], .inputNotFound, "nowhere")
    try refused(
      ["--teacher-weight", "0.5"], .usage, "--teacher-weight is about the model of --teacher")
    try refused(
      ["--teacher", "a", "--teacher-weight", "2"], .usage,
      "--teacher-weight must be from 0.001 to 1, got 2")
    try refused(
      ["--teacher", "a", "--teacher-temperature", "0"], .usage,
      "--teacher-temperature must be from 1 to 100, got 0")
    try refused(
      ["--teacher", "a", "--find-learning-rate"], .usage, "leave --teacher out")
    let others = try place.rowwise("train", "digits-png", "--teacher", "a", "--epochs", "1")
    #expect(others.status == 0, "\(others.errors)")
  }

  /// Recipes that fit into a time count what the teacher takes.
  @Test func aBudgetCountsTheTeacher() throws {
    let place = try place()
    let run = try place.rowwise(
      "train", "digits", "--budget", "2s", "--teacher", "a", "--output", "c")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("teacher: a, 3,418 parameters, 0.5 of the loss at temperature 2.0"))
    #expect(try place.bytes("c/teacher.safetensors") == place.bytes("a/model.safetensors"))
  }
}
