import Rowwise
import RowwiseFiles
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts

/// The models that a run learns from beside the labels.
struct TeachingModel {
  /// As `--teacher` names them.
  let name: String
  let ensemble: ImageEnsemble

  /// Name of the file in a run folder with the models, so that the run goes on, to the same bytes,
  /// wherever they have gone meanwhile.
  static let fileName = "teacher.safetensors"

  /// Reads the models that a command names; of a run that goes on, what it has kept of them.
  ///
  /// - Returns: nil where none is named.
  /// - Throws: `CommandError`, `ModelFileError`, `FileError`.
  init?(of command: TrainCommand) throws {
    guard let teacher = command.teaching.teacher else { return nil }
    name = teacher
    var paths: [String]
    if let kept = command.resume.map({ RunFolder(existing: $0).file(Self.fileName) }),
      FileKind(path: kept) != nil
    {
      paths = [kept]
    } else {
      paths = try ModelPath.resolveAll(teacher)
    }
    ensemble = try command.engine.loadTogether(paths, command.images.reading, checks: false)
  }

  /// Writes the models into a run's folder, unless that was done.
  ///
  /// - Throws: `SafetensorsError`, `FileError`.
  func keep(in folder: RunFolder) throws {
    let path = folder.file(Self.fileName)
    guard FileKind(path: path) == nil else { return }
    try ensemble.save(toPath: path)
  }

  /// What is learned from, and how much, in one row.
  func row(_ loss: LossSettings) -> String {
    let models = ensemble.members.count
    let share = loss.distillation ?? Distillation()
    return "teacher: \(TerminalText.printable(name)), \(models == 1 ? "" : "\(models) models, ")"
      + "\(NumberText.grouped(ensemble.parameterCount)) parameters, \(share.weight) of the loss at "
      + "temperature \(share.temperature)"
  }

  /// Checks that a classifier can learn from them.
  ///
  /// - Throws: `CommandError.unusableInput`.
  func check(_ student: ImageClassifier) throws(CommandError) {
    do throws(EnsembleError) {
      _ = try ensemble.ordered(as: student.classNames)
    } catch {
      throw .unusableInput(
        path: name,
        reason:
          "against the data it \(error.difference); a teacher names the same classes: train one on "
          + "these data, or leave --teacher out")
    }
    let own = student.preprocessing
    for its in ensemble.members.map(\.classifier.preprocessing) where !own.takesPictures(as: its) {
      throw .unusableInput(
        path: name,
        reason:
          "it reads images of \(its.pictureText), and this run images of \(own.pictureText); leave out "
          + "what makes them differ, such as --size or --color")
    }
  }
}

extension TrainCommand {
  /// The same with what is not said of images taken from the models that are learned from.
  func completed(by teacher: TeachingModel) -> TrainCommand {
    let preprocessing = teacher.ensemble.members[0].classifier.preprocessing
    var command = self
    command.images.size = images.size ?? ImageSize(preprocessing)
    command.images.color = images.color ?? preprocessing.color
    command.images.pictures.complete(by: preprocessing.adaptation)
    return command
  }
}

extension Preprocessing {
  /// Size, channels and changes of pictures, for messages.
  fileprivate var pictureText: String {
    "\(width) × \(height) \(color.rawValue)\(adaptation.isNone ? "" : ", \(adaptation.text)")"
  }
}
