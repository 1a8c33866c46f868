import RowwiseImageDecoding
import RowwiseRowSequencing
import RowwiseTexts

extension PictureFinding {
  /// Keys of a row about an image: only what there is to tell.
  var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let unusual { members.append(.init("unusual", .string(unusual))) }
    if isInverted { members.append(.init("inverted", .bool(true))) }
    if let background {
      members.append(
        .init("background", .string(PictureAdaptation.Background.color(background).description)))
    }
    if let greatestValue { members.append(.init("white", .int(greatestValue))) }
    if let pictureCount { members.append(.init("pictures", .int(pictureCount))) }
    return members
  }
}
