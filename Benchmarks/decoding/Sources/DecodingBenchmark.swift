import Foundation
import Rowwise

/// Measures picture decoding; `Benchmarks/decoding/README.md` says what each part is.
@main
enum DecodingBenchmark {
  static let usage = """
    usage: DecodingBenchmark speed FOLDER      ratios to C; FOLDER has JPEG photos (and below)
           DecodingBenchmark memory            a gray PNG of 20,000 × 20,000 pixels, row by row
           DecodingBenchmark bombs             small files that ask for much
           DecodingBenchmark rows FOLDER       all images of class folders to rows of floats
           DecodingBenchmark digits FOLDER N   writes N pictures of 28 × 28 in ten class folders
    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch (arguments.first, arguments.count) {
      case ("speed", 2): try SpeedBenchmark.run(photos: arguments[1])
      case ("memory", 1): try MemoryBenchmark.run()
      case ("bombs", 1): try BombBenchmark.run()
      case ("rows", 2): try FolderBenchmark.run(folder: arguments[1])
      case ("digits", 3): try FolderBenchmark.make(arguments[1], count: Int(arguments[2]) ?? 10_000)
      default:
        print(usage)
        exit(64)
      }
    } catch {
      print("\(error)")
      exit(1)
    }
  }
}

/// What a benchmark found wrong.
struct BenchmarkFailure: Error, CustomStringConvertible {
  let description: String
}

/// A folder that goes when its owner does.
final class ScratchFolder {
  let path = "\(NSTemporaryDirectory())/rowwise-decoding-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Seconds of processor time of this process, all threads together.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
