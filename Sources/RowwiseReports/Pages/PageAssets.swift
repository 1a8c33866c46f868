/// The pages' styles and scripts, from the files in Assets.
enum PageAssets {
  /// The pages' styles. Blue and orange, and the lines' colours, are Okabe and Ito's, which are
  /// told apart with every kind of colour vision; lines differ in dashes too.
  static let style = text(PackageResources.page_css)
  /// The report's script: pictures, the heat map's modes and cells.
  static let report = text(PackageResources.report_js)
  /// Sorts the bodies of tables of class `sortable` by the heads' buttons.
  static let sorting = text(PackageResources.sorting_js)
  /// Columns' heads are turned only where the table would not fit the page with them as they are.
  static let turning = text(PackageResources.turning_js)

  /// What pages that show evidence look like besides.
  static let evidenceStyle = text(PackageResources.evidence_css)
  /// The slider of pages that show evidence.
  static let evidenceScript = text(PackageResources.evidence_js)

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
