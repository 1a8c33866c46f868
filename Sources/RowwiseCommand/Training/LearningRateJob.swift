import RealModule
import Rowwise
import RowwiseEvaluation
import RowwiseFiles
import RowwiseReports
import RowwiseTexts
import RowwiseTraining

/// `rowwise train --find-learning-rate`: tries learning rates from small to large, draws the loss and
/// suggests one.
///
/// It is no run and takes no run's number: the next search of the same data takes its place.
struct LearningRateJob {
  private let command: TrainCommand
  private let console: Console

  /// Name of the picture.
  static let pictureName = "learning-rate.svg"
  /// Name of the table of steps.
  static let tableName = "learning-rate.csv"

  init(_ command: TrainCommand, console: Console) {
    self.command = command
    self.console = console
  }

  func run() throws {
    // Found out before the data are read, and made once there is something to write.
    try makeFolder().discard()
    let (job, data) = try TrainingJob(command, console: console).prepared()
    let classifier = try job.makeClassifier(data)
    job.describe(data, classifier)
    let result = try find(job.command, data, classifier)
    let rate = try result.suggestion()
    let folder = try makeFolder()
    do {
      try AtomicFile.write(Self.table(result), toPath: folder.file(Self.tableName))
      try AtomicFile.write(
        Self.picture(result, suggestion: rate), toPath: folder.file(Self.pictureName))
    } catch {
      folder.discard([Self.tableName])
      throw error
    }
    console.log("steepest fall of the loss: \(Self.short(rate))")
    console.log("a tenth of the rate with the lowest loss: \(Self.short(result.tenthOfLowest))")
    console.log("picture: \(TerminalText.printable(folder.file(Self.pictureName)))")
    try console.write(Self.short(rate) + "\n")
    if data.lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func makeFolder() throws(CommandError) -> RunFolder {
    if let path = command.output {
      return try RunFolder(creating: path, replacing: [Self.pictureName, Self.tableName])
    }
    let name = RunFolder.name(for: command.dataArgument ?? "")
    return try RunFolder(
      creating: "\(RunFolder.parent)/\(name)-learning-rate",
      replacing: [Self.pictureName, Self.tableName])
  }

  private func find(
    _ command: TrainCommand, _ data: TrainingData, _ classifier: ImageClassifier
  ) throws -> LearningRateFinder.Result {
    let options = command.training
    let finder = try LearningRateFinder(classifier.network, options: options)
    return try finder.run(
      DatasetSource(
        data.training, preprocessing: data.preprocessing,
        augmentation: options.augmentation, seed: options.seed))
  }

  private static func table(_ result: LearningRateFinder.Result) -> String {
    let rows = result.points.map { point in
      CSVText.row([
        CSVText.number(point.rate), CSVText.number(point.loss), CSVText.number(point.smoothed),
      ])
    }
    return CSVText.row(["learning_rate", "loss", "smoothed_loss"]) + rows.joined()
  }

  /// Two significant digits: more it does not tell.
  static func short(_ rate: Double) -> String {
    guard rate > 0, rate.isFinite else { return "0" }
    var unit = 1.0
    while rate / unit >= 100 { unit *= 10 }
    while rate / unit < 10 { unit /= 10 }
    let digits = (rate / unit).rounded()
    // Divided rather than multiplied, so that 0.0031 is not 0.0031000000000000003.
    return unit < 1 ? "\(digits / (1 / unit).rounded())" : "\(digits * unit)"
  }

  private static func picture(
    _ result: LearningRateFinder.Result, suggestion: Double
  ) -> String {
    // Above twice the first loss the curve goes through the roof; the rest would be a flat line.
    let limit = 2 * (result.points.first?.smoothed ?? 1)
    func series(_ name: String, _ value: (LearningRateFinder.Point) -> Double) -> ChartSeries {
      ChartSeries(
        name: name,
        points: result.points.filter { value($0) <= limit }.map {
          CurvePoint(x: Double.log10($0.rate), y: value($0))
        })
    }
    var chart = LineChart(
      title: "Loss by learning rate", xTitle: "learning rate, powers of ten", yTitle: "nats",
      series: [series("smoothed", \.smoothed), series("each batch", \.loss)])
    chart.mark = ChartMark(
      x: Double.log10(suggestion), text: "suggested: \(short(suggestion))")
    return chart.document()
  }
}
