//! Rows on their way into several tables, sent in as few statements as the database takes them in.

use super::{PIECE, Rows};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use std::{borrow::Cow, collections::BTreeSet};

/// SQLite takes up to so many rows of each table in one call.
const MOST_TOGETHER: usize = 8;
/// The table of which a record has several rows, and how many of them count as one of another table's.
const MANY: &str = "record_keys";
const ROWS_OF_MANY: usize = 16;

/// Rows for one table; `on_conflict` such as `ON CONFLICT DO NOTHING`, or nothing.
struct Insertion {
    table: &'static str,
    on_conflict: Cow<'static, str>,
    rows: Rows,
}

/// What is to be inserted, in the order in which it was given.
#[derive(Default)]
pub struct Insertions(Vec<Insertion>);

/// Which rows PostgreSQL takes in one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Those of one table: Citus takes no others.
    Apart,
    /// Those of several, each in an expression of its own (`WITH … AS (INSERT …)`).
    Together,
}

impl Insertions {
    /// Adds rows.
    pub fn push(&mut self, table: &'static str, on_conflict: impl Into<Cow<'static, str>>, rows: Rows) {
        if !rows.is_empty() {
            self.0.push(Insertion { table, on_conflict: on_conflict.into(), rows });
        }
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether PostgreSQL takes all of it in one statement.
    #[must_use]
    pub fn is_one_statement(&self, packing: Packing) -> bool {
        let tables: BTreeSet<&str> = self.0.iter().map(|insertion| insertion.table).collect();
        let size: usize = self.0.iter().map(|insertion| insertion.rows.size()).sum();
        packing == Packing::Together && tables.len() == self.0.len() && size <= PIECE
    }

    /// Inserts everything into tables of the tenant's.
    ///
    /// # Errors
    /// What the database says.
    pub async fn send<C: ConnectionTrait>(self, connection: &C, tenant: i32, packing: Packing) -> Result<(), DbErr> {
        if connection.get_database_backend() == DbBackend::Sqlite {
            return self.send_to_sqlite(connection, tenant).await;
        }
        for packet in self.packets(packing) {
            connection.execute_raw(statement(packet, tenant)).await?;
        }
        Ok(())
    }

    /// A statement is a call there, and no trip; but it wakes the connection's thread, and then whoever waits for it. So few rows go
    /// together.
    async fn send_to_sqlite<C: ConnectionTrait>(self, connection: &C, tenant: i32) -> Result<(), DbErr> {
        let Some(most) = self.0.iter().map(Insertion::share).max() else { return Ok(()) };
        let share = most.next_power_of_two();
        if share <= MOST_TOGETHER {
            connection.execute_raw(together(self.0, tenant, share)).await?;
            return Ok(());
        }
        for Insertion { table, on_conflict, rows } in self.0 {
            rows.insert_values(connection, tenant, table, &on_conflict).await?;
        }
        Ok(())
    }

    /// What goes into each statement, one piece of it: whatever fills the one before, each table once.
    fn packets(self, packing: Packing) -> Vec<Vec<Insertion>> {
        let (mut packets, mut packet, mut room) = (Vec::new(), Vec::<Insertion>::new(), PIECE);
        for Insertion { table, on_conflict, mut rows } in self.0 {
            if rows.is_large() {
                packets.extend([std::mem::take(&mut packet), vec![Insertion { table, on_conflict, rows }]]);
                room = PIECE;
                continue;
            }
            while !rows.is_empty() {
                let is_apart = packing == Packing::Apart || packet.iter().any(|other| other.table == table);
                if is_apart || rows.fitting(room) == 0 {
                    packets.push(std::mem::take(&mut packet));
                    room = PIECE;
                }
                let piece = rows.split_last(rows.fitting(room));
                room = room.saturating_sub(piece.size());
                packet.push(Insertion { table, on_conflict: on_conflict.clone(), rows: piece });
            }
        }
        packets.push(packet);
        packets.retain(|packet| !packet.is_empty());
        packets
    }
}

fn statement(packet: Vec<Insertion>, tenant: i32) -> Statement {
    let mut values: Vec<Value> = vec![tenant.into()];
    let mut parts: Vec<String> = packet.into_iter().map(|insertion| insertion.sql(&mut values)).collect();
    let last = parts.pop().unwrap_or_default();
    let others = parts.iter().enumerate().map(|(place, sql)| format!("part_{place} AS ({sql})"));
    let sql = match others.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => last,
        others => format!("WITH {others} {last}"),
    };
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// All rows as SQLite's statements one after the other in one text. Each has room for as many rows as the others, so that there are few
/// different texts to prepare and to keep.
fn together(insertions: Vec<Insertion>, tenant: i32, share: usize) -> Statement {
    let mut values = Vec::new();
    let parts: Vec<String> = insertions
        .into_iter()
        .map(|insertion| {
            let room = share * insertion.rows_a_share();
            insertion.rows.insertion_with_room(room, tenant, insertion.table, &insertion.on_conflict, &mut values)
        })
        .collect();
    Statement::from_sql_and_values(DbBackend::Sqlite, parts.join("; "), values)
}

impl Insertion {
    /// How many shares of room its rows take.
    fn share(&self) -> usize {
        self.rows.len().div_ceil(self.rows_a_share())
    }

