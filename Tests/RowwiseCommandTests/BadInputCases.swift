import Foundation

@testable import RowwiseCommand

extension BadInputTests {
  /// What is typed, and what is said to it.
  struct Case {
    let arguments: [String]
    /// Without "rowwise: " and the line break.
    let message: String
    let status: CommandStatus

    init(_ arguments: String, _ message: String, _ status: CommandStatus) {
      self.arguments = arguments.split(separator: " ").map { String($0) }
      self.message = message
      self.status = status
    }
  }

  static let halfModel =
    "half.safetensors: not a model file: tensor \"layers.0.recurrent_weight\" lies at bytes "
  static let notAPicture =
    "text.png: not a picture: expected the first bytes of a PNG, JPEG, PNM or BMP file, found "
    + "6A 75 73 74 20 74 65 78; check the file, or convert it to PNG"
  static let hollow =
    "hollow: no image in the class folder hollow/c; add PNG, JPEG, PNM or BMP files, or remove the "
    + "folder"
  static let notAFolder = "cannot create the folder text.png/run: not a directory; name another one"

  /// Messages that end in "…" are compared up to there.
  static let cases = [
    // Data sets.
    Case(
      "train nowhere",
      "nowhere: no such file or folder, and no data set of that name in Datasets, …",
      .inputNotFound),
    Case("train no/where", "no/where: no such file or folder", .inputNotFound),
    Case(
      "train empty",
      "empty: no images; expected PNG, JPEG, PNM or BMP files in one folder per class",
      .badData),
    Case(
      "train head.csv", "head.csv, line 1: no rows below the columns' names; expected images",
      .badData),
    Case("train two --size 8", "two: cannot hold back a share of 0.1 of 2 samples: …", .badData),
    Case("train hollow", hollow, .badData),
    Case("train hollow --folds 2 --quiet", hollow, .badData),
    Case("train hollow --find-learning-rate", hollow, .badData),
    Case("compare --baselines hollow --epochs 1", hollow, .badData),
    Case("train one", "one: images of 1 class (class); at least 2 are needed", .badData),
    Case(
      "train mixed",
      "mixed/train-images-idx3-ubyte.gz has 1437 images but mixed/train-labels-idx1-ubyte.gz has "
        + "360 labels; the two files do not belong together", .badData),
    Case(
      "train cut",
      "cut/train-images-idx3-ubyte.gz: ends after …", .badData),
    Case("train picture.png", "picture.png: not a data set: a single picture; …", .badData),
    Case("train text.png", "text.png: not a data set: a single picture; …", .badData),
    Case(
      "train digits --validation no/where", "no/where: no such file or folder", .inputNotFound),
    // Outputs.
    Case("train digits --output text.png/run", notAFolder, .cannotCreateOutput),
    Case(
      "train digits --output model",
      "model is not empty; name a new folder, nothing is overwritten", .cannotCreateOutput),
    Case("evaluate model digits --report text.png/run", notAFolder, .cannotCreateOutput),
    Case(
      "evaluate model digits --report model",
      "model is not empty; name a new folder, nothing is overwritten", .cannotCreateOutput),
    // Models.
    Case("evaluate half.safetensors digits", halfModel + "…", .badData),
    Case("classify half.safetensors picture.png", halfModel + "…", .badData),
    Case("inspect half.safetensors", halfModel + "…", .badData),
    Case(
      "evaluate picture.png digits", "picture.png: a picture, where a model is expected: …",
      .badData),
    Case(
      "classify picture.png picture.png", "picture.png: a picture, where a model is expected: …",
      .badData),
    Case(
      "evaluate nowhere digits",
      "nowhere: no such file or folder; expected a model file, or a run folder of rowwise train",
      .inputNotFound),
    Case(
      "evaluate empty digits",
      "empty: a folder without model.safetensors; expected a model file", .badData),
    Case("evaluate model no/where", "no/where: no such file or folder", .inputNotFound),
    Case(
      "evaluate model one",
      "one: classes the model does not know: class; it knows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9; "
        + "rename them, or evaluate without them (--unknown-classes skip)",
      .badData),
    Case(
      "classify model.onnx picture.png",
      "model.onnx: an ONNX model; make a model file of it with rowwise import model.onnx --output "
        + "FILE", .badData),
    Case(
      "inspect model.onnx",
      "model.onnx: an ONNX model; make a model file of it with rowwise import model.onnx --output "
        + "FILE", .badData),
    // Unlike the training images.
    Case(
      "train digits --invert maybe", "The value 'maybe' is invalid for '--invert <invert>'. …",
      .usage),
    Case(
      "evaluate model digits --background pink",
      "The value 'pink' is invalid for '--background <color>': expected auto, white, black, #RRGGBB, "
        + "such as #ffffe0 …", .usage),
    Case(
      "classify model picture.png --background #12345",
      "The value '#12345' is invalid for '--background <color>': expected auto, …", .usage),
    Case(
      "train digits --background blak",
      "The value 'blak' is invalid for '--background <color>': expected auto, white, black, #RRGGBB, "
        + "such as #ffffe0; did you mean \"black\"? …", .usage),
    Case(
      "explain model picture.png --fit zoom", "The value 'zoom' is invalid for '--fit <fit>'. …",
      .usage),
    Case("train digits --range 12", "The value '12' is invalid for '--range <range>'. …", .usage),
    Case(
      "classify model picture.png --trim --fit crop",
      "--trim keeps proportions by itself; leave --fit crop or --trim out …", .usage),
    // Images.
    Case(
      "classify model *.gif",
      "*.gif: no such file or folder, and as a pattern it matches none", .inputNotFound),
    Case("classify model empty", "empty: no PNG, JPEG, PNM or BMP file in this folder", .badData),
    Case("inspect text.png", notAPicture, .badData),
    // The command line.
    Case(
      "nonsense",
      "there is no command \"nonsense\"; expected train, evaluate, classify, inspect, benchmark, "
        + "calibrate, compare, combine, explain, embed, serve, runs, search, export, import, "
        + "help (see rowwise --help)",
      .usage),
    Case(
      "trian digits", "there is no command \"trian\"; did you mean \"train\"? (see rowwise --help)",
      .usage),
    Case(
      "predict model digits",
      "there is no command \"predict\"; here it is called \"classify\" (see rowwise --help)", .usage
    ),
    Case(
      "train digits --weights m.safetensors",
      "--weights is called --from here (see rowwise train --help)", .usage),
    Case(
      "train digits --lr 0.1",
      "--lr is called --learning-rate here (see rowwise train --help)", .usage),
    Case(
      "train digits --batch 32",
      "--batch is called --batch-size here (see rowwise train --help)", .usage),
    Case(
      "inspect digits --lr 0.1", "Unknown option '--lr' (see rowwise inspect --help)", .usage),
    Case(
      "inspect digits --augment light --contact-sheet sheet.JPG",
      "--contact-sheet writes a PNG file; sheet.JPG is named otherwise (see rowwise inspect --help)",
      .usage),
    Case(
      "train digits --layers lstm:8,",
      "The value 'lstm:8,' is invalid for '--layers <layers>': no layer at character 8; expected "
        + "layers with commas between them, as in lstm:128,lstm:64 (see rowwise train --help)",
      .usage),
    Case(
      "train digits --epochs -3",
      "--epochs must be from 1 to 1000000, got -3 (see rowwise train --help)",
      .usage),
    Case(
      "train digits --optimizer adamw --weight-decay -0.1",
      "--weight-decay must be from 0 to 1, got -0.1 (see rowwise train --help)",
      .usage),
    Case(
      "train digits --seed -1",
      "The value '-1' is invalid for '--seed <seed>': expected a whole number of at least 0 "
        + "(see rowwise train --help)", .usage),
    Case(
      "train digits --epochs 1.5",
      "The value '1.5' is invalid for '--epochs <epochs>': expected a whole number "
        + "(see rowwise train --help)", .usage),
    Case(
      "train digits --clip-norm off",
      "The value 'off' is invalid for '--clip-norm <number>': expected a number or none "
        + "(see rowwise train --help)", .usage),
    Case(
      "train digits --augment flip,strong:2",
      "The value 'flip,strong:2' is invalid for '--augment <changes>': the preset strong comes first "
        + "and has no number; settings follow it, as in light,rotate:20 (see rowwise train --help)",
      .usage),
    Case(
      "train digits --augment -shift:1",
      "Missing value for '--augment <changes>'; a value that begins with - is written "
        + "--augment=-shift:1 (see rowwise train --help)", .usage),
    Case(
      "train digits --layers gru:8 --peephole full",
      "--peephole full is for lstm layers; --layers gru:8 has none (see rowwise train --help)",
      .usage),
    Case(
      "train digits --folds 2000 --quiet",
      "cannot divide 1437 samples in 2000 folds: expected from 2 folds to as many as there are "
        + "samples", .badData),
    Case(
      "train nowhere --folds 3 --quiet",
      "nowhere: no such file or folder, and no data set of that name in Datasets, …",
      .inputNotFound),
    Case(
      "inspect model --lenient",
      "--lenient goes with image files; model is a model (see rowwise inspect --help)", .usage),
    Case(
      "inspect model --precision bfloat16",
      "Unknown option '--precision' (see rowwise inspect --help)", .usage),
    Case(
      "inspect empty --augment light --contact-sheet sheet.png",
      "empty: no images; expected PNG, JPEG, PNM or BMP files in one folder per class", .badData),
    Case(
      "export model --output model.onnx --precision bfloat16",
      "--precision goes with --data only; --weights says how weights are stored "
        + "(see rowwise export --help)", .usage),
    Case(
      "evaluate model digits --require acuracy>=0.9 --report report",
      "--require: there is no metric \"acuracy\"; did you mean \"accuracy\"? "
        + "(see rowwise evaluate --help)", .usage),
    Case(
      "evaluate model digits --require accuracy>=95",
      "--require accuracy>=95 can never hold: accuracy is at most 1; 95 % is written 0.95 "
        + "(see rowwise evaluate --help)", .usage),
    Case(
      "evaluate model digits --require per_class[11].f1>0.9",
      "--require: there is no metric \"per_class[11]\"; did you mean \"per_class[1]\"? "
        + "(see rowwise evaluate --help)", .usage),
    Case(
      "train",
      "name the data set to train on, or give --config or --resume (see rowwise train --help)",
      .usage),
    Case(
      "train digits --layers lsmt:8",
      "The value 'lsmt:8' is invalid for '--layers <layers>': unknown layer \"lsmt\" at "
        + "character 1, known: lstm, gru, rnn, minlstm, lru, dense, dropout, flatten, pool, sweep, "
        + "merge, norm, mlp, conv; did you mean \"lstm\"? (see rowwise train --help)", .usage),
    Case(
      "train digits --size 0",
      "The value '0' is invalid for '--size <width>x<height>': expected WIDTHxHEIGHT such as "
        + "32x24, sides from 1 to 65535 (see rowwise train --help)", .usage),
    Case(
      "train digits --reading-order row",
      "The value 'row' is invalid for '--reading-order <order>': known are rows, "
        + "rows-bottom-up, columns, serpentine, pixels, pixels-permuted:SEED, "
        + "windows:ROWS/STEP, patches:SIDE; "
        + "did you mean \"rows\"? (see rowwise train --help)", .usage),
    Case(
      "train digits --epochs 0",
      "--epochs must be from 1 to 1000000, got 0 (see rowwise train --help)",
      .usage),
    Case(
      "train digits --learning-rate nan",
      "--learning-rate must be from 1e-20 to 1e+40, got nan (see rowwise train --help)", .usage),
    Case(
      "train digits --validation-split 1",
      "--validation-split must be from 0 to below 1, got 1.0 (see rowwise train --help)", .usage),
    Case(
      "train digits --freeze 1",
      "--freeze keeps layers of the model of --from; name one, or leave it out (see rowwise train --help)",
      .usage),
    Case(
      "train digits --from model --freeze 2",
      "--freeze 2 is more than the 1 layer below the output layer (lstm:32), which always learns "
        + "(see rowwise train --help)", .usage),
    Case(
      "train digits --from model --freeze 1 --size 9",
      "model: --freeze 1 keeps what its first layers have learnt, but layers.0.input_weight would be new "
        + "(other input); freeze fewer layers, or leave out what makes it so, such as --size or --layers",
      .badData),
    Case(
      "train digits --columns file",
      "The value 'file' is invalid for '--columns <names>': expected the names of two or three columns, of "
        + "files, classes and parts, such as file,species or file,species,set (see rowwise train --help)",
      .usage),
    Case(
      "train digits --validation digits --split-seed 3",
      "--split-seed decides what is held back, and nothing is; leave it out (see rowwise train --help)",
      .usage),
    Case(
      "train digits --validation digits --validation-split 0.1",
      "--validation and --validation-split exclude each other (see rowwise train --help)", .usage),
    Case(
      "train digits --momentum 0.9",
      "--momentum and --nesterov go with --optimizer sgd only (see rowwise train --help)", .usage),
    Case(
      "train digits --threads 0",
      "--threads must be from 1 to 1024, got 0 (see rowwise train --help)", .usage),
    Case(
      "classify model picture.png --top 0",
      "--top must be from 1 to 1000000, got 0 (see rowwise classify --help)", .usage),
    Case(
      "evaluate model digits --format xml",
      "The value 'xml' is invalid for '--format <format>'. Please provide one of 'table', 'json' "
        + "or 'csv' (see rowwise evaluate --help)", .usage),
  ]
}
