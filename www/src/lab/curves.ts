import type { LearnerName, LearnerOutcome, SimulationReport } from "moodloop/lab";

/** The learning curve of one learner over all repeats. */
export interface Curve {
  learner: LearnerName;
  /** Mean, lowest and highest share of the possible at each point. */
  mean: number[];
  low: number[];
  high: number[];
}

/** How many points of a curve are averaged, so that it can be read. */
const SMOOTH = 5;

/** The curves of all learners, and the rounds at which their points stand. */
export function curves(reports: readonly SimulationReport[]): {
  rounds: number[];
  curves: Curve[];
} {
  const [first] = reports;
  if (first === undefined) {
    return { rounds: [], curves: [] };
  }
  return {
    rounds: (first.learners[0]?.curve ?? []).map(({ round }) => round),
    curves: first.learners.map(({ learner }, at) => {
      const lines = reports
        .map((report) => report.learners[at])
        .filter((outcome) => outcome !== undefined)
        .map(shares);
      const columns = (lines[0] ?? []).map((_, point) => lines.map((line) => line[point] ?? 0));
      return {
        learner,
        mean: columns.map(mean),
        low: columns.map((column) => Math.min(...column)),
        high: columns.map((column) => Math.max(...column)),
      };
    }),
  };
}

/** Share of the possible at each point, averaged with its predecessors. */
function shares({ curve }: LearnerOutcome): number[] {
  return curve.map((_, at) => {
    const last = curve.slice(Math.max(0, at + 1 - SMOOTH), at + 1);
    const sum = (pick: (point: (typeof last)[number]) => number): number =>
      last.reduce((total, point) => total + pick(point), 0);
    const possible = sum(({ best, uniform }) => best - uniform);
    return possible > 0 ? sum(({ reward, uniform }) => reward - uniform) / possible : 0;
  });
}

/** The mean of some numbers; 0 of none. */
export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(numbers.length, 1);
}
