import RowwiseFiles
import RowwiseSystem
import RowwiseWorkers
import Synchronization

/// Looks whether models' files were replaced, and reads them again.
final class ModelWatcher: Sendable {
  /// What a file is known by.
  private struct Stamp: Equatable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard SystemPath.stat(path, &status) == 0 else { return nil }
      (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
      size = Int64(status.st_size)
      #if canImport(Darwin)
        let time = status.st_mtimespec
      #else
        let time = status.st_mtim
      #endif
      (seconds, nanoseconds) = (time.tv_sec, time.tv_nsec)
    }
  }

  private let sources: [ModelSource]
  private let stamps: Mutex<[[Stamp?]]>
  private let isStopped = Atomic<Bool>(false)
  /// Puts the model of a source into its place.
  private let replace: @Sendable (ModelSource) throws -> Void
  private let tell: @Sendable (ServerEvent) -> Void

  /// Between two looks, in microseconds.
  private static let interval: UInt32 = 250_000

  /// - Parameters:
  ///   - sources: as they are when their models were read.
  ///   - replace: called on the watcher's thread.
  init(
    _ sources: [ModelSource], replace: @escaping @Sendable (ModelSource) throws -> Void,
    tell: @escaping @Sendable (ServerEvent) -> Void
  ) {
    self.sources = sources
    self.replace = replace
    self.tell = tell
    stamps = Mutex(sources.map { $0.paths.map(Stamp.init) })
  }

  /// Starts the thread; it ends after `stop`.
  func start() -> SystemThread? {
    SystemThread {
      while !self.isStopped.load(ordering: .relaxed) {
        usleep(Self.interval)
        for index in self.sources.indices { self.look(at: index) }
      }
    }
  }

  func stop() { isStopped.store(true, ordering: .relaxed) }

  private func look(at index: Int) {
    let source = sources[index]
    let now = source.paths.map(Stamp.init)
    // A file that is not there is about to be replaced, or the model stays as it is.
    guard now != stamps.withLock({ $0[index] }), !now.contains(nil) else { return }
    do {
      try replace(source)
      tell(.replaced(model: source.name))
    } catch {
      tell(.notReplaced(model: source.name, reason: "\(error)"))
    }
    // Not what it is now: what was written meanwhile is read in the next round.
    stamps.withLock { $0[index] = now }
  }
}
