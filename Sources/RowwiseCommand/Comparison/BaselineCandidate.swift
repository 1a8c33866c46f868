import Rowwise
import RowwiseEvaluation
import RowwiseTraining

/// One of the models that `compare --baselines` has made.
struct BaselineCandidate {
  /// How a classifier was trained.
  struct Training {
    let classifier: ImageClassifier
    let options: TrainingOptions
    let history: History
    /// The file of the model.
    let fileName: String

    /// Of the epoch whose weights it has.
    var best: EpochMetrics? {
      history.epochs.first { $0.epoch == history.bestEpoch }?.validation
    }

    /// Whether more validation images are right than with another training; of equally many, the
    /// loss decides.
    func isBetter(than other: Training) -> Bool {
      guard let new = best, let old = other.best else { return false }
      return (new.accuracy, -new.loss) > (old.accuracy, -old.loss)
    }

    /// Whether training was shorter than the recipe's.
    var isShortened = false

    /// Whether the validation loss had stopped falling, in a training as long as the recipe's: in a
    /// shorter one the learning rate is at its end before the network is.
    var hasConverged: Bool {
      guard !isShortened else { return false }
      let losses = history.epochs.compactMap { $0.validation?.loss }
      return LossTrend(validationLosses: losses).isStillFalling == false
    }

    /// For the model file.
    func provenance(_ data: BaselineData) throws(DatasetError) -> Provenance {
      var provenance = Provenance()
      provenance.trainingPixels = try data.training.pixelSketch()
      provenance.dataFingerprint = data.training.fingerprint.description
      provenance.trainingSamples = data.training.count
      provenance.seed = options.seed
      provenance.epochs = history.bestEpoch
      provenance.batchSize = options.batchSize
      provenance.optimizer = options.optimizer.name.rawValue
      provenance.learningRate = options.optimizer.learningRate
      provenance.instructionSet = classifier.network.kernels.instructionSet.rawValue
      provenance.validationAccuracy = best?.accuracy
      provenance.validationLoss = best?.loss
      return provenance
    }
  }

  /// What the verdict calls it.
  let title: String
  /// What tables call it.
  let name: String
  /// What answers.
  let model: any PredictingModel
  /// Whether it is one of the networks, which have one budget.
  let isNetwork: Bool
  /// That making it took, everything that was tried included.
  let seconds: Double
  /// Nil where nothing was trained.
  let training: Training?

  /// Validation accuracy by epoch.
  var curve: [CurvePoint] {
    training?.history.epochs.compactMap { epoch in
      epoch.validation.map { CurvePoint(x: Double(epoch.epoch), y: $0.accuracy) }
    } ?? []
  }

  /// Whether it is a network that had not converged.
  var isUnfinished: Bool { isNetwork && training?.hasConverged == false }
}
