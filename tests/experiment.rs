//! Do experiments tell the truth? Measured on simulated sites: false alarms
//! when nothing differs, found differences when something does.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use moodloop::experiment::{
    Assignment, Clusters, Comparison, Day, Decision, METRICS, Metric, Outcome, Phase, Plan,
    SampleRatio, Tally, UserSums, Verdict, compare, sample_ratio,
};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng as _;

const LIKE: &Metric = &METRICS[0];
const SKIP: &Metric = &METRICS[2];
const REWARD: &Metric = &METRICS[3];

struct Random(Pcg64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Pcg64::new(u128::from(seed), 5))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// How many of `n` trials hit, each with chance `p`.
    fn hits(&mut self, n: u32, p: f64) -> u64 {
        (0..n).map(|_| u64::from(self.uniform() < p)).sum()
    }
}

/// One user of a simulated site: arm, own chances, own totals.
struct User {
    agent: bool,
    like: f64,
    skip: f64,
    units: f64,
    likes: f64,
    skips: f64,
}

/// A site whose users differ in taste by up to `spread` either way. The agent
/// multiplies the chance of a like by `lift`.
struct Site {
    random: Random,
    users: Vec<User>,
    lift: f64,
    likes: Vec<Day>,
    skips: Vec<Day>,
}

impl Site {
    fn new(seed: u64, users: usize, spread: f64, lift: f64) -> Self {
        let mut random = Random::new(seed);
        let split = Assignment::new(&format!("site-{seed}"), 500, 0).unwrap();
        let users = (0..users)
            .map(|i| User {
                agent: split.arm(&i.to_string()).unwrap().as_str() == "agent",
                like: 0.2 + spread * (2.0 * random.uniform() - 1.0),
                skip: 0.3 + spread * (2.0 * random.uniform() - 1.0),
                units: 0.0,
                likes: 0.0,
                skips: 0.0,
            })
            .collect();
        Self {
            random,
            users,
            lift,
            likes: Vec::new(),
            skips: Vec::new(),
        }
    }

    /// A stretch in which every user meets `items` items.
    fn live(&mut self, items: u32) {
        // [units, likes, skips] per arm.
        let mut totals = [[0u64; 3]; 2];
        for user in &mut self.users {
            let like = if user.agent {
                user.like * self.lift
            } else {
                user.like
            };
            let likes = self.random.hits(items, like);
            let skips = self.random.hits(items, user.skip);
            user.units += f64::from(items);
            user.likes += likes as f64;
            user.skips += skips as f64;
            let total = &mut totals[usize::from(user.agent)];
            *total = [
                total[0] + u64::from(items),
                total[1] + likes,
                total[2] + skips,
            ];
        }
        let day = |at: usize| Day {
            agent: Tally::rate(totals[1][at], totals[1][0]).unwrap(),
            baseline: Tally::rate(totals[0][at], totals[0][0]).unwrap(),
        };
        self.likes.push(day(1));
        self.skips.push(day(2));
    }

    fn clusters(&self, sum: fn(&User) -> f64) -> Clusters {
        let mut clusters = Clusters::default();
        for user in &self.users {
            let arm = if user.agent {
                &mut clusters.agent
            } else {
                &mut clusters.baseline
            };
            arm.add(user.units, sum(user));
        }
        clusters
    }

    fn ratio(&self) -> SampleRatio {
        let agent = self.users.iter().filter(|u| u.agent).count() as u64;
        sample_ratio(&[Phase {
            agent,
            baseline: self.users.len() as u64 - agent,
            expected_agent_share: 0.5,
        }])
        .unwrap()
    }

    /// What is said today; told apart by user or not.
    fn verdict(&self, by_user: bool) -> Verdict {
        let by = |sum| by_user.then(|| self.clusters(sum));
        let like = compare(LIKE, &self.likes, by(|u| u.likes).as_ref()).unwrap();
        let skip = compare(SKIP, &self.skips, by(|u| u.skips).as_ref()).unwrap();
        Verdict::new(like, vec![skip], self.ratio())
    }
}

/// How many of `runs` A/A tests, looked at on each of 90 days, ever raise any
/// alarm: better, worse, guardrail or sample ratio.
fn false_alarms(runs: u64, users: usize, spread: f64, by_user: bool) -> u64 {
    let alarmed = |seed| {
        let mut site = Site::new(seed, users, spread, 1.0);
        (0..90).any(|_| {
            site.live(1);
            !matches!(
                site.verdict(by_user).decision,
                Decision::NoDifferenceYet | Decision::NotEnoughData
            )
        })
    };
    (0..runs).map(|seed| u64::from(alarmed(seed))).sum()
}