    /// How many rows come with each row of other tables.
    fn rows_a_share(&self) -> usize {
        if self.table == MANY { ROWS_OF_MANY } else { 1 }
    }

    fn sql(self, values: &mut Vec<Value>) -> String {
        let (table, on_conflict, names) = (self.table, self.on_conflict, self.rows.names());
        let given = self.rows.unnest(values);
        format!("INSERT INTO {table} (tenant_id, {names}) SELECT $1, {names} FROM {given} {on_conflict}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::bulk::Column;

    fn texts(count: usize, length: usize) -> Rows {
        Rows::new().with("text", Column::Texts(vec!["x".repeat(length); count]))
    }

    fn packed(packing: Packing) -> Vec<Vec<(&'static str, usize)>> {
        let mut insertions = Insertions::default();
        insertions.push("few", "", texts(3, 10));
        insertions.push("none", "", texts(0, 10));
        insertions.push("many", "", texts(30, 1_000));
        insertions.push("huge", "", texts(1, 2 * PIECE));
        insertions.push("few", "", texts(2, 10));
        insertions.push("other", "", texts(2, 10));
        let packets = insertions.packets(packing).into_iter();
        packets.map(|packet| packet.iter().map(|part| (part.table, part.rows.len())).collect()).collect()
    }

    #[test]
    fn statements_are_filled_to_one_piece_each_with_every_table_once() {
        let together = packed(Packing::Together);
        let expected: [&[_]; 4] = [&[("few", 3), ("many", 13)], &[("many", 13)], &[("many", 4)], &[("huge", 1)]];
        assert_eq!(together[..4], expected);
        assert_eq!(together[4..], [vec![("few", 2), ("other", 2)]]);
    }

    #[test]
    fn one_statement_is_what_one_packet_takes() {
        let cases = [(PIECE, "other", true), (PIECE + 1, "other", false), (10, "few", false)];
        for (length, table, expected) in cases {
            for (packing, expected) in [(Packing::Together, expected), (Packing::Apart, false)] {
                let few = texts(1, 10);
                let mut insertions = Insertions::default();
                let rest = length.saturating_sub(few.size() + texts(1, 0).size());
                insertions.push("few", "", few);
                insertions.push(table, "", texts(1, rest));
                assert_eq!(insertions.is_one_statement(packing), expected, "{length} {table} {packing:?}");
                assert_eq!(insertions.packets(packing).len() == 1, expected, "{length} {table} {packing:?}");
            }
        }
    }

    #[test]
    fn apart_each_table_has_statements_of_its_own() {
        let apart = packed(Packing::Apart);
        assert!(apart.iter().all(|packet| packet.len() == 1), "{apart:?}");
        let rows: usize = apart.iter().flatten().map(|(_, rows)| rows).sum();
        assert_eq!((apart.len(), rows), (7, 38));
    }

    #[test]
    fn few_rows_go_to_sqlite_in_a_text_that_others_share() {
        let text = |few: usize, keys: usize| {
            let mut insertions = Insertions::default();
            insertions.push("few", "", texts(few, 1));
            insertions.push(MANY, "ON CONFLICT DO NOTHING", texts(keys, 1));
            together(insertions.0, 7, 2)
        };
        let statement = text(1, 17);
        let values = statement.values.map(|values| values.0).unwrap_or_default();
        assert_eq!(values.len(), 1 + 2 + 1 + 32);
        assert_eq!(values.iter().filter(|value| **value == Value::Int(None)).count(), 1 + 15);
        assert!(statement.sql.starts_with(
            "INSERT OR FAIL INTO few (tenant_id, text) SELECT ?, * FROM (VALUES (?), (?)) WHERE column1 IS NOT NULL ; \
             INSERT  INTO record_keys (tenant_id, text) SELECT ?, * FROM (VALUES (?), "
        ));
        assert_eq!(statement.sql, text(2, 32).sql);
    }

    #[test]
    fn parameters_are_numbered_through() {
        let packet = ["a", "b"].map(|table| Insertion {
            table,
            on_conflict: "ON CONFLICT DO NOTHING".into(),
            rows: texts(1, 1),
        });
        let statement = statement(packet.into(), 7);
        assert_eq!(
            statement.sql,
            "WITH part_0 AS (INSERT INTO a (tenant_id, text) SELECT $1, text FROM \
             (SELECT text AS text FROM UNNEST($2::text[]) AS u(text)) AS given ON CONFLICT DO NOTHING) \
             INSERT INTO b (tenant_id, text) SELECT $1, text FROM \
             (SELECT text AS text FROM UNNEST($3::text[]) AS u(text)) AS given ON CONFLICT DO NOTHING"
        );
        assert_eq!(statement.values.map(|values| values.0.len()), Some(3));
    }
}
