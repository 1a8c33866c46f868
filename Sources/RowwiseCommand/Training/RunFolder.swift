import RowwiseFiles
import RowwiseSystem

/// The folder that one training run or evaluation writes to.
struct RunFolder: Sendable, Equatable {
  /// Where it is.
  let path: String
  /// What this run made of the path, the folder itself last.
  private let made: [String]

  /// The folder in which runs get a folder each where no output is named.
  static let parent = "runs"

  /// Creates `path` for a run, with the folders above it.
  ///
  /// - Parameters:
  ///   - path: a new folder, or one without anything that would have to be overwritten.
  ///   - names: files that may be in it already.
  /// - Throws: `CommandError.outputNotEmpty` where anything else is in it,
  ///   `.cannotCreateFolder` where it cannot be made.
  init(creating path: String, replacing names: Set<String> = []) throws(CommandError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard let kind = FileKind(path: path) else {
      let parents = try Self.makeParents(of: path)
      guard SystemPath.mkdir(path) == 0 else {
        let code = errno
        RunFolder(path: path, made: parents).discard()
        throw .cannotCreateFolder(path: path, code: code)
      }
      self.init(path: path, made: parents + [path])
      return
    }
    guard kind.isFolder else { throw .cannotCreateFolder(path: path, code: EEXIST) }
    let found: [String]
    do {
      found = try FileSystem.names(in: path)
    } catch {
      // The folder is there, so that it is rights or descriptors.
      throw .cannotCreateFolder(path: path, code: error.code ?? EACCES)
    }
    // What a killed run left half-written is in nobody's way.
    let kept = found.filter {
      !AtomicFile.isLeftover($0) && !Self.holdsLeftoversOnly("\(path)/\($0)")
    }
    guard names.isSuperset(of: kept) else { throw .outputNotEmpty(path: path) }
    guard SystemPath.access(path, W_OK | X_OK) == 0 else {
      throw .cannotCreateFolder(path: path, code: errno)
    }
    for folder in [path] + found.map({ "\(path)/\($0)" }) { AtomicFile.removeLeftovers(in: folder) }
    self.init(path: path, made: [])
  }

  /// Whether a path is a folder, such as that of checkpoints, in which a killed run has left nothing, or
  /// half-written files and nothing else.
  private static func holdsLeftoversOnly(_ path: String) -> Bool {
    guard FileKind(path: path)?.isFolder == true,
      let names = try? FileSystem.names(in: path)
    else { return false }
    return names.allSatisfy { AtomicFile.isLeftover($0) }
  }

  /// Creates `parent/NAME-N`, N one above the highest there is.
  ///
  /// - Parameter data: what is trained on; NAME is made from its last part.
  /// - Throws: `CommandError.cannotCreateFolder`.
  init(numberedFor data: String, parent: String = RunFolder.parent) throws(CommandError) {
    let name = Self.name(for: data)
    let names = (try? FileSystem.names(in: parent)) ?? []
    let numbers = names.compactMap { entry in
      entry.hasPrefix(name + "-") ? Int(entry.dropFirst(name.count + 1)) : nil
    }
    var number = max(numbers.max() ?? 0, 0)
    var parents: [String] = []
    while true {
      number += 1
      let path = "\(parent)/\(name)-\(number)"
      parents += try Self.makeParents(of: path)
      if SystemPath.mkdir(path) == 0 {
        self.init(path: path, made: parents + [path])
        return
      }
      // Another run, started at the same moment, may have taken the number, or its folder away.
      guard [EEXIST, ENOENT].contains(errno) else {
        throw .cannotCreateFolder(path: path, code: errno)
      }
    }
  }

  /// A folder that an earlier run has made.
  init(existing path: String) {
    self.init(path: path, made: [])
  }

  private init(path: String, made: [String]) {
    self.path = path
    self.made = made
  }

  /// The path of one of the run's files.
  func file(_ name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }

  /// Takes the folder away again, and those above it, where this run made them and nothing is in
  /// them but `names`: files, or folders of files.
  func discard(_ names: [String] = []) {
    for name in names {
      let path = file(name)
      guard FileKind(path: path)?.isFolder == true else {
        SystemPath.unlink(path)
        continue
      }
      for inner in (try? FileSystem.names(in: path)) ?? [] {
        SystemPath.unlink(FileSystem.join(path, inner))
      }
      SystemPath.rmdir(path)
    }
    // A folder with anything in it is refused by the system and stays.
    for path in made.reversed() { SystemPath.rmdir(path) }
  }

  /// Takes a file away that an earlier run may have left.
  func remove(_ name: String) { SystemPath.unlink(file(name)) }

  /// A folder's name made of a data set's: letters, digits, `.`, `_` and `-` of its last part.
  static func name(for data: String) -> String {
    let last = data.split(separator: "/").last { $0 != "." && $0 != ".." } ?? ""
    let kept = last.map { character in
      character.isLetter || character.isNumber || "._-".contains(character) ? character : "-"
    }
    let name = kept.drop { $0 == "." || $0 == "-" }
    return name.isEmpty ? "run" : String(name.prefix(64))
  }

  /// - Returns: the folders that were not there before.
  private static func makeParents(of path: String) throws(CommandError) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    var parent = ""
    var made: [String] = []
    for (index, part) in parts.enumerated() {
      parent += index == 0 ? String(part) : "/\(part)"
      guard !part.isEmpty else { continue }
      guard SystemPath.mkdir(parent) != 0 else {
        made.append(parent)
        continue
      }
      let code = errno
      guard FileKind(path: parent)?.isFolder == true else {
        throw .cannotCreateFolder(path: path, code: code == EEXIST ? ENOTDIR : code)
      }
    }
    return made
  }
}
