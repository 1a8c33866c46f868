import Testing

@testable import RowSequencing
