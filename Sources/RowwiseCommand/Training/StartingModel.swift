import Rowwise
import RowwiseFiles
import RowwiseKernelInterface
import RowwiseLayers
import RowwiseTexts

/// The model whose weights a run starts from.
struct StartingModel {
  /// As `--from` names it.
  let name: String
  let classifier: ImageClassifier
  /// Hash of the model's file.
  let fingerprint: String?

  /// Name of the file in a run folder with the weights that the run started with.
  ///
  /// With it a run goes on, to the same bytes, wherever the model has gone meanwhile.
  static let fileName = "start.safetensors"

  /// Reads the model that a command names; of a run that goes on, what it has kept of it.
  ///
  /// - Returns: nil where none is named.
  /// - Throws: `CommandError`, `ModelFileError`, `FileError`.
  init?(of command: TrainCommand) throws {
    guard let from = command.from else { return nil }
    name = from
    if let folder = command.resume.map({ RunFolder(existing: $0) }),
      FileKind(path: folder.file(Self.fileName)) != nil
    {
      let start = try ImageClassifier.load(
        path: folder.file(Self.fileName), threads: 1, pictureMemory: nil)
      (classifier, fingerprint) = (start.classifier, start.provenance.startedFrom)
      return
    }
    let path = try ModelPath.resolve(from)
    classifier = try ImageClassifier.load(path: path, threads: 1, pictureMemory: nil).classifier
    fingerprint = try FileFingerprint.text(ofFileAt: path)
  }

  /// All layers but the output layer.
  var hiddenLayers: ArraySlice<LayerSpecification> { classifier.network.layers.dropLast() }

  /// Which weights let the gates of its LSTMs see the cell state; none where they differ.
  var peephole: Peephole {
    let all = Set(hiddenLayers.compactMap(\.peephole))
    return all.count == 1 ? all.first ?? .none : .none
  }

  /// Gives a classifier the weights, as far as they fit.
  ///
  /// - Parameter frozen: the first layers, which must keep all of their weights.
  /// - Returns: what to tell of it.
  /// - Throws: `CommandError.unusableInput` where none does, or one of a frozen layer.
  func give(to other: ImageClassifier, frozen: Int = 0) throws(CommandError) -> [String] {
    let adopted: AdoptedWeights
    do {
      adopted = try other.adoptWeights(from: classifier)
    } catch {
      throw .unusableInput(path: name, reason: error.description)
    }
    for (parameter, entry) in zip(other.network.parameters, adopted.entries)
    where parameter.layer < frozen {
      guard case .new(let reason) = entry.fate else { continue }
      throw .unusableInput(
        path: name,
        reason: "--freeze \(frozen) keeps what its first layers have learnt, but \(entry.name) "
          + "would be new (\(reason.rawValue)); freeze fewer layers, or leave out what makes it so, such as "
          + "--size or --layers")
    }
    return Self.rows(adopted, of: name)
  }

  /// Writes what a run starts with into its folder, unless that was done.
  ///
  /// - Throws: `SafetensorsError`, `FileError`.
  func keep(_ start: ImageClassifier, in folder: RunFolder) throws {
    let path = folder.file(Self.fileName)
    guard FileKind(path: path) == nil else { return }
    var provenance = Provenance()
    provenance.startedFrom = fingerprint
    try start.save(toPath: path, provenance: provenance)
  }

  // MARK: Text

  /// What was kept and what is new, in one row or two.
  static func rows(
    _ adopted: AdoptedWeights, of name: String, columns: Int = Console.defaultColumns
  ) -> [String] {
    let new = adopted.new
    let total = adopted.entries.count
    var kept = adopted.keptCount == total ? "all \(total)" : "\(adopted.keptCount) of \(total)"
    kept = ": kept \(kept) arrays"
    if let classes = adopted.keptClassCount {
      kept += ", of the output \(classes) of \(adopted.classCount) classes"
    }
    let room = columns - TerminalText.width("from " + kept)
    let head = "from " + end(of: TerminalText.printable(name), columns: room) + kept
    guard !new.isEmpty else { return [head] }
    let row = "\(head); new: \(text(new[...]))"
    if TerminalText.width(row) <= columns { return [row] }
    let rows = (1...new.count).reversed().lazy.map { count in
      let rest = new.count - count
      return "new: " + text(new.prefix(count)) + (rest > 0 ? " and \(rest) more" : "")
    }
    return [head, rows.first { TerminalText.width($0) <= columns } ?? "new: \(new.count) arrays"]
  }

  /// Names without what is in front of all, each reason once behind those that it is about.
  private static func text(
    _ new: ArraySlice<(name: String, reason: AdoptedWeights.Reason)>
  ) -> String {
    var text = ""
    for (index, entry) in zip(new.indices, new) {
      text += entry.name.drop { $0 != "." }.dropFirst()
      let isLast = index + 1 == new.endIndex
      if isLast || new[index + 1].reason != entry.reason { text += " (\(entry.reason.rawValue))" }
      if !isLast { text += new[index + 1].reason == entry.reason ? ", " : "; " }
    }
    return text
  }

  /// A path's end, where the names stand that tell one from another.
  private static func end(of path: String, columns: Int) -> String {
    guard TerminalText.width(path) > columns else { return path }
    var end = path[...]
    while TerminalText.width("…" + end) > columns, !end.isEmpty { end.removeFirst() }
    return "…" + end
  }
}
