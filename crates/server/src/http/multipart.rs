//! Forms with files: `multipart/form-data` (RFC 7578), read from bytes that are there already.

/// Most parts of a form.
const PARTS_MAX: usize = 32;
/// Most bytes of a part's headers.
const HEADERS_MAX: usize = 4096;
/// Longest boundary (RFC 2046, 5.1.1).
const BOUNDARY_MAX: usize = 70;

/// One part.
pub(super) struct Part<'a> {
    name: String,
    file: Option<String>,
    body: &'a [u8],
}

/// The parts of a form, in order.
pub(super) struct Multipart<'a>(Vec<Part<'a>>);

/// A file of a form.
pub(super) struct File<'a> {
    /// The name that the browser gave it, without folders.
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
}

impl<'a> Multipart<'a> {
    /// Reads a body; none for what is not of this form.
    pub(super) fn parse(content_type: &str, body: &'a [u8]) -> Option<Self> {
        let mut delimiter = b"\r\n--".to_vec();
        delimiter.extend_from_slice(boundary(content_type)?.as_bytes());
        let mut parts = Vec::new();
        // The first delimiter may stand at the very beginning, without a line's end before it.
        let mut rest = match body.strip_prefix(&delimiter[2..]) {
            Some(rest) => rest,
            None => split(body, &delimiter)?.1,
        };
        loop {
            if rest.starts_with(b"--") {
                return Some(Self(parts));
            }
            // Behind a delimiter only blanks may stand on its line.
            let (blank, after) = split(rest, b"\r\n")?;
            if !blank.iter().all(|byte| matches!(byte, b' ' | b'\t')) || parts.len() >= PARTS_MAX {
                return None;
            }
            let (content, further) = split(after, &delimiter)?;
            parts.push(Part::parse(content)?);
            rest = further;
        }
    }

    /// A field; empty when it is not there.
    pub(super) fn get(&self, name: &str) -> &'a str {
        let part = self
            .0
            .iter()
            .find(|it| it.name == name && it.file.is_none());
        part.and_then(|it| std::str::from_utf8(it.body).ok())
            .unwrap_or("")
    }

    /// A file; none where none was chosen.
    pub(super) fn file(&self, name: &str) -> Option<File<'_>> {
        let part = self.0.iter().find(|it| it.name == name)?;
        let file = part.file.as_deref()?;
        // A browser sends an empty name and nothing for a field that was left alone.
        (!file.is_empty() || !part.body.is_empty()).then_some(File {
            name: file,
            bytes: part.body,
        })
    }
}

impl<'a> Part<'a> {
    fn parse(content: &'a [u8]) -> Option<Self> {
        let (head, body) = split(content, b"\r\n\r\n")?;
        if head.len() > HEADERS_MAX {
            return None;
        }
        let head = std::str::from_utf8(head).ok()?;
        let mut lines = head.split("\r\n");
        let disposition = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case("content-disposition")
                .then_some(value)
        })?;
        let (kind, parameters) = disposition.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return None;
        }
        Some(Self {
            name: parameter(parameters, "name")?,
            file: parameter(parameters, "filename").map(|path| last(&path).to_owned()),
            body,
        })
    }
}

/// Some browsers send the whole path.
fn last(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// The value of a parameter, quoted or not. Browsers write `"` in it as `%22`.
fn parameter(parameters: &str, name: &str) -> Option<String> {
    let mut rest = parameters.trim_start_matches([';', ' ', '\t']);
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let (value, further) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(';').unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().replace("%22", "\""));
        }
        rest = further.trim_start_matches([';', ' ', '\t']);
    }
    None
}

fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let found = parameter(parameters, "boundary")?;
    (!found.is_empty() && found.len() <= BOUNDARY_MAX).then_some(found)
}

/// What stands before a mark and what behind it.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let first = *mark.first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == first) {
        let at = from + at;
        if bytes[at..].starts_with(mark) {
            return Some((&bytes[..at], &bytes[at + mark.len()..]));
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=----x";

    fn body(text: &str) -> Vec<u8> {
        text.replace('\n', "\r\n").into_bytes()
    }

    #[test]
    fn fields_and_files_are_read_as_browsers_send_them() {
        let body = body(concat!(
            "------x\nContent-Disposition: form-data; name=\"csrf\"\n\nabc\n",
            "------x\ncontent-disposition: form-data; name=\"file\"; ",
            "filename=\"C:\\tmp\\台帳%22.xlsx\"\nContent-Type: application/octet-stream\n\n",
            "PK\n--not the end\n\n------x\n",
            "Content-Disposition: form-data; name=\"none\"; filename=\"\"\n\n\n------x--\n"
        ));
        let form = Multipart::parse(TYPE, &body).unwrap();
        assert_eq!(form.get("csrf"), "abc");
        assert_eq!(form.get("file"), "");
        assert_eq!(form.get("absent"), "");
        let file = form.file("file").unwrap();
        assert_eq!(file.name, "台帳\".xlsx");
        assert_eq!(file.bytes, b"PK\r\n--not the end\r\n");
        assert!(form.file("none").is_none() && form.file("csrf").is_none());
    }

    #[test]
    fn what_is_cut_short_or_of_another_form_is_not_read() {
        let whole = body("------x\nContent-Disposition: form-data; name=\"a\"\n\nb\n------x--\n");
        assert!(Multipart::parse(TYPE, &whole).is_some());
        assert!(Multipart::parse("multipart/form-data; boundary=\"----x\"", &whole).is_some());
        // The last line's end may be missing, nothing before it.
        for length in 0..whole.len() - 2 {
            let cut = Multipart::parse(TYPE, &whole[..length]);
            assert!(cut.is_none(), "{length}");
        }
        for kind in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/mixed; boundary=----x",
            "text/plain",
            "",
        ] {
            assert!(Multipart::parse(kind, &whole).is_none(), "{kind}");
        }
        let many = "------x\nContent-Disposition: form-data; name=\"a\"\n\nb\n".repeat(40);
        let many = body(&format!("{many}------x--\n"));
        assert!(Multipart::parse(TYPE, &many).is_none());
    }
}
