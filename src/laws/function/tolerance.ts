/**
 * How far two computations of one number may be apart. All laws run in float64 on the interpreter.
 *
 * Two sums of the same n products in different orders differ by at most 2 n eps times the sum of the absolute values of the
 * products (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1). Programs under test have chains of up to
 * 2^13 roundings, 2^14 eps = 4e-12; `RELATIVE` leaves a factor of 25 for the factors' own roundings, and a rule that is wrong
 * by more than one part in 10^10 is still found.
 */
export const RELATIVE = 1e-10
