//! Shelves: what list pages look through. One row for every entry of a register, with what it is
//! searched, filtered and sorted by, kept in order for every column, so that a page of 100,000
//! entries neither sorts nor renders what it does not show.
//!
//! A projection in memory: it is built from the World (and, for people, from the directory) and
//! follows the events. Names of people stand on no shelf but that of people.

use std::collections::HashMap;

use sekisho_domain::id::UnitId;

/// What is not chosen in a field of choices.
pub const NO_FACET: u8 = u8::MAX;

/// An entry as a shelf keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id in text.
    pub id: Box<str>,
    /// The unit that answers for it.
    pub unit: Option<UnitId>,
    /// Whether it is in use.
    pub active: bool,
    /// What it is searched by, folded.
    pub text: Box<str>,
    /// What it is sorted by, folded, for each column of the shelf.
    pub keys: Box<[Box<str>]>,
    /// The place of what is chosen among the choices, for each field of choices.
    pub facets: Box<[u8]>,
}

/// The entries of one register, in the order of each of its columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    pub(super) rows: Vec<Row>,
    pub(super) places: HashMap<Box<str>, u32>,
    pub(super) orders: Vec<Vec<u32>>,
}

/// What a page asks a shelf for.
#[derive(Clone, Debug, Default)]
pub struct Query<'a> {
    /// Folded words that must all stand in the text.
    pub words: &'a [String],
    /// Which column it is sorted by.
    pub column: usize,
    /// From the end.
    pub descending: bool,
    /// Whether entries that are not in use are looked for (and only those).
    pub retired: bool,
    /// What must be chosen in fields of choices: the field's place and the choice's.
    pub facets: &'a [(usize, u8)],
}

/// A part of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The ids, in order.
    pub ids: Vec<String>,
    /// How many stand before the first of them.
    pub before: usize,
    /// How many there are in all.
    pub total: usize,
}

/// From where a page goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cursor {
    /// At the beginning.
    #[default]
    Start,
    /// After an entry.
    After(String),
    /// Before an entry.
    Before(String),
}

impl Shelf {
    /// A shelf of rows, sorted once.
    #[must_use]
    pub fn of(columns: usize, rows: Vec<Row>) -> Self {
        let places = rows.iter().enumerate();
        Self {
            places: places
                .map(|(place, row)| (row.id.clone(), place_of(place)))
                .collect(),
            orders: orders(columns, &rows),
            rows,
        }
    }

    /// What a row stands by in a column: its key, then its place, so that the order is one.
    pub(super) fn key(&self, column: usize, place: u32) -> (&str, u32) {
        key(&self.rows, column, place)
    }

    /// Puts an entry on the shelf, or puts it anew.
    pub fn put(&mut self, row: Row) {
        let known = self.places.get(&row.id).copied();
        let place = known.unwrap_or_else(|| place_of(self.rows.len()));
        if known.is_some() {
            for column in 0..self.orders.len() {
                let at = self.position(column, place);
                if self.orders[column].get(at) == Some(&place) {
                    self.orders[column].remove(at);
                }
            }
            self.rows[place as usize] = row;
        } else {
            self.places.insert(row.id.clone(), place);
            self.rows.push(row);
        }
        for column in 0..self.orders.len() {
            let at = self.position(column, place);
            self.orders[column].insert(at, place);
        }
    }

    /// Takes an entry away: nothing is left of what it was found by.
    pub fn forget(&mut self, id: &str) {
        let Some(place) = self.places.remove(id) else {
            return;
        };
        for column in 0..self.orders.len() {
            let at = self.position(column, place);
            if self.orders[column].get(at) == Some(&place) {
                self.orders[column].remove(at);
            }
        }
        // What has no keys stands in no order.
        let row = &mut self.rows[place as usize];
        row.text = "".into();
        row.keys = Box::default();
    }

    fn position(&self, column: usize, place: u32) -> usize {
        let key = self.key(column, place);
        self.orders[column].partition_point(|other| self.key(column, *other) < key)
    }

