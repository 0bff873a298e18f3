//! Means with intervals over seeds, and what follows from them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

/// One learner in one world.
#[derive(Clone)]
pub struct Run {
    pub learner: String,
    pub size: String,
    pub kind: String,
    pub seed: u64,
    pub rounds: usize,
    pub score: f64,
    /// Equal blocks of rounds: earned, by choosing blindly, by choosing best.
    pub blocks: Vec<[f64; 3]>,
    /// Rounds with known events, likes, completions, skips.
    pub reactions: [f64; 4],
}

/// Reads one run per line; a line that was cut off is none.
pub fn parse(lines: &[u8]) -> Vec<Run> {
    let text = String::from_utf8_lossy(lines);
    (text.lines().filter_map(|line| parse_line(line).ok())).collect()
}

fn parse_line(line: &str) -> Result<Run> {
    let value: Value = serde_json::from_str(line)?;
    let field = |name: &str| {
        value
            .get(name)
            .with_context(|| format!("no `{name}`: {line}"))
    };
    let word =
        |name: &str| -> Result<String> { Ok(field(name)?.as_str().unwrap_or_default().to_owned()) };
    let numbers = |value: &Value| -> Vec<f64> {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(Value::as_f64).collect()
    };
    let blocks = field("blocks")?.as_array().into_iter().flatten();
    Ok(Run {
        learner: word("learner")?,
        size: word("size")?,
        kind: word("kind")?,
        seed: field("seed")?.as_u64().unwrap_or_default(),
        rounds: field("rounds")?.as_u64().unwrap_or_default() as usize,
        score: field("score")?.as_f64().context("a score is no number")?,
        blocks: blocks
            .filter_map(|block| numbers(block).try_into().ok())
            .collect(),
        reactions: (numbers(field("reactions")?).try_into()).unwrap_or_default(),
    })
}

/// A mean and half the width of its 95 % interval.
#[derive(Clone, Copy)]
struct Estimate {
    mean: f64,
    half: f64,
}

/// Student's t for 95 %, by the number of seeds.
fn student(seeds: usize) -> f64 {
    match seeds {
        0 | 1 => f64::INFINITY,
        2 => 12.706,
        3 => 4.303,
        4 => 3.182,
        5 => 2.776,
        6..=9 => 2.571,
        10..=19 => 2.262,
        _ => 2.093,
    }
}

fn estimate(values: &[f64]) -> Estimate {
    let n = values.len().max(1) as f64;
    // Adding to a positive zero: an empty sum is a negative one.
    let mean = values.iter().fold(0.0, |sum, v| sum + v) / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let error = (squares / (n - 1.0).max(1.0) / n).sqrt();
    Estimate {
        mean,
        half: student(values.len()) * error,
    }
}

/// The kinds that the mean is taken over: those of the peer benchmark.
const COUNTED: [&str; 7] = [
    "additive",
    "interaction",
    "personal",
    "drift",
    "noisy",
    "rules",
    "null",
];
/// Two more that no linear model can describe.
const FURTHER: [&str; 2] = ["trees", "smooth"];

/// A learner's curve: its name, and its score in each block.
pub struct Curve {
    pub learner: String,
    pub rounds: usize,
    pub values: Vec<f64>,
}

/// All runs, by size and learner.
pub struct Summary {
    runs: BTreeMap<String, Vec<(String, Vec<Run>)>>,
}

impl Summary {
    pub fn new(all: &[Run]) -> Self {
        let mut runs: BTreeMap<String, Vec<(String, Vec<Run>)>> = BTreeMap::new();
        for run in all {
            let learners = runs.entry(run.size.clone()).or_default();
            match learners.iter_mut().find(|(name, _)| *name == run.learner) {
                Some((_, list)) => list.push(run.clone()),
                None => learners.push((run.learner.clone(), vec![run.clone()])),
            }
        }
        Self { runs }
    }

