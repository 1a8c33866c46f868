import FuzzTargets
import Synchronization

/// libFuzzer's entry for programs with a main of their own (FuzzerInterface.h).
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Fuzzes the reader that the first argument names; the other arguments are libFuzzer's.
@main
enum ReaderFuzzer {
  private static let target = Mutex(FuzzTarget.png)

  static func main() {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    var count = CommandLine.argc
    guard count > 1, let name = CommandLine.unsafeArgv[1],
      let named = FuzzTarget(rawValue: String(cString: name))
    else { fatalError("expected as first argument one of \(names)") }
    target.withLock { $0 = named }
    // The target's place takes the program's name.
    var arguments = CommandLine.unsafeArgv + 1
    arguments[0] = CommandLine.unsafeArgv[0]
    count -= 1
    _ = runFuzzer(&count, &arguments) { start, count in
      let bytes = Array(UnsafeBufferPointer(start: start, count: count))
      do {
        try ReaderFuzzer.target.withLock { $0 }.run(bytes)
      } catch {
        fatalError("\(error)")
      }
      return 0
    }
  }
}