#[test]
fn a_a_tests_looked_at_daily_for_90_days_alarm_in_at_most_5_percent() {
    let alarms = false_alarms(300, 100, 0.0, false);
    println!("users alike: {alarms} of 300");
    assert!(alarms <= 15, "{alarms}");
    let alarms = false_alarms(300, 100, 0.2, true);
    println!("users who differ, told apart: {alarms} of 300");
    assert!(alarms <= 15, "{alarms}");
}

#[test]
fn users_who_differ_must_be_told_apart() {
    // The caveat of `compare`, measured: without sums by user the same sites alarm too often.
    let alarms = false_alarms(60, 100, 0.2, false);
    println!("users who differ, not told apart: {alarms} of 60");
    assert!(alarms > 6, "{alarms}");
}

#[test]
#[ignore = "long: `cargo xtask bench --evaluate` runs it"]
fn a_a_tests_of_larger_sites_alarm_in_at_most_5_percent_of_1000() {
    for (spread, by_user) in [(0.0, false), (0.2, true)] {
        let alarms = false_alarms(1000, 1000, spread, by_user);
        println!("spread {spread}: {alarms} of 1000");
        assert!(alarms <= 50, "{alarms}");
    }
}

/// The share of `runs` sites of 2,000 users and 10 items a week each, 20 % like
/// rate, +10 % by the agent, where a daily look finds it within 4 weeks.
fn found_within_four_weeks(runs: u64, spread: f64, by_user: bool) -> f64 {
    let found = |seed| {
        let mut site = Site::new(seed, 2000, spread, 1.1);
        (0..28).any(|day| {
            // 10 items a week: 2 on three days, 1 on four.
            site.live(if day % 7 < 3 { 2 } else { 1 });
            site.verdict(by_user).decision == Decision::Better
        })
    };
    (0..runs).filter(|&seed| found(seed)).count() as f64 / runs as f64
}

/// Users alike, and users who differ and are told apart.
fn assert_found(runs: u64) {
    for (spread, by_user) in [(0.0, false), (0.1, true)] {
        let share = found_within_four_weeks(runs, spread, by_user);
        println!("spread {spread}: found in {share} of {runs} runs");
        assert!(share >= 0.8, "{share}");
    }
}

#[test]
#[ignore = "long: `cargo xtask bench --evaluate` runs it"]
fn ten_percent_more_likes_are_found_in_80_percent_of_1000_runs() {
    assert_found(1000);
}

#[test]
fn ten_percent_more_likes_are_found_in_80_percent_of_runs_within_4_weeks() {
    assert_found(40);
    let plan = Plan::parse(
        &serde_json::from_str(
            r#"{"metric": "like_rate", "baseline": 0.2, "users": 2000, "units_per_user_week": 10, "agent_per_mille": 500}"#,
        )
        .unwrap(),
    )
    .unwrap();
    assert!(plan.days_to_detect(0.02).unwrap() <= 28);
}

#[test]
fn sample_ratios_checked_after_every_user_seldom_alarm() {
    let runs = 500;
    let alarmed = |seed: u64| {
        let mut random = Random::new(seed);
        let mut phase = Phase {
            agent: 0,
            baseline: 0,
            expected_agent_share: 0.1,
        };
        (0..2000).any(|_| {
            if random.uniform() < 0.1 {
                phase.agent += 1;
            } else {
                phase.baseline += 1;
            }
            sample_ratio(&[phase]).unwrap().broken
        })
    };
    let alarms = (0..runs).filter(|&seed| alarmed(seed)).count();
    println!("{alarms} of {runs}");
    // One in a thousand is promised; 4 of 500 would have a chance of 2 in 1,000.
    assert!(alarms < 4, "{alarms}");
}

fn rates(agent: (u64, u64), baseline: (u64, u64)) -> Day {
    Day {
        agent: Tally::rate(agent.0, agent.1).unwrap(),
        baseline: Tally::rate(baseline.0, baseline.1).unwrap(),
    }
}

#[test]
fn a_share_that_grows_on_a_bad_day_does_not_look_like_harm() {
    // Both arms always agree; Monday likes 40 %, Tuesday 10 %; the agent's share grows between.
    let days = [
        rates((400, 1_000), (3_600, 9_000)),
        rates((900, 9_000), (100, 1_000)),
    ];
    let comparison = compare(LIKE, &days, None).unwrap();
    assert_eq!(comparison.outcome, Outcome::NoDifferenceYet);
    assert!(comparison.difference.unwrap().value.abs() < 1e-12);
    let pooled = rates((1_300, 10_000), (3_700, 10_000));
    let naive = compare(LIKE, &[pooled], None).unwrap();
    assert_eq!(naive.outcome, Outcome::Worse);
}

fn verdict(like: Comparison, skip: Comparison, phase: Phase) -> Verdict {
    Verdict::new(like, vec![skip], sample_ratio(&[phase]).unwrap())
}

