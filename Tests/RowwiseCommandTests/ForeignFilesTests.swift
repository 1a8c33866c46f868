import Foundation
import Testing

@testable import RowwiseCommand

/// What `rowwise import` says of model files that it does not read, and of what lies beside a model.
struct ForeignFilesTests {
  private static let zip: [UInt8] = [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22)

  /// A zip file's beginning, with the name of its first member.
  private static func zip(_ member: String) -> [UInt8] {
    zip + [UInt8(member.utf8.count), 0, 0, 0] + Array(member.utf8) + [1, 2, 3]
  }

  private static let files: [(name: String, bytes: [UInt8], kind: ForeignModelFile?)] = [
    ("w.pth", zip("w/data.pkl"), .pyTorch),
    ("pytorch_model.bin", zip("archive/data.pkl"), .pyTorch),
    ("old.pt", [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9], .pyTorch),
    ("pickled.pt", [0x80, 4, 0x95, 1], .pyTorch),
    ("m.keras", zip("metadata.json"), .keras),
    ("m.h5", Array("\u{89}HDF\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }), .keras),
    ("anything", [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], .keras),
    ("m.weights.h5", [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], .kerasWeights),
    ("m.tflite", [0x1C, 0, 0, 0] + Array("TFL3".utf8), .tensorFlowLite),
    ("renamed.onnx", [0x1C, 0, 0, 0] + Array("TFL3".utf8), .tensorFlowLite),
    ("m.mlmodel", [0x08, 4, 0x12, 0], .coreML),
    ("renamed.zip", zip("metadata.json") + zip("config.json"), .keras),
    ("notes.zip", zip("config.json"), nil),
    // What can be read may have any name; what is not known is told by others.
    ("model.pt", [0x08, 8, 0x12, 0], nil), ("model.h5", [9, 0, 0, 0, 0, 0, 0, 0, 0x7B], nil),
    ("m.onnx", [0x08, 8, 0x12, 0], nil), ("a.zip", zip("a.txt"), nil), ("text", [0x61], nil),
    ("empty.pth", [], nil),
  ]

  @Test func filesAreTold() throws {
    let place = try Workplace()
    for (name, bytes, kind) in Self.files {
      try place.write(Data(bytes), to: name)
      #expect(ForeignModelFile(path: "\(place.path)/\(name)") == kind, "\(name)")
    }
    for name in ["m.mlpackage", "folder.pt"] { try place.folder.folder(name) }
    #expect(ForeignModelFile(path: "\(place.path)/m.mlpackage") == .coreML)
    #expect(ForeignModelFile(path: "\(place.path)/folder.pt") == nil)
    #expect(ForeignModelFile(path: "\(place.path)/nothing.pth") == nil)
  }

  /// One line with the Python that makes a readable file of it.
  @Test func eachHasItsPython() throws {
    let place = try Workplace()
    let words: [(name: String, python: [String])] = [
      (
        "w.pth",
        [
          "torch.load(\"w.pth\", map_location=\"cpu\")",
          "safetensors.torch.save_file(weights, \"weights.safetensors\")", "--from pytorch",
        ]
      ),
      (
        "m.h5",
        [
          "keras.models.load_model(\"m.h5\")", "enumerate(model.weights)",
          "safetensors.numpy.save_file(weights, \"weights.safetensors\")", "--from keras",
        ]
      ),
      ("m.keras", ["keras.models.load_model(\"m.keras\")"]),
      ("m.weights.h5", ["model.load_weights(\"m.weights.h5\")"]),
      ("m.tflite", ["tf2onnx.convert.from_tflite(\"m.tflite\", output_path=\"model.onnx\")"]),
      ("m.mlmodel", ["coremltools.utils.load_spec(\"m.mlmodel\")", "convert_coreml(spec)"]),
    ]
    for (name, python) in words {
      let bytes = try #require(Self.files.first { $0.name == name }).bytes
      try place.write(Data(bytes), to: name)
      for more in [[], ["--from", "pytorch", "--layers", "lstm:12"]] {
        let run = try place.rowwise(["import", name, "--output", "m.safetensors"] + more)
        #expect(run.status == CommandStatus.badData.rawValue)
        #expect(run.errors.hasPrefix("rowwise: \(name): a "), "\(run.errors)")
        #expect(python.allSatisfy { run.errors.contains($0) }, "\(run.errors)")
        #expect(run.errors.filter { $0 == "\n" }.count == 1 && run.output == "")
      }
    }
    #expect(!place.contents.contains("m.safetensors"))
  }

  /// Whatever takes a model says so.
  @Test func everyCommandNamesThem() throws {
    let place = try Workplace()
    try place.write(Data(Self.zip("w/data.pkl")), to: "w.pth")
    for arguments in [
      ["classify", "w.pth", "Datasets/digits-png/3/003.png"], ["evaluate", "w.pth", "digits"],
      ["inspect", "w.pth"], ["explain", "w.pth", "Datasets/digits-png/3/003.png"],
      ["combine", "w.pth", "w.pth", "-o", "m.safetensors"],
      ["train", "digits", "--from", "w.pth", "--epochs", "1"],
    ] {
      let run = try place.rowwise(arguments)
      #expect(run.status == CommandStatus.badData.rawValue, "\(arguments): \(run.errors)")
      #expect(run.errors.hasPrefix("rowwise: w.pth: a PyTorch file; in Python: import torch"))
    }
  }

  /// The model's numbers are looked for beside it, whatever the working folder.
  @Test func numbersBesideTheModel() throws {
    let place = try Workplace()
    let fixture = Workplace.package.appendingPathComponent(
      "Tests/ONNXExchangeTests/Fixtures/torch-external-data")
    for name in ["model.onnx", "model.onnx.data"] {
      try place.write(Data(contentsOf: fixture.appendingPathComponent(name)), to: "in/\(name)")
    }
    let run = try place.rowwise(
      "import", "in/model.onnx", "--size", "6x5", "--output", "m.safetensors")
    #expect(run.status == 0, "\(run.errors)")
    try FileManager.default.removeItem(atPath: "\(place.path)/in/model.onnx.data")
    let missing = try place.rowwise(
      "import", "in/model.onnx", "--size", "6x5", "--output", "n.safetensors")
    #expect(missing.status == CommandStatus.inputNotFound.rawValue)
    #expect(
      missing.errors.hasPrefix("rowwise: cannot read in/model.onnx.data: ")
        && missing.errors.hasSuffix(
          "; numbers of in/model.onnx are in it: put both into one folder, or save the model as "
            + "one file\n"),
      "\(missing.errors)")
    #expect(!place.contents.contains("n.safetensors"))
  }
}
