import CRowwiseCodecs
import RowwiseFiles

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
    do throws(FileError) {
      try AtomicFile.write(bytes, toPath: path)
    } catch {
      throw .cannotWrite(path: path, reason: error.reason)
    }
  }
}
