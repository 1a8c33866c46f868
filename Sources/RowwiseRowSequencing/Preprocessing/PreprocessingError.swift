import RowwiseImageDecoding

/// What can be wrong with a description of preprocessing.
public enum PreprocessingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Width or height is below 1 or above ``Preprocessing/maximumSide``, or there are more than
  /// ``Preprocessing/maximumValues`` values.
  case invalidSize(width: Int, height: Int)
  /// Only one of mean and standard deviation is given.
  case incompleteStatistics
  /// Mean or standard deviation has not one number a channel.
  case statisticsCount(expected: Int, mean: Int, standardDeviation: Int)
  /// A mean is not finite, or a standard deviation is not finite or not positive.
  case invalidStatistics(channel: Int, mean: Double, standardDeviation: Double)
  /// A reading order nobody knows.
  case unknownReadingOrder(String)
  /// A reading order that makes more than ``Preprocessing/maximumValues`` numbers of a picture.
  case sequenceTooLarge(ReadingOrder, numbers: Int)
  /// A way of resampling nobody knows.
  case unknownResampling(String)

  /// A reading order whose timesteps need the whole picture.
  case orderNeedsWholePicture(ReadingOrder)
  /// What is done to pictures needs the whole of one before its first timestep.
  case adaptationNeedsWholePicture([ImageInfo.WholeImageReason])
  /// A word about what is done to pictures that nobody knows.
  case unknownAdaptation(key: String, value: String, expected: [String])
  /// What the training pictures were like makes no sense.
  case invalidPictures(String)

  /// What is wrong, what was expected and what to do.
  public var description: String {
    switch self {
    case .invalidSize(let width, let height):
      "picture size \(width)×\(height): expected sides of 1 to \(Preprocessing.maximumSide) and at "
        + "most \(Preprocessing.maximumValues) values; choose a smaller size"
    case .incompleteStatistics:
      "only one of mean and standard deviation is there: expected both or none"
    case .statisticsCount(let expected, let mean, let standardDeviation):
      "\(mean) means and \(standardDeviation) standard deviations: expected \(expected) of each, "
        + "one a channel"
    case .invalidStatistics(let channel, let mean, let standardDeviation):
      "channel \(channel) has mean \(mean) and standard deviation \(standardDeviation): expected "
        + "finite numbers, the deviation above 0"
    case .unknownReadingOrder(let name):
      "unknown reading order “\(name)”: expected "
        + ReadingOrder.names.joined(separator: ", ")
    case .sequenceTooLarge(let order, let numbers):
      "the reading order \(order) makes \(numbers) numbers of a picture: expected at most "
        + "\(Preprocessing.maximumValues); choose a smaller size or larger steps"
    case .orderNeedsWholePicture(let order):
      "the reading order \(order) needs the whole picture before its first timestep: expected rows, "
        + "serpentine, pixels, windows or patches"
    case .adaptationNeedsWholePicture(let reasons):
      "\(reasons.map(\.rawValue).joined(separator: ", ")): needs the whole picture before its first "
        + "timestep"
    case .unknownAdaptation(let key, let value, let expected):
      "\(key) is “\(value.prefix(40))”: expected \(expected.joined(separator: ", "))"
    case .invalidPictures(let reason):
      "what it says of its training pictures: \(reason)"
    case .unknownResampling(let name):
      "unknown resampling “\(name)”: expected \(Preprocessing.resampling)"
    }
  }
}
