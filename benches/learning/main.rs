//! Runs learners over simulated audiences and prints one JSON line per run.
//!
//! `cargo xtask bench --learning` calls it, adds other programs' runs on the
//! same worlds, and makes tables and curves of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use moodloop::propensity::Exploration;
use moodloop::simulate::{
    Conditions, Kind, Learner, Learning, Report, Rules, Size, Table, Taste, Uniform, World, make,
    run,
};
use moodloop::taste::TasteConfig;
use serde_json::{Value, json};

/// What can be measured.
const LEARNERS: [&str; 11] = [
    "uniform",
    "rules",
    "q_table",
    "taste",
    "taste, delay of 20",
    "taste, trained weekly",
    "taste, weekly batches",
    "taste, without visitors' layers",
    "taste, without forgetting",
    "taste, without fitted priors",
    "taste, first settings",
];

/// What is left out unless asked for: variants that make no difference at a
/// size, or that the smaller sizes have told about at a fraction of the time.
fn is_spared(learner: &str, size: Size) -> bool {
    match learner {
        "taste, without visitors' layers" | "taste, trained weekly" => size.users == 1,
        "taste, delay of 20" | "taste, without fitted priors" | "taste, first settings" => {
            size == Size::S1K
        }
        _ => false,
    }
}

fn main() {
    let mut options = Options::default();
    // cargo bench hands `--bench` to every target.
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(name) = given.next() {
        let value = given.next().unwrap_or_default();
        match name.as_str() {
            "--size" => options.size = Some(value),
            "--first" => options.first = number(&value),
            "--seeds" => options.seeds = number(&value),
            "--learners" => options.learners = Some(value.split(';').map(str::to_owned).collect()),
            "--worlds" => options.worlds = Some(value.into()),
            "--write" => options.write = Some(value.into()),
            "--resume" => options.resume = Some(value.into()),
            "--settings" => options.settings = settings(&value),
            _ => fail(&format!("unknown option `{name}`")),
        }
    }
    let jobs = options.jobs();
    let next = AtomicUsize::new(0);
    let out = Mutex::new(options.out().unwrap_or_else(|e| fail(&e.to_string())));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    options.work(job, &out);
                }
            });
        }
    });
}

fn fail(message: &str) -> ! {
    eprintln!("error: {message}");
    std::process::exit(2);
}

fn number(text: &str) -> u64 {
    text.parse()
        .unwrap_or_else(|_| fail(&format!("`{text}` is no number")))
}

fn settings(text: &str) -> TasteConfig {
    let read = || -> Result<TasteConfig, String> {
        let value: moodloop::value::Value =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        let code = moodloop::Code::InvalidOptions;
        let field = moodloop::value::Field::root(code, "settings", &value);
        TasteConfig::parse(&field).map_err(|error| error.to_string())
    };
    read().unwrap_or_else(|error| fail(&error))
}

struct Options {
    size: Option<String>,
    first: u64,
    seeds: u64,
    /// Which learners, instead of all.
    learners: Option<Vec<String>>,
    /// Where to read worlds made elsewhere, instead of making them.
    worlds: Option<PathBuf>,
    /// Where to write the worlds for other programs.
    write: Option<PathBuf>,
    /// Where finished runs are, which are not run again, and where new ones go,
    /// instead of to standard output.
    resume: Option<PathBuf>,
    settings: TasteConfig,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: None,
            first: 0,
            seeds: 20,
            learners: None,
            worlds: None,
            write: None,
            resume: None,
            settings: TasteConfig::default(),
        }
    }
}

struct Job {
    kind: Kind,
    size: Size,
    seed: u64,
    learners: Vec<String>,
}

impl Options {
    fn jobs(&self) -> Vec<Job> {
        let finished = self.finished();
        let wanted = |size: &Size| self.size.as_deref().is_none_or(|name| name == size.name);
        let mut jobs = Vec::new();
        for size in Size::ALL.into_iter().rev().filter(wanted) {
            let usual = || LEARNERS.into_iter().filter(|name| !is_spared(name, size));
            let learners =
                (self.learners.clone()).unwrap_or_else(|| usual().map(str::to_owned).collect());
            for seed in self.first..self.first + self.seeds {
                for kind in Kind::ALL {
                    let run = |learner: &str| json!([learner, size.name, kind.name(), seed]);
                    let open = learners
                        .iter()
                        .filter(|name| !finished.contains(&run(name)));
                    let learners: Vec<String> = open.cloned().collect();
                    if !learners.is_empty() {
                        jobs.push(Job {
                            kind,
                            size,
                            seed,
                            learners,
                        });
                    }
                }
            }
        }
        jobs
    }

