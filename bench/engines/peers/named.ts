/** Tensors of any library by their names in a workload. */
export type NamedOf<T> = Readonly<Record<string, T>>

export const at = <T>(tensors: NamedOf<T>, name: string): T => {
  const found = tensors[name]
  if (found === undefined) throw new Error(`there is no tensor ${name}`)
  return found
}

/** Every tensor, made by a library from its numbers. */
export const mapped = <A, B>(tensors: NamedOf<A>, f: (tensor: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor, name)]))
