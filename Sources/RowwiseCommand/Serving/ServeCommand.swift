import ArgumentParser
import Rowwise
import RowwiseImageDecoding
import RowwiseServing
import RowwiseSystem
import RowwiseTexts

/// `rowwise serve`.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Answer over HTTP.",
    discussion: """
      A MODEL is a model file or a run folder, or several with commas between them that answer together, \
      with its name before it where requests are to call it otherwise than its folder: NAME=MODEL. Requests \
      that name no model get the first.

      GET / is a page for people. POST /classify takes a picture, or a form's files, and answers as rowwise \
      classify --format jsonl does; POST /rows and the WebSocket /rows take a picture's bytes as they come \
      and answer after every row; POST /explain answers as rowwise explain --format jsonl. /v2 is the Open \
      Inference Protocol of KServe and Triton, /metrics is for Prometheus, /models tells what there is. \
      Requests that come at the same time are classified together; an answer has the same bits as alone.

      Nobody but this machine can connect where --host says nothing else. Connections are not encrypted: a \
      proxy before the server does that. SIGTERM or Ctrl-C ends it when what has come is answered; \
      /v2/health/ready says no from then on.

      Examples:
        rowwise serve runs/digits-1
        rowwise serve digits=runs/digits-1 hands=runs/hands-1 --port 9000 --watch
        curl --data-binary @photo.png "localhost:8080/classify?top=1"
        curl -F a=@a.png -F b=@b.png localhost:8080/classify?model=hands
        rowwise serve runs/digits-1 --host 0.0.0.0 --token-file token --log log.jsonl
        rowwise serve runs/digits-1 --batch-size 128 --batch-delay 2
      """)

  @Argument(
    help: "Model files or run folders, or NAME=MODEL.", completion: .file())
  var models: [String]

  @Option(help: "The address to listen at; 0.0.0.0 or :: for all of this machine's.")
  var host = "127.0.0.1"

  @Option(help: "The port to listen at; 0 for any that is free.")
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "A file with a word that requests have to show: Authorization: Bearer WORD.",
      valueName: "file"), completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "A file to which a JSON object a request is added; - for standard error.", valueName: "file"),
    completion: .file())
  var log: String?

  @Flag(
    help: """
      Read a model again when its file is replaced. Requests that have come keep to the old one; where the \
      new one cannot be read, all do.
      """)
  var watch = false

  @OptionGroup(title: "Batches") var batches: BatchOptions
  @OptionGroup(title: "Limits") var limits: ServerLimitOptions
  @OptionGroup var looks: ViewOptions
  @OptionGroup(title: "Unlike the training images") var pictures: PictureOptions
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var consoleOptions: ConsoleOptions

  func validate() throws { try OptionRange.check("port", port) }

  func run() throws {
    let console = consoleOptions.console
    let sources = try models.map(source)
    for (index, source) in sources.enumerated() {
      guard sources[..<index].contains(where: { $0.name == source.name }) else { continue }
      throw ValidationError(
        "two models are called \"\(source.name)\"; give one another name: NAME=\(models[index])")
    }
    var settings = ServerSettings()
    (settings.host, settings.port, settings.threads) = (host, port, engine.threadCount)
    (settings.batchSize, settings.batchDelay) = (batches.batchSize, batches.batchDelay / 1000)
    settings.token = try tokenFile.map { try TokenFile.read($0) }
    (settings.decoding, settings.watches) = (reading.decoding, watch)
    settings.limits = limits.limits(console)
    let log = try log.map { try LogFile($0, console) }
    _ = signal(SIGPIPE, SIG_IGN)
    Interruption.install()
    let requestLog = log.map { file in RequestLog { file.write($0) } }
    let server = try Server(sources, settings, log: requestLog) { event in
      switch event {
      case .replaced(let model): console.log("\(model): replaced by the new file")
      case .notReplaced(let model, let reason):
        console.warn("\(model): the new file is not taken, the old model goes on: \(reason)")
      }
    }
    let port = try server.start()
    let names = sources.map { TerminalText.printable($0.name) }.joined(separator: ", ")
    let place = host.contains(":") ? "[\(host)]" : host
    console.log("serving \(names) at http://\(place):\(port)/")
    while !Interruption.isRequested { usleep(50_000) }
    console.log("ending; a second signal ends at once")
    let cut = server.drain()
    if cut > 0 {
      console.warn(
        "\(cut == 1 ? "1 connection has" : "\(cut) connections have") not ended within "
          + "--drain-timeout and lost the answer")
    }
  }

  /// A model of the command line.
  ///
  /// - Throws: `CommandError`, `ValidationError`.
  private func source(_ argument: String) throws -> ModelSource {
    let (name, model) = try ServedName.parts(of: argument)
    let paths = try ModelPath.resolveAll(model)
    let (engine, reading, pictures, looks) = (engine, reading, pictures, looks)
    return ModelSource(name: name ?? ServedName.derived(from: paths), paths: paths) {
      // Each of the server's threads computes a batch of its own.
      try engine.loadTogether(paths, threads: 1, reading)
        .reading(pictures, looks, from: paths.joined(separator: ","))
    }
  }
}
