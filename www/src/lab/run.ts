import { Simulation, type SimulationReport } from "moodloop/lab";
import { optionsOf, type Settings } from "./settings.ts";

/** How far a run is. */
export interface Progress {
  /** Share of all rounds of all repeats, 0 to 1. */
  share: number;
  /** The repeats that are through. */
  reports: SimulationReport[];
}

/** How many steps a repeat is cut into. */
const STEPS = 40;

/** Simulates all repeats, and tells after every step how far it is. */
export function* run(settings: Settings): Generator<Progress> {
  const reports: SimulationReport[] = [];
  for (let repeat = 0; repeat < settings.repeats; repeat += 1) {
    const simulation = new Simulation(optionsOf(settings, repeat));
    for (let step = 1; step < STEPS; step += 1) {
      simulation.advance(Math.ceil(settings.rounds / STEPS));
      yield { share: (repeat + step / STEPS) / settings.repeats, reports };
    }
    simulation.advance(Math.ceil(settings.rounds / STEPS));
    reports.push(simulation.report());
    simulation.free();
    yield { share: (repeat + 1) / settings.repeats, reports };
  }
}
