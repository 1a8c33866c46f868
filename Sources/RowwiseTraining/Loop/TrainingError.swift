/// What can go wrong in training.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// An option's value makes no sense; says which and why.
  case invalidOption(String)
  /// The network's products are formed in a precision for predictions only.
  case onlyPredicts(String)
  /// There is nothing to train on.
  case noSamples
  /// The data's shape is not what the network reads.
  case shapeMismatch(expected: [Int], received: [Int])
  /// The data has more classes than the network.
  case classMismatch(network: Int, data: Int)
  /// A checkpoint is not one of this network, data or options; says what differs.
  case checkpointMismatch(String)
  /// Another training has the network; it changes the weights step by step.
  case alreadyTraining
  /// No learning rate that was tried has made the loss fall by more than batches differ; `spread`
  /// says by how much that is.
  case lossNeverFell(from: Double, to: Double, spread: Double)
  /// The loss is a number, but far above what guessing gives.
  case lossExploded(epoch: Int, step: Int, loss: Double, parameter: String)
  /// The loss is no longer a number.
  case lossNotFinite(epoch: Int, step: Int, parameter: String?)
  /// The last step of an epoch has made weights that are no longer numbers.
  case weightsNotFinite(epoch: Int, parameter: String)

  /// The validation images' loss is no longer a number, though the weights are; says the layer whose
  /// outputs were the first that are not, from 1.
  case validationNotFinite(epoch: Int, step: Int, layer: Int?)

  /// Whether the weights have left all that makes sense, so that a gentler training may help.
  public var isDivergence: Bool {
    switch self {
    case .lossExploded, .lossNotFinite, .weightsNotFinite, .validationNotFinite: true
    default: false
    }
  }

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .invalidOption(let problem): problem
    case .onlyPredicts(let precision):
      "a network with \(precision) products only predicts; load or make it with float32 or bfloat16 to "
        + "train it"
    case .noSamples: "there are no samples to train on"
    case .shapeMismatch(let expected, let received):
      "the data has \(received[0]) timesteps of \(received[1]) features; the network reads "
        + "\(expected[0]) of \(expected[1])"
    case .classMismatch(let network, let data):
      "the data has \(data) classes, the network's last layer \(network) units; make them equal"
    case .checkpointMismatch(let difference):
      "the checkpoint belongs to another run: \(difference)"
    case .alreadyTraining:
      "the network is being trained already; wait for that training to end, or train another network"
    case .lossNeverFell(let first, let lowest, let spread):
      "the loss never fell noticeably at any learning rate (from \(Self.text(first)) to "
        + "\(Self.text(lowest)) nats, while batches differ by ±\(Self.text(spread))), so that none "
        + "can be suggested; try larger batches, standardised images or another network, and look "
        + "whether the labels are right"
    case .lossExploded(let epoch, let step, let loss, let parameter):
      "the loss has exploded to \(loss) nats in epoch \(epoch), step \(step) (the largest gradient "
        + "is that of \(parameter)); try a smaller learning rate, a warm-up or gradient clipping"
    case .lossNotFinite(let epoch, let step, let parameter):
      "the loss is not a finite number in epoch \(epoch), step \(step)"
        + (parameter.map { " (first seen in the gradient of \($0))" } ?? "")
        + "; try a smaller learning rate or gradient clipping"
    case .validationNotFinite(let epoch, let step, let layer):
      "the loss of the validation data is not a finite number after epoch \(epoch), step \(step)"
        + (layer.map { " (first seen in what layer \($0) gives)" } ?? "")
        + "; try a smaller learning rate or gradient clipping"
    case .weightsNotFinite(let epoch, let parameter):
      "epoch \(epoch) left weights of \(parameter) that are not finite numbers; try a smaller "
        + "learning rate or gradient clipping"
    }
  }

  /// Three decimals.
  private static func text(_ number: Double) -> String {
    guard number.isFinite, number.magnitude < 1e12 else { return "\(number)" }
    return "\((number * 1000).rounded() / 1000)"
  }
}
