/**
 * Blocks: the values of a session's memory. A block is never written again, so that copies, carries and repeated outputs share it; it
 * is counted, and its storage is freed when the last holder lets go. Data from the host moves to the device when a kernel first needs it.
 */
import { asNumber, at, axis, binary, lit, load, plus, pointwise, select } from "../../compile/build-nest.js"
import type { Nest, Scalar } from "../../compile/nest.js"
import { type KernelSource, kernelSource } from "./emit/kernel-source.js"
import type { DeviceArray, GlTexture } from "./gpujs.js"
import type { Kernel, KernelSpec, Kernels } from "./kernels.js"
import type { Mode } from "./modes.js"

export interface Block {
  readonly size: number
  holders: number
  host: Float32Array | null
  device: DeviceArray | null
  /** The move to the device while it is under way. */
  moving: Promise<DeviceArray> | null
}

export interface Blocks {
  /** Takes the array over. */
  readonly fromHost: (data: Float32Array) => Block
  /** Runs a kernel on blocks and numbers; gives a new block. */
  readonly launch: (kernel: Kernel, size: number, args: readonly Block[], numbers: readonly number[]) => Promise<Block>
  /** Row `index` of a block of equal rows. */
  readonly row: (block: Block, index: number, size: number) => Promise<Block>
  /** One block of all the elements, in order. */
  readonly concat: (parts: readonly Block[]) => Promise<Block>
  readonly read: (block: Block) => Promise<Float32Array>
  readonly hold: (block: Block) => Block
  readonly release: (block: Block) => void
  /** Bytes held by live blocks. */
  readonly bytes: () => number
  readonly close: () => void
}

const bytesOf = (size: number): number => size * 4

/** No kernel reads an empty array, but its argument must have an element. */
const nothing = new Float32Array(1)

/** Vectors of the given sizes, one after the other. */
const concatenation = (sizes: readonly number[]): Nest => {
  let from = sizes.reduce((n, size) => n + size, 0)
  const total = from
  let body: Scalar = lit(0)
  for (let k = sizes.length - 1; k >= 0; k--) {
    const end = from
    from -= sizes[k] ?? 0
    const part = load(k, [plus(axis(0), at(-from))])
    body = end === total ? part : select(binary("less", asNumber(axis(0)), lit(end)), part, body)
  }
  return pointwise([total], body)
}

export const createBlocks = (mode: Mode, kernels: Kernels): Blocks => {
  const onHost = mode.memory === "arrays"
  /** Kernels for moving data, kept until the session closes. */
  const movers = new Map<string, Kernel>()
  const joins = new Map<string, KernelSource>()
  let bytes = 0

  const track = (block: Block): Block => {
    bytes += bytesOf(block.size)
    return block
  }
  const fromHost = (data: Float32Array): Block => track({ size: data.length, holders: 1, host: data, device: null, moving: null })

  const mover = (name: string, spec: KernelSpec): Kernel => {
    const known = movers.get(name)
    if (known !== undefined) return known
    const kernel = kernels.get(spec)
    movers.set(name, kernel)
    return kernel
  }

  const copySource = "function (a) { return a[this.thread.x]; }"

  const upload = async (block: Block): Promise<DeviceArray> => {
    const data = block.host === null || block.size === 0 ? nothing : block.host
    const size = data.length
    const kernel = mover(`upload ${size}`, { source: copySource, size, argumentSizes: [size], result: "stay" })
    const device = (await kernel.run([data])) as DeviceArray
    block.device = device
    block.host = null
    block.moving = null
    return device
  }

  /** What a kernel takes for a block. Every argument is of one kind for good: gpu.js breaks where a kernel sees another kind later. */
  const argument = async (block: Block): Promise<Float32Array | DeviceArray> => {
    if (onHost) return block.host === null || block.size === 0 ? nothing : block.host
    if (block.device !== null) return block.device
    block.moving ??= upload(block)
    return block.moving
  }

  const launch: Blocks["launch"] = async (kernel, size, args, numbers) => {
    const values: unknown[] = []
    for (const block of args) values.push(await argument(block))
    const result = await kernel.run([...values, ...numbers])
    return onHost ? fromHost(result as Float32Array) : track({ size, holders: 1, host: null, device: result as DeviceArray, moving: null })
  }

  const row: Blocks["row"] = async (block, index, size) => {
    if (size === 0) return fromHost(new Float32Array(0))
    if (block.host !== null) return fromHost(block.host.subarray(index * size, (index + 1) * size))
    const slice = mover(`row ${block.size} ${size}`, {
      source: "function (a, from) { return a[this.thread.x + from]; }",
      size,
      argumentSizes: [block.size],
      result: "stay",
    })
    return launch(slice, size, [block], [index * size])
  }

  const hold = (block: Block): Block => {
    block.holders += 1
    return block
  }

  const join = async (parts: readonly Block[]): Promise<Block> => {
    const sizes = parts.map((part) => part.size)
    const size = sizes.reduce((n, s) => n + s, 0)
    const key = `concat ${sizes.join(",")}`
    const operands = sizes.map((s, buffer) => ({ buffer, shape: [s] }))
    const known = joins.get(key) ?? kernelSource(concatenation(sizes), operands, mode.source)
    joins.set(key, known)
    const args = known.arrays.flatMap((k) => parts[k] ?? [])
    const kernel = mover(key, { source: known.text, size, argumentSizes: args.map((part) => part.size), result: "stay" })
    return launch(kernel, size, args, known.numbers)
  }

  const concat: Blocks["concat"] = async (parts) => {
    const filled = parts.filter((part) => part.size > 0)
    const [only] = filled
    if (filled.length === 1 && only !== undefined) return hold(only)
    if (filled.every((part) => part.host !== null)) {
      const all = new Float32Array(filled.reduce((n, part) => n + part.size, 0))
      let from = 0
      for (const part of filled) {
        all.set(part.host ?? nothing, from)
        from += part.size
      }
      return fromHost(all)
    }
    const groups: Block[] = []
    for (let k = 0; k < filled.length; k += mode.capabilities.maxInputs)
      groups.push(await join(filled.slice(k, k + mode.capabilities.maxInputs)))
    const whole = await concat(groups)
    for (const group of groups) release(group)
    return whole
  }

  const read: Blocks["read"] = async (block) => {
    if (block.host !== null) return block.host
    if (block.device === null) return new Float32Array(0)
    const { size } = block
    if (mode.memory === "buffers") return (await block.device.toArray()) as Float32Array
    // A kernel of its own waits for a fence; the texture's `toArray` would stop the page until the device is done.
    const download = mover(`download ${size}`, { source: copySource, size, argumentSizes: [size], result: "leave" })
    return (await download.run([block.device])) as Float32Array
  }

  const freeDevice = (device: DeviceArray): void => {
    if (mode.memory === "buffers") {
      device.delete()
      return
    }
    const { context, texture } = device as GlTexture
    context.deleteTexture(texture)
  }

  const release = (block: Block): void => {
    block.holders -= 1
    if (block.holders > 0) return
    bytes -= bytesOf(block.size)
    if (block.device !== null) freeDevice(block.device)
    block.host = null
    block.device = null
  }

  return {
    fromHost,
    launch,
    row,
    concat,
    read,
    hold,
    release,
    bytes: () => bytes,
    close: () => {
      for (const kernel of movers.values()) kernel.release()
      movers.clear()
    },
  }
}
