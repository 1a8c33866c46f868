/// A value in a YAML text.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    /// A number, a word or a text; plain where it is neither in quotes nor a block.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  let content: Content
  /// Where it begins, from 1; of an alias, where what it stands for does.
  let line: Int
  /// How many lists and tables there are within each other at its deepest place, itself included.
  let depth: Int

  init(_ content: Content, line: Int) {
    self.content = content
    self.line = line
    switch content {
    case .scalar: depth = 0
    case .sequence(let nodes): depth = 1 + (nodes.map(\.depth).max() ?? 0)
    case .mapping(let pairs):
      depth = 1 + (pairs.map { max($0.key.depth, $0.value.depth) }.max() ?? 0)
    }
  }
}
