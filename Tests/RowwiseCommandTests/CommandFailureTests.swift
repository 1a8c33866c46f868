import Foundation
import RowwiseFiles
import RowwiseSafetensors
import Testing

@testable import RowwiseCommand

struct CommandFailureTests {
  struct Unforeseen: Error {}

  static let failures: [(error: any Error, message: String, status: CommandStatus)] = [
    (
      CommandError.inputNotFound(path: "x"), "x: no such file or folder", .inputNotFound
    ),
    (
      CommandError.cannotCreateFolder(path: "", code: ENOENT),
      "cannot create a folder without a name: name the folder", .cannotCreateOutput
    ),
    (
      CommandError.nothingMatches(pattern: "*.png"),
      "*.png: no such file or folder, and as a pattern it matches none", .inputNotFound
    ),
    (
      CommandError.unusableInput(path: "x", reason: "no images"), "x: no images", .badData
    ),
    (
      CommandError.outputNotEmpty(path: "x"),
      "x is not empty; name a new folder, nothing is overwritten", .cannotCreateOutput
    ),
    (
      CommandError.cannotCreateFolder(path: "/x", code: EACCES),
      "cannot create the folder /x: permission denied; name another one", .cannotCreateOutput
    ),
    (
      CommandError.cannotWriteFile(path: "a/b/x", code: EACCES),
      "cannot write a/b/x: permission denied; make the folder a/b one that can be written in, or "
        + "name a file in another one", .cannotCreateOutput
    ),
    (
      CommandError.cannotWriteFile(path: "", code: ENOENT),
      "cannot write a file without a name: name the file", .cannotCreateOutput
    ),
    (
      FileError.cannotRead(path: "x", code: ENOENT), "cannot read x: no such file or directory",
      .inputNotFound
    ),
    (
      FileError.cannotRead(path: "x", code: EACCES), "cannot read x: permission denied",
      .inputOutput
    ),
    (
      FileError.cannotWrite(path: "x", code: ENOSPC), "cannot write x: no space left on device",
      .inputOutput
    ),
    (
      FileError.cannotWrite(path: "x", code: EACCES), "cannot write x: permission denied",
      .cannotCreateOutput
    ),
    (
      SafetensorsError.file(.cannotRead(path: "m", code: ENOENT)),
      "cannot read m: no such file or directory", .inputNotFound
    ),
    (
      SafetensorsError.missingTensor("w"), "the file has no tensor \"w\"", .badData
    ),
    (
      CommandError.inputNotFound(path: "a\n\u{1B}[2J"), "a\\n\\u{1B}[2J: no such file or folder",
      .inputNotFound
    ),
    (Unforeseen(), "internal error: Unforeseen()", .internalError),
  ]

  @Test func everyErrorHasATextAndAStatus() {
    for (error, message, status) in Self.failures {
      let failure = CommandFailure(error)
      #expect(failure.message == message)
      #expect(failure.status == status)
    }
  }

  @Test func usageErrorsNameTheHelpPage() throws {
    let error = #expect(throws: (any Error).self) {
      try RowwiseCommand.parseAsRoot(["--colour"])
    }
    let failure = CommandFailure(try #require(error), arguments: ["--colour"])
    #expect(
      failure
        == CommandFailure(
          message: "Unknown option '--colour' (see rowwise --help)", status: .usage))
  }

  @Test func numbersAreThoseOfSysexits() {
    #expect(CommandStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 70, 71, 73, 74, 130])
  }
}
