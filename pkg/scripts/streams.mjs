// Sorts a wasm file into the streams that pkg/src/streams.ts assembles.

import {
  AFTER,
  ALIGNMENTS,
  assembled,
  BEFORE,
  BYTES,
  LOCALS,
  NUMBERED,
  natural,
  STREAMS,
  UNALIGNED,
  walk,
} from "../src/streams.ts";

/** Magic and version. */
const HEADER = 8;
const CODE_SECTION = 10;

/** An unsigned LEB128 number. */
function leb(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** The opcodes, numbers and bytes of `file`; throws for a file that would not come back the same. */
export function sorted(file) {
  const opcodes = [];
  const streams = Array.from({ length: STREAMS }, () => []);
  let at = 0;
  const take = (stream) => {
    const byte = file[at++];
    streams[stream]?.push(byte);
    return byte;
  };
  const bytes = (stream, count) => {
    for (let i = 0; i < count; i++) {
      take(stream);
    }
  };
  const number = (stream) => {
    const byte = take(stream);
    return byte < 128 ? byte : (byte & 127) | (number(stream) << 7);
  };
  const opcode = () => {
    const code = take();
    const alignment = natural(code) === undefined ? undefined : take();
    const usual = alignment === natural(code);
    opcodes.push(usual ? code : unaligned(streams[ALIGNMENTS], code, alignment));
    return code;
  };
  const ahead = () => {
    let end = at;
    while (file[end] >= 128) {
      end += 1;
    }
    return file[end + 1];
  };

  bytes(BEFORE, HEADER);
  while (take(BEFORE) !== CODE_SECTION) {
    bytes(BEFORE, number(BEFORE));
  }
  number();
  for (let functions = number(LOCALS); functions > 0; functions--) {
    number();
    walk({ opcode, ahead, number, bytes });
  }
  bytes(AFTER, file.length - at);

  const lengths = streams.flatMap(({ length }) => leb(length));
  const of = (chosen) => chosen.flatMap((stream) => streams[stream]);
  const parts = [opcodes, [...lengths, ...of(NUMBERED)], of(BYTES)].map((part) =>
    Uint8Array.from(part),
  );
  if (Buffer.compare(assembled(...parts), file) !== 0) {
    throw new Error("the wasm file uses something that pkg/src/streams.ts does not know");
  }
  return parts;
}

/** The opcode that stands for a load or store with an alignment that it seldom has. */
function unaligned(pairs, code, alignment) {
  let pair = 0;
  while (pair < pairs.length && (pairs[pair] !== code || pairs[pair + 1] !== alignment)) {
    pair += 2;
  }
  if (pair === pairs.length) {
    pairs.push(code, alignment);
  }
  return UNALIGNED[0] + pair / 2;
}
