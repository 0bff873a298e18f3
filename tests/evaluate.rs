//! Off-policy estimates against the reference numbers of the Open Bandit
//! Dataset, and from the bytes of a log to a report.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::rc::Rc;

use moodloop::Code;
use moodloop::config::Config;
use moodloop::context::Extras;
use moodloop::evaluate::{
    Actions, Estimator, Evaluation, LogLine, LogOptions, LogReader, OnBadLine, Report, RewardTable,
    Stored, Target, baseline, fixed, logged_target, q_table, uniform,
};
use moodloop::params::Mapping;
use moodloop::policy::Policy;
use moodloop::strategy::ActionSpace;

const ITEMS: usize = 34;

/// The men's campaign as logged by `policy`: `bts` (Thompson sampling) or
/// `random`. Each line brings what Thompson sampling from the shop's prior
/// would have done at its position. `None` where the file is not beside the
/// project.
fn open_bandit(policy: &str) -> Option<Vec<LogLine>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = format!("../shared/data/open_bandit_men_{policy}.csv");
    let text = std::fs::read_to_string(root.join(file)).ok()?;
    // Of 100,000 draws; tests/package/open-bandit.mjs says how they were made.
    let draws = std::fs::read_to_string(root.join("tests/fixtures/open_bandit_men_bts.json"));
    let draws: Vec<Vec<f64>> = serde_json::from_str(&draws.unwrap()).unwrap();
    let row = |(i, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(',').collect();
        let shown = &draws[cells[2].parse::<usize>().unwrap() - 1];
        LogLine {
            decision_id: i.to_string(),
            content_id: None,
            user_id: None,
            decided_at: i as i64,
            context: None,
            action: cells[1].parse().unwrap(),
            propensity: cells[4].parse().unwrap(),
            reward: cells[3].parse().unwrap(),
            target_propensities: Some(shown.iter().map(|n| n / 1e5).collect()),
            continues: false,
        }
    };
    Some(text.lines().skip(1).enumerate().map(row).collect())
}

fn judge<T: Target>(target: T, actions: usize, lines: &[LogLine]) -> Report {
    let mut evaluation = Evaluation::new(target, actions, 10.0).unwrap();
    for line in lines {
        evaluation.push(line).unwrap();
    }
    evaluation.report()
}

/// Values to 1e-9, the effective sample size to the two decimals of its reference.
fn assert_reference(report: &Report, values: [f64; 6], effective: &str, largest: &str) {
    for (estimated, reference) in report.estimates.iter().zip(values) {
        let (estimator, value) = (estimated.estimator, estimated.estimate.value);
        assert!((value - reference).abs() < 1e-9, "{estimator:?} {value}");
    }
    assert_eq!(report.estimates.len(), values.len());
    let overlap = &report.overlap;
    assert_eq!(format!("{:.2}", overlap.effective_sample_size), effective);
    assert_eq!(format!("{:.3}", overlap.largest_weight), largest);
}

#[test]
fn the_way_back_agrees_with_the_reference_numbers() {
    let Some(lines) = open_bandit("random") else {
        println!("skipped: ../shared/data/open_bandit_men_random.csv is not there");
        return;
    };
    let report = judge(logged_target, ITEMS, &lines);
    // `men random->bts table` in ../shared/bench/README.md, made with obp 0.4.1.
    let values = [
        0.004533560,
        0.004604232,
        0.004719396,
        0.004611861,
        0.004610184,
        0.004533560,
    ];
    assert_reference(&report, values, "2467.40", "10.689");
    // What Thompson sampling truly earned in that week is inside.
    let robust = &report.estimate(Estimator::DoublyRobust).unwrap().estimate;
    assert!(robust.interval.contains(0.0069));
}

#[test]
fn open_bandit_agrees_with_the_reference_numbers() {
    let Some(lines) = open_bandit("bts") else {
        println!("skipped: ../shared/data/open_bandit_men_bts.csv is not there");
        return;
    };
    let report = judge(uniform, ITEMS, &lines);
    // `men bts->random table` in ../shared/bench/README.md, made with obp 0.4.1.
    let values = [
        0.003008626,
        0.003189423,
        0.006825809,
        0.003383924,
        0.003177092,
        0.003008626,
    ];
    assert_reference(&report, values, "655.71", "178.253");
    let overlap = &report.overlap;
    // The reference gives the effective sample size to 2 decimals; here to 1e-9.
    let (sum, squares) = lines.iter().fold((0.0, 0.0), |(s, q), line| {
        let w = 1.0 / ITEMS as f64 / line.propensity;
        (s + w, q + w * w)
    });
    assert!((overlap.effective_sample_size - sum * sum / squares).abs() < 1e-9);
    let warned: Vec<_> = report.warnings.iter().map(|w| w.code).collect();
    assert_eq!(warned, ["small_effective_sample", "clipped"]);
    // What the uniform campaign of the same week truly clicked is inside.
    let robust = &report.estimate(Estimator::DoublyRobust).unwrap().estimate;
    assert!(robust.interval.contains(0.0046) && robust.sequence.contains(0.0046));
}

