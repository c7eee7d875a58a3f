//! A parcel: rows that come all at once, each in its place in every order before they reach the shelf.
//! Whoever brings many entries sorts them; what is left is to merge two orders.

use super::Row;
use super::shelf::{Shelf, orders, place_of};

/// Rows in the order of each column of their shelf.
#[derive(Clone, Debug)]
pub struct Parcel {
    rows: Vec<Row>,
    orders: Vec<Vec<u32>>,
}

impl Parcel {
    /// A parcel of rows, no two of the same entry, for a shelf of so many columns.
    #[must_use]
    pub fn of(columns: usize, rows: Vec<Row>) -> Self {
        Self {
            orders: orders(columns, &rows),
            rows,
        }
    }

    /// With every row changed so that the order in no column does.
    #[must_use]
    pub(super) fn map(self, change: impl FnMut(Row) -> Row) -> Self {
        Self {
            rows: self.rows.into_iter().map(change).collect(),
            orders: self.orders,
        }
    }
}

impl Shelf {
    /// Puts every row of a parcel on the shelf, or puts it anew: what [`Shelf::put`] would do with one
    /// after the other.
    pub fn take_in(&mut self, parcel: Parcel) {
        let Parcel { rows, orders } = parcel;
        self.rows.reserve(rows.len());
        self.places.reserve(rows.len());
        let mut anew = vec![false; self.rows.len()];
        let places: Vec<u32> = rows
            .into_iter()
            .map(|row| {
                if let Some(known) = self.places.get(&row.id).copied() {
                    anew[known as usize] = true;
                    self.rows[known as usize] = row;
                    return known;
                }
                let place = place_of(self.rows.len());
                self.places.insert(row.id.clone(), place);
                self.rows.push(row);
                place
            })
            .collect();
        for (column, order) in orders.iter().enumerate() {
            let mut coming: Vec<u32> = order.iter().map(|at| places[*at as usize]).collect();
            self.settle_ties(column, &mut coming);
            let Some(standing) = self.orders.get_mut(column) else {
                continue;
            };
            let mut standing = std::mem::take(standing);
            standing.retain(|place| !anew.get(*place as usize).is_some_and(|it| *it));
            self.orders[column] = self.merged(column, &standing, &coming);
        }
    }

    /// Rows of one key stand by their place, which is not known before they come.
    fn settle_ties(&self, column: usize, coming: &mut [u32]) {
        let same = |a: &u32, b: &u32| self.key(column, *a).0 == self.key(column, *b).0;
        for run in coming.chunk_by_mut(same) {
            run.sort_unstable();
        }
    }

    /// Two orders of a column as one. Goes through the shorter and leaps through the longer.
    fn merged(&self, column: usize, one: &[u32], other: &[u32]) -> Vec<u32> {
        let (short, mut long) = if one.len() < other.len() {
            (one, other)
        } else {
            (other, one)
        };
        let mut all = Vec::with_capacity(short.len() + long.len());
        for place in short {
            let key = self.key(column, *place);
            let stands_before = |other: &u32| self.key(column, *other) < key;
            let (before, after) = long.split_at(leap(long, stands_before));
            all.extend_from_slice(before);
            all.push(*place);
            long = after;
        }
        all.extend_from_slice(long);
        all
    }
}

/// How many of a sorted list come first: looked for in steps that double, so that what is near is found
/// quickly.
fn leap(list: &[u32], first: impl Fn(&u32) -> bool) -> usize {
    let mut step = 1;
    while list.get(step - 1).is_some_and(&first) {
        step *= 2;
    }
    let (known, end) = (step / 2, step.min(list.len()));
    known + list[known..end].partition_point(first)
}