    /// How many entries there are that are in use, and how many that are not.
    #[must_use]
    pub fn count(&self, visible: &dyn Fn(&Row) -> bool) -> (usize, usize) {
        let mut counts = (0, 0);
        let there = self.rows.iter().filter(|row| !row.keys.is_empty());
        for row in there.filter(|row| visible(row)) {
            if row.active {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
        }
        counts
    }

    /// Whether there are more than so many entries in use, without counting them all.
    #[must_use]
    pub fn has_more_than(&self, most: usize) -> bool {
        let active = self
            .places
            .values()
            .map(|place| &self.rows[*place as usize]);
        active.filter(|row| row.active).nth(most).is_some()
    }

    /// Finds what a query asks for among what is visible, and the part after the cursor.
    #[must_use]
    pub fn find(
        &self,
        query: &Query<'_>,
        visible: &dyn Fn(&Row) -> bool,
        cursor: &Cursor,
        most: usize,
    ) -> Page {
        let order = self.orders.get(query.column).map_or(&[][..], Vec::as_slice);
        let fits = |row: &Row| {
            row.active != query.retired
                && query
                    .facets
                    .iter()
                    .all(|(field, choice)| row.facets.get(*field) == Some(choice))
                && visible(row)
                && query
                    .words
                    .iter()
                    .all(|word| row.text.contains(word.as_str()))
        };
        // Row after row as they lie in memory, and only then in order: the other way round nearly
        // every step would wait for memory.
        let fitting: Vec<bool> = self.rows.iter().map(fits).collect();
        let in_order = order.iter().copied();
        let mut found: Vec<u32> = in_order.filter(|place| fitting[*place as usize]).collect();
        if query.descending {
            found.reverse();
        }
        let first = self.first(query, &found, cursor, most);
        let shown = found.iter().skip(first).take(most);
        Page {
            ids: shown
                .map(|place| self.rows[*place as usize].id.to_string())
                .collect(),
            before: first,
            total: found.len(),
        }
    }

    /// Where among what was found the page begins. The cursor's entry need not be found any more.
    fn first(&self, query: &Query<'_>, found: &[u32], cursor: &Cursor, most: usize) -> usize {
        let (id, after) = match cursor {
            Cursor::Start => return 0,
            Cursor::After(id) => (id, true),
            Cursor::Before(id) => (id, false),
        };
        let Some(place) = self.places.get(id.as_str()) else {
            return 0;
        };
        let key = self.key(query.column, *place);
        let stands_before = |other: &u32| {
            let other = self.key(query.column, *other);
            if query.descending {
                other > key
            } else {
                other < key
            }
        };
        let at = found.partition_point(stands_before);
        if after {
            at + usize::from(found.get(at) == Some(place))
        } else {
            at.saturating_sub(most)
        }
    }
}

/// The places of rows in the order of each column.
pub(super) fn orders(columns: usize, rows: &[Row]) -> Vec<Vec<u32>> {
    (0..columns)
        .map(|column| {
            let mut order: Vec<u32> = (0..place_of(rows.len())).collect();
            order.sort_unstable_by(|a, b| key(rows, column, *a).cmp(&key(rows, column, *b)));
            order
        })
        .collect()
}

fn key(rows: &[Row], column: usize, place: u32) -> (&str, u32) {
    let row = &rows[place as usize];
    (row.keys.get(column).map_or("", |key| key), place)
}

/// The place of a row. So many rows as do not fit into it do not fit into memory either.
pub(super) fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::Parcel;
    use super::*;

    fn row(id: &str, keys: [&str; 2], active: bool, facet: u8) -> Row {
        Row {
            id: id.into(),
            unit: None,
            active,
            text: keys.join(" ").into(),
            keys: keys.iter().map(|key| Box::from(*key)).collect(),
            facets: [facet].into(),
        }
    }

    fn ids(shelf: &Shelf, query: &Query<'_>) -> Vec<String> {
        shelf.find(query, &|_| true, &Cursor::Start, usize::MAX).ids
    }

    fn shelf() -> Shelf {
        Shelf::of(
            2,
            vec![
                row("a", ["3", "x"], true, 0),
                row("b", ["1", "z"], true, 1),
                row("c", ["2", "y"], false, 0),
                row("d", ["1", "x"], true, 0),
            ],
        )
    }

    #[test]
    fn rows_come_in_the_order_of_any_column_and_fit_what_is_asked() {
        let shelf = shelf();
        let by = |column, descending| Query {
            column,
            descending,
            ..Query::default()
        };
        assert_eq!(ids(&shelf, &by(0, false)), ["b", "d", "a"]);
        assert_eq!(ids(&shelf, &by(1, false)), ["a", "d", "b"]);
        assert_eq!(ids(&shelf, &by(0, true)), ["a", "d", "b"]);
        let retired = Query {
            retired: true,
            ..Query::default()
        };
        assert_eq!(ids(&shelf, &retired), ["c"]);
        let words = ["x".to_owned()];
        let searched = Query {
            words: &words,
            facets: &[(0, 0)],
            ..Query::default()
        };
        assert_eq!(ids(&shelf, &searched), ["d", "a"]);
        assert_eq!(shelf.count(&|_| true), (3, 1));
        assert!(shelf.has_more_than(2) && !shelf.has_more_than(3));
    }

