// Bytes, and digits, as text of printable ASCII, for scripts that carry a wasm file.
//
// No server's charset, minifier or bundler changes such text, and a byte stays a character wherever
// it can, so that brotli sees nearly what it would see of the file itself: 2 % more, where
// hexadecimal digits cost 7 % and base64, whose letters straddle bytes, 30 %.
//
// The text begins with 64 hexadecimal digits, one bit for each byte value: whether it is common. A
// common byte is one character: itself if it may stand in any string, else the next free one. Every
// other byte is one of two escapes and a character.

/** The two characters that begin a pair. */
const ESCAPES = "}~";
/** How many digits say which bytes are common. */
const HEAD = 64;
/** Printable ASCII but for the escapes, and for what ends strings and scripts. */
export const PLAIN = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter(
  (character) => !`"$<\\\`${ESCAPES}`.includes(character),
);
/** How many bytes may be common. */
export const COMMON = PLAIN.length;

/** The one or two characters of every byte value. */
export function spellings(isCommon: (byte: number) => boolean): string[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const stays = (byte: number) => isCommon(byte) && PLAIN.includes(String.fromCharCode(byte));
  const free = PLAIN.filter((character) => !stays(character.charCodeAt(0)));
  const pairs = Array.from(ESCAPES).flatMap((first) => PLAIN.map((second) => first + second));
  return bytes.map((byte) => {
    const next = isCommon(byte) ? free : pairs;
    return stays(byte) ? String.fromCharCode(byte) : (next.shift() as string);
  });
}

/** The bytes of a text that pkg/scripts/pack.mjs made. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const isCommon = (byte: number) =>
    ((Number.parseInt(text.charAt(byte >> 2), 16) >> (byte & 3)) & 1) === 1;
  // By the code of the only character, or by that of the escape times 128 plus that of the second.
  const byteAt = new Uint8Array(128 * 128);
  for (const [byte, spelling] of spellings(isCommon).entries()) {
    const [first, second] = [spelling.charCodeAt(0), spelling.charCodeAt(1)];
    byteAt[spelling.length === 1 ? first : first * 128 + second] = byte;
  }
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = HEAD; at < text.length; at++) {
    let key = text.charCodeAt(at);
    if (key >= ESCAPES.charCodeAt(0)) {
      at += 1;
      key = key * 128 + text.charCodeAt(at);
    }
    bytes[length] = byteAt[key] as number;
    length += 1;
  }
  return bytes.slice(0, length);
}

/** The digits of a text that pkg/scripts/pack.mjs made. */
export function digitsOf(text: string): Uint8Array<ArrayBuffer> {
  const digitAt = new Uint8Array(128);
  for (const [digit, character] of PLAIN.entries()) {
    digitAt[character.charCodeAt(0)] = digit;
  }
  const digits = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    digits[at] = digitAt[text.charCodeAt(at)] as number;
  }
  return digits;
}
