import Testing

@testable import RowwiseCommand
