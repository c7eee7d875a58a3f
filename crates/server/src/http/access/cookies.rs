//! What an application behind a proxy may see of the reader's cookies: none of ours.
//!
//! Who has the session can do whatever the reader can, and the application's operator is not the reader.

use axum::http::{HeaderMap, HeaderValue, header};

/// How the names of our cookies begin, whatever the letters' case.
const OURS: [&[u8]; 3] = [b"sekisho-", b"__host-sekisho-", b"__secure-sekisho-"];

/// What stands in the name of every session of ours: nothing that holds it goes further.
const SESSION: &[u8] = b"sekisho-session";

/// The reader's `Cookie` as it may be passed on, empty where nothing is left of it.
///
/// Only a semicolon parts cookies here, inside quotation marks too: a cookie that opens a quotation and another
/// that closes it do not carry along what the browser puts between them.
pub(super) fn without_ours(headers: &HeaderMap) -> HeaderValue {
    let mut kept: Vec<u8> = Vec::new();
    for line in headers.get_all(header::COOKIE) {
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            if pair.is_empty() || is_ours(pair) {
                continue;
            }
            if !kept.is_empty() {
                kept.extend_from_slice(b"; ");
            }
            kept.extend_from_slice(pair);
        }
    }
    // Parts of a header's value are one too.
    HeaderValue::from_bytes(&kept).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn is_ours(pair: &[u8]) -> bool {
    // A cookie without a name is written with the sign of equality in front, or without it.
    let nothing = |byte: &u8| *byte == b'=' || byte.is_ascii_whitespace();
    let begins = pair.iter().position(|byte| !nothing(byte));
    let named = &pair[begins.unwrap_or(pair.len())..];
    let begun = |by: &[u8]| {
        named
            .get(..by.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(by))
    };
    let mut within = pair.windows(SESSION.len());
    OURS.iter().any(|ours| begun(ours)) || within.any(|it| it.eq_ignore_ascii_case(SESSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            headers.append(header::COOKIE, value);
        }
        let kept = without_ours(&headers);
        String::from_utf8(kept.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn nothing_of_ours_is_passed_on_and_everything_else_is() {
        let session = "__Host-sekisho-session=SECRET";
        for (lines, expected) in [
            (vec![], ""),
            (vec![session], ""),
            (vec!["sekisho-session=SECRET; sekisho-lang=ja"], ""),
            (vec!["a=1; __Host-sekisho-session=SECRET; b=2"], "a=1; b=2"),
            (vec!["a=1;__Host-sekisho-browser=SECRET;b=2"], "a=1; b=2"),
            (vec!["a=1", session, "b=2"], "a=1; b=2"),
            (vec!["__HOST-Sekisho-Session=SECRET; a=1"], "a=1"),
            (vec!["__Secure-sekisho-x=SECRET; a=1"], "a=1"),
            // Names of others that look like ours.
            (vec!["my-sekisho=1; sekisho=2"], "my-sekisho=1; sekisho=2"),
            (vec!["a=b=c; d=\"e f\"; 名=値"], "a=b=c; d=\"e f\"; 名=値"),
            (vec!["a; =b; ;; c="], "a; =b; c="),
        ] {
            assert_eq!(left(&lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn no_trick_carries_the_session_along() {
        for lines in [
            // The application sets one cookie that opens a quotation and one that closes it.
            vec!["a=\"x; __Host-sekisho-session=SECRET; z=y\""],
            vec!["=__Host-sekisho-session=SECRET"],
            vec!["= sekisho-session=SECRET"],
            vec!["__Host-sekisho-session"],
            vec!["a=1, __Host-sekisho-session=SECRET"],
            vec!["\t__Host-sekisho-session =SECRET"],
            vec!["a=1; x__Host-sekisho-session=SECRET"],
            vec![";;__Host-sekisho-session=SECRET;"],
        ] {
            let kept = left(&lines);
            assert!(!kept.contains("SECRET"), "{lines:?}: {kept}");
            let kept = kept.to_ascii_lowercase();
            assert!(!kept.contains("sekisho-session"), "{lines:?}: {kept}");
        }
        // What was between the marks is gone, and the application's own stays.
        let sandwich = "a=\"x; __Host-sekisho-session=SECRET; z=y\"";
        assert_eq!(left(&[sandwich]), "a=\"x; z=y\"");
    }
}
