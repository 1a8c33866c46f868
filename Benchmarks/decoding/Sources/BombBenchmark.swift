import Foundation
import Rowwise

/// Small files that ask for much: how long and in how much memory they are refused.
enum BombBenchmark {
  static func run() throws {
    print("| file | bytes | refused after ms | MiB above base | reason |\n|---|---|---|---|---|")
    for (name, bytes) in bombs {
      var row: (milliseconds: Double, kibibytes: Int, reason: String)?
      for _ in 0..<5 {
        try MemoryBenchmark.resetPeak()
        let base = try MemoryBenchmark.kibibytes("VmRSS:")
        let start = ContinuousClock.now
        var reason: ImageDecodingError?
        do throws(ImageDecodingError) {
          _ = try ImageDecoder.decode(bytes: bytes, named: name)
        } catch {
          reason = error
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        let peak = try MemoryBenchmark.kibibytes("VmHWM:")
        guard case .overLimit? = reason, let reason else {
          throw BenchmarkFailure(description: "\(name) is not refused for a limit")
        }
        let before = row?.milliseconds ?? 0
        row = (
          max(before, milliseconds), max(row?.kibibytes ?? 0, peak - base), reason.description
        )
      }
      guard let row else { continue }
      print(
        "| \(name) | \(bytes.count) | \(String(format: "%.2f", row.milliseconds)) "
          + "| \(String(format: "%.1f", Double(row.kibibytes) / 1024)) | \(row.reason) |")
      if row.milliseconds > 50 || row.kibibytes > 50 * 1024 {
        throw BenchmarkFailure(description: "\(name): over 50 ms or 50 MiB")
      }
    }
  }

  private static var bombs: [(name: String, bytes: [UInt8])] {
    let text = PNGPieces.chunk("IDAT", [0x78, 0x9C])
    let bitmap: [UInt8] =
      [0x42, 0x4D, 0, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 0xA0, 0x86, 1, 0]
      + [0xA0, 0x86, 1, 0, 1, 0, 24, 0] + [UInt8](repeating: 0, count: 24)
    let side = 100_000
    return [
      ("PNG of 100,000²", PNGPieces.header(width: side, height: side) + text),
      (
        "interlaced PNG of 60,000²",
        PNGPieces.header(width: 60_000, height: 60_000, interlaced: true)
          + text
      ),
      ("BMP of 100,000²", bitmap), ("PGM of 100,000²", Array("P5 100000 100000 255\n".utf8)),
      ("JPEG of 65,500², 2,000 scans", scanBomb(side: 65_500, scans: 2_000)),
      ("JPEG of 4,000², 2,000 scans", scanBomb(side: 4_000, scans: 2_000)),
      ("JPEG of 16,000², 20,000 scans", scanBomb(side: 16_000, scans: 20_000)),
    ]
  }

  /// A progressive JPEG: a scan of all DC coefficients, then scans of one end-of-band run each.
  private static func scanBomb(side: Int, scans: Int) -> [UInt8] {
    var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    let (high, low) = (UInt8(side >> 8), UInt8(side & 255))
    bytes += [0xFF, 0xC2, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0]
    bytes += [0xFF, 0xC4, 0, 20, 0x00, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xC4, 0, 20, 0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
    bytes += [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0x0F]
    let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0x0F]
    return bytes + Array(repeatElement(scan, count: scans).joined()) + [0xFF, 0xD9]
  }
}
