import Foundation
import RowwiseTexts
import Testing

@testable import RowwiseCommand

/// `rowwise embed`.
struct EmbedCommandTests {
  /// A run on the bundled digits and a folder with five of them and a file that is none.
  private func place() throws -> Workplace {
    let place = try Workplace()
    let run = try place.rowwise(
      "train", "digits", "--layers", "lstm:6,dropout:0.1", "--epochs", "1", "--quiet", "--output",
      "run")
    #expect(run.status == 0, "\(run.errors)")
    return place
  }

  private let pictures = Workplace.package.appendingPathComponent("Datasets/digits-png/3").path

  @Test func vectorsAreWhatTheOutputLayerReads() throws {
    let place = try place()
    try place.write(Data("no picture".utf8), to: "bad.png")
    let csv = try place.rowwise("embed", "run", pictures, "bad.png")
    #expect(csv.status == 1)
    #expect(csv.errors.contains("bad.png"))
    let rows = csv.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(rows.first == "path,error,v0,v1,v2,v3,v4,v5")
    #expect(rows.count == 7)
    for row in rows.dropFirst().dropLast() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      #expect(fields.count == 8 && fields[1] == "")
      // h = o ⊙ tanh(c).
      #expect(fields.dropFirst(2).allSatisfy { abs(Float($0) ?? 9) < 1 })
    }
    #expect(rows.last?.hasPrefix("bad.png,") == true && rows.last?.hasSuffix(",,,,,,") == true)
    let json = try place.rowwise("embed", "run", pictures, "--format", "jsonl")
    #expect(json.status == 0)
    let first = try #require(json.output.split(separator: "\n").first)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
    let vector = try #require(object["embedding"] as? [Double])
    let fields = rows[1].split(separator: ",", omittingEmptySubsequences: false)
    #expect(vector.map { Float($0) } == fields.dropFirst(2).compactMap { Float($0) })
  }

  /// One picture needs one thread, and nothing is said of the others.
  @Test func onePictureIsNoReasonToWarn() throws {
    let place = try place()
    let run = try place.rowwise("embed", "run", "\(pictures)/003.png", "--threads", "3")
    #expect(run.status == 0 && !run.errors.contains("threads"), "\(run.errors)")
  }

  /// A copy is the nearest of all.
  @Test func neighborsAreTheMostAlike() throws {
    let place = try place()
    let names = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
    for (index, name) in names.prefix(4).enumerated() {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(pictures)/\(name)"))
      try place.write(bytes, to: "in/\(index).png")
      if index == 2 { try place.write(bytes, to: "in/copy.png") }
    }
    let run = try place.rowwise("embed", "run", "in", "--neighbors", "2")
    #expect(run.status == 0, "\(run.errors)")
    let rows = run.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(
      rows[0] == ["path", "error", "neighbor_1", "similarity_1", "neighbor_2", "similarity_2"])
    let copied = try #require(rows.first { $0[0] == "in/2.png" })
    #expect(copied[2] == "in/copy.png" && copied[3] == "1.0000")
    let more = try place.rowwise("embed", "run", "in", "--neighbors", "9", "--format", "jsonl")
    #expect(
      more.output.split(separator: "\n").allSatisfy {
        $0.components(separatedBy: "similarity").count == 5
      })
  }

  /// As NumPy reads it, where there is NumPy.
  @Test func archivesAreNumPys() throws {
    let place = try place()
    let run = try place.rowwise("embed", "run", pictures, "--output", "a.npz")
    #expect(run.status == 0 && run.output == "a.npz\n", "\(run.errors)")
    let bytes = [UInt8](try place.bytes("a.npz"))
    #expect(bytes.prefix(4) == [0x50, 0x4B, 3, 4])
    // The data of a .npy file begins at a multiple of 64 from its magic.
    let magic = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [0x93] + Array("NUMPY".utf8)) })
    let length = Int(bytes[magic + 8]) | Int(bytes[magic + 9]) << 8
    #expect((10 + length) % 64 == 0 && bytes[magic + 9 + length] == 0x0A)
    let again = try place.rowwise("embed", "run", pictures, "--output", "b.npz")
    #expect(again.status == 0)
    #expect(try place.bytes("a.npz") == place.bytes("b.npz"))
  }

  @Test(arguments: [
    (["--output", "x.csv"], ".npz"), (["--output", "x.npz", "--neighbors", "2"], "leave it or"),
    (["--neighbors", "0"], "--neighbors must be from 1 to 1000"),
  ])
  func whatDoesNotGoTogetherIsSaid(arguments: [String], message: String) throws {
    let place = try Workplace()
    let run = try place.rowwise(["embed", "run", "in"] + arguments)
    #expect(run.status == 64 && run.errors.contains(message), "\(run.errors)")
  }
}
