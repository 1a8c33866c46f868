import Rowwise
import RowwiseAnswers
import RowwiseImageDecoding
import RowwiseWorkers
import Synchronization
import Testing

@testable import RowwiseServing

/// A server in this process, asked over sockets.
@Suite(.serialized) struct ServerTests {
  /// What `rowwise classify --format jsonl` writes.
  private func row(_ picture: Int, name: String, seed: UInt64 = 1, top: Int = 3) throws -> String {
    let classifier = try ServedModels.classifier(seed: seed)
    let files = FileClassifier(classifier)
    let decoded = try files.decoded(bytes: try ServedModels.picture(picture), named: name)
    let image = ClassifiedImage(
      path: name, .success(files.answers(to: [decoded])[0]), classNames: classifier.classNames,
      top: top)
    return image.json(top: top).compact + "\n"
  }

  @Test func classifiesPicturesAndForms() throws {
    try ServedModels.serve { port in
      let client = try HTTPClient(port: port)
      let one = try client.ask("POST", "/classify?name=a%20b.png&top=2", ServedModels.picture(1))
      #expect(one.status == 200)
      #expect(one.fields["content-type"] == "application/jsonl")
      #expect(try one.body == row(1, name: "a b.png", top: 2))
      let other = try client.ask("POST", "/classify?model=second", ServedModels.picture(1))
      #expect(try other.body == row(1, name: "-", seed: 2))
      var body: [UInt8] = []
      for number in 0..<3 {
        body += Array("--x\r\nContent-Disposition: form-data; filename=\(number)\r\n\r\n".utf8)
        body += number == 1 ? [1, 2] : try ServedModels.picture(number)
        body += [0x0D, 0x0A]
      }
      let form = try client.ask(
        "POST", "/classify", body + Array("--x--".utf8),
        fields: ["Content-Type: multipart/form-data; boundary=x"])
      let rows = form.body.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(form.status == 200)
      #expect(try String(rows[0]) + "\n" == row(0, name: "0"))
      #expect(rows[1].hasPrefix(#"{"path":"1","prediction":null,"probability":null,"top":[],"#))
      #expect(try String(rows[2]) + "\n" == row(2, name: "2"))
      #expect(try client.ask("POST", "/classify", [1, 2, 3]).status == 422)
    }
  }

