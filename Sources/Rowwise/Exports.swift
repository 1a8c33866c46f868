// `import Rowwise` is all that a program needs: the modules that its interface is made of come with it.
@_exported public import DatasetLoading
@_exported public import ImageDecoding
@_exported public import KernelInterface
@_exported public import Layers
@_exported public import RowSequencing
@_exported public import Training
