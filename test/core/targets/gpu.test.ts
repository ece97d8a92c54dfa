/** The modes of gpu.js that run in Node. */
import { describe } from "vitest"
import { tightest } from "../../../src/core/targets/gpu/index.js"
import { describeMode } from "../../support/gpu-contract.js"
import { nodeDriver } from "../../support/gpu-driver.js"

describe("gpu:cpu", () => describeMode("cpu", nodeDriver("cpu")))
describe("gpu:cpu with the tightest table", () => describeMode("cpu", nodeDriver("cpu", { capabilities: tightest })))
describe("gpu:webasm", () => describeMode("webasm", nodeDriver("webasm")))
describe("gpu:webasm with the tightest table", () => describeMode("webasm", nodeDriver("webasm", { capabilities: tightest })))
