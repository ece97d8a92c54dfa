import "../../src/implicit/index.js"
import { testReferences } from "../ops/support.js"

testReferences("linearSolve", "fixedPoint")
