/// Names of archives' members, which are bytes.
enum MemberName {
  /// What bytes that are no UTF-8 stand for.
  enum Coding {
    /// The IBM PC's, as APPNOTE.TXT, appendix D, has it for zip files.
    case cp437
    /// Each byte is the character of its number.
    case latin1
  }

  /// The characters of the bytes from 128 on.
  private static let upperHalf =
    Array(
      "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
        .unicodeScalars) + Array("αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}".unicodeScalars)

  /// A name as text: different bytes give different names.
  static func text(_ bytes: ArraySlice<UInt8>, orBytesAs coding: Coding) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    for byte in bytes {
      text.unicodeScalars.append(
        coding == .cp437 && byte >= 128 ? upperHalf[Int(byte) - 128] : Unicode.Scalar(byte))
    }
    return text
  }
}
