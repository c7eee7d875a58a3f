//! The distributions' own release tables (distro-info CSV) as life cycles.

use std::io::Read;

use jiff::civil::Date;

use super::day::parse_day;
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::lifecycle::{Cycle, End};

pub(crate) fn parse<R: Read>(
    text: &mut Text<R>,
    product: &str,
    max: usize,
) -> Result<Vec<Cycle>, FeedError> {
    let header = text
        .next_line()?
        .ok_or(FeedError::whole(FeedFault::Empty))?;
    let columns: Vec<String> = header.split(',').map(|c| c.trim().to_owned()).collect();
    let mut cycles = Vec::new();
    loop {
        let number = text.line_number() + 1;
        let Some(line) = text.next_line()? else {
            return Ok(cycles);
        };
        if line.trim().is_empty() {
            continue;
        }
        let row = Row {
            columns: &columns,
            fields: line.split(',').map(str::trim).collect(),
        };
        cycles.push(
            row.cycle(product)
                .map_err(|fault| FeedError::at_line(fault, number))?,
        );
        if cycles.len() > max {
            return Err(FeedError::at_line(FeedFault::TooManyEntries(max), number));
        }
    }
}

struct Row<'a> {
    columns: &'a [String],
    fields: Vec<&'a str>,
}

impl Row<'_> {
    fn text(&self, column: &str) -> Option<&str> {
        let at = self.columns.iter().position(|c| c == column)?;
        self.fields
            .get(at)
            .copied()
            .filter(|field| !field.is_empty())
    }

    fn day(&self, column: &str) -> Result<Option<Date>, FeedFault> {
        self.text(column).map(parse_day).transpose()
    }

    fn cycle(&self, product: &str) -> Result<Cycle, FeedFault> {
        if self.fields.len() > self.columns.len() {
            return Err(FeedFault::BadField("columns"));
        }
        let series = self.text("series").ok_or(FeedFault::BadField("series"))?;
        // "12" or "24.04 LTS"; a release in preparation for ever (sid) has no number.
        let version = self
            .text("version")
            .and_then(|v| v.split(' ').next())
            .unwrap_or(series);
        // Ubuntu splits the standard period into desktop and server; the later one counts.
        let standard = self.day("eol")?.max(self.day("eol-server")?);
        let extended = self
            .day("eol-elts")?
            .max(self.day("eol-esm")?)
            .max(self.day("eol-legacy")?);
        let released = self.day("release")?;
        Ok(Cycle {
            product: product.into(),
            version: version.into(),
            codename: Some(series.into()),
            released,
            standard: standard.map_or(End::NotStated, End::On),
            lts: self.day("eol-lts")?,
            extended,
        })
    }
}
