/// One layer of a stack that has been checked: what it reads, what comes out, and where its weights are.
struct LayerPlan {
  /// The layer.
  let specification: LayerSpecification
  /// Position in the stack, from 0.
  let index: Int
  /// Width of what it reads.
  let inputWidth: Int
  /// Width of what comes out.
  let width: Int
  /// Timesteps of what it reads.
  let timesteps: Int
  /// Whether it reads a sequence; else one vector.
  var readsSequence = true
  /// Where the weights of a recurrent layer are in the arena, for each direction, forwards first.
  var directions: [[RecurrentWeights.Role: Int]] = []
  /// Where the other weights are: of a dense layer or a convolution W and b, of normalisation γ and b, of an
  /// MLP those of its normalisation and of both layers, of attention the query, of a residual layer its
  /// projection, of a residual sweep γ and b and the projection's.
  var offsets: [Int] = []
  /// The layer inside a residual one; of a sweep the readings down and across.
  var inner: [LayerPlan] = []
}
