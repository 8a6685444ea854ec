"""The one transform: ONNX graphs built, run, merged, and opened only after a check."""
