import CRowwiseYAML

/// Reads a YAML text with libyaml, which tells what comes next in it. Aliases become the same value once
/// more, which takes no memory; how often that is looked at is for others to bound.
struct YAMLReader {
  /// What comes next.
  private enum Event {
    /// The text or its one document begins.
    case start
    case alias(String)
    case scalar(String, isPlain: Bool, anchor: String?)
    case sequence(anchor: String?)
    case mapping(anchor: String?)
    /// A list, a table or a document ends.
    case end
    /// The text ends.
    case last
  }

  private let path: String
  /// It holds its own address and so stays in its place.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  /// What aliases stand for.
  private var anchors: [String: YAMLNode] = [:]

  /// The value that a text stands for.
  ///
  /// - Parameter path: a name for errors.
  /// - Returns: nil where there is none.
  static func root(of text: String, path: String) throws(ConfigurationError) -> YAMLNode? {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else { throw noMemory(path) }
    defer { yaml_parser_delete(parser) }
    return try Array(text.utf8).withUnsafeBufferPointer { bytes throws(ConfigurationError) in
      guard !bytes.isEmpty else { return nil }
      // SAFETY: the bytes stay where they are until the last is read; libyaml does not change them. See
      // `ConfigurationFileTests`, and the fuzz target `configuration`.
      yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      var reader = YAMLReader(path: path, parser: parser)
      return try reader.document()
    }
  }

  private init(path: String, parser: UnsafeMutablePointer<yaml_parser_t>) {
    self.path = path
    self.parser = parser
  }

  /// The value of the only document.
  private mutating func document() throws(ConfigurationError) -> YAMLNode? {
    _ = try next()
    if case .last = try next().event { return nil }
    let root = try node(at: 0)
    // Its end.
    _ = try next()
    let (event, line) = try next()
    guard case .last = event else { throw malformed(line, "but found another document") }
    return root
  }

  /// The value that comes next, within `level` lists and tables.
  private mutating func node(at level: Int) throws(ConfigurationError) -> YAMLNode {
    let (event, line) = try next()
    return try node(event, line, at: level)
  }

  private mutating func node(
    _ event: Event, _ line: Int, at level: Int
  ) throws(ConfigurationError) -> YAMLNode {
    let (node, anchor): (YAMLNode, String?)
    switch event {
    case .alias(let name):
      guard let found = anchors[name] else { throw malformed(line, "found undefined alias") }
      try checkDepth(level + found.depth, line)
      return found
    case .scalar(let text, let isPlain, let name):
      (node, anchor) = (YAMLNode(.scalar(text, isPlain: isPlain), line: line), name)
    case .sequence(let name):
      try checkDepth(level + 1, line)
      (node, anchor) = (YAMLNode(.sequence(try items(at: level + 1)), line: line), name)
    case .mapping(let name):
      try checkDepth(level + 1, line)
      (node, anchor) = (YAMLNode(.mapping(try pairs(at: level + 1)), line: line), name)
    case .start, .end, .last:
      throw malformed(line, "it is no YAML")
    }
    // Only now: a value is no part of itself.
    if let anchor { anchors[anchor] = node }
    return node
  }

  private mutating func items(at level: Int) throws(ConfigurationError) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let (event, line) = try next()
      if case .end = event { return items }
      items.append(try node(event, line, at: level))
    }
  }

  private mutating func pairs(
    at level: Int
  ) throws(ConfigurationError) -> [(key: YAMLNode, value: YAMLNode)] {
    var pairs: [(key: YAMLNode, value: YAMLNode)] = []
    while true {
      let (event, line) = try next()
      if case .end = event { break }
      let key = try node(event, line, at: level)
      pairs.append((key, try node(at: level)))
    }
    try checkKeys(pairs.map(\.key))
    return pairs
  }

  /// Throws where a table has a key twice.
  private func checkKeys(_ keys: [YAMLNode]) throws(ConfigurationError) {
    var lines: [String: [Int]] = [:]
    for key in keys {
      if case .scalar(let name, _) = key.content { lines[name, default: []].append(key.line) }
    }
    guard let (key, found) = lines.filter({ $0.value.count > 1 }).min(by: { $0.key < $1.key })
    else { return }
    throw malformed(
      found[1],
      "the key \"\(key)\" is there twice"
        + (found[0] == found[1] ? "" : ", first in line \(found[0])"))
  }

  private func checkDepth(_ depth: Int, _ line: Int) throws(ConfigurationError) {
    guard depth <= ConfigurationBounds.depth else {
      throw malformed(
        line,
        "more than \(ConfigurationBounds.depth) lists and tables within each other, those that aliases "
          + "repeat included")
    }
  }

  /// What comes next and its line, from 1.
  private func next() throws(ConfigurationError) -> (event: Event, line: Int) {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    return (Self.read(event), event.start_mark.line + 1)
  }

  private static func read(_ event: yaml_event_t) -> Event {
    // SAFETY: an event's type tells which of its parts is set; texts are UTF-8, and names end with a zero.
    // See `ConfigurationFileTests`, and the fuzz target `configuration`.
    func name(_ text: UnsafePointer<UInt8>?) -> String? { text.map { String(cString: $0) } }
    switch event.type {
    case YAML_ALIAS_EVENT: return .alias(name(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      return .scalar(
        String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self),
        isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, anchor: name(scalar.anchor))
    case YAML_SEQUENCE_START_EVENT: return .sequence(anchor: name(event.data.sequence_start.anchor))
    case YAML_MAPPING_START_EVENT: return .mapping(anchor: name(event.data.mapping_start.anchor))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT: return .end
    case YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT: return .start
    default: return .last
    }
  }

  /// What libyaml did not like.
  private func failure() -> ConfigurationError {
    switch parser.pointee.error {
    case YAML_MEMORY_ERROR: return Self.noMemory(path)
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      let problem = parser.pointee.problem.map { String(cString: $0) }
      return malformed(parser.pointee.problem_mark.line + 1, problem ?? "it is no YAML")
    default: return malformed(1, "it is no YAML")
    }
  }

  private func malformed(_ line: Int, _ reason: String) -> ConfigurationError {
    .malformed(path: path, line: line, reason: reason)
  }

  private static func noMemory(_ path: String) -> ConfigurationError {
    .malformed(path: path, line: 1, reason: "there is no memory to read it")
  }
}
