//! Mappings saved under a name: `DATA/mappings/REGISTER/NAME.json`, to be read and changed by people.

use std::path::{Path, PathBuf};

use sekisho_domain::mapping::Mapping;

use crate::fault::Fault;

/// Longest name.
const NAME_MAX: usize = 64;
/// Largest file, in bytes.
const FILE_MAX: u64 = 1024 * 1024;

/// Where a mapping lies. Names are letters, digits, `-` and `_`, so that none leads elsewhere.
fn path(data: &Path, register: &str, name: &str) -> Result<PathBuf, Fault> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let good = !name.is_empty() && name.chars().count() <= NAME_MAX && name.chars().all(plain);
    if !good {
        return Err(Fault::new("table.mapping-name").about(name));
    }
    let folder = data.join("mappings").join(register);
    Ok(folder.join(format!("{name}.json")))
}

/// Reads a mapping.
///
/// # Errors
/// `table.mapping-name`, `table.no-mapping`, `table.mapping-damaged`.
pub fn load(data: &Path, register: &str, name: &str) -> Result<Mapping, Fault> {
    let path = path(data, register, name)?;
    let length = std::fs::metadata(&path).map(|it| it.len());
    let length = length.map_err(|_| Fault::new("table.no-mapping").about(path.display()))?;
    let damaged = || Fault::new("table.mapping-damaged").about(path.display());
    if length > FILE_MAX {
        return Err(damaged());
    }
    let bytes = std::fs::read(&path)?;
    let read: Mapping = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
    // People write headings as they stand in their table.
    let mut mapping = Mapping {
        sheet: read.sheet,
        heading: read.heading,
        ..Mapping::default()
    };
    for (heading, field) in &read.columns {
        mapping.set_column(heading, field);
    }
    for (field, words) in &read.words {
        for (word, meaning) in words {
            mapping.set_word(field, word, meaning);
        }
    }
    Ok(mapping)
}

/// Writes a mapping, in the place of an earlier one. Says where.
///
/// # Errors
/// `table.mapping-name`, `io`.
pub fn save(data: &Path, register: &str, name: &str, mapping: &Mapping) -> Result<String, Fault> {
    let path = path(data, register, name)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Plain data with text keys always serialises.
    let text = serde_json::to_string_pretty(mapping).unwrap_or_default();
    std::fs::write(&path, text)?;
    Ok(path.display().to_string())
}
