import Evaluation
import ModelExchange
import RowSequencing
import Rowwise
import Training

/// `rowwise train --find-learning-rate`: tries learning rates from small to large and draws the loss.
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
    let plain = TrainingJob(command, console: console)
    try plain.checkFolder()
    let (job, data) = try plain.prepared()
    let classifier = try job.makeClassifier(data)
    let folder = try job.makeFolder()
    do {
      try find(job, data, classifier, in: folder)
    } catch {
      folder.discard()
      throw error
    }
    if data.lacksImages { throw EndedWith(status: .someInputsFailed) }
  }

  private func find(
    _ job: TrainingJob, _ data: TrainingData, _ classifier: ImageClassifier, in folder: RunFolder
  ) throws {
    let command = job.command
    job.describe(data, classifier, folder)
    let finder = try LearningRateFinder(classifier.network, options: command.training)
    let source = DatasetSource(
      data.training, preprocessing: data.preprocessing,
      augmentation: command.augmentation.augment ?? Augmentation(), seed: command.options.seed)
    let result = try finder.run(source)
    let rows = result.points.map { point in
      CSVText.row([
        CSVText.number(point.rate), CSVText.number(point.loss), CSVText.number(point.smoothed),
      ])
    }
    try AtomicFile.write(
      CSVText.row(["learning_rate", "loss", "smoothed_loss"]) + rows.joined(),
      toPath: folder.file(Self.tableName))
    try AtomicFile.write(Self.picture(result), toPath: folder.file(Self.pictureName))
    let tenth = Self.short(result.tenthOfLowest)
    console.log("steepest fall of the loss: \(result.steepest.map(Self.short) ?? "none")")
    console.log("a tenth of the rate with the lowest loss: \(tenth)")
    console.log("plot: \(folder.file(Self.pictureName))")
    try console.write((result.steepest.map(Self.short) ?? tenth) + "\n")
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

  private static func picture(_ result: LearningRateFinder.Result) -> String {
    // Above twice the first loss the curve goes through the roof; the rest would be a flat line.
    let limit = 2 * (result.points.first?.smoothed ?? 1)
    func series(_ name: String, _ value: (LearningRateFinder.Point) -> Double) -> ChartSeries {
      ChartSeries(
        name: name,
        points: result.points.filter { value($0) <= limit }.map {
          CurvePoint(x: DecimalLogarithm.of($0.rate), y: value($0))
        })
    }
    return LineChart(
      title: "Loss by learning rate", xTitle: "learning rate, powers of ten", yTitle: "nats",
      series: [series("smoothed", \.smoothed), series("each batch", \.loss)]
    ).document()
  }
}
