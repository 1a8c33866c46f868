import RowwiseEvaluation
import RowwiseTexts

/// The results of requirements in the XML that CI systems read as test results (JUnit's).
///
/// Source: the schema of Apache Ant's JUnit task, of which the elements `testsuites`, `testsuite`,
/// `testcase` and `failure` are used.
public enum JUnitXML {
  /// The document: one test case per check, with the seconds that the evaluation took in all.
  public static func render(suite: String, checks: [Check], seconds: Double = 0) -> String {
    let failed = checks.count { !$0.isMet }
    let time = NumberText.fixed(max(0, seconds), decimals: 3)
    let counts =
      "tests=\"\(checks.count)\" failures=\"\(failed)\" errors=\"0\" time=\"\(time)\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites \(counts)>\n"
    text += "  <testsuite name=\"\(escaped(suite))\" \(counts)>\n"
    for check in checks {
      let name = escaped(check.name)
      text += "    <testcase classname=\"\(escaped(suite))\" name=\"\(name)\" time=\"0\""
      if check.isMet {
        text += "/>\n"
      } else {
        let message = escaped(check.description)
        text += ">\n      <failure type=\"requirement\" message=\"\(message)\"/>\n"
        text += "    </testcase>\n"
      }
    }
    return text + "  </testsuite>\n</testsuites>\n"
  }

  /// Text for an attribute; characters that XML 1.0 does not allow become U+FFFD.
  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "\t", "\n", "\r": result.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result.append("\u{FFFD}")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
