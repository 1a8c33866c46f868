import RowwiseTexts

/// The argument parser's text about a wrong command line, with what it leaves out: the nearest
/// command, what kind of number is expected, and how a value is written that begins with a dash.
struct ParserMessage: Sendable, Equatable {
  /// One sentence, without a full stop at its end.
  let text: String

  /// Adds to a text.
  ///
  /// - Parameters:
  ///   - message: the parser's; it may take several rows, indented for a terminal.
  ///   - arguments: the command line it is about.
  ///   - commands: the names that its first word may be.
  ///   - options: those of the command that it names; found by its help page, which takes longer than
  ///     the parsing.
  init(
    _ message: String, arguments: [String], commands: [String],
    options: @autoclosure () -> [String] = []
  ) {
    let words = message.split { $0.isWhitespace }.joined(separator: " ")
    let sentence = words.hasSuffix(".") ? String(words.dropLast()) : words
    text =
      Self.unknownCommand(arguments, commands)
      ?? Self.unknownOption(sentence, options(), of: arguments.first ?? "")
      ?? Self.assignment(sentence, options()) ?? Self.missingValue(sentence, arguments)
      ?? Self.invalidValue(sentence) ?? sentence
  }

  /// What is wrong with the first word, or with that behind `help`; nil where it is a command's name.
  static func unknownCommand(_ arguments: [String], _ commands: [String]) -> String? {
    let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
    guard let word = words.first, !word.isEmpty, !word.hasPrefix("-"), !commands.contains(word)
    else { return nil }
    if let command = ForeignWord.command(word) {
      return "there is no command \"\(word)\"; here it is called \"\(command)\""
    }
    let question = NearestWord.question(word, among: commands)
    return "there is no command \"\(word)\""
      + (question.isEmpty ? "; expected \(commands.joined(separator: ", "))" : question)
  }

  /// Takes a suggestion away that is none: the parser measures typing mistakes without regard to the
  /// length of a word. Makes one where the word is known from elsewhere, or cut short.
  private static func unknownOption(
    _ sentence: String, _ options: @autoclosure () -> [String], of command: String
  ) -> String? {
    let start = "Unknown option '"
    guard sentence.hasPrefix(start) else { return nil }
    let options = options()
    let option = String(sentence.dropFirst(start.count).prefix { $0 != "'" })
    if let answer = ForeignWord.answer(to: option, of: command, among: options) { return answer }
    let asks = "'. Did you mean '"
    if let place = sentence.range(of: asks) {
      let suggestion = String(sentence[place.upperBound...].prefix { $0 != "'" })
      if NearestWord.find(option, among: [suggestion]) != nil { return nil }
    }
    let known = ForeignWord.option(option, among: options)
    return start + option + (known.map { "\(asks)\($0)'?" } ?? "'")
  }

  /// `epochs=3` is an argument to the parser, but was meant as an option.
  private static func assignment(
    _ sentence: String, _ options: @autoclosure () -> [String]
  ) -> String? {
    guard sentence.lowercased().contains("unexpected argument") else { return nil }
    let options = options()
    let quoted = sentence.split(separator: "'", omittingEmptySubsequences: false).enumerated()
    for (index, word) in quoted where index % 2 == 1 {
      if let option = ForeignWord.assignment(String(word), among: options) {
        return "\(word) is written \(option) here"
      }
    }
    return nil
  }

  /// What begins with a dash is an option to the parser, but may have been meant as a value.
  private static func missingValue(_ sentence: String, _ arguments: [String]) -> String? {
    let start = "Missing value for '"
    guard sentence.hasPrefix(start) else { return nil }
    let option = sentence.dropFirst(start.count).prefix { $0 != " " && $0 != "'" }
    guard let place = arguments.firstIndex(of: String(option)), place + 1 < arguments.count else {
      return nil
    }
    let next = arguments[place + 1]
    guard next.hasPrefix("-"), !next.hasPrefix("--"), next.count > 1 else { return nil }
    return "\(sentence); a value that begins with - is written \(option)=\(next)"
  }

  /// Of words the parser tells which are known, of numbers nothing.
  private static func invalidValue(_ sentence: String) -> String? {
    let start = "The value '"
    guard sentence.hasPrefix(start), let middle = sentence.range(of: "' is invalid for '") else {
      return nil
    }
    let value = String(sentence[..<middle.lowerBound].dropFirst(start.count))
    if sentence.hasSuffix("'"), !sentence.contains("Please provide") {
      return "\(sentence): expected \(number(insteadOf: value))"
    }
    guard let list = sentence.range(of: "Please provide one of ") else { return nil }
    let known = sentence[list.upperBound...].split(separator: "'").map { String($0) }
    return sentence + NearestWord.question(value, among: known)
  }

  /// The kind of number that would have been right.
  static func number(insteadOf value: String) -> String {
    let digits = value.hasPrefix("-") || value.hasPrefix("+") ? value.dropFirst() : value[...]
    let isWhole = !digits.isEmpty && digits.allSatisfy { $0.isASCII && $0.isNumber }
    if isWhole { return value.hasPrefix("-") ? "a whole number of at least 0" : "a smaller number" }
    return Double(value) != nil ? "a whole number" : "a number"
  }
}

extension String {
  /// Where another text first occurs.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
