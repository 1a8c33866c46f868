import Foundation
import RowwiseFiles
import RowwiseLayers
import RowwiseWeightExchange
import TestSupport
import Testing

@testable import RowwiseONNXExchange

/// Models whose numbers are in a file beside them.
struct ExternalDataTests {
  /// A model with all weights in `model.data`, and what it is without.
  private final class Split {
    let folder: TemporaryFolder
    var model: ONNXModel
    private(set) var data: [UInt8] = []
    let whole: NetworkWeights

    /// - Parameter isOurs: whether it says that it comes from here.
    init(isOurs: Bool = false) throws {
      folder = try TemporaryFolder()
      model = try ONNXModel(
        serializedBytes: try ONNXExport(Networks.classifier([LSTM(5)])).bytes)
      if !isOurs { model.metadataProps = [] }
      whole = try ONNXImport(bytes: model.serializedBytes()).weights
      for index in model.graph.initializer.indices {
        let raw = model.graph.initializer[index].rawData
        let offset = data.count
        data += raw + [0, 0, 0, 0]
        model.graph.initializer[index].rawData = Data()
        model.graph.initializer[index].dataLocation = 1
        model.graph.initializer[index].externalData = [
          Self.entry("location", "model.data"), Self.entry("offset", "\(offset)"),
          Self.entry("length", "\(raw.count)"),
        ]
      }
    }

    static func entry(_ key: String, _ value: String) -> ONNXProperty {
      .with {
        $0.key = key
        $0.value = value
      }
    }

    /// Writes both files and reads the model.
    func read(willRead: (Int) throws -> Void = { _ in }) throws -> ONNXImport {
      let path = try folder.write(model.serializedBytes(), to: "model.onnx")
      try folder.write(data, to: "model.data")
      return try ONNXImport(path: path, willRead: willRead)
    }

    /// What reading throws; nil where it does not.
    func error() -> (any Error)? {
      do {
        _ = try read()
        return nil
      } catch {
        return error
      }
    }

    /// Expects that the model is refused for its first tensor.
    func isRefused(_ reason: String) {
      let name = model.graph.initializer[0].name
      guard case ONNXExchangeError.invalidTensor(name, let received)? = error() else {
        Issue.record("\(String(describing: error()))")
        return
      }
      #expect(received.contains(reason), "\(received)")
    }

    /// Changes the first tensor's entry of a key; takes it away without a value.
    func set(_ key: String, _ value: String?) {
      model.graph.initializer[0].externalData.removeAll { $0.key == key }
      if let value {
        model.graph.initializer[0].externalData.append(Self.entry(key, value))
      }
    }
  }

  @Test(arguments: [false, true])
  func isReadFromBesideTheModel(isOurs: Bool) throws {
    let split = try Split(isOurs: isOurs)
    var told: [Int] = []
    let read = try split.read { told.append($0) }
    #expect(read.weights == split.whole)
    #expect(read.notes == [])
    let small = try split.model.serializedBytes() as [UInt8]
    #expect(told.count == 1 && told[0] > small.count + split.data.count / 2)
    #expect(told[0] <= small.count + split.data.count)
  }

  /// Without a length a tensor has all that follows; without an offset it begins with the file.
  @Test func whatIsLeftOut() throws {
    let split = try Split()
    let count = split.model.graph.initializer.count
    let last = split.model.graph.initializer[count - 1]
    split.model.graph.initializer[count - 1].externalData = last.externalData.filter {
      $0.key != "length"
    }
    // Four bytes too many are behind it.
    guard case ONNXExchangeError.invalidTensor(last.name, _)? = split.error() else {
      Issue.record("\(String(describing: split.error()))")
      return
    }
    split.set("offset", nil)
    #expect(split.model.graph.initializer[0].externalData.count == 2)
    split.model.graph.initializer[count - 1] = last
    #expect(try split.read().weights == split.whole)
    split.set("checksum", "no one looks")
    #expect(try split.read().weights == split.whole)
  }

  /// What ends the import before anything is read from beside the model.
  @Test func theReaderMaySayNo() throws {
    struct TooMuch: Error {}
    let split = try Split()
    #expect(throws: TooMuch.self) { try split.read { _ in throw TooMuch() } }
  }

  @Test(arguments: [
    ("/etc/passwd", "an absolute path"), ("../model.data", "a path with \"..\""),
    ("below/../../model.data", "a path with \"..\""), ("", "which is no name"),
    ("link", "a link that leads out of the folder"),
  ])
  func pathsThatLeaveTheFolder(path: String, reason: String) throws {
    let split = try Split()
    let outside = try TemporaryFolder()
    try outside.write([UInt8](repeating: 0, count: 4000), to: "data")
    try split.folder.link("link", to: outside.path("data"))
    split.set("location", path)
    split.isRefused(reason)
  }

  @Test(arguments: [
    ("offset", "-1", "its offset is \"-1\"; expected a number of bytes"),
    ("offset", "0x10", "expected a number of bytes"),
    ("offset", "99999999999999999999", "expected a number of bytes"),
    ("offset", "9223372036854775807", "it is cut short, or another model's"),
    ("length", "9223372036854775807", "it is cut short, or another model's"),
    ("length", "-4", "expected a number of bytes"), ("length", "8", "numbers where its sizes"),
    ("basepath", "/", "external_data has an entry \"basepath\""),
  ])
  func claimsThatCannotBe(key: String, value: String, reason: String) throws {
    let split = try Split()
    split.set(key, value)
    split.isRefused(reason)
  }

  /// Tensors that share their numbers would make much of little.
  @Test func togetherNoMoreThanTheFile() throws {
    let split = try Split()
    let place = try #require(
      split.model.graph.initializer.firstIndex { $0.name == "layers.0/R" })
    for copy in 0..<1000 {
      var tensor = split.model.graph.initializer[place]
      tensor.name = "copy \(copy)"
      // Another name of the same file.
      tensor.externalData[0].value = String(repeating: "./", count: copy) + "model.data"
      split.model.graph.initializer.append(tensor)
    }
    guard case ONNXExchangeError.invalidTensor(_, let reason)? = split.error() else {
      Issue.record("\(String(describing: split.error()))")
      return
    }
    #expect(reason.contains("the tensors together claim more of model.data than its"))
  }

  @Test func tensorsThatContradictThemselves() throws {
    let both = try Split()
    both.model.graph.initializer[0].rawData = Data([0])
    both.isRefused("both in the model's file and in another one")
    let unknown = try Split()
    unknown.model.graph.initializer[0].dataLocation = 2
    unknown.isRefused("its data_location is 2; expected 0 or 1")
  }

  @Test func filesThatAreNotThere() throws {
    let split = try Split()
    split.set("location", "other.data")
    let error = try #require(split.error() as? FileError)
    #expect(error.isNotFound && error.path.hasSuffix("/other.data"))
    split.set("location", ".")
    #expect(split.error() is FileError, "a folder")
  }

  /// The data cut at any place: never a crash, always an error.
  @Test func everyTruncation() throws {
    let split = try Split()
    let path = try split.folder.write(split.model.serializedBytes(), to: "model.onnx")
    for count in stride(from: 0, to: split.data.count - 4, by: 7) {
      try split.folder.write(Array(split.data[..<count]), to: "model.data")
      #expect(throws: (any Error).self, "\(count) bytes") { try ONNXImport(path: path) }
    }
  }

  @Test func bytesAloneAreNotEnough() throws {
    let split = try Split()
    #expect(throws: ONNXExchangeError.self) {
      try ONNXImport(bytes: split.model.serializedBytes())
    }
  }
}
