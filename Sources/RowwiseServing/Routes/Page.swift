/// The page that people see, and its style and script, from the files in `Page/`.
enum Page {
  /// What it may load and do: only what this server has.
  private static let policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    + "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

  /// - Parameter name: of the file; empty for the page itself.
  static func response(_ name: String) -> Response {
    var response =
      switch name {
      case "page.css": Response(.ok, "text/css; charset=utf-8", PackageResources.page_css)
      case "page.js": Response(.ok, "text/javascript; charset=utf-8", PackageResources.page_js)
      default: Response(.ok, "text/html; charset=utf-8", PackageResources.page_html)
      }
    response.fields = [
      ("Content-Security-Policy", policy), ("Cache-Control", "no-cache"),
      ("Referrer-Policy", "no-referrer"),
    ]
    return response
  }
}
