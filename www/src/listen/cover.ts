import type { ContentType, Item } from "moodloop";
import { svg } from "../dom.ts";

const WIDTH = 400;
const HEIGHT = 225;

/** What every motif draws from: the item's own numbers, and chance that its id seeds. */
interface Sitter {
  /** How rough the drawing is, 0 to 1. */
  energy: number;
  chance: () => number;
}

/** Numbers from 0 to 1, always the same for the same text (FNV-1a, then xorshift). */
function seeded(text: string): () => number {
  let state = 0x811c9dc5;
  for (const letter of text) {
    state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  }
  state |= 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function path(points: readonly (readonly [number, number])[], closed: boolean): SVGPathElement {
  const tenths = (x: number): number => Math.round(x * 10) / 10;
  const steps = points.map(([x, y]) => `${tenths(x)} ${tenths(y)}`);
  return svg("path", { d: `M${steps.join("L")}${closed ? "Z" : ""}` });
}

/** Music: rings on water, smooth when calm, bursting when lively. */
function rings({ energy, chance }: Sitter): SVGElement[] {
  const [x0, y0] = [WIDTH * (0.3 + 0.4 * chance()), HEIGHT * (0.35 + 0.3 * chance())];
  const lobes = 3 + Math.round(energy * 8 + chance() * 2);
  const [turn, drift] = [chance() * 6.28, (chance() - 0.5) * 9];
  return Array.from({ length: 11 }, (_, ring) => {
    const radius = 12 + ring * 21;
    const rough = energy ** 1.6 * 0.3 * radius;
    // Enough for a line that looks curved, however large the ring.
    const steps = 40 + ring * 8;
    const points = Array.from({ length: steps }, (_, step) => {
      const angle = (step / steps) * 2 * Math.PI;
      const wave =
        Math.sin(lobes * angle + turn + ring * 0.22) + 0.4 * Math.sin((lobes + 2) * angle);
      const r = radius + rough * wave * 0.6;
      return [x0 + ring * drift + r * Math.cos(angle), y0 + r * Math.sin(angle)] as const;
    });
    return path(points, true);
  });
}

/** Films: frames within frames, turning with energy. */
function frames({ energy, chance }: Sitter): SVGElement[] {
  const turn = (chance() < 0.5 ? -1 : 1) * (1.5 + energy ** 1.4 * 15);
  const [x, y] = [WIDTH * (0.4 + 0.2 * chance()), HEIGHT * (0.42 + 0.16 * chance())];
  return Array.from({ length: 12 }, (_, at) => {
    const size = 20 * 1.28 ** at;
    return svg("rect", {
      x: (x - size * 0.8).toFixed(1),
      y: (y - size * 0.5).toFixed(1),
      width: (size * 1.6).toFixed(1),
      height: size.toFixed(1),
      rx: 3 + at * 0.6,
      transform: `rotate(${(turn * at).toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)})`,
    });
  });
}

/** Games: a field of squares that energy sets dancing. */
function field({ energy, chance }: Sitter): SVGElement[] {
  const squares: SVGElement[] = [];
  for (let x = -1; x < 11; x += 1) {
    for (let y = 0; y < 6; y += 1) {
      const size = 30 - energy * 16 * chance();
      const turn = energy ** 1.5 * (chance() - 0.5) * 120;
      const [middleX, middleY] = [x * 40 + 20 + (chance() - 0.5) * energy * 18, y * 40 + 12];
      squares.push(
        svg("rect", {
          x: (middleX - size / 2).toFixed(1),
          y: (middleY - size / 2).toFixed(1),
          width: size.toFixed(1),
          height: size.toFixed(1),
          rx: 4,
          class: chance() < 0.14 ? "solid" : undefined,
          transform: `rotate(${turn.toFixed(1)} ${middleX.toFixed(1)} ${middleY.toFixed(1)})`,
        }),
      );
    }
  }
  return squares;
}

/** Podcasts: a voice, murmured or raised. */
function voice({ energy, chance }: Sitter): SVGElement[] {
  const [slow, phase] = [0.12 + chance() * 0.1, chance() * 6];
  return Array.from({ length: 41 }, (_, at) => {
    const phrase = 0.35 + 0.65 * Math.abs(Math.sin(at * slow + phase));
    const tall = (12 + 150 * (0.15 + energy * 0.85) * (1 - energy * 0.7 * chance())) * phrase;
    const x = at * 10;
    return path(
      [
        [x, HEIGHT / 2 - tall / 2],
        [x, HEIGHT / 2 + tall / 2],
      ],
      false,
    );
  });
}

/** Reading: lines of writing, even or stormy. */
function lines({ energy, chance }: Sitter): SVGElement[] {
  const [waves, phase] = [1 + energy * 3, chance() * 6];
  return Array.from({ length: 11 }, (_, at) => {
    const end = at % 5 === 4 ? 130 + chance() * 150 : 345 + chance() * 25;
    const points = Array.from({ length: 90 }, (_, step) => {
      const x = 30 + (step / 89) * (end - 30);
      const swell = Math.sin((x / WIDTH) * waves * 6.28 + phase + at * 0.35);
      return [x, 26 + at * 18 + swell * energy ** 1.4 * 22] as const;
    });
    return path(points, false);
  });
}

const motifs: Record<ContentType, (sitter: Sitter) => SVGElement[]> = {
  music: rings,
  video: frames,
  game: field,
  podcast: voice,
  article: lines,
};

/**
 * A cover for an item: its kind chooses the motif, its energy the roughness, its valence the
 * colour from dusk to noon, its id the rest.
 */
export function cover(item: Item): SVGSVGElement {
  const chance = seeded(item.id);
  const drawing = svg(
    "svg",
    {
      class: "cover",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "xMidYMid slice",
      "aria-hidden": "true",
    },
    ...motifs[item.content_type]({ energy: item.energy, chance }),
  );
  drawing.style.setProperty("--cover-hue", String(Math.round(250 + item.valence * 195) % 360));
  drawing.style.setProperty("--cover-weight", (1.6 + item.energy * 2.6).toFixed(1));
  return drawing;
}
