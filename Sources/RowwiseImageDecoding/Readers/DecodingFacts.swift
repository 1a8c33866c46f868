/// What is known of a decoded picture besides its pixels.
package struct DecodingFacts: Sendable {
  /// What its header says.
  package var info: ImageInfo
  /// Whether stored pixels have alpha.
  package var hasAlpha: Bool
  /// What was passed over, in lenient mode.
  package var warnings: [DecodingWarning]
  /// What it was blended over, where that was chosen.
  package var background: BackgroundColor?
  /// What stands for white in its 16-bit samples; nil for 65,535.
  package var greatestValue: Int?
}
