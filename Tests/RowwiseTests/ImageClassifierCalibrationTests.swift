import Foundation
import Rowwise
import RowwiseEvaluation
import RowwiseLayers
import RowwiseTraining
import TestSupport
import Testing

@Suite struct ImageClassifierCalibrationTests {
  private func trained(on count: Int) throws -> (ImageClassifier, Digits.Parts) {
    let (train, test) = try Digits.load()
    let classifier = try ImageClassifier(
      hiddenLayers: [LSTM(16)], preprocessing: .init(width: 8, height: 8),
      classNames: train.classNames, seed: 1, threads: 2)
    var options = TrainingOptions()
    options.epochs = 3
    options.optimizer = .adam(learningRate: 0.01)
    _ = try classifier.fit(train.subset(Array(0..<count)), options: options)
    return (classifier, (train, test))
  }

  @Test func scalingTheWeightsScalesTheProbabilities() throws {
    let (classifier, (_, test)) = try trained(on: 400)
    var before: [[Float]] = []
    try classifier.forEachPrediction(of: test) { _, _, row in before.append(row) }
    let scaling = TemperatureScaling(temperature: 1.75)
    classifier.scaleLogits(by: scaling)
    try classifier.forEachPrediction(of: test) { index, _, row in
      let expected = scaling.apply(to: before[index])
      for (value, golden) in zip(row, expected) { #expect(abs(value - golden) < 2e-6) }
    }
  }

  @Test func fittingLowersTheLossAndASecondFitFindsNothing() throws {
    let (classifier, (train, _)) = try trained(on: 400)
    let validation = train.subset(Array(400..<train.count))
    func loss() throws -> Double {
      var accumulator = EvaluationAccumulator(classNames: classifier.classNames)
      try classifier.forEachPrediction(of: validation) {
        try accumulator.add(label: $1, probabilities: $2)
      }
      return accumulator.meanLoss
    }
    let before = try loss()
    let scaling = try classifier.fittedTemperature(on: validation)
    #expect(abs(scaling.temperature - 1) > 0.01)
    classifier.scaleLogits(by: scaling)
    #expect(try loss() < before)
    #expect(abs(try classifier.fittedTemperature(on: validation).temperature - 1) < 1e-4)
    #expect(throws: EvaluationError.noSamples) {
      try classifier.fittedTemperature(on: train.subset([]))
    }
  }

  @Test func theFileKeepsTheTemperature() throws {
    let folder = try TemporaryFolder()
    let (classifier, _) = try trained(on: 40)
    var provenance = Provenance()
    try classifier.save(toPath: folder.path("plain"), provenance: provenance)
    let plain = try Data(contentsOf: URL(fileURLWithPath: folder.path("plain")))
    #expect(plain.range(of: Data("temperature".utf8)) == nil, "files without one stay as they were")
    provenance.temperature = 1.25
    try classifier.save(toPath: folder.path("scaled"), provenance: provenance)
    #expect(try ImageClassifier.load(path: folder.path("scaled")).provenance == provenance)
  }
}
