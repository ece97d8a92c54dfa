/** A WebAssembly binary writer: function bodies and the sections of a module. It knows the format and nothing of tensors. */
import { Bytes } from "./bytes.js"

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export const V128 = 0x7b
export type ValType = typeof I32 | typeof I64 | typeof F32 | typeof F64 | typeof V128

/** The bytes of one instruction without its immediates. */
export type Opcode = readonly number[]

/** Emits code that leaves a value on the stack, or a statement that leaves none. */
export type Code = (f: Fn) => void

/** The body of one function while it is being written. Locals are numbered after the parameters. */
export class Fn {
  private readonly code = new Bytes()
  private readonly locals: ValType[] = []

  constructor(private readonly params: readonly ValType[]) {}

  local(type: ValType): number {
    this.locals.push(type)
    return this.params.length + this.locals.length - 1
  }

  op(opcode: Opcode): void {
    for (const byte of opcode) this.code.byte(byte)
  }

  get(local: number): void {
    this.code.byte(0x20)
    this.code.unsigned(local)
  }

  set(local: number): void {
    this.code.byte(0x21)
    this.code.unsigned(local)
  }

  tee(local: number): void {
    this.code.byte(0x22)
    this.code.unsigned(local)
  }

  globalGet(index: number): void {
    this.code.byte(0x23)
    this.code.unsigned(index)
  }

  globalSet(index: number): void {
    this.code.byte(0x24)
    this.code.unsigned(index)
  }

  i32(value: number): void {
    this.code.byte(0x41)
    this.code.signed(value)
  }

  i64(value: bigint): void {
    this.code.byte(0x42)
    this.code.signed64(value)
  }

  f32(value: number): void {
    this.code.byte(0x43)
    this.code.float32(value)
  }

  f64(value: number): void {
    this.code.byte(0x44)
    this.code.float64(value)
  }

  v128(bytes: Uint8Array): void {
    this.code.append([0xfd, 12])
    this.code.append(bytes)
  }

  /** A load or store. The alignment is only a hint, so it is always given as one byte. */
  memory(opcode: Opcode, offset: number): void {
    this.op(opcode)
    this.code.byte(0)
    this.code.unsigned(offset)
  }

  /** An atomic access, whose alignment is that of its size: 2 ** `align` bytes. */
  atomic(opcode: number, align: number, offset: number): void {
    this.code.append([0xfe, opcode, align])
    this.code.unsigned(offset)
  }

  drop(): void {
    this.code.byte(0x1a)
  }

  call(index: number): void {
    this.code.byte(0x10)
    this.code.unsigned(index)
  }

  return(): void {
    this.code.byte(0x0f)
  }

  /** Picks by an i32 on top of the stack; `type` must be given for vectors. */
  select(type: ValType): void {
    if (type === V128) this.code.append([0x1c, 1, V128])
    else this.code.byte(0x1b)
  }

  /** `if` on the i32 on top of the stack; both sides leave a `type`, or nothing. */
  if(type: ValType | null, whenTrue: () => void, whenFalse?: () => void): void {
    this.code.append([0x04, type ?? 0x40])
    whenTrue()
    if (whenFalse !== undefined) {
      this.code.byte(0x05)
      whenFalse()
    }
    this.code.byte(0x0b)
  }

  /** Runs `body` again as long as it leaves a non-zero i32. */
  doWhile(body: () => void): void {
    this.code.append([0x03, 0x40])
    body()
    this.code.append([0x0d, 0, 0x0b])
  }

  /** `while (condition) body` */
  while(condition: () => void, body: () => void): void {
    this.code.append([0x02, 0x40, 0x03, 0x40])
    condition()
    this.code.append([0x45, 0x0d, 1])
    body()
    this.code.append([0x0c, 0, 0x0b, 0x0b])
  }

  /** Jumps by the i32 of `index` to one of `cases`, each of which must return; an index beyond them runs the last. */
  switch(index: Code, cases: readonly Code[]): void {
    for (let i = 0; i < cases.length; i++) this.code.append([0x02, 0x40])
    index(this)
    this.code.byte(0x0e)
    this.code.unsigned(cases.length - 1)
    for (let i = 0; i < cases.length; i++) this.code.unsigned(i)
    for (const body of cases) {
      this.code.byte(0x0b)
      body(this)
    }
    this.code.byte(0x00)
  }

