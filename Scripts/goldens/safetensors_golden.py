"""Prints the golden bytes of Tests/SafetensorsTests/SafetensorsReferenceTests.swift.

Written by the reference implementation: pip install safetensors numpy.
"""

import numpy as np
from safetensors.numpy import save

tensors = {
    "weight": np.array([[1.5, -2.0, 0.1], [3.4028235e38, 1e-45, -0.0]], dtype=np.float32),
    "bias": np.array([0.1, -1e300], dtype=np.float64),
    "half": np.array([1.0, 65504.0, 6e-8, -np.inf, 0.333], dtype=np.float16),
    "steps": np.array([7, -1], dtype=np.int64),
    "mask": np.array([0, 255, 3], dtype=np.uint8),
    "empty": np.zeros((0, 4), dtype=np.float32),
    'na"me\\\n\u00e9': np.array(5, dtype=np.int32),
}
data = save(tensors, metadata={"rowwise": '{"classes":["a","\u00fc"]}\t\u0001'})
for start in range(0, len(data), 40):
    print(data[start : start + 40].hex())
