import Testing

@testable import Rowwise
