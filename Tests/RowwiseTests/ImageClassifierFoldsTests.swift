import Rowwise
import RowwiseDatasetLoading
import RowwiseLayers
import RowwiseTraining
import Synchronization
import Testing

@Suite struct ImageClassifierFoldsTests {
  private func classifier(_ dataset: ImageDataset, threads: Int) throws -> ImageClassifier {
    try ImageClassifier(
      hiddenLayers: [LSTM(12)], preprocessing: .init(width: 8, height: 8),
      classNames: dataset.classNames, seed: 9, threads: threads)
  }

  private var options: TrainingOptions {
    var options = TrainingOptions()
    options.epochs = 2
    options.optimizer = .adam(learningRate: 0.02)
    options.seed = 3
    return options
  }

  /// Every row is that of a network trained on the other folds, and of no other.
  @Test func everySampleIsJudgedByANetworkThatHasNotSeenIt() throws {
    let dataset = try Digits.load().train.subset(Array(0..<300))
    let model = try classifier(dataset, threads: 1)
    let folds = try dataset.stratifiedFolds(3, seed: 5)
    let all = try #require(try model.outOfSampleProbabilities(folds, options: options))
    #expect(all.count == 300 * 10)
    for fold in folds {
      let alone = try model.untrained(seed: 3)
      _ = try alone.fit(fold.training, options: options)
      try alone.forEachPrediction(of: fold.heldOut) { index, _, row in
        let start = fold.heldOutIndices[index] * 10
        #expect(Array(all[start..<start + 10]) == row)
      }
    }
    // Threads do not matter, nor do the weights of the model itself.
    let other = try classifier(dataset, threads: 2)
    _ = try other.fit(dataset, options: options)
    #expect(try other.outOfSampleProbabilities(folds, options: options) == all)
  }

  @Test func stoppingStopsAll() throws {
    let dataset = try Digits.load().train.subset(Array(0..<200))
    let folds = try dataset.stratifiedFolds(4, seed: 0)
    var begun: [Int] = []
    let result = try classifier(dataset, threads: 1).outOfSampleProbabilities(
      folds, options: options
    ) { fold in
      begun.append(fold.number)
      var callbacks = TrainingCallbacks()
      callbacks.shouldStop = { fold.number == 1 }
      return callbacks
    }
    #expect(result == nil)
    #expect(begun == [0, 1])
  }
}
