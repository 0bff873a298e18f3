//! Simulated audiences (feature `simulate`): whole worlds in which every
//! strategy's outcome is known, and learners that are measured on them.
//!
//! Nothing here says how real people behave; it says which learner copes with
//! which structure, on the same events.

mod audience;
mod draws;
mod events;
mod learners;
mod run;
mod simulation;
mod size;
mod taste;
mod workload;
mod world;

pub use audience::{make, make_changing};
pub use events::Events;
pub use learners::{Learner, Learning, Rules, Table, Taste, Uniform};
pub use run::{Conditions, Reactions, Report, Run, Step, Sums, run};
pub use simulation::{Options, Outcome, Point, Simulation, SimulationReport};
pub use size::Size;
pub use taste::Kind;
pub use workload::Workload;
pub use world::{Header, Round, World};
