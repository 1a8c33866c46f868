import ArgumentParser

/// What `--recipe` takes: where options come from that are not said.
enum RecipeName: String, CaseIterable, Sendable, ExpressibleByArgument {
  /// Chosen by rules from what the data are like.
  case auto
  /// Sweeps over fine patches, for up to twenty times the time of `auto`.
  case best
  /// One small LSTM and few passes, in seconds.
  case fast
  /// By the same rules, for a network that answers while rows arrive.
  case streaming
  /// Two LSTMs trained by Keras's defaults and a cosine: the same for all data.
  case keras

  /// Whether it goes by what the data are like.
  var isByRules: Bool { self != .keras }
}
