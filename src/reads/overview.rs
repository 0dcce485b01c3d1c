//! The overview: how much there is, how it grew, and what waits.

use crate::{
    domain::{cluster::Verdict, review::ReviewKind},
    store::{StoreError, TenantId, commits, judgements, keys, reviews},
};
use sea_orm::DatabaseConnection;

/// How a tenant stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// How many events are stored.
    pub events: u64,
    /// How many living profiles there are.
    pub profiles: u64,
    /// How many identifiers join nobody.
    pub shared: u64,
    /// How many reviews are open, by kind; kinds without any are left out.
    pub open: Vec<(ReviewKind, u64)>,
    /// By day (since 1970, UTC) by how many events there were more.
    pub events_by_day: Vec<(i64, i64)>,
    /// By day by how many profiles there were more.
    pub profiles_by_day: Vec<(i64, i64)>,
    /// By day how many reviews were opened.
    pub reviews_by_day: Vec<(i64, i64)>,
    /// What stewards ruled; none before they did.
    pub trust: Option<Trust>,
}

/// How often stewards ruled that two are the same person, and between which shares the true one lies with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trust {
    /// How many rulings are in force.
    pub judged: u64,
    /// Which share of them says so.
    pub same: f64,
    /// The least share.
    pub least: f64,
    /// The greatest share.
    pub most: f64,
}

impl Overview {
    /// Reads it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(connection: &DatabaseConnection, tenant: TenantId) -> Result<Self, StoreError> {
        let days = commits::days(connection, tenant).await?;
        let total = |count: fn(&commits::Day) -> i64| u64::try_from(days.iter().map(count).sum::<i64>()).unwrap_or(0);
        let ruled = judgements::verdicts(connection, tenant).await?;
        let of = |verdict| ruled.iter().filter(|(known, _)| *known == verdict).map(|(_, count)| count).sum();
        Ok(Self {
            events: total(|day| day.events),
            profiles: total(|day| day.profiles),
            shared: keys::count_dead_identifiers(connection, tenant).await?,
            open: reviews::open_by_kind(connection, tenant).await?,
            events_by_day: days.iter().map(|day| (day.day, day.events)).collect(),
            profiles_by_day: days.iter().map(|day| (day.day, day.profiles)).collect(),
            reviews_by_day: reviews::opened_by_day(connection, tenant).await?,
            trust: Trust::of(of(Verdict::Same), of(Verdict::Different)),
        })
    }
}

impl Trust {
    /// Wilson's interval (E. B. Wilson, 1927), which holds for few rulings, too.
    fn of(same: u64, different: u64) -> Option<Self> {
        /// Of a normal distribution 95 % lie within so many standard deviations.
        const Z: f64 = 1.96;
        let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let (judged, n) = (same + different, number(same + different));
        if judged == 0 {
            return None;
        }
        let share = number(same) / n;
        let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
        let reach = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        Some(Self { judged, same: share, least: (middle - reach).max(0.0), most: (middle + reach).min(1.0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        assert_eq!(Trust::of(0, 0), None);
        // 8 of 10: 0.490 to 0.943, as in the tables.
        let trust = Trust::of(8, 2).unwrap();
        assert!((trust.least - 0.490).abs() < 0.001 && (trust.most - 0.943).abs() < 0.001, "{trust:?}");
        let all = Trust::of(3, 0).unwrap();
        assert!(all.most >= 0.999 && all.least > 0.4, "{all:?}");
    }
}
