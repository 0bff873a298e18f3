/** The bytes that hexadecimal text in small letters spells. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const digit = (at: number): number => {
    const code = text.charCodeAt(at);
    // `0` is 48, `a` is 97.
    return code < 58 ? code - 48 : code - 87;
  };
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = 16 * digit(2 * i) + digit(2 * i + 1);
  }
  return bytes;
}