    fn of(&self, size: &str, learner: &str) -> &[Run] {
        let learners = self.runs.get(size).map_or(&[][..], Vec::as_slice);
        let found = learners.iter().find(|(name, _)| name == learner);
        found.map_or(&[], |(_, runs)| runs)
    }

    /// Tables, the moment the rules are beaten, and the guide's hopes.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "Simulated audiences, not people. Score: 0 is choosing blindly, 1 always choosing \
             best; mean and 95 % interval over seeds. The last column is the mean over the seven \
             kinds of the peer benchmark (without trees and smooth).\n\n",
        );
        text.push_str(&self.overtakes());
        text.push_str(&self.lead());
        for (size, learners) in &self.runs {
            let kinds: Vec<&str> = COUNTED.into_iter().chain(FURTHER).collect();
            let _ = writeln!(text, "| {size} | {} | mean of 7 |", kinds.join(" | "));
            let _ = writeln!(text, "|---|{}---:|", "---:|".repeat(kinds.len()));
            for (learner, runs) in learners {
                let mut cells = Vec::new();
                for kind in &kinds {
                    let scores: Vec<f64> = (runs.iter().filter(|run| run.kind == *kind))
                        .map(|run| run.score)
                        .collect();
                    cells.push(cell(estimate(&scores)));
                }
                let overall: Vec<f64> = by_seed(runs).into_values().collect();
                let overall = cell(estimate(&overall));
                let _ = writeln!(text, "| {learner} | {} | {overall} |", cells.join(" | "));
            }
            text.push('\n');
        }
        text.push_str(&self.hopes());
        text
    }

    /// By how much the taste model is ahead of Vowpal Wabbit on the same audiences.
    fn lead(&self) -> String {
        let mut parts = Vec::new();
        for size in self.runs.keys() {
            let scores = |learner: &str| by_seed(self.of(size, learner));
            let (taste, other) = (scores("taste"), scores("vowpal_wabbit"));
            let shared: Vec<f64> = (taste.iter())
                .filter_map(|(seed, score)| Some(score - other.get(seed)?))
                .collect();
            if shared.len() > 1 {
                parts.push(format!("{size}: {}", cell(estimate(&shared))));
            }
        }
        if parts.is_empty() {
            return String::new();
        }
        format!(
            "**Lead over Vowpal Wabbit** at its best setting per size, chosen with hindsight, \
             audience by audience: {}.\n\n",
            parts.join("; ")
        )
    }

    /// After how many feedbacks the taste model earns more than the rules, for good.
    fn overtakes(&self) -> String {
        let mut text = String::from("**After how many feedbacks does it beat the rules?** ");
        let mut parts = Vec::new();
        for size in self.runs.keys() {
            let (taste, rules) = (self.curve(size, "taste"), self.curve(size, "rules"));
            let pairs = taste.values.iter().zip(&rules.values);
            let behind = pairs
                .enumerate()
                .filter(|(_, (t, r))| t <= r)
                .map(|(i, _)| i + 1);
            let last = behind.max().unwrap_or(0);
            let blocks = taste.values.len().max(1);
            let feedbacks = |blocks_of_them| blocks_of_them * taste.rounds / blocks;
            parts.push(if last == 0 {
                format!("{size}: within the first {}", feedbacks(1))
            } else if last < blocks {
                format!("{size}: after at most {}", feedbacks(last))
            } else {
                format!("{size}: not within {}", taste.rounds)
            });
        }
        let _ = writeln!(text, "{} (of all visitors together).\n", parts.join("; "));
        text
    }

    /// The guide's hopes against the rules, in simulation.
    fn hopes(&self) -> String {
        let mut text = String::from(
            "The guide's hopes against the baseline rules, in simulation:\n\n\
             | size | likes (+15 to +25 %) | completions (+10 to +20 %) | skips (−20 to −30 %) |\n\
             |---|---:|---:|---:|\n",
        );
        for size in self.runs.keys() {
            let rates = |learner: &str| -> [f64; 3] {
                let mut sum = [0.0; 4];
                for run in self.of(size, learner) {
                    for (s, r) in sum.iter_mut().zip(run.reactions) {
                        *s += r;
                    }
                }
                let [rounds, likes, completes, skips] = sum;
                [likes, completes, skips].map(|count| count / rounds)
            };
            let [likes, completes, skips] = {
                let (with, without) = (rates("taste"), rates("rules"));
                let mut change = [0.0; 3];
                for (c, (a, b)) in change.iter_mut().zip(with.iter().zip(without)) {
                    *c = 100.0 * (a / b - 1.0);
                }
                change
            };
            let verdict = |change: f64, hoped: bool| {
                format!("{change:+.0} %, {}", if hoped { "hit" } else { "missed" })
            };
            let _ = writeln!(
                text,
                "| {size} | {} | {} | {} |",
                verdict(likes, likes >= 15.0),
                verdict(completes, completes >= 10.0),
                verdict(skips, skips <= -20.0)
            );
        }
        text.push('\n');
        text
    }

    fn curve(&self, size: &str, learner: &str) -> Curve {
        let runs = self.of(size, learner);
        let counted = runs
            .iter()
            .filter(|run| COUNTED.contains(&run.kind.as_str()));
        let mut sums: Vec<[f64; 3]> = Vec::new();
        let mut rounds = 0;
        for run in counted {
            rounds = run.rounds;
            sums.resize(run.blocks.len(), [0.0; 3]);
            for (sum, block) in sums.iter_mut().zip(&run.blocks) {
                for (s, b) in sum.iter_mut().zip(block) {
                    *s += b;
                }
            }
        }
        Curve {
            learner: learner.to_owned(),
            rounds,
            values: (sums.iter())
                .map(|[earned, uniform, best]| (earned - uniform) / (best - uniform))
                .collect(),
        }
    }

    /// The curves that a reader wants to compare.
    pub fn curves(&self, size: &str) -> Vec<Curve> {
        ["taste", "vowpal_wabbit", "rules", "q_table", "uniform"]
            .into_iter()
            .map(|learner| self.curve(size, learner))
            .filter(|curve| !curve.values.is_empty())
            .collect()
    }
}

