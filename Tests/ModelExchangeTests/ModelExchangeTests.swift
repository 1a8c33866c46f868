import Testing

@testable import ModelExchange
