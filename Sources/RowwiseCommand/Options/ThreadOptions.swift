import ArgumentParser

/// The option about the number of threads.
struct ThreadOptions: ParsableArguments, Sendable {
  @Option(help: "Threads to use. (default: all cores)")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024, got \(threads)")
    }
  }
}
