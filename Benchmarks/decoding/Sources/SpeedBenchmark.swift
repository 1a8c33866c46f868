import CReferenceDecoding
import Foundation
import Rowwise

/// The decoder against a minimal C one on the same libraries, file by file in turn.
enum SpeedBenchmark {
  private struct Case {
    let name: String
    let files: [String]
    let channels: Int
    let isJPEG: Bool
    /// How often all files are decoded for one measurement.
    let repeats: Int
  }

  static func run(photos folder: String) throws {
    let scratch = try ScratchFolder()
    let photos = try jpegFiles(under: folder)
    if photos.isEmpty {
      print("\(folder): no JPEG photo of 1.5 to 3 megapixels in one scan; small files only")
    }
    print("\(photos.count) photos; processor time, median of 7 rounds, in turn with C\n")
    print("| case | Rowwise MP/s | C MP/s | ratio |\n|---|---|---|---|")
    var small: (png: [String], jpeg: [String]) = ([], [])
    for index in 0..<300 {
      let path = "\(scratch.path)/\(index)"
      try PNGWriter.write(FolderBenchmark.digit(index), toPath: path + ".png")
      small.png.append(path + ".png")
    }
    var photoPNGs: [String] = []
    for (index, photo) in photos.enumerated() {
      let path = "\(scratch.path)/photo\(index).png"
      let options = DecodingOptions(orientation: .asStored)
      try PNGWriter.write(try ImageDecoder.decode(path: photo, options: options), toPath: path)
      photoPNGs.append(path)
    }
    small.jpeg = try makeSmallJPEGs(of: small.png)
    let cases = [
      Case(name: "photos, PNG", files: photoPNGs, channels: 3, isJPEG: false, repeats: 1),
      Case(name: "28 × 28, PNG", files: small.png, channels: 1, isJPEG: false, repeats: 10),
      Case(name: "photos, JPEG", files: photos, channels: 3, isJPEG: true, repeats: 1),
      Case(name: "28 × 28, JPEG", files: small.jpeg, channels: 1, isJPEG: true, repeats: 10),
    ]
    for item in cases where !item.files.isEmpty { try measure(item) }
  }

  private static func jpegFiles(under folder: String) throws -> [String] {
    guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
    var files: [String] = []
    for case let name as String in walk where name.lowercased().hasSuffix(".jpg") {
      let path = "\(folder)/\(name)"
      guard let info = try? ImageRowReader(path: path).info, info.streams,
        info.format == .jpeg, info.colorModel == .rgb,
        (1_500_000...3_000_000).contains(info.width * info.height),
        (try? ImageDecoder.decode(path: path)) != nil
      else { continue }
      files.append(path)
    }
    return Array(files.sorted().prefix(4))
  }

  /// JPEG files beside PNG files, by `cjpeg`; none where there is no such command.
  private static func makeSmallJPEGs(of files: [String]) throws -> [String] {
    var made: [String] = []
    for file in files {
      let image = try ImageDecoder.decode(path: file, options: DecodingOptions(pixelFormat: .gray8))
      let (gray, output) = (file + ".pgm", file + ".jpg")
      let map = Data("P5\n\(image.width) \(image.height)\n255\n".utf8) + Data(image.pixels)
      try map.write(to: URL(filePath: gray))
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/cjpeg")
      process.arguments = ["-quality", "90", "-outfile", output, gray]
      guard (try? process.run()) != nil else {
        print("no /usr/bin/cjpeg: small JPEG files are left out")
        return []
      }
      process.waitUntilExit()
      made.append(output)
    }
    return made
  }

  private static func measure(_ item: Case) throws {
    var pixels = 0
    for file in item.files {
      let ours = try decode(file, item)
      var (width, height) = (0, 0)
      guard let theirs = reference(file, item, &width, &height) else {
        throw BenchmarkFailure(description: "\(file): the C program cannot decode it")
      }
      defer { free(theirs) }
      guard width == ours.width, height == ours.height,
        memcmp(theirs, ours.pixels, ours.pixels.count) == 0
      else { throw BenchmarkFailure(description: "\(file): pixels differ from the C program's") }
      pixels += width * height
    }
    var times: (ours: [Double], theirs: [Double]) = ([], [])
    for round in 0..<8 {
      var sums = (ours: 0.0, theirs: 0.0)
      for _ in 0..<item.repeats {
        let start = processorSeconds()
        for file in item.files { _ = try decode(file, item) }
        let middle = processorSeconds()
        for file in item.files {
          var (width, height) = (0, 0)
          free(reference(file, item, &width, &height))
        }
        sums.ours += middle - start
        sums.theirs += processorSeconds() - middle
      }
      guard round > 0 else { continue }  // Warms up.
      times.ours.append(sums.ours)
      times.theirs.append(sums.theirs)
    }
    let ours = times.ours.sorted()[3]
    let theirs = times.theirs.sorted()[3]
    let ratio = zip(times.ours, times.theirs).map { $1 / $0 }.sorted()[3]
    let megapixels = Double(pixels * item.repeats) / 1e6
    print(
      "| \(item.name) | \(text(megapixels / ours)) | \(text(megapixels / theirs)) "
        + "| \(String(format: "%.3f", ratio)) |")
  }

  private static func text(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func decode(_ file: String, _ item: Case) throws -> DecodedImage {
    try ImageDecoder.decode(
      path: file,
      options: DecodingOptions(
        pixelFormat: item.channels == 1 ? .gray8 : .rgb8, orientation: .asStored))
  }

  private static func reference(
    _ file: String, _ item: Case, _ width: inout Int, _ height: inout Int
  ) -> UnsafeMutablePointer<UInt8>? {
    item.isJPEG
      ? reference_jpeg(file, CInt(item.channels), &width, &height)
      : reference_png(file, CInt(item.channels), &width, &height)
  }
}
