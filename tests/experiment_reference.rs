//! Experiments against numbers from SciPy 1.17 and statsmodels 0.15. Each
//! comment is the Python that made the number, after
//!
//! ```python
//! import numpy as np, statsmodels.api as sm
//! from scipy.special import betaln
//! from scipy.stats import norm
//! from scipy.optimize import brentq
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use moodloop::experiment::{
    Clusters, Day, METRICS, Metric, Phase, Plan, Tally, UserSums, compare, sample_ratio,
};
use moodloop::stats::sequence_factor;

const LIKE: &Metric = &METRICS[0];

fn close(got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance,
        "{got} is not {expected}"
    );
}

fn rates(agent: (u64, u64), baseline: (u64, u64)) -> Day {
    Day {
        agent: Tally::rate(agent.0, agent.1).unwrap(),
        baseline: Tally::rate(baseline.0, baseline.1).unwrap(),
    }
}

#[test]
fn confidence_sequences_reach_as_far_as_the_paper_says() {
    // s = -2*np.log(.05); r = (s + np.log(s + 1))/5000
    // np.sqrt(2*(t*r + 1)/(t*r)*np.log(np.sqrt(t*r + 1)/.05))
    close(sequence_factor(200.0), 5.099959969897444, 1e-12);
    close(sequence_factor(5e3), 3.0352089903762534, 1e-12);
    close(sequence_factor(2e6), 3.7495466830762987, 1e-12);
}

#[test]
fn two_rates_differ_by_their_wald_error() {
    let day = rates((2_300, 10_000), (2_000, 10_000));
    let difference = compare(LIKE, &[day], None).unwrap().difference.unwrap();
    close(difference.value, 0.03, 1e-12);
    // p, q = 2301/10002, 2001/10002; np.sqrt((p*(1 - p) + q*(1 - q))/10000)
    close(difference.standard_error, 0.005806592292017854, 1e-14);
    // statsmodels.stats.proportion.confint_proportions_2indep(2300, 10000, 2000, 10000,
    // method="wald", compare="diff"), which adds no hit and no miss
    close(difference.interval.low, 0.0186203876671655, 1e-5);
    close(difference.interval.high, 0.0413796123328345, 1e-5);
    close(difference.sequence.low, 0.012375778871817955, 1e-12);
    close(difference.sequence.high, 0.04762422112818204, 1e-12);
}

#[test]
fn days_are_taken_out_like_fixed_effects() {
    // The coefficient of the arm in sm.OLS of hits on it and on one dummy for each day.
    let days = [
        rates((40, 100), (360, 900)),
        rates((90, 300), (30, 100)),
        rates((0, 0), (5, 20)),
        rates((7, 50), (9, 30)),
    ];
    let difference = compare(LIKE, &days, None).unwrap().difference.unwrap();
    close(difference.value, -0.016326530612245566, 1e-14);
}

#[test]
fn users_count_as_clusters() {
    // users = [(3,1), (5,4), (1,0), (8,2), (2,2), (6,1), (4,4), (7,0)]
    // y = np.concatenate([[1]*s + [0]*(n - s) for n, s in users])
    // g = np.concatenate([[i]*n for i, (n, s) in enumerate(users)])
    // se = sm.OLS(y, np.ones(len(y))).fit(cov_type="cluster",
    //     cov_kwds={"groups": g, "use_correction": False}).bse[0]
    // p = 15/38; se**2*8/7/(p*(1 - p)/36)
    let mut sums = UserSums::default();
    for (units, likes) in [
        (3, 1),
        (5, 4),
        (1, 0),
        (8, 2),
        (2, 2),
        (6, 1),
        (4, 4),
        (7, 0),
    ] {
        sums.add(f64::from(units), f64::from(likes));
    }
    let variance = Tally::rate(14, 36).unwrap().variance(LIKE.kind);
    close(
        sums.design_effect(variance).unwrap(),
        2.9625812608099245,
        1e-12,
    );
    // Both arms alike, forty times: the difference's error is √2 times one arm's, widened.
    let mut many = UserSums::default();
    for _ in 0..40 {
        many = UserSums {
            users: many.users + sums.users,
            units: many.units + sums.units,
            sum: many.sum + sums.sum,
            units_squared: many.units_squared + sums.units_squared,
            units_times_sum: many.units_times_sum + sums.units_times_sum,
            sum_squared: many.sum_squared + sums.sum_squared,
        };
    }
    let day = rates((560, 1_440), (560, 1_440));
    let clusters = Clusters {
        agent: many,
        baseline: many,
    };
    let clustered = compare(LIKE, &[day], Some(&clusters)).unwrap();
    // The same OLS over the forty-fold list; se*np.sqrt(2*320/319)
    let error = clustered.difference.unwrap().standard_error;
    close(error, 0.029375043106123353, 1e-14);
}

#[test]
fn sample_ratios_weigh_as_beta_functions_do() {
    // betaln(100*p + a, 100*(1 - p) + b) - betaln(100*p, 100*(1 - p)) - a*np.log(p) - b*np.log(1 - p)
    for (agent, baseline, share, expected) in [
        (5_040, 4_960, 0.5, -1.9931690955327213),
        (4_400, 5_000, 0.5, 16.68257165175237),
        (98, 902, 0.1, -1.1781135867810804),
        (500, 500, 0.1, 475.21554800298435),
    ] {
        let phase = Phase {
            agent,
            baseline,
            expected_agent_share: share,
        };
        let result = sample_ratio(&[phase]).unwrap();
        close(result.log_evidence, expected, 1e-8);
        // np.log(2/.001)
        assert_eq!(result.broken, expected > 7.600902459542082);
    }
}

#[test]
fn plans_have_a_power_of_80_percent() {
    // def power(effect, days, share=.5, icc=0.):
    //     units = 10*days/7; deff = 1 + max(0, units - 1)*icc
    //     n, m = 2000*units*share/deff, 2000*units*(1 - share)/deff
    //     se = np.sqrt((.2 + effect)*(.8 - effect)/n + .16/m)
    //     return norm.sf(factor(n*m/(n + m)) - effect/se)   # factor: the first test's
    // next(d for d in range(1, 729) if power(.02, d) >= .8)
    // brentq(lambda e: power(e, 28) - .8, 1e-6, .5)
    for (settings, days, effect) in [
        (r#""agent_per_mille": 500"#, 9, 0.011341775507752035),
        (
            r#""agent_per_mille": 500, "intraclass": 0.05"#,
            23,
            0.019182703643633194,
        ),
        (r#""agent_per_mille": 100"#, 25, 0.018865576929856975),
    ] {
        let plan = format!(
            r#"{{"metric": "like_rate", "baseline": 0.2, "users": 2000, "units_per_user_week": 10, {settings}}}"#
        );
        let plan = Plan::parse(&serde_json::from_str(&plan).unwrap()).unwrap();
        assert_eq!(plan.days_to_detect(0.02), Some(days), "{settings}");
        close(plan.minimum_detectable_effect(28).unwrap(), effect, 1e-9);
    }
}