  @Test(arguments: [(1, 0.0), (4, 0.002), (64, 0)])
  func answersDoNotDependOnBatches(_ size: Int, _ delay: Double) throws {
    let expected = try (0..<40).map { try row($0, name: "-") }
    let pictures = try (0..<40).map { try ServedModels.picture($0) }
    let wrong = Atomic<Int>(0)
    try ServedModels.serve(nil) {
      ($0.batchSize, $0.batchDelay) = (size, delay)
    } _: { port in
      WorkerPool.forEach(8, threads: 8) { number in
        guard let client = try? HTTPClient(port: port) else {
          return _ = wrong.add(1, ordering: .relaxed)
        }
        for index in 0..<40 {
          let picture = (number * 7 + index) % 40
          let answer = try? client.ask("POST", "/classify", pictures[picture])
          if answer?.body != expected[picture] { wrong.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func readsRowsAsTheyCome() throws {
    let picture = try ServedModels.picture(3)
    let stream = try PictureStream(ServedModels.classifier(), named: "-")
    try stream.push(picture)
    try ServedModels.serve { port in
      let client = try HTTPClient(port: port)
      let whole = try client.ask("POST", "/rows?top=1", picture)
      #expect(whole.status == 200)
      let rows = whole.body.split(separator: "\n")
      #expect(rows.count == 5)
      for row in rows {
        let prediction = try #require(try stream.next())
        #expect(row.contains(#""row":\#(prediction.row),"rows":5,"#))
        #expect(row.contains(#""probability":\#(prediction.probabilities.max() ?? 0),"#))
      }
      #expect(rows.last?.contains(#""answer":true"#) == true)
      // In chunks of a byte, over the same connection.
      try client.send(
        "POST /rows?top=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
      for byte in picture { try client.send(Array("1\r\n".utf8) + [byte, 0x0D, 0x0A]) }
      try client.send("0\r\n\r\n")
      let pieces = try client.answer()
      #expect(pieces.body.split(separator: "\n").count == 5)
      let last = try client.ask("POST", "/rows?every_row=0", picture)
      #expect(last.body.split(separator: "\n").count == 1)
      #expect(try client.ask("POST", "/rows", Array(picture.prefix(60))).status == 422)
      #expect(try client.ask("POST", "/rows", []).status == 422)
      #expect(try client.ask("POST", "/rows?early_exit=1", picture).status == 422)
    }
  }

  @Test func explains() throws {
    try ServedModels.serve { port in
      let client = try HTTPClient(port: port)
      let picture = try ServedModels.picture(2)
      let answer = try client.ask("POST", "/explain?class=b&baseline=black", picture)
      #expect(answer.status == 200)
      #expect(answer.body.hasPrefix(#"{"path":"-","classes":["a","b","c"],"class":"b","#))
      #expect(try client.ask("POST", "/explain?class=x", picture).status == 400)
      #expect(try client.ask("POST", "/explain?baseline=mean", picture).status == 422)
      #expect(try client.ask("POST", "/explain", [1]).status == 422)
    }
  }

  @Test func tellsOfItself() throws {
    try ServedModels.serve { port in
      let client = try HTTPClient(port: port)
      _ = try client.ask("POST", "/classify", ServedModels.picture(1))
      let models = try client.ask("GET", "/models")
      #expect(models.body.contains(#""name":"first","classes":["a","b","c"],"width":6,"height":5"#))
      let metrics = try client.ask("GET", "/metrics").body
      #expect(metrics.contains("rowwise_requests_total{route=\"classify\",code=\"200\"} 1\n"))
      #expect(metrics.contains("rowwise_batch_pictures_count{model=\"first\"} 1\n"))
      let page = try client.ask("GET", "/")
      #expect(page.fields["content-security-policy"]?.contains("default-src 'none'") == true)
      #expect(try client.ask("HEAD", "/v2/health/ready").status == 200)
      #expect(try client.ask("GET", "/v2/models/second/ready").status == 200)
      #expect(
        try client.ask("GET", "/v2/models/first").body.contains(
          #"{"name":"pixels","datatype":"UINT8","shape":[-1,5,6,1]}"#))
      for (method, path, status) in [
        ("GET", "/none", 404), ("GET", "/classify", 405), ("DELETE", "/", 405),
        ("GET", "/v2/models/none", 404), ("GET", "/v2/models/first/versions/2", 404),
        ("POST", "/classify?top=0", 400), ("POST", "/classify?tpo=1", 400), ("GET", "/%zz", 400),
        ("POST", "/classify?model=none", 404), ("GET", "/rows", 426),
      ] {
        let answer = try client.ask(method, path)
        #expect(answer.status == status, "\(method) \(path)")
        #expect(answer.body.hasPrefix("{\"error\":\""), "\(method) \(path)")
      }
      let zipped = try client.ask("POST", "/classify", [1], fields: ["Content-Encoding: gzip"])
      #expect(zipped.status == 415)
    }
  }

  @Test func asksForTheToken() throws {
    try ServedModels.serve(nil) {
      $0.token = "0123456789abcdef"
    } _: { port in
      let client = try HTTPClient(port: port)
      #expect(try client.ask("GET", "/").status == 200)
      #expect(try client.ask("GET", "/v2/health/live").status == 200)
      #expect(try client.ask("GET", "/models").status == 401)
      for (word, status) in [("0123456789abcdef", 200), ("0123456789abcdeF", 401), ("0", 401)] {
        let field = "Authorization: Bearer \(word)"
        #expect(try client.ask("GET", "/metrics", fields: [field]).status == status)
      }
    }
  }

  @Test func keepsToItsLimits() throws {
    try ServedModels.serve(nil) {
      ($0.limits.bodyBytes, $0.limits.pictures) = (1000, 2)
      ($0.limits.headSeconds, $0.limits.idleSeconds) = (0.5, 1)
    } _: { port in
      let large = try HTTPClient(port: port)
      try large.send("POST /classify HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n")
      #expect(try large.answer().status == 413)
      #expect(large.isEnded())
      let slow = try HTTPClient(port: port)
      try slow.send("GET / HTT")
      #expect(try slow.answer().status == 408)
      #expect(slow.isEnded())
      let broken = try HTTPClient(port: port)
      try broken.send("POST /rows HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
      #expect(try broken.answer().status == 400)
      let other = try HTTPClient(port: port)
      #expect(
        try other.ask("POST", "/classify", [1], fields: ["Origin: http://elsewhere"]).status == 403)
      #expect(
        try other.ask("POST", "/classify", [1], fields: ["Origin: http://localhost"]).status == 422)
    }
  }

  @Test func refusesTooManyConnections() throws {
    try ServedModels.serve(nil) {
      ($0.limits.connections, $0.limits.headSeconds) = (2, 1)
    } _: { port in
      let first = [try HTTPClient(port: port), try HTTPClient(port: port)]
      let third = try HTTPClient(port: port)
      #expect(try third.answer().status == 503)
      #expect(third.isEnded())
      // They ask nothing.
      #expect(first.allSatisfy { $0.isEnded() })
      let fourth = try HTTPClient(port: port)
      #expect(try fourth.ask("GET", "/v2").status == 200)
    }
  }

  @Test func requestsInARowAreAnsweredInOrder() throws {
    let expected = try (0..<20).map { try row($0, name: "\($0)") }
    try ServedModels.serve { port in
      let client = try HTTPClient(port: port)
      var all: [UInt8] = []
      for number in 0..<20 {
        let picture = try ServedModels.picture(number)
        all += Array(
          "POST /classify?name=\(number) HTTP/1.1\r\nHost: h\r\nContent-Length: \(picture.count)\r\n\r\n"
            .utf8)
        all += picture
      }
      try client.send(all)
      for number in 0..<20 { #expect(try client.answer().body == expected[number]) }
    }
  }

  @Test func modelsAreReplaced() throws {
    let shelf = ModelShelf([
      ServedModel(
        name: "a", ImageEnsemble(try ServedModels.classifier()), decoding: DecodingOptions(),
        evaluation: .null, threads: 1)
    ])
    let old = try shelf.model("a")
    let new = ServedModel(
      name: "a", ImageEnsemble(try ServedModels.classifier(seed: 2)), decoding: DecodingOptions(),
      evaluation: .null, threads: 1)
    shelf.replace(by: new)
    #expect(try shelf.model(nil) === new)
    #expect(try shelf.model("a") !== old)
  }

  @Test func nobodyListensTwice() throws {
    try ServedModels.serve { port in
      var settings = ServerSettings()
      settings.port = port
      let second = try Server([try ServedModels.source("first")], settings)
      #expect {
        try second.start()
      } throws: { error in
        guard case .cannotListen(_, port, _) = error as? ServerError else { return false }
        return true
      }
    }
  }
}
