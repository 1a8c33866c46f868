import ArgumentParser

/// How much memory a command may take; see `MemoryPlan`.
struct MemoryOptions: ParsableArguments, Sendable {
  @Option(
    help: ArgumentHelp(
      """
      Memory that training and importing may take; what would need more is refused before it \
      begins. (default: what is free)
      """, valueName: "MiB"))
  var memory: Int?

  func validate() throws { try OptionRange.check("memory", memory) }
}
