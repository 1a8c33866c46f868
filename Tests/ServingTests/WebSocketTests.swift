import RowwiseTexts
import Testing

@testable import RowwiseServing

@Suite(.serialized) struct WebSocketTests {
  private func open(
    _ port: Int, _ path: String = "/rows?top=1", fields: String = ""
  ) throws -> HTTPClient {
    let client = try HTTPClient(port: port)
    try client.send(
      "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n\(fields)\r\n"
    )
    return client
  }

  private func status(
    _ port: Int, _ path: String = "/rows?top=1", fields: String = ""
  ) throws -> Int {
    let client = try open(port, path, fields: fields)
    return try client.answer().status
  }

  private func frame(_ opcode: UInt8, _ data: [UInt8], isFinal: Bool = true) -> [UInt8] {
    let key: [UInt8] = [1, 2, 3, 4]
    let head: [UInt8] = [
      (isFinal ? 0x80 : 0) | opcode, 0xFE, UInt8(data.count >> 8),
      UInt8(truncatingIfNeeded: data.count),
    ]
    return head + key + data.enumerated().map { $1 ^ key[$0 % 4] }
  }

  private func receive(_ client: HTTPClient) throws -> (opcode: UInt8, text: String) {
    let head = try client.take(2)
    var count = Int(head[1])
    if count == 126 { count = try client.take(2).reduce(0) { $0 << 8 | Int($1) } }
    return (head[0] & 0x0F, String(decoding: try client.take(count), as: UTF8.self))
  }

  @Test func picturesOneAfterTheOther() throws {
    let picture = try ServedModels.picture(5)
    try ServedModels.serve { port in
      let client = try open(port, fields: "Sec-WebSocket-Protocol: rowwise, bearer.x\r\n")
      let answer = try client.answer()
      #expect(answer.status == 101)
      #expect(answer.fields["sec-websocket-protocol"] == "rowwise")
      for number in 1...2 {
        try client.send(frame(2, Array(picture.prefix(40)), isFinal: false))
        try client.send(frame(9, [7]))
        try client.send(frame(0, Array(picture.dropFirst(40))))
        try client.send(frame(1, Array("end".utf8)))
        var lines: [String] = []
        while lines.count < 5 {
          let (opcode, text) = try receive(client)
          if opcode == 1 { lines.append(text) } else { #expect(opcode == 10) }
        }
        let path = number == 1 ? "-" : "- (picture 2)"
        #expect(lines[4].hasPrefix(#"{"path":"\#(path)","row":5,"#))
        #expect(lines[4].contains(#""answer":true"#))
      }
      try client.send(frame(1, Array("end".utf8)))
      #expect(try receive(client).text.contains("error"))
      try client.send(frame(8, [3, 232]))
      #expect(try receive(client).opcode == 8)
      #expect(client.isEnded())
    }
  }

  @Test(
    arguments: [
      ([0x82, 0x01, 0x00], 1002), ([0x80, 0x80, 1, 2, 3, 4], 1002),
      ([0x81, 0x81, 0, 0, 0, 0, 0x78], 1003), ([0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0], 1009),
      ([0x01, 0x81, 0, 0, 0, 0, 0x65, 0x82, 0x80, 0, 0, 0, 0], 1002),
    ] as [([UInt8], Int)])
  func wrongFramesAreRefused(_ bytes: [UInt8], _ code: Int) throws {
    try ServedModels.serve { port in
      let client = try open(port)
      #expect(try client.answer().status == 101)
      try client.send(bytes)
      let head = try client.take(4)
      #expect(head[0] == 0x88)
      #expect(Int(head[2]) << 8 | Int(head[3]) == code)
    }
  }

  @Test func othersAreRefused() throws {
    try ServedModels.serve(nil) {
      $0.token = "0123456789abcdef"
    } _: { port in
      let bearer = "Sec-WebSocket-Protocol: rowwise, bearer.0123456789abcdef\r\n"
      let other = bearer + "Origin: http://elsewhere\r\n"
      let found = [
        try status(port), try status(port, fields: bearer), try status(port, fields: other),
        try status(port, "/rows?model=none", fields: bearer),
        try status(port, "/classify", fields: bearer),
      ]
      #expect(found == [401, 101, 403, 404, 405])
    }
  }
}
