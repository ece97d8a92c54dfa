/** The `sort` routine: rows ascending, stable, NaN last, -0 equal to 0; a bottom-up merge sort. */
import type { Arithmetic } from "./arithmetic.js"
import { assign, bind, forRange, get, i32, newLocals } from "./assembly.js"
import { type Code, type Fn, I32, type ModuleBuilder } from "./emitter.js"

/** Elements of scratch for rows of `length`. */
export const sortScratch = (length: number): number => 2 * length

/**
 * The index of a function (input, values, positions, rows, length, scratch): addresses, two counts, an address. All
 * offsets within a row are in bytes.
 */
export const sortRows = (m: ModuleBuilder, num: Arithmetic): number => {
  const { bytes, scalar } = num
  const merge = mergeRuns(m, num)
  return m.fn([I32, I32, I32, I32, I32, I32], [], (f) => {
    const [input, values, positions, rows, length, scratch] = [0, 1, 2, 3, 4, 5] as const
    const rowBytes = bind(f, I32, i32.mul(get(length), i32.const(bytes)))
    const [row, at, width] = newLocals(f, 3) as [number, number, number]
    const [fromV, fromP, toV, toP, swap] = newLocals(f, 5) as [number, number, number, number, number]
    const exchange = (a: number, b: number): void => {
      assign(f, swap, get(a))
      assign(f, a, get(b))
      assign(f, b, get(swap))
    }
    forRange(f, row, i32.const(0), get(rows), 1, () => {
      copyBytes(f, get(values), get(input), rowBytes)
      forRange(f, at, i32.const(0), get(length), 1, () => {
        i32.add(get(positions), i32.mul(get(at), i32.const(bytes)))(f)
        f.get(at)
        f.op(num.fromI32)
        f.memory(scalar.store, 0)
      })
      assign(f, fromV, get(values))
      assign(f, fromP, get(positions))
      assign(f, toV, get(scratch))
      assign(f, toP, i32.add(get(scratch), rowBytes))
      assign(f, width, i32.const(bytes))
      f.while(
        () => i32.lt(get(width), rowBytes)(f),
        () => {
          for (const x of [fromV, fromP, toV, toP]) f.get(x)
          rowBytes(f)
          f.get(width)
          f.call(merge)
          exchange(fromV, toV)
          exchange(fromP, toP)
          assign(f, width, i32.shl(get(width), i32.const(1)))
        },
      )
      i32.ne(get(fromV), get(values))(f)
      f.if(null, () => {
        copyBytes(f, get(values), get(fromV), rowBytes)
        copyBytes(f, get(positions), get(fromP), rowBytes)
      })
      for (const x of [input, values, positions]) assign(f, x, i32.add(get(x), rowBytes))
    })
  })
}

const copyBytes = (f: Fn, to: Code, from: Code, bytes: Code): void => {
  to(f)
  from(f)
  bytes(f)
  f.op([0xfc, 10, 0, 0])
}

/** (values, positions, to values, to positions, row bytes, width): merges neighbouring runs of `width` bytes. */
const mergeRuns = (m: ModuleBuilder, num: Arithmetic): number =>
  m.fn([I32, I32, I32, I32, I32, I32], [], (f) => {
    const { bytes, scalar } = num
    const [fromV, fromP, toV, toP, end, width] = [0, 1, 2, 3, 4, 5] as const
    const [left, right, to, middle, last] = newLocals(f, 5) as [number, number, number, number, number]
    const a = f.local(scalar.type)
    const b = f.local(scalar.type)
    const element = (base: number, offset: number): Code => i32.add(get(base), get(offset))
    const capped =
      (x: Code): Code =>
      (g) => {
        x(g)
        g.get(end)
        i32.ltU(x, get(end))(g)
        g.select(I32)
      }
    const take = (from: number): void => {
      element(toP, to)(f)
      element(fromP, from)(f)
      f.memory(scalar.load, 0)
      f.memory(scalar.store, 0)
      assign(f, from, i32.add(get(from), i32.const(bytes)))
    }
    const read = (into: number, from: number): void => {
      element(fromV, from)(f)
      f.memory(scalar.load, 0)
      f.set(into)
    }
    const write = (value: number): void => {
      element(toV, to)(f)
      f.get(value)
      f.memory(scalar.store, 0)
    }
    /** The right one goes first only where it is strictly less, or a number against a NaN: stable, NaN last. */
    const rightFirst: Code = (g) => {
      g.get(b)
      g.get(a)
      g.op(scalar.less)
      g.get(a)
      g.get(a)
      g.op(scalar.notEqual)
      g.get(b)
      g.get(b)
      g.op(scalar.equal)
      g.op([0x71])
      g.op([0x72])
    }
    assign(f, right, i32.const(0))
    f.while(
      () => i32.lt(get(right), get(end))(f),
      () => {
        assign(f, left, get(right))
        assign(f, to, get(left))
        assign(f, middle, capped(i32.add(get(left), get(width))))
        assign(f, last, capped(i32.add(get(middle), get(width))))
        assign(f, right, get(middle))
        f.while(
          () => i32.lt(get(to), get(last))(f),
          () => {
            i32.lt(get(left), get(middle))(f)
            f.if(null, () => read(a, left))
            i32.lt(get(right), get(last))(f)
            f.if(null, () => read(b, right))
            const fromRight = i32.or(i32.ge(get(left), get(middle)), i32.and(i32.lt(get(right), get(last)), rightFirst))
            fromRight(f)
            f.if(
              null,
              () => {
                write(b)
                take(right)
              },
              () => {
                write(a)
                take(left)
              },
            )
            assign(f, to, i32.add(get(to), i32.const(bytes)))
          },
        )
        assign(f, right, get(last))
      },
    )
  })
