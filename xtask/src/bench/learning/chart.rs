//! Learning curves as an SVG that stands alone, light or dark.

use std::fmt::Write as _;

use super::summary::Curve;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 50.0;
const BOTTOM: f64 = 40.0;
const RIGHT: f64 = 130.0;
const TOP: f64 = 16.0;
const COLOURS: [&str; 5] = ["#d1495b", "#2e86ab", "#6b8f3c", "#b07d2b", "#8a8a8a"];

/// Draws score over rounds, one line a learner.
pub fn draw(curves: &[Curve]) -> String {
    let rounds = curves.iter().map(|c| c.rounds).max().unwrap_or(1) as f64;
    let lowest = (curves.iter().flat_map(|c| &c.values)).fold(0.0f64, |a, &b| a.min(b));
    let floor = (lowest * 5.0).floor() / 5.0;
    let x = |share: f64| LEFT + share * (WIDTH - LEFT - RIGHT);
    let y = |score: f64| TOP + (1.0 - score) / (1.0 - floor) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>Score by number of rounds</title>\n\
         <style>text{{fill:#444}}line{{stroke:#8886}}\
         @media(prefers-color-scheme:dark){{text{{fill:#ccc}}}}</style>\n"
    );
    let steps = ((1.0 - floor) * 5.0).round() as i32;
    for step in 0..=steps {
        let score = floor + f64::from(step) / 5.0;
        let at = y(score);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{score:.1}</text>",
            x(1.0),
            LEFT - 8.0,
            at + 4.0
        );
    }
    for quarter in 0..=4 {
        let share = f64::from(quarter) / 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{:.0}</text>",
            x(share),
            HEIGHT - BOTTOM + 20.0,
            share * rounds
        );
    }
    let mut taken: Vec<f64> = Vec::new();
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let blocks = curve.values.len().max(1) as f64;
        let points: Vec<String> = (curve.values.iter().enumerate())
            .map(|(i, &v)| format!("{:.1},{:.1}", x((i as f64 + 0.5) / blocks), y(v)))
            .collect();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>",
            points.join(" ")
        );
        let mut label = curve.values.last().map_or(TOP, |&v| y(v)) + 4.0;
        while taken.iter().any(|other| (other - label).abs() < 15.0) {
            label -= 15.0;
        }
        taken.push(label);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{label:.1}\" style=\"fill:{colour}\">{}</text>",
            x(1.0) + 8.0,
            curve.learner.replace('_', " ")
        );
    }
    svg.push_str("</svg>\n");
    svg
}
