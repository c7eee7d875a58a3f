//! Several values in one cell: parted by `;`, which a value of its own writes `\;`.

/// Writes several values as one text.
pub(super) fn join(values: &[String]) -> String {
    let escaped: Vec<String> = values
        .iter()
        .map(|value| {
            let mut text = String::with_capacity(value.len());
            for c in value.chars() {
                if matches!(c, '\\' | ';' | '；') {
                    text.push('\\');
                }
                text.push(c);
            }
            text
        })
        .collect();
    escaped.join("; ")
}

/// Reads them: parted by `;` of either width or by lines; what is empty is left out.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = c == '\\' && matches!(rest.peek(), Some('\\' | ';' | '；'));
        let c = if escaped { rest.next().unwrap_or(c) } else { c };
        match c {
            ';' | '；' | '\n' | '\r' if !escaped => values.push(String::new()),
            c => {
                if let Some(last) = values.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    values
        .into_iter()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_values_come_back() {
        for values in [
            vec!["a", "b"],
            vec!["a;b", "c\\", "\\;", "；"],
            vec!["C:\\新規", "\\\\server\\share"],
            vec![],
        ] {
            assert_eq!(
                split(&join(
                    &values.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()
                )),
                values
            );
        }
        assert_eq!(split("大阪；京都\n 神戸 ;"), ["大阪", "京都", "神戸"]);
    }
}
