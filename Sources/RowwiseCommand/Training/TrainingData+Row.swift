import RowwiseDatasetLoading
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseRowSequencing
import RowwiseTexts

extension TrainingData {
  /// What is trained on, in one row of a log.
  var row: LogRow {
    let counts = [training.count, validation?.count ?? 0].map { NumberText.grouped($0) }
    let size = "\(preprocessing.width) × \(preprocessing.height)"
    return LogRow(
      label: "data",
      parts: [
        .init(
          "\(counts[0]) images to train on, \(counts[1]) to validate by",
          "\(counts[0]) + \(counts[1]) images", rank: 0),
        .init("\(training.classNames.count) classes", rank: 1),
        .init("\(size) \(preprocessing.color.rawValue)", rank: 2),
      ])
  }

  /// The names of the classes, as many as there is room for; each short enough to leave some.
  var classesRow: LogRow {
    let names = training.classNames.map {
      TerminalText.truncated(TerminalText.printable($0), to: 24)
    }
    let texts = [20, 10, 5, 3, 1].map { NameList.text(names, most: $0) }
    return LogRow(
      label: "classes", parts: [.init(texts[0], texts[1], texts[2], texts[3], texts[4], rank: 0)])
  }
}

extension Network {
  /// What is trained, in one row of a log.
  func row(_ preprocessing: Preprocessing, threads: Int) -> LogRow {
    let (timesteps, features) = (preprocessing.timesteps, preprocessing.features)
    return LogRow(
      label: "network",
      parts: [
        .init(
          "\(timesteps) timesteps of \(features) features", "\(timesteps) timesteps of \(features)",
          rank: 1),
        .init("\(NumberText.grouped(parameterCount)) parameters", rank: 0),
        .init("\(threads) \(threads == 1 ? "thread" : "threads")", rank: 3),
        .init(kernels.instructionSet.rawValue, rank: 2),
      ])
  }
}
