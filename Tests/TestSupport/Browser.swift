import Foundation

/// The browser that opens pages in tests.
package enum Browser {
  /// Where it is; nil where none is installed.
  package static let path: String? = {
    let paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    let found = paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    if found == nil {
      print("SKIPPED: no Chromium found, report pages are not opened in a browser")
    }
    return found
  }()

  /// Opens a page, lets a script act on it, and reads what came of it.
  ///
  /// The number of requests and refused requests is left in the document as `data-requests`.
  ///
  /// - Parameters:
  ///   - page: the page's text.
  ///   - script: what is done once the page's own scripts have run; results go to
  ///     `document.body.dataset`.
  /// - Returns: the document afterwards, and what the browser wrote on standard error.
  package static func open(
    _ page: String, _ script: () -> String
  ) throws -> (document: String, messages: String) {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "rowwise-page-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let watch = """
      <head><script>
        let refused = 0;
        document.addEventListener("securitypolicyviolation", () => { refused++; });
      </script>
      """
    let probe = """
      <script>
      \(script())
        document.body.dataset.requests = refused + performance.getEntriesByType("resource")
          .filter(entry => !entry.name.startsWith("data:")).length;
      </script>
      </body>
      """
    let file = folder.appending(path: "report.html")
    let text = page.replacingOccurrences(of: "<head>", with: watch)
      .replacingOccurrences(of: "</body>", with: probe)
    try text.write(to: file, atomically: true, encoding: .utf8)
    guard let path else { throw CocoaError(.fileNoSuchFile) }
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--user-data-dir=\(folder.appending(path: "profile").path())", "--enable-logging=stderr",
      "--virtual-time-budget=2000", "--dump-dom", "file://" + file.path(),
    ]
    let output = folder.appending(path: "document")
    let messages = folder.appending(path: "messages")
    for url in [output, messages] { try Data().write(to: url) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: messages)
    try process.run()
    process.waitUntilExit()
    return (
      try String(contentsOf: output, encoding: .utf8),
      try String(contentsOf: messages, encoding: .utf8)
    )
  }
}