/// The textbook's standard error of the doubly-robust estimate: the table is
/// fitted first, then the lines are read again.
fn error_of_two_passes<T: Target>(target: &T, actions: usize, lines: &[LogLine]) -> f64 {
    let mut table = RewardTable::new(actions);
    let mut answers = Vec::new();
    for line in lines {
        let mut out = vec![0.0; actions];
        target.probabilities(line, &mut out).unwrap();
        table.observe(line.action, line.reward, &out).unwrap();
        answers.push(out);
    }
    let values: Vec<f64> = (lines.iter().zip(&answers))
        .map(|(line, target)| {
            let draws = target.iter().enumerate();
            let predicted: f64 = draws.map(|(a, p)| p * table.predict(a)).sum();
            let weight = target[line.action] / line.propensity;
            predicted + weight * (line.reward - table.predict(line.action))
        })
        .collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

#[test]
fn one_reading_tells_errors_as_well_as_two() {
    let (Some(bts), Some(random)) = (open_bandit("bts"), open_bandit("random")) else {
        println!("skipped: the files of ../shared/data are not there");
        return;
    };
    let robust = |report: &Report| {
        let robust = report.estimate(Estimator::DoublyRobust).unwrap();
        robust.estimate.standard_error
    };
    for (one, two) in [
        (
            judge(uniform, ITEMS, &bts),
            error_of_two_passes(&uniform, ITEMS, &bts),
        ),
        (
            judge(logged_target, ITEMS, &random),
            error_of_two_passes(&logged_target, ITEMS, &random),
        ),
    ] {
        let one = robust(&one);
        assert!((one / two - 1.0).abs() < 0.01, "{one} {two}");
    }
}

/// A log of `count` decisions of the uniform policy; strategy 8 earns 1, the others 0.
fn strategies_log(count: usize) -> String {
    let space = ActionSpace::default();
    let mut log = String::new();
    for i in 0..count {
        let strategy = space.get(i % 27).unwrap();
        let reward = if strategy.index() == 8 { 1 } else { 0 };
        let openness = if i % 2 == 0 { 90 } else { 10 };
        log += &format!(
            r#"{{"decision_id":"d{i}","decided_at":{i},"context":{{"content_type":"music","time_of_day":"night","personality":{{"openness":{openness},"extraversion":10}}}},"strategy":"{}","propensity":{},"reward":{reward}}}"#,
            space.name(strategy),
            1.0 / 27.0,
        );
        log.push('\n');
    }
    log
}

fn evaluate<T: Target>(target: T, log: &str) -> moodloop::Result<Report> {
    let actions = Actions::Strategies(ActionSpace::default());
    let options = LogOptions::new(actions, Extras::default())?;
    let mut evaluation = Evaluation::new(target, options.actions(), 1000.0)?;
    let mut reader = LogReader::new(options, OnBadLine::Stop);
    reader.push(log.as_bytes(), |line| evaluation.push(line))?;
    reader.finish(|line| evaluation.push(line))?;
    Ok(evaluation.report())
}

#[test]
fn a_log_of_strategies_tells_policies_apart() {
    let log = strategies_log(5400);
    let space = ActionSpace::default();
    let snips = |report: Report| report.estimate(Estimator::Snips).unwrap().estimate.value;
    let best = evaluate(fixed(space.get(8).unwrap()), &log).unwrap();
    assert!((snips(best) - 1.0).abs() < 1e-12);
    let other = evaluate(fixed(space.get(7).unwrap()), &log).unwrap();
    assert!(snips(other).abs() < 1e-12);
    assert!((snips(evaluate(uniform, &log).unwrap()) - 1.0 / 27.0).abs() < 1e-12);
    // Openness 90 and extraversion 10 is `low_diverse_exploratory`, number 8: half the visitors.
    assert!((snips(evaluate(baseline(space), &log).unwrap()) - 0.5).abs() < 0.01);
}

#[test]
fn a_policy_that_has_seen_nothing_is_uniform_by_both_its_models() {
    let log = strategies_log(2700);
    let policy = Rc::new(Policy::prior(Config::default(), Mapping::default()).unwrap());
    let table = |line: &LogLine, out: &mut [f64]| q_table(&policy, line, out);
    let stored = Stored::new(Rc::clone(&policy));
    let weights = |report: Report| (report.overlap.mean_weight, report.overlap.largest_weight);
    for (mean, largest) in [
        weights(evaluate(stored.clone(), &log).unwrap()),
        weights(evaluate(table, &log).unwrap()),
    ] {
        assert!((mean - 1.0).abs() < 1e-9 && (largest - 1.0).abs() < 1e-9);
    }
    let options = LogOptions::new(Actions::Numbered(5), Extras::default()).unwrap();
    let mut evaluation = Evaluation::new(stored, options.actions(), 10.0).unwrap();
    let line = r#"{"decision_id":"d","decided_at":1,"action":4,"propensity":1,"reward":0,"context":{"content_type":"music","time_of_day":"night"}}"#;
    let error = LogReader::new(options, OnBadLine::Stop)
        .push(format!("{line}\n").as_bytes(), |line| evaluation.push(line))
        .unwrap_err();
    assert_eq!(
        error.message(),
        "line 1: a policy over `27` actions cannot answer for `5`"
    );
}

#[test]
fn a_target_that_a_line_cannot_answer_names_the_line() {
    let error = evaluate(logged_target, &strategies_log(3)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "corrupt_log: line 1: decision `d0` lacks `target_propensities`"
    );
    let lies = |_: &LogLine, out: &mut [f64]| {
        out.fill(0.5);
        Ok(())
    };
    let error = evaluate(lies, &strategies_log(3)).unwrap_err();
    assert_eq!(error.code(), Code::CorruptLog);
    assert!(error.message().contains("sum to `13.5`"), "{error}");
}

#[test]
fn a_strategy_that_the_log_never_shows_is_refused() {
    // Only strategies 0..=12 are ever logged.
    let log: String = strategies_log(5400)
        .lines()
        .enumerate()
        .filter(|(i, _)| i % 27 < 13)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let unseen = ActionSpace::default().get(20).unwrap();
    let report = evaluate(fixed(unseen), &log).unwrap();
    assert_eq!(report.refusal.as_ref().unwrap().code, "no_overlap");
    assert!(report.estimates.is_empty() && report.logged.is_some());
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["overlap"]["effective_sample_size"], 0.0);
}