  /** The encoded body: locals in runs of one type, then the code. */
  finish(): Uint8Array {
    const runs: [number, ValType][] = []
    for (const type of this.locals) {
      const last = runs.at(-1)
      if (last !== undefined && last[1] === type) last[0]++
      else runs.push([1, type])
    }
    const out = new Bytes()
    out.unsigned(runs.length)
    for (const [count, type] of runs) {
      out.unsigned(count)
      out.byte(type)
    }
    out.append(this.code.view())
    out.byte(0x0b)
    return out.view()
  }
}

/** A function that the host gives (`env.name`). */
export interface HostFunction {
  readonly name: string
  readonly params: readonly ValType[]
  readonly results: readonly ValType[]
}

/** The most that a memory can grow to, in pages; shared memories must say it. */
export const mostPages = 65536

/** A module that imports one memory (`env.memory`) and functions of the host, and holds functions and mutable i32 globals. */
export class ModuleBuilder {
  private readonly types: Uint8Array[] = []
  private readonly typeIndex = new Map<string, number>()
  private readonly functions: { readonly type: number; body: Uint8Array | null }[] = []
  private readonly exports: { readonly name: string; readonly index: number }[] = []
  private readonly declared = new Map<number, readonly ValType[]>()
  private globals = 0

  /** Functions of the host have the indices from 0 on. */
  constructor(
    private readonly host: readonly HostFunction[] = [],
    private readonly shared = false,
  ) {}

  private type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.typeIndex.get(key)
    if (known !== undefined) return known
    const bytes = new Bytes()
    bytes.byte(0x60)
    bytes.sized(params)
    bytes.sized(results)
    this.types.push(bytes.view())
    this.typeIndex.set(key, this.types.length - 1)
    return this.types.length - 1
  }

  /** Adds a function and gives its index. `build` may add the functions that it calls. */
  fn(params: readonly ValType[], results: readonly ValType[], build: (f: Fn) => void): number {
    const f = new Fn(params)
    build(f)
    this.functions.push({ type: this.type(params, results), body: f.finish() })
    return this.host.length + this.functions.length - 1
  }

  /** A function that is defined later, so that others can call it. */
  declare(params: readonly ValType[], results: readonly ValType[]): number {
    this.declared.set(this.host.length + this.functions.length, params)
    this.functions.push({ type: this.type(params, results), body: null })
    return this.host.length + this.functions.length - 1
  }

  define(index: number, build: (f: Fn) => void): void {
    const f = new Fn(this.declared.get(index) as readonly ValType[])
    build(f)
    const declared = this.functions[index - this.host.length] as (typeof this.functions)[number]
    declared.body = f.finish()
  }

  global(): number {
    return this.globals++
  }

  export(name: string, index: number): void {
    this.exports.push({ name, index })
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes()
    const hostTypes = this.host.map(({ params, results }) => this.type(params, results))
    out.append([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const section = (id: number, write: (bytes: Bytes) => void): void => {
      const bytes = new Bytes()
      write(bytes)
      out.byte(id)
      out.sized(bytes.view())
    }
    section(1, (b) => {
      b.unsigned(this.types.length)
      for (const type of this.types) b.append(type)
    })
    section(2, (b) => {
      b.unsigned(1 + this.host.length)
      b.name("env")
      b.name("memory")
      b.append([0x02, this.shared ? 0x03 : 0x00, 1])
      if (this.shared) b.unsigned(mostPages)
      this.host.forEach(({ name }, k) => {
        b.name("env")
        b.name(name)
        b.byte(0)
        b.unsigned(hostTypes[k] as number)
      })
    })
    section(3, (b) => {
      b.unsigned(this.functions.length)
      for (const { type } of this.functions) b.unsigned(type)
    })
    section(6, (b) => {
      b.unsigned(this.globals)
      for (let i = 0; i < this.globals; i++) b.append([I32, 1, 0x41, 0, 0x0b])
    })
    section(7, (b) => {
      b.unsigned(this.exports.length)
      for (const { name, index } of this.exports) {
        b.name(name)
        b.byte(0)
        b.unsigned(index)
      }
    })
    section(10, (b) => {
      b.unsigned(this.functions.length)
      for (const { body } of this.functions) b.sized(body as Uint8Array)
    })
    return out.view()
  }
}
