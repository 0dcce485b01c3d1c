//! Charts: bars over days, as SVG.

use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 120.0;

/// One bar for each day, with its text.
pub fn bars(title: &str, days: &[(String, f64)]) -> Markup {
    let most = days.iter().map(|(_, value)| value.abs()).fold(0.0, f64::max);
    if days.is_empty() || most <= 0.0 {
        return html! { figure { figcaption { (title) } p class="muted" { "Nothing yet." } } };
    }
    let step = WIDTH / f64::from(u32::try_from(days.len()).unwrap_or(u32::MAX));
    let bar = |place: usize, value: f64| {
        let height = (value.max(0.0) / most * (HEIGHT - 4.0)).max(1.0);
        let x = f64::from(u32::try_from(place).unwrap_or(u32::MAX)) * step;
        (fixed(x + step * 0.1), fixed(HEIGHT - height), fixed(step * 0.8), fixed(height))
    };
    html! {
        figure {
            figcaption { (title) span class="muted" { " at most " (most) " a day" } }
            svg class="bars" viewBox="0 0 640 120" role="img" aria-label=(title) {
                @for (place, (day, value)) in days.iter().enumerate() {
                    @let (x, y, width, height) = bar(place, *value);
                    rect x=(x) y=(y) width=(width) height=(height) { title { (day) ": " (value) } }
                }
            }
            p class="ends muted" {
                @if let (Some((first, _)), Some((last, _))) = (days.first(), days.last()) {
                    span { (first) }
                    @if days.len() > 1 { span { (last) } }
                }
            }
        }
    }
}

/// A length to a tenth.
pub fn fixed(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_bar_fills_the_chart_and_none_is_drawn_of_nothing() {
        let chart = bars("Events", &[("a".to_owned(), 5.0), ("b".to_owned(), 10.0)]).into_string();
        assert_eq!(chart.matches("<rect").count(), 2);
        assert!(chart.contains("height=\"116.0\"") && chart.contains("height=\"58.0\""), "{chart}");
        assert!(bars("Events", &[]).into_string().contains("Nothing yet"));
    }
}
