public import RowwiseDatasetLoading
public import RowwiseEvaluation

extension ImageEnsemble {
  /// Finds the temperature that makes the mean of the members' probabilities fit a data set best, where all
  /// members' logits are divided by it.
  ///
  /// - Parameter datasets: samples that no member was trained on, at least one, as each member reads them.
  /// - Throws: `EvaluationError` where there are no samples or the probabilities are none;
  ///   `DatasetError` when a picture can no longer be read.
  public func fittedTemperature(on datasets: [ImageDataset]) throws -> TemperatureScaling {
    precondition(
      datasets.count == members.count, "data sets for \(datasets.count) of \(members.count) members"
    )
    guard members.count > 1 else {
      return try members[0].classifier.fittedTemperature(on: datasets[0])
    }
    guard datasets[0].count > 0 else { throw EvaluationError.noSamples }
    let answers = try zip(members, datasets).map { member, dataset in
      var accumulator = EvaluationAccumulator(classNames: classNames)
      try member.classifier.forEachPrediction(of: dataset) { _, label, probabilities in
        try accumulator.add(
          label: label,
          probabilities: member.order.map { $0.map { probabilities[$0] } } ?? probabilities)
      }
      return accumulator.probabilities
    }
    return TemperatureScaling(
      fittingMeanOf: answers, labels: datasets[0].labels, classCount: classNames.count)
  }

  /// Divides the logits of all members by a temperature, from now on, as
  /// `ImageClassifier.scaleLogits(by:)` does. No member's prediction changes, but that of their mean may.
  ///
  /// - Returns: the same classifiers, whose provenance says so.
  public func scalingLogits(by scaling: TemperatureScaling) -> ImageEnsemble {
    // Members may share weights, as `averaging` and `adapted` make them.
    var done: Set<ObjectIdentifier> = []
    let scaled = members.map { member in
      if done.insert(ObjectIdentifier(member.classifier.network)).inserted {
        member.classifier.scaleLogits(by: scaling)
      }
      var provenance = member.provenance
      provenance.temperature = (provenance.temperature ?? 1) * scaling.temperature
      return Member(classifier: member.classifier, provenance: provenance, order: member.order)
    }
    return ImageEnsemble(members: scaled, classNames: classNames)
  }
}
