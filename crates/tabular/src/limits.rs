//! How much is taken in, so that no file can take the machine.

/// Bounds of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes of all parts of an XLSX file, unpacked.
    pub unpacked: usize,
    /// Parts of an XLSX file.
    pub parts: usize,
    /// Rows of a sheet.
    pub rows: u32,
    /// Columns of a sheet.
    pub columns: u32,
    /// Cells of a sheet that hold something.
    pub cells: usize,
    /// Bytes of text in one cell.
    pub cell_bytes: usize,
}

impl Limits {
    /// What every import takes: 200,000 rows of 200 columns in 64 MiB, 256 MiB unpacked.
    pub const DEFAULT: Self = Self {
        bytes: 64 * 1024 * 1024,
        unpacked: 256 * 1024 * 1024,
        parts: 2_000,
        rows: 200_000,
        columns: 200,
        cells: 8_000_000,
        // What a cell of a spreadsheet can hold: 32,767 characters.
        cell_bytes: 4 * 32_767,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
