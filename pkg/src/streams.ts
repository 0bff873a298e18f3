// A wasm file sorted into streams, for scripts that carry one.
//
// In a wasm file opcodes alternate with what they are about (a local, an offset, a constant), so
// that a compressor finds few long matches. Sorted, all opcodes stand together, and all operands of
// like opcodes: brotli makes 14 % less of that. Nothing is lost: pkg/scripts/streams.mjs sorts only
// what comes back byte for byte.
//
// The sorted form is a list of all opcodes, numbers in LEB128, and bytes. The numbers begin with the
// length of every stream, and then come the streams of numbers; the bytes are the streams of bytes. For
// each opcode there is a stream with its operands, one with the constants that it follows, and one with
// the locals that it follows. The streams of four opcodes that have no operands hold the rest. The
// sizes of functions and of their section are left out: they follow. The format is
// https://webassembly.github.io/spec/core/binary/.

/** What comes before the size of the section of functions, and after that section. */
export const BEFORE = 0x00;
export const AFTER = 0x01;
/** The locals that each function declares. */
export const LOCALS = 0x0b;
/** For each opcode of `UNALIGNED`, the opcode and the alignment that it stands for. */
export const ALIGNMENTS = 0x1a;
/** The opcodes of floats. */
const FLOATS: readonly number[] = [0x43, 0x44];
/** The first of the opcodes that wasm does not use, and the first that it uses again. */
export const UNALIGNED = [0xe0, 0xfc] as const;
/** How many streams there are: three for each opcode. */
export const STREAMS = 768;
/** The streams of bytes. */
export const BYTES: readonly number[] = [BEFORE, AFTER, ALIGNMENTS, ...FLOATS];
/** The streams of numbers. */
export const NUMBERED = Array.from({ length: STREAMS }, (_, stream) => stream).filter(
  (stream) => !BYTES.includes(stream),
);

/** The first opcode that loads, the first that stores, and the first that does neither again. */
const [LOAD, STORE, NEITHER] = [0x28, 0x36, 0x3f];

/** The opcodes of constants and of locals, whose operand depends on what follows. */
const AHEAD = [0x41, 0x20];

/** For each opcode, how many LEB128 numbers follow it, the alignment not counted. */
const NUMBERS = table("0011100000001100120000000000000011111110111111111111111111111111111");
/** The same for what follows 0xfc. */
const MORE_NUMBERS = table("000000002121212111");
/** The alignment that an opcode has nearly always, if it has one. */
const NATURAL = table("23230011001122232301012".padStart(NEITHER, "0"));

/** A digit for each byte, 0 for those that `digits` does not reach: no read is out of bounds. */
function table(digits: string): Uint8Array {
  return Uint8Array.from(digits.padEnd(256, "0"), Number);
}

/** The alignment that a load or store has nearly always; `undefined` of other opcodes. */
export function natural(opcode: number): number | undefined {
  return opcode >= LOAD && opcode < NEITHER ? NATURAL[opcode] : undefined;
}

/** The opcode whose streams `opcode` has: all loads share them, and all stores. */
function shared(opcode: number): number {
  return natural(opcode) === undefined ? opcode : opcode < STORE ? LOAD : STORE;
}

/** What {@link walk} asks of whoever walks. */
export interface Walker {
  /** Goes on to the next opcode; its alignment is dealt with. */
  opcode(): number;
  /** The opcode after that, before which nothing but one number stands. */
  ahead(): number;
  /** Takes a number in LEB128 from a stream. */
  number(stream: number): number;
  /** Takes bytes from a stream. */
  bytes(stream: number, count: number): void;
}

/** Walks through one function, from its locals to its last opcode. */
export function walk({ opcode, ahead, number, bytes }: Walker): void {
  for (let groups = number(LOCALS); groups > 0; groups--) {
    number(LOCALS);
    number(LOCALS);
  }
  for (let depth = 1; depth > 0; ) {
    const code = opcode();
    const follows = AHEAD.indexOf(code);
    const stream = follows < 0 ? shared(code) : 256 * (follows + 1) + shared(ahead());
    let numbers = NUMBERS[code] as number;
    if (code >= 0x02 && code <= 0x04) {
      depth += 1;
    } else if (code === 0x0b) {
      depth -= 1;
    } else if (code === 0x0e) {
      numbers = number(stream) + 1;
    } else if (code === 0x1c) {
      numbers = number(stream);
    } else if (FLOATS.includes(code)) {
      bytes(stream, code === FLOATS[0] ? 4 : 8);
    } else if (code === 0xd0 || code === 0xd2) {
      numbers = 1;
    } else if (code === 0xfc) {
      numbers = MORE_NUMBERS[number(stream)] as number;
    }
    for (; numbers > 0; numbers--) {
      number(stream);
    }
  }
}

/** The wasm file that was sorted into these. */
export function assembled(
  opcodes: Uint8Array,
  numbers: Uint8Array,
  others: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const rest = new Uint8Array(numbers.length + others.length);
  rest.set(numbers);
  rest.set(others, numbers.length);
  // What is added, sizes and alignments, is less than there is.
  const file = new Uint8Array(2 * (opcodes.length + rest.length));
  let length = 0;
  const put = (byte: number) => {
    file[length++] = byte;
  };
  // Where each stream goes on; the last of these reads their lengths.
  const next = new Uint32Array(STREAMS + 1);
  const take = (stream: number) => rest[(next[stream] as number)++] as number;
  const bytes = (stream: number, count: number) => {
    for (; count > 0; count--) {
      put(take(stream));
    }
  };
  const number = (stream: number): number => {
    const byte = take(stream);
    put(byte);
    return byte < 128 ? byte : (byte & 127) | (number(stream) << 7);
  };
  const lengths = Array.from({ length: STREAMS }, () => number(STREAMS));
  length = 0;
  let start = next[STREAMS] as number;
  for (const stream of [...NUMBERED, ...BYTES]) {
    next[stream] = start;
    start += lengths[stream] as number;
  }

  let at = 0;
  const pairs = (next[ALIGNMENTS] as number) - 2 * UNALIGNED[0];
  const isPair = (code: number) => code >= UNALIGNED[0] && code < UNALIGNED[1];
  const ahead = () => {
    const code = opcodes[at] as number;
    return isPair(code) ? (rest[pairs + 2 * code] as number) : code;
  };
  const opcode = () => {
    const code = ahead();
    const written = opcodes[at++] as number;
    const alignment = isPair(written) ? rest[pairs + 2 * written + 1] : natural(code);
    put(code);
    if (alignment !== undefined) {
      put(alignment);
    }
    return code;
  };
  /** Puts the size of what `content` puts before it. */
  const sized = (content: () => void) => {
    const start = length;
    content();
    const end = length;
    for (let size = end - start; size > 0 || length === end; size >>= 7) {
      put((size & 127) | (size > 127 ? 128 : 0));
    }
    const size = file.slice(end, length);
    file.copyWithin(start + size.length, start, end);
    file.set(size, start);
  };
  bytes(BEFORE, lengths[BEFORE] as number);
  sized(() => {
    for (let functions = number(LOCALS); functions > 0; functions--) {
      sized(() => walk({ opcode, ahead, number, bytes }));
    }
  });
  bytes(AFTER, lengths[AFTER] as number);
  return file.slice(0, length);
}
