import Foundation
import RowwiseSafetensors
import Testing

@testable import RowwiseCommand

/// `rowwise export` and `rowwise import`, started as a shell would.
struct ExchangeCommandTests {
  /// A folder with a small trained model.
  private static func makePlace(_ layers: String = "lstm:8", _ more: String...) throws -> Workplace
  {
    let place = try Workplace()
    let arguments = [
      "train", "digits", "--recipe", "keras", "--epochs", "1", "--layers", layers, "--output",
      "model",
    ]
    let run = try ToolRun(arguments + more, in: place.path)
    #expect(run.status == 0, "\(run.errors)")
    return place
  }

  /// Everything comes back through an ONNX file: weights, preprocessing, classes, provenance.
  @Test func theSameFileComesBack() throws {
    for peephole in ["diagonal", "full"] {
      let place = try Self.makePlace("lstm:8,dropout:0.1", "--peephole", peephole, "--standardize")
      for more in [[], ["--preprocessing"]] {
        let export = try ToolRun(
          ["export", "model", "--output", "model.onnx"] + more, in: place.path)
        #expect(export.status == 0 && export.output == "")
        #expect(export.errors.hasPrefix("model.onnx: ONNX model, operator set 17, "))
        let back = try place.rowwise("import", "model.onnx", "--output", "back.safetensors")
        #expect(back.status == 0, "\(back.errors)")
        #expect(
          try place.bytes("back.safetensors") == place.bytes("model/model.safetensors"))
      }
    }
  }

  /// Smaller files, what they cost, and that they are models as any other.
  @Test func smallerWeights() throws {
    let place = try Self.makePlace("lstm:32,lstm:32")
    let size = try place.bytes("model/model.safetensors").count
    for (storage, part) in [("bfloat16", 0.6), ("int8", 0.4)] {
      let run = try place.rowwise(
        "export", "model", "--output", "small.safetensors", "--weights", storage, "--data", "digits"
      )
      #expect(run.status == 0, "\(run.errors)")
      let rows = run.output.split(separator: "\n")
      #expect(rows.count == 3)
      #expect(
        rows[0].split(separator: " ") == [
          "weights", "accuracy", "loss", "other", "predictions", "largest", "difference",
        ])
      #expect(rows[1].hasPrefix("float32 ") && rows[2].hasPrefix("\(storage) "))
      #expect(rows[2].contains(" of 360 "))
      let smaller = try place.bytes("small.safetensors").count
      #expect(Double(smaller) < part * Double(size))
      let evaluation = try place.rowwise(
        "evaluate", "small.safetensors", "digits", "--format", "json")
      #expect(evaluation.status == 0, "\(evaluation.errors)")
      // The accuracy that the table tells is the one that the file has.
      let json = try #require(
        try JSONSerialization.jsonObject(with: Data(evaluation.output.utf8)) as? [String: Any])
      let accuracy = try #require(json["accuracy"] as? Double)
      let words = rows[2].split(separator: " ")
      #expect(abs(try #require(Double(words[1])) - 100 * accuracy) < 0.0051)
    }
  }

  /// Weights for another toolkit, and back without a bit lost.
  @Test func weightsThereAndBack() throws {
    let layers = "lstm:6:bidirectional,gru:5,dense:4:tanh"
    let place = try Self.makePlace(layers)
    for (toolkit, line) in [
      ("pytorch", "model.load_state_dict(load_file(\"w.safetensors\"))"),
      ("keras", "weights = load_file(\"w.safetensors\")"),
    ] {
      let run = try place.rowwise("export", "model", "--to", toolkit, "--output", "w.safetensors")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains(line + "\n"))
      let back = try place.rowwise(
        "import", "w.safetensors", "--from", toolkit, "--layers", layers, "--size", "8x8",
        "--classes", "0,1,2,3,4,5,6,7,8,9", "--output", "back.safetensors")
      #expect(back.status == 0, "\(back.errors)")
      let scores = try ["model", "back.safetensors"].map {
        try place.rowwise("evaluate", $0, "digits", "--format", "csv").output
      }
      #expect(scores[0] == scores[1])
      let inspection = try place.rowwise("inspect", "back.safetensors")
      #expect(inspection.output.contains("w.safetensors"))
    }
  }

  /// Networks without a recurrent layer, whose first weights are as wide as all timesteps together.
  @Test func flattenedThereAndBack() throws {
    for layers in ["flatten,dense:9:relu", "dropout:0.1,flatten", "pool:mean,dense:7:tanh"] {
      let place = try Self.makePlace(layers)
      let model = try SafetensorsFile(path: "\(place.path)/model/model.safetensors")
      for toolkit in ["pytorch", "keras"] {
        let run = try place.rowwise(
          "export", "model", "--to", toolkit, "--output", "w.safetensors")
        #expect(run.status == 0, "\(run.errors)")
        let arguments = [
          "import", "w.safetensors", "--from", toolkit, "--layers", layers, "--output",
          "back.safetensors",
        ]
        let back = try ToolRun(arguments + ["--size", "8x8"], in: place.path)
        #expect(back.status == 0, "\(back.errors)")
        #expect(
          try SafetensorsFile(path: "\(place.path)/back.safetensors").tensors == model.tensors)
        let isFlat = layers.contains("flatten")
        let refusals: [(more: [String], message: String)] = [
          (
            ["--size", "8x9"],
            isFlat
              ? "the model flattens timesteps of 64 numbers in all, but images of this size and "
                + "reading order give 9 timesteps of 8; check --size and --color" : ""
          ),
          (
            ["--size", "9x8"],
            isFlat
              ? "the model flattens timesteps of 64 numbers in all, but images of this size and "
                + "reading order give 8 timesteps of 9; check --size and --color"
              : "the model reads timesteps of 8 features, but images of this size and reading "
                + "order give 8 timesteps of 9; check --size, --color and --reading-order"
          ),
          (
            [],
            "the size of images is not in the file; give it with --size, such as --size 8x8"
          ),
          (
            ["--size", "8x8", "--color", "rgb"],
            "its \(isFlat ? "64 numbers a picture" : "8 features a timestep") are no whole number "
              + "of 3-channel pixels; --color rgb does not fit"
          ),
        ]
        for (more, message) in refusals where !message.isEmpty {
          let refused = try ToolRun(arguments + more, in: place.path)
          #expect(refused.status == CommandStatus.badData.rawValue)
          #expect(refused.errors == "rowwise: w.safetensors: \(message)\n")
        }
      }
    }
  }

  @Test func badInput() throws {
    let place = try Self.makePlace("lstm:8:backwards")
    try place.write(Data("just text".utf8), to: "text.onnx")
    try place.write(Data(), to: "empty.onnx")
    let model = "model/model.safetensors"
    let cases: [(arguments: String, message: String, status: CommandStatus)] = [
      (
        "export model --output x.txt", "--output must end in .onnx or .safetensors, or --to", .usage
      ),
      ("export model --output x.safetensors --preprocessing", "--preprocessing goes", .usage),
      ("export model --output x.onnx --part test", "--part goes with --data only", .usage),
      ("export model --to keras --output x --weights int8", "--weights goes with", .usage),
      (
        "export model --to pytorch --output x",
        "model: layer 1: PyTorch has no recurrent layer that only goes backwards; export to ONNX",
        .badData
      ),
      ("export model --output no/x.onnx", "cannot write no/x.onnx: ", .cannotCreateOutput),
      ("import nowhere.onnx --output x.safetensors", "cannot read nowhere.onnx: ", .inputNotFound),
      (
        "import text.onnx --output x.safetensors", "text.onnx: not an ONNX file that can be read",
        .badData
      ),
      (
        "import empty.onnx --output x.safetensors",
        "empty.onnx: not an ONNX file that can be read: it is empty", .badData
      ),
      (
        "import weights.safetensors --output x.safetensors",
        "weights.safetensors: weights only; say whose they are with --from pytorch or --from keras",
        .badData
      ),
      (
        "import \(model) --output x.safetensors",
        "\(model): a model file of rowwise already; it is used as it is", .badData
      ),
      (
        "import \(model) --output x.safetensors --layers lstm:8", "--layers and --modules go",
        .usage
      ),
      ("import \(model) --output x.safetensors --from keras", "--from needs --layers", .usage),
      (
        "import text.onnx --output x.safetensors --from keras --layers lstm:8",
        "text.onnx: not a safetensors file", .badData
      ),
      (
        "import \(model) --output x.safetensors --from keras --layers lstm:8 --size 8",
        "\(model): tensor \"layers.0.bias\" belongs to no layer; names must begin", .badData
      ),
      (
        "import \(model) --output x.safetensors --from pytorch --layers lstm:8 --mean x --standard-deviation 1",
        "--mean takes numbers with commas between them", .usage
      ),
    ]
    let weights = try place.rowwise(
      "export", "model", "--to", "keras", "--output", "weights.safetensors")
    #expect(weights.status == 0, "\(weights.errors)")
    let before = place.contents
    for item in cases {
      let run = try ToolRun(
        item.arguments.split(separator: " ").map { String($0) }, in: place.path)
      #expect(run.status == item.status.rawValue, "\(item.arguments): \(run.errors)")
      #expect(
        run.errors.hasPrefix("rowwise: \(item.message)"), "\(item.arguments): \(run.errors)")
      #expect(run.errors.filter { $0 == "\n" }.count == 1 && run.output == "")
      #expect(place.contents == before)
    }
  }

  /// What another toolkit's file does not tell has to be given.
  @Test func foreignGraphNeedsASize() throws {
    let place = try Workplace()
    let fixture = Workplace.package.appendingPathComponent(
      "Tests/ONNXExchangeTests/Fixtures/torch-lstm-script/model.onnx")
    try place.write(Data(contentsOf: fixture), to: "torch.onnx")
    let refused = try place.rowwise("import", "torch.onnx", "--output", "x.safetensors")
    #expect(refused.status == CommandStatus.badData.rawValue)
    #expect(
      refused.errors
        == "rowwise: torch.onnx: the size of images is not in the file; give it with --size, such "
        + "as --size 6x6\n")
    let wrong = try place.rowwise(
      "import", "torch.onnx", "--output", "x.safetensors", "--size", "7x5")
    #expect(wrong.status == CommandStatus.badData.rawValue)
    #expect(wrong.errors.contains("reads timesteps of 6 features"))
    let good = try place.rowwise(
      "import", "torch.onnx", "--output", "x.safetensors", "--size", "6x5", "--classes", "a,b,c")
    #expect(good.status == 0, "\(good.errors)")
    let table = try place.rowwise("inspect", "x.safetensors").output
    #expect(table.contains("3: a, b, c") && table.contains("torch.onnx"))
  }

  /// Options that cannot go together are told before anything is read.
  @Test(arguments: [
    ["export", "m", "--output", "a.onnx", "--to", "pytorch"],
    ["export", "m", "--output", "a.safetensors", "--data", "digits"],
    ["import", "a.onnx", "--output", "b.onnx"],
    ["import", "a.onnx", "--output", "b.safetensors", "--mean", "0.5"],
    [
      "inspect", "Datasets/digits-png/3/003.png", "--augment", "light", "--contact-sheet", "s.png",
    ],
  ])
  func optionsThatDoNotGoTogether(arguments: [String]) throws {
    let run = try ToolRun(arguments, in: Workplace.package.path)
    #expect(run.status == CommandStatus.usage.rawValue, "\(run.errors)")
    #expect(run.output == "")
  }

  /// An error about pictures names the file that makes them so.
  @Test func impossiblePicturesNameTheFile() throws {
    let place = try Self.makePlace()
    _ = try place.rowwise("export", "model", "--to", "pytorch", "--output", "w.safetensors")
    let run = try place.rowwise(
      "import", "w.safetensors", "--from", "pytorch", "--layers", "lstm:8", "--size", "3x3",
      "--color", "rgb", "--output", "b.safetensors")
    #expect(run.status == CommandStatus.badData.rawValue)
    #expect(
      run.errors
        == "rowwise: w.safetensors: its 8 features a timestep are no whole number of 3-channel "
        + "pixels; --color rgb does not fit\n")
  }
}
