/** Ops that are formulas: each computes what its reference does, on its examples. */
import { testReferences } from "./support.js"

testReferences(
  ...["expm1", "log1p", "exp2", "sinh", "cosh", "asinh", "acosh", "atanh", "asin", "acos", "atan", "atan2", "pow", "floor", "maximum"],
  ...["erf", "erfc", "erfInv", "sigmoid", "softplus", "logaddexp"],
)
