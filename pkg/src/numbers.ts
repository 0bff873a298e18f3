// Numbers of a wasm file as digits, each of which stays one character of a text (packed.ts).
//
// In a wasm file, seven bits of a number make a byte, and an eighth says whether more follow (LEB128):
// more values of a byte than there are characters that no script has to escape. Here a number below 56
// is one digit, one below 952 two, and the first digit of a larger one says how many follow.
//
// A wasm file may write a number with more bytes than it needs, and does for negative ones. So what is
// counted here are the sequences of bytes, the shorter before the longer: 128 is the first of two.

/** Below this a digit is a number, and from here on the first of two. */
const TWO = 56;
/** From here on a digit says how many follow, at least two. */
const MORE = 72;
/** From here on it says how many bytes follow, of two digits each: they are too many to be counted. */
const BYTES = 80;
/** How many digits there are but for the first. */
const BASE = 64;
/** How many digits there are for half a byte. */
const HALF = 16;
/** The first sequence that two digits cannot tell. */
const LONG = TWO + (MORE - TWO) * BASE;
/** The most bytes whose sequences are counted. */
const COUNTED = 7;

/** The bytes of the numbers that {@link spelled} made digits of. */
export function written(digits: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * digits.length);
  let [at, length] = [0, 0];
  const digit = () => digits[at++] as number;
  while (at < digits.length) {
    let number = digit();
    if (number >= BYTES) {
      for (let left = number - BYTES + COUNTED + 1; left > 0; left--) {
        bytes[length++] = digit() * HALF + digit();
      }
      continue;
    }
    if (number >= MORE) {
      let left = number - MORE + 2;
      for (number = 0; left > 0; left--) {
        number = number * BASE + digit();
      }
      number += LONG;
    } else if (number >= TWO) {
      number = TWO + (number - TWO) * BASE + digit();
    }
    let count = 1;
    for (let size = 128; number >= size; size *= 128) {
      number -= size;
      count += 1;
    }
    for (; count > 0; count--) {
      bytes[length++] = (number % 128) + (count > 1 ? 128 : 0);
      number = Math.floor(number / 128);
    }
  }
  return bytes.slice(0, length);
}

/** The digits of a number that is written as `bytes`. */
export function spelled(bytes: readonly number[]): number[] {
  if (bytes.length > COUNTED) {
    const halves = bytes.flatMap((byte) => [Math.floor(byte / HALF), byte % HALF]);
    return [BYTES + bytes.length - COUNTED - 1, ...halves];
  }
  const number = bytes.reduceRight((sum, byte) => (sum + 1) * 128 + (byte & 127), -1);
  if (number < TWO) {
    return [number];
  }
  if (number < LONG) {
    return [TWO + Math.floor((number - TWO) / BASE), (number - TWO) % BASE];
  }
  const digits: number[] = [];
  for (let left = number - LONG; left > 0 || digits.length < 2; left = Math.floor(left / BASE)) {
    digits.unshift(left % BASE);
  }
  return [MORE + digits.length - 2, ...digits];
}