    /// Learner, size, kind and seed of every run in the file of finished ones; a
    /// line that was cut off is none.
    fn finished(&self) -> Vec<Value> {
        let text = self
            .resume
            .as_ref()
            .and_then(|path| std::fs::read_to_string(path).ok());
        let lines = text.as_deref().unwrap_or_default().lines();
        let run = |line| -> Option<Value> {
            let run: Value = serde_json::from_str(line).ok()?;
            let of = ["learner", "size", "kind", "seed"];
            Some(of.iter().map(|field| run.get(field).cloned()).collect())
        };
        lines.filter_map(run).collect()
    }

    fn out(&self) -> std::io::Result<Box<dyn Write + Send>> {
        Ok(match &self.resume {
            None => Box::new(std::io::stdout()),
            Some(path) => Box::new(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(path)?,
            ),
        })
    }

    fn world(&self, job: &Job) -> Option<World> {
        let Some(folder) = &self.worlds else {
            return Some(make(job.kind, job.size, job.seed));
        };
        let name = format!("{}-{}-{}", job.size.name, job.kind.name(), job.seed);
        let header = std::fs::read(folder.join(format!("{name}.json"))).ok()?;
        let columns = std::fs::read(folder.join(format!("{name}.bin"))).ok()?;
        let header = serde_json::from_slice(&header).unwrap_or_else(|e| fail(&e.to_string()));
        Some(World::read(&header, &columns).unwrap_or_else(|e| fail(&e.to_string())))
    }

    fn work(&self, job: &Job, out: &Mutex<Box<dyn Write + Send>>) {
        let Some(world) = self.world(job) else {
            return;
        };
        if let Some(folder) = &self.write {
            save(&world, folder).unwrap_or_else(|e| fail(&e.to_string()));
        }
        for name in &job.learners {
            let conditions = Conditions {
                delay: if name.contains("delay") { 20 } else { 0 },
                ..Conditions::default()
            };
            let mut learner = self.learner(name);
            let report = run(&world, learner.as_mut(), conditions, job.seed)
                .unwrap_or_else(|e| fail(&e.to_string()));
            let line = line(name, &world, &report);
            let written = out.lock().map(|mut out| out.write_all(line.as_bytes()));
            if !matches!(written, Ok(Ok(()))) {
                fail("a result cannot be written");
            }
        }
    }

    fn learner(&self, name: &str) -> Box<dyn Learner> {
        let mut config = self.settings.clone();
        match name {
            "uniform" => return Box::new(Uniform),
            "rules" => return Box::new(Rules::default()),
            "q_table" => return Box::new(Table::default()),
            "taste, without forgetting" => config.change = 0.0,
            "taste, without fitted priors" => config.prior_weight = 1e9,
            "taste, first settings" => {
                config.change = 0.0;
                config.prior_weight = 1e9;
                config.exploration = Exploration {
                    optimism: 1.0,
                    temperature: 0.05,
                    floor: 0.02,
                    own: 1.0,
                };
            }
            _ if LEARNERS.contains(&name) => {}
            _ => fail(&format!("unknown learner `{name}`")),
        }
        let learning = match name {
            "taste, trained weekly" => Learning::Trained,
            "taste, weekly batches" => Learning::Batches,
            _ => Learning::Online,
        };
        let personal = name != "taste, without visitors' layers";
        Box::new(Taste::new(config, personal, learning))
    }
}

fn save(world: &World, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let (header, columns) = world.write();
    std::fs::write(folder.join(format!("{}.bin", world.name)), columns)?;
    let text = serde_json::to_vec(&header)?;
    std::fs::write(folder.join(format!("{}.json", world.name)), text)
}

fn line(learner: &str, world: &World, report: &Report) -> String {
    let blocks: Vec<[f64; 3]> = (report.blocks.iter())
        .map(|b| [b.earned, b.uniform, b.best])
        .collect();
    let seen = report.reactions;
    let line = json!({
        "learner": learner, "size": world.size, "kind": world.kind, "seed": world.seed,
        "rounds": world.len(), "score": report.score(), "tail_score": report.tail_score(),
        "least_propensity": report.least_propensity, "blocks": blocks,
        "reactions": [seen.rounds, seen.likes, seen.completes, seen.skips],
    });
    format!("{line}\n")
}
