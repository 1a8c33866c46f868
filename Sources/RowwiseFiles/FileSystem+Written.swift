import RowwiseTexts

extension FileSystem {
  /// A path that somebody wrote down: as it is where something is there, or else in another form, as this
  /// program shows names that are no UTF-8, by which there is something.
  package static func found(_ written: String) -> String {
    guard written.utf8.contains(0x5C) || PathText.hasOtherBytes(written),
      FileKind(path: written) == nil
    else { return written }
    return PathText.otherForms(of: written).first { FileKind(path: $0) != nil } ?? written
  }
}
