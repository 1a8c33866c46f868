import CImageCodecs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes 8-bit gray and RGB pictures as PNG.
public enum PNGWriter {
  /// Encodes a picture with 1 or 3 channels.
  ///
  /// - Throws: `.invalidImage` for a size of zero, another channel count, or a wrong number of bytes;
  ///   `.outOfMemory`.
  public static func encode(_ image: DecodedImage) throws(ImageDecodingError) -> [UInt8] {
    let (width, height, channels) = (image.width, image.height, image.channels)
    let greatest = Int(Int32.max)
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    guard (1...greatest).contains(width), (1...greatest).contains(height), !overflows,
      channels == 1 || channels == 3, image.pixels.count / channels == pixels,
      image.pixels.count % channels == 0
    else {
      throw .invalidImage(
        width: width, height: height, channels: channels, bytes: image.pixels.count)
    }
    var encoded: UnsafeMutablePointer<UInt8>?
    var size = 0
    let status = image.pixels.withUnsafeBufferPointer {
      rw_png_encode(
        $0.baseAddress, UInt32(width), UInt32(height), UInt32(channels), &encoded, &size)
    }
    // The sizes are lawful and the output is memory: only that can be missing.
    guard status == RW_DONE, let encoded else { throw .outOfMemory(source: "PNG to be written") }
    defer { rw_free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: size))
  }

  /// Writes a picture to a file: to a new file beside it first, which then takes its name, so that
  /// nobody ever sees half a picture.
  ///
  /// - Throws: As `encode`, and `.cannotWrite`.
  public static func write(
    _ image: DecodedImage, toPath path: String
  ) throws(ImageDecodingError) {
    let bytes = try encode(image)
    let (temporary, descriptor) = try create(beside: path)
    do throws(ImageDecodingError) {
      try write(bytes, to: descriptor, path: path)
      guard rename(temporary, path) == 0 else {
        throw .cannotWrite(path: path, reason: systemMessage(errno))
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Creates a new file in the folder of `path`, under a name that was free.
  private static func create(
    beside path: String
  ) throws(ImageDecodingError) -> (path: String, descriptor: Int32) {
    while true {
      let temporary = "\(path).\(String(UInt32.random(in: 0 ... .max), radix: 36)).part"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor) }
      guard errno == EEXIST else {
        throw .cannotWrite(path: path, reason: systemMessage(errno))
      }
    }
  }

  /// Writes all bytes and closes the file, also when it fails.
  private static func write(
    _ bytes: [UInt8], to descriptor: Int32, path: String
  ) throws(ImageDecodingError) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        #if canImport(Darwin)
          return Darwin.write(descriptor, rest.baseAddress, rest.count)
        #elseif canImport(Musl)
          return Musl.write(descriptor, rest.baseAddress, rest.count)
        #else
          return Glibc.write(descriptor, rest.baseAddress, rest.count)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = systemMessage(errno)
        close(descriptor)
        throw .cannotWrite(path: path, reason: reason)
      }
      written += count
    }
    guard close(descriptor) == 0 else {
      throw .cannotWrite(path: path, reason: systemMessage(errno))
    }
  }
}
