// Simulates off the main thread; whoever started it may end it at any moment.

import { Simulation, type SimulationReport } from "moodloop/lab";
import { optionsOf, type Settings } from "./settings.ts";

/** How far a run is. */
export interface Progress {
  /** Share of all rounds of all repeats, 0 to 1. */
  share: number;
  /** The repeats that are through. */
  reports: SimulationReport[];
  /** What stopped it, if something did. */
  problem?: string;
}

/** How many steps a repeat is cut into. */
const STEPS = 40;

addEventListener("message", ({ data }: MessageEvent<Settings>) => {
  const reports: SimulationReport[] = [];
  const tell = (share: number, problem?: string): void => {
    const progress: Progress = { share, reports, ...(problem !== undefined && { problem }) };
    postMessage(progress);
  };
  try {
    for (let repeat = 0; repeat < data.repeats; repeat += 1) {
      const simulation = new Simulation(optionsOf(data, repeat));
      for (let step = 0; step < STEPS; step += 1) {
        simulation.advance(Math.ceil(data.rounds / STEPS));
        if (step + 1 < STEPS) {
          tell((repeat + (step + 1) / STEPS) / data.repeats);
        }
      }
      reports.push(simulation.report());
      simulation.free();
      tell((repeat + 1) / data.repeats);
    }
  } catch (error) {
    tell(0, error instanceof Error ? error.message : String(error));
  }
});