    #[test]
    fn putting_anew_moves_and_forgetting_takes_away() {
        let mut shelf = shelf();
        shelf.put(row("a", ["0", "q"], true, 0));
        shelf.put(row("e", ["2", "w"], true, 0));
        let all = Query::default();
        assert_eq!(ids(&shelf, &all), ["a", "b", "d", "e"]);
        shelf.forget("b");
        assert_eq!(ids(&shelf, &all), ["a", "d", "e"]);
        assert_eq!(shelf.count(&|_| true), (3, 1));
        let words = ["z".to_owned()];
        let searched = Query {
            words: &words,
            ..Query::default()
        };
        assert!(ids(&shelf, &searched).is_empty());
    }

    #[test]
    fn pages_go_on_where_the_last_one_ended_even_when_its_entry_is_gone_from_the_list() {
        let mut shelf = shelf();
        let page = |shelf: &Shelf, descending, cursor: &Cursor| {
            let query = Query {
                descending,
                ..Query::default()
            };
            let page = shelf.find(&query, &|_| true, cursor, 1);
            (page.ids.concat(), page.before, page.total)
        };
        let after = |id: &str| Cursor::After(id.to_owned());
        let before = |id: &str| Cursor::Before(id.to_owned());
        assert_eq!(page(&shelf, false, &Cursor::Start), ("b".into(), 0, 3));
        assert_eq!(page(&shelf, false, &after("b")), ("d".into(), 1, 3));
        assert_eq!(page(&shelf, false, &before("a")), ("d".into(), 1, 3));
        assert_eq!(page(&shelf, true, &after("a")), ("d".into(), 1, 3));
        assert_eq!(page(&shelf, false, &after("nobody")), ("b".into(), 0, 3));
        shelf.put(row("d", ["1", "x"], false, 0));
        assert_eq!(page(&shelf, false, &after("d")), ("a".into(), 1, 2));
    }

    proptest::proptest! {
        #[test]
        fn a_shelf_that_followed_is_one_that_was_built(
            puts in proptest::collection::vec((0_u8..20, "[a-c]{0,2}", proptest::bool::ANY), 0..60)
        ) {
            let mut followed = Shelf::of(1, Vec::new());
            let mut last: Vec<Row> = Vec::new();
            for (id, key, active) in puts {
                let mut row = row(&id.to_string(), ["", ""], active, 0);
                row.keys = [key.clone().into()].into();
                followed.put(row.clone());
                match last.iter_mut().find(|it| it.id == row.id) {
                    Some(known) => *known = row,
                    None => last.push(row),
                }
            }
            let built = Shelf::of(1, last);
            for retired in [false, true] {
                let query = Query { retired, ..Query::default() };
                proptest::prop_assert_eq!(ids(&followed, &query), ids(&built, &query));
            }
        }

        #[test]
        fn a_shelf_that_took_a_parcel_in_is_one_that_was_built(
            before in proptest::collection::btree_map(0_u8..40, ("[a-c]{0,2}", "[a-c]?"), 0..40),
            gone in proptest::collection::btree_set(0_u8..40, 0..4),
            coming in proptest::collection::btree_map(0_u8..40, ("[a-c]{0,2}", "[a-c]?"), 0..40),
            active in proptest::bool::ANY,
        ) {
            let rows = |of: &std::collections::BTreeMap<u8, (String, String)>| -> Vec<Row> {
                let rows = of.iter().map(|(id, (one, other))| {
                    row(&id.to_string(), [one, other], active || id % 3 > 0, id % 2)
                });
                rows.collect()
            };
            let mut taken_in = Shelf::of(2, rows(&before));
            gone.iter().for_each(|id| taken_in.forget(&id.to_string()));
            let mut put = Shelf::of(2, rows(&before));
            gone.iter().for_each(|id| put.forget(&id.to_string()));
            taken_in.take_in(Parcel::of(2, rows(&coming)));
            rows(&coming).into_iter().for_each(|row| put.put(row));
            proptest::prop_assert_eq!(&taken_in, &put);
            // Built anew, rows of one key stand by where they first came, so the keys are compared.
            let mut last = before.clone();
            last.retain(|id, _| !gone.contains(id));
            last.extend(coming);
            let built = Shelf::of(2, rows(&last));
            for column in [0, 1] {
                let keys = |shelf: &Shelf| -> Vec<Box<str>> {
                    let order = shelf.orders[column].iter();
                    order.map(|place| shelf.rows[*place as usize].keys[column].clone()).collect()
                };
                proptest::prop_assert_eq!(keys(&taken_in), keys(&built));
            }
            proptest::prop_assert_eq!(taken_in.count(&|_| true), built.count(&|_| true));
        }
    }
}