#[test]
fn verdicts_are_words_and_data() {
    let even = Phase {
        agent: 1_000,
        baseline: 1_010,
        expected_agent_share: 0.5,
    };
    let like = |a, b| compare(LIKE, &[rates((a, 10_000), (b, 10_000))], None).unwrap();
    let skip = |a, b| compare(SKIP, &[rates((a, 10_000), (b, 10_000))], None).unwrap();
    let better = verdict(like(2_300, 2_000), skip(3_000, 3_000), even);
    assert_eq!(better.decision, Decision::Better);
    assert_eq!(
        better.sentence,
        "The agent's like rate is higher than the baseline's: 23.0 % against 20.0 %, +3.0 points (+1.2 to +4.8)."
    );
    let worse = verdict(like(1_700, 2_000), skip(3_000, 3_000), even);
    assert_eq!(worse.decision, Decision::Worse);
    let unclear = verdict(like(2_010, 2_000), skip(3_000, 3_000), even);
    assert_eq!(unclear.decision, Decision::NoDifferenceYet);
    assert!(
        unclear
            .sentence
            .starts_with("No difference in like rate is shown yet: +0.1 points")
    );
    let harmful = verdict(like(2_300, 2_000), skip(3_500, 3_000), even);
    assert_eq!(harmful.decision, Decision::Worse);
    assert!(
        harmful.sentence.starts_with(
            "The agent harms: its skip rate is higher than the baseline's: 35.0 % against 30.0 %"
        ),
        "{}",
        harmful.sentence
    );
    let fewer_skips = verdict(like(2_000, 2_000), skip(2_500, 3_000), even);
    assert_eq!(fewer_skips.decision, Decision::NoDifferenceYet);
    assert_eq!(fewer_skips.guardrails[0].outcome, Outcome::Better);
    let lost = Phase { agent: 700, ..even };
    let broken = verdict(like(2_300, 2_000), skip(3_000, 3_000), lost);
    assert_eq!(broken.decision, Decision::SampleRatioBroken);
    assert!(
        broken
            .sentence
            .contains("700 of 1710 users are on the agent where 855 are expected")
    );
    let few = compare(LIKE, &[rates((20, 99), (2_000, 10_000))], None).unwrap();
    let few = verdict(few, skip(3_000, 3_000), even);
    assert_eq!(few.decision, Decision::NotEnoughData);
    assert_eq!(
        few.sentence,
        "Not enough data yet to compare the like rate: 99 units on the agent, 10000 on the baseline."
    );
    let json = serde_json::to_value(&better).unwrap();
    assert_eq!(json["decision"], "better");
    assert_eq!(json["primary"]["metric"], "like_rate");
    assert!((json["primary"]["relative"].as_f64().unwrap() - 0.15).abs() < 1e-12);
}

#[test]
fn nothing_is_said_of_nothing() {
    let empty = compare(REWARD, &[], None).unwrap();
    assert_eq!(empty.outcome, Outcome::NotEnoughData);
    let one_armed = rates((50, 500), (0, 0));
    assert_eq!(
        compare(LIKE, &[one_armed], None).unwrap().outcome,
        Outcome::NotEnoughData
    );
    // Both arms are there, but never on the same day.
    let apart = [rates((100, 1_000), (0, 0)), rates((0, 0), (300, 1_000))];
    assert_eq!(
        compare(LIKE, &apart, None).unwrap().outcome,
        Outcome::NotEnoughData
    );
    // Likes so rare that the normal approximation means nothing.
    let rare = rates((9, 50_000), (0, 50_000));
    assert_eq!(
        compare(LIKE, &[rare], None).unwrap().outcome,
        Outcome::NotEnoughData
    );
    let few_users = Clusters {
        agent: UserSums {
            users: 29,
            ..UserSums::default()
        },
        baseline: UserSums::default(),
    };
    let day = rates((2_300, 10_000), (2_000, 10_000));
    assert_eq!(
        compare(LIKE, &[day], Some(&few_users)).unwrap().outcome,
        Outcome::NotEnoughData
    );
}

#[test]
fn means_are_compared_like_rates() {
    let mut random = Random::new(9);
    let mut tally = |mean: f64| {
        let draws: Vec<f64> = (0..5_000).map(|_| mean + random.uniform()).collect();
        let squares = draws.iter().map(|x| x * x).sum();
        Tally::new(5_000, draws.iter().sum(), squares).unwrap()
    };
    let day = Day {
        agent: tally(0.1),
        baseline: tally(0.0),
    };
    let comparison = compare(REWARD, &[day], None).unwrap();
    assert_eq!(comparison.outcome, Outcome::Better);
    let difference = comparison.difference.unwrap();
    assert!(difference.interval.contains(0.1));
    // sd of a uniform draw is √(1/12); two arms of 5,000.
    let error = (2.0f64 / 12.0 / 5_000.0).sqrt();
    assert!((difference.standard_error / error - 1.0).abs() < 0.05);
    // A rate of things that are no zeros and ones is refused.
    assert!(compare(LIKE, &[day], None).is_err());
}