/// Each seed's mean over the counted kinds, where all of them are there.
fn by_seed(runs: &[Run]) -> BTreeMap<u64, f64> {
    let mut seeds: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for run in runs
        .iter()
        .filter(|run| COUNTED.contains(&run.kind.as_str()))
    {
        seeds.entry(run.seed).or_default().push(run.score);
    }
    seeds.retain(|_, scores| scores.len() == COUNTED.len());
    let mean = |scores: Vec<f64>| scores.iter().sum::<f64>() / scores.len() as f64;
    (seeds.into_iter().map(|(seed, scores)| (seed, mean(scores)))).collect()
}

fn cell(estimate: Estimate) -> String {
    if estimate.half.is_finite() {
        format!("{:.3} ±{:.3}", estimate.mean, estimate.half)
    } else {
        format!("{:.3}", estimate.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(learner: &str, seed: u64, earned: [f64; 2]) -> Run {
        Run {
            learner: learner.into(),
            size: "s1".into(),
            kind: "rules".into(),
            seed,
            rounds: 100,
            score: earned.iter().sum::<f64>() / 2.0,
            blocks: earned.map(|e| [e, 0.0, 1.0]).to_vec(),
            reactions: [100.0, 20.0 + 10.0 * earned[1], 50.0, 10.0],
        }
    }

    #[test]
    fn intervals_and_the_overtaking_are_read_off_the_runs() {
        let runs = [
            run("taste", 0, [0.1, 0.9]),
            run("taste", 1, [0.1, 0.7]),
            run("rules", 0, [0.3, 0.3]),
            run("rules", 1, [0.3, 0.3]),
        ];
        let text = Summary::new(&runs).markdown();
        assert!(text.contains("| 0.450 ±0.635 |"), "{text}");
        assert!(text.contains("s1: after at most 50 "), "{text}");
        assert!(
            text.contains("| s1 | +22 %, hit | +0 %, missed |"),
            "{text}"
        );
    }
}
