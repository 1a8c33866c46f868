import Foundation

/// Under a sanitizer, where everything takes many times as long, tests that repeat do so less often.
package enum Sanitizing {
  /// Whether Scripts/checks/sanitize.sh runs the tests.
  package static let isOn = ProcessInfo.processInfo.environment["ROWWISE_SANITIZING"] != nil

  /// `count` rounds, under a sanitizer a tenth of them.
  package static func rounds(_ count: Int) -> Int { isOn ? max(1, count / 10) : count }
}
