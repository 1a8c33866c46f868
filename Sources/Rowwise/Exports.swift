// `import Rowwise` is all that a program needs: the modules that its interface is made of come with it.
@_exported public import RowwiseDatasetLoading
@_exported public import RowwiseEvaluation
@_exported public import RowwiseImageDecoding
@_exported public import RowwiseKernelInterface
@_exported public import RowwiseLayers
@_exported public import RowwiseReports
@_exported public import RowwiseRowSequencing
@_exported public import RowwiseTraining
