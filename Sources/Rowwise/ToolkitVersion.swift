/// The version of this toolkit.
public enum ToolkitVersion {
  /// Semantic version, as it stands in model files and as `rowwise --version` prints it.
  public static let current = "0.2.0"
}
