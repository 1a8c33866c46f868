import Rowwise
import RowwiseEvaluation
import RowwiseImageDecoding
import RowwiseReports
import RowwiseTexts

/// How far a picture was read: what rows of `classify` have where pictures are read by their rows.
package struct ReadingMembers: Sendable, Equatable {
  /// What was said after the last row read.
  package var prediction: StreamedPrediction
  /// Why the rows came only when all bytes were there.
  package var wholeImageReasons: [ImageInfo.WholeImageReason]

  package init(
    prediction: StreamedPrediction, wholeImageReasons: [ImageInfo.WholeImageReason]
  ) {
    (self.prediction, self.wholeImageReasons) = (prediction, wholeImageReasons)
  }

  /// Keys before the classes.
  var before: [JSONValue.Member] {
    [
      .init("row", .int(prediction.row)), .init("rows", .int(prediction.rows)),
      .init("source_row", .int(prediction.sourceRow)), .init("bytes", .int(prediction.bytes)),
    ]
  }

  /// The key between the likeliest class and the others.
  var between: [JSONValue.Member] { [.init("log_odds", .double(prediction.logOdds))] }

  /// Keys behind the classes.
  ///
  /// - Parameter exit: the early exit that was kept to.
  func after(_ exit: EarlyExit?) -> [JSONValue.Member] {
    [
      .init("answer", .bool(prediction.isAnswer)), .init("early", .bool(prediction.isEarly)),
      .init("complete", .bool(prediction.row == prediction.rows)),
      .init("whole_image_reasons", .array(wholeImageReasons.map { .string($0.rawValue) })),
      .init("guarantee", exit.map { $0.risk.guarantee(confidence: $0.confidence) } ?? .null),
    ]
  }
}
