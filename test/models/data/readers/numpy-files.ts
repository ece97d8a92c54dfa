/** Files that NumPy 2.4 wrote (numpy.lib.format.write_array, savez, savez_compressed), in base64, and what is in them. */

export const npyFiles = [
  {
    name: "int32, little-endian",
    dtype: "int32",
    shape: [1, 3, 4],
    values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMsIDQpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAQAAAAIAAAADAAAABAAAAAUAAAAGAAAABwAAAAgAAAAJAAAACgAAAAsAAAA=",
  },
  {
    name: "int16, big-endian, Fortran order",
    dtype: "int16",
    shape: [2, 3, 4],
    values: [
      -999, -699, -399, -99, 201, 501, 801, 1101, 1401, 1701, 2001, 2301, 2601, 2901, 3201, 3501, 3801, 4101, 4401, 4701, 5001, 5301, 5601,
      5901,
    ],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr8GQopAMkO2QV5E4n9RQtVAfUQBQalFLX+cQyBAyERMQfRFeH/nQ2tBE0SXQj9Fw0=",
  },
  {
    name: "float64, big-endian, version 2",
    dtype: "float64",
    shape: [5],
    values: [0.1, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
    file: "k05VTVBZAgB0AAAAeydkZXNjcic6ICc+ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoNSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/uZmZmZmZmoAAAAAAAAAAf/AAAAAAAAD/8AAAAAAAAH/4AAAAAAAA",
  },
  {
    name: "float32, version 3, no axes",
    dtype: "float32",
    shape: [],
    values: [1.5],
    file: "k05VTVBZAwB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/",
  },
  {
    name: "float16, little-endian",
    dtype: "float32",
    shape: [9],
    values: [0.0, -0, 1.0, 65504.0, 5.960464477539063e-8, -6.103515625e-5, Number.POSITIVE_INFINITY, Number.NaN, 0.3330078125],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDksKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAACAADz/ewEAAIQAfAB+VDU=",
  },
  {
    name: "float16, big-endian",
    dtype: "float32",
    shape: [2],
    values: [0.333251953125, 1024.0],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPmYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo1VWQA",
  },
  {
    name: "uint64, big-endian",
    dtype: "uint64",
    shape: [4],
    values: [0n, 1n, 9223372036854775808n, 18446744073709551615n],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPnU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAAABgAAAAAAAAAD//////////w==",
  },
  {
    name: "int64",
    dtype: "int64",
    shape: [2, 1],
    values: [-9223372036854775808n, 9223372036854775807n],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDEpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAgP////////9/",
  },
  {
    name: "bool",
    dtype: "bool",
    shape: [1, 3],
    values: [1, 0, 1],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAE=",
  },
  {
    name: "uint32, Fortran order",
    dtype: "uint32",
    shape: [2, 3],
    values: [0, 1, 2, 3, 4, 4294967295],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAwAAAAEAAAAEAAAAAgAAAP////8=",
  },
  {
    name: "int8, no elements",
    dtype: "int8",
    shape: [0, 5],
    values: [],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDUpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=",
  },
  {
    name: "uint16",
    dtype: "uint16",
    shape: [2],
    values: [0, 65535],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAP//",
  },
  {
    name: "uint8",
    dtype: "uint8",
    shape: [2],
    values: [0, 255],
    file: "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoA/w==",
  },
]

/** Each holds `image`, uint8 0 to 11 of shape (3, 4), and `z`, float64 (1.5, -2). */
export const npzFiles = {
  savez:
    "UEsDBC0AAAAAAAAAIQA4dVta//////////8JABQAaW1hZ2UubnB5AQAQAIwAAAAAAAAAjAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgABAgMEBQYHCAkKC1BLAwQtAAAAAAAAACEAsJjFQf//////////BQAUAHoubnB5AQAQAJAAAAAAAAAAkAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgAAAAAAAPg/AAAAAAAAAMBQSwECLQMtAAAAAAAAACEAOHVbWowAAACMAAAACQAAAAAAAAAAAAAAgAEAAAAAaW1hZ2UubnB5UEsBAi0DLQAAAAAAAAAhALCYxUGQAAAAkAAAAAUAAAAAAAAAAAAAAIABxwAAAHoubnB5UEsFBgAAAAACAAIAagAAAI4BAAAAAA==",
  savez_compressed:
    "UEsDBC0AAAAIAAAAIQA4dVta//////////8JABQAaW1hZ2UubnB5AQAQAIwAAAAAAAAAUgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOgommjoKtQpkAy4GRiZmFlY2dg5OLm4AUEsDBC0AAAAIAAAAIQCwmMVB//////////8FABQAei5ucHkBABAAkAAAAAAAAABNAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC4GMPhhD6EZDgAAUEsBAi0DLQAAAAgAAAAhADh1W1pSAAAAjAAAAAkAAAAAAAAAAAAAAIABAAAAAGltYWdlLm5weVBLAQItAy0AAAAIAAAAIQCwmMVBTQAAAJAAAAAFAAAAAAAAAAAAAACAAY0AAAB6Lm5weVBLBQYAAAAAAgACAGoAAAARAQAAAAA=",
}

export const bytesOf = (file: string): Uint8Array => Uint8Array.from(Buffer.from(file, "base64"))
