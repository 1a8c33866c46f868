import ArgumentParser
import Testing

@testable import RowwiseCommand

/// What `--help` shows can be pasted into a shell.
struct HelpTests {
  /// A value's name stands between angle brackets.
  @Test func valuesHaveWholeNames() {
    for command in RowwiseCommand.configuration.subcommands {
      let help = RowwiseCommand.helpMessage(for: command, columns: 80)
      for line in help.split(separator: "\n") where line.hasPrefix("  -") {
        guard let value = line.split(separator: " ").prefix(3).first(where: { $0.hasPrefix("<") })
        else { continue }
        let brackets = value.filter { $0 == "<" || $0 == ">" }
        let expected = value == "<width>x<height>" ? "<><>" : "<>"
        #expect(brackets == expected && value.hasSuffix(">"), "\(command._commandName): \(line)")
      }
    }
  }

  /// Help is wrapped at 80 columns, which would break a longer example into two commands.
  @Test func examplesFitTheScreen() {
    let commands = RowwiseCommand.configuration.subcommands
    #expect(commands.count > 8)
    for command in commands {
      let lines = command.configuration.discussion.split(separator: "\n").map { String($0) }
      let start = lines.firstIndex { $0.hasPrefix("Examples:") }
      #expect(start != nil, "\(command._commandName)")
      for line in lines[((start ?? 0) + 1)...] {
        #expect(line.count <= 80, "\(command._commandName): \(line)")
        #expect(line.hasPrefix("  "), "\(command._commandName): \(line)")
        // Joined in the source, not for the shell.
        #expect(!line.dropFirst(2).contains("  ") || line.hasPrefix("    "), "\(line)")
      }
    }
  }
}
