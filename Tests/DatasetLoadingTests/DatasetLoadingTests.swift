import Testing

@testable import DatasetLoading
