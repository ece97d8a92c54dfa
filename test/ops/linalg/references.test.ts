import { testReferences } from "../support.js"

testReferences("cholesky", "lu", "triangularSolve", "solve", "qr", "eigh")
