//! Folding of text: widths, kana, case and variants of characters, for search and comparison.
//!
//! What people type and what a list holds differ in ways that mean nothing: `ＡＢＣ` and `ABC`,
//! `ｶﾞｽ` and `ガス`, `さーば` and `サーバー`, `髙橋` and `高橋`. Nothing folded is ever stored or
//! shown in place of what was entered.

/// Half-width forms U+FF61 to U+FF9D in their full width.
const HALF_WIDTH: [char; 61] = [
    '。', '「', '」', '、', '・', 'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー',
    'ア', 'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ',
    'チ', 'ツ', 'テ', 'ト', 'ナ', 'ニ', 'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'マ', 'ミ',
    'ム', 'メ', 'モ', 'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ワ', 'ン',
];

/// Characters that stand for another one in names, or for several.
const VARIANTS: &[(char, &str)] = &[
    ('髙', "高"),
    ('﨑', "崎"),
    ('嵜', "崎"),
    ('邊', "辺"),
    ('邉', "辺"),
    ('齋', "斎"),
    ('齊', "斉"),
    ('濱', "浜"),
    ('濵', "浜"),
    ('德', "徳"),
    ('\u{FA10}', "塚"),
    ('澤', "沢"),
    ('櫻', "桜"),
    ('廣', "広"),
    ('國', "国"),
    ('眞', "真"),
    ('㈱', "(株)"),
    ('㈲', "(有)"),
    ('№', "no"),
];

/// Full-width letters, digits and signs become ASCII; half-width kana full-width, with its voicing
/// mark; the wide space a plain one. Case, kana and everything else stay.
#[must_use]
pub fn width(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '！'..='～' => folded.push(char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)),
            '\u{3000}' | '\u{A0}' => folded.push(' '),
            '\u{FF61}'..='\u{FF9D}' => folded.push(HALF_WIDTH[c as usize - 0xFF61]),
            '\u{FF9E}' | '\u{3099}' => voice(&mut folded, 1, '゛'),
            '\u{FF9F}' | '\u{309A}' => voice(&mut folded, 2, '゜'),
            // Selectors of glyph variants mean the same character.
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => {}
            other => folded.push(other),
        }
    }
    folded
}

/// Puts a voicing mark (1) or half voicing mark (2) on the last kana, or stands it alone.
fn voice(folded: &mut String, step: u32, alone: char) {
    let voiced = folded.chars().last().and_then(|last| {
        let plain = hiragana(last);
        let takes = match plain {
            'は' | 'ひ' | 'ふ' | 'へ' | 'ほ' => true,
            'か' | 'き' | 'く' | 'け' | 'こ' | 'さ' | 'し' | 'す' | 'せ' | 'そ' | 'た' | 'ち'
            | 'つ' | 'て' | 'と' => step == 1,
            _ => false,
        };
        match (plain, step) {
            ('う', 1) if last == 'ウ' => Some('ヴ'),
            _ if takes => char::from_u32(last as u32 + step),
            _ => None,
        }
    });
    match voiced {
        Some(voiced) => {
            folded.pop();
            folded.push(voiced);
        }
        None => folded.push(alone),
    }
}

/// A katakana as hiragana; every other character as it is.
fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => char::from_u32(c as u32 - 0x60).unwrap_or(c),
        other => other,
    }
}

/// A small kana in its full size.
fn full_size(c: char) -> char {
    match c {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        other => other,
    }
}

/// The form in which texts are looked for: width, case, kana of either kind and size, variants of
/// characters, strokes and white space no longer tell them apart, nor does a long vowel at the end
/// of a word (`コンピュータ`, `コンピューター`).
#[must_use]
pub fn search(text: &str) -> String {
    let mut narrow = width(text);
    narrow.retain(|c| !c.is_whitespace());
    let mut folded = String::with_capacity(narrow.len());
    let mut rest = narrow.chars();
    while let Some(c) = rest.next() {
        match c {
            'ー' if !rest.clone().find(|c| *c != 'ー').is_some_and(is_kana) => {}
            '‐' | '‑' | '–' | '—' | '―' | '−' | '─' => folded.push('-'),
            '\u{301C}' => folded.push('~'),
            '①'..='⑳' => folded.push_str(&(c as u32 - 0x2460 + 1).to_string()),
            c => match VARIANTS.iter().find(|(variant, _)| *variant == c) {
                Some((_, usual)) => folded.push_str(usual),
                None => folded.extend(full_size(hiragana(c)).to_lowercase()),
            },
        }
    }
    folded
}

fn is_kana(c: char) -> bool {
    matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ヺ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_fold_and_nothing_else_does() {
        let cases = [
            ("ＡＢＣ１２３－／", "ABC123-/"),
            ("ｶﾞｽ ﾊﾟﾝ ｳﾞｧ", "ガス パン ヴァ"),
            ("か\u{3099}は\u{309A}", "がぱ"),
            ("　ア", " ア"),
            ("葛\u{E0100}城", "葛城"),
            ("あア高髙Aa", "あア高髙Aa"),
            ("ﾞ", "゛"),
            ("ナ\u{3099}", "ナ゛"),
        ];
        for (text, expected) in cases {
            assert_eq!(width(text), expected, "{text}");
        }
    }

    #[test]
    fn what_means_the_same_is_found() {
        for (a, b) in [
            ("さーば", "サーバー"),
            ("コンピューター室", "ｺﾝﾋﾟｭｰﾀ室"),
            ("髙橋　太郎", "高橋太郎"),
            ("キャノン", "キヤノン"),
            ("ＷＩ-ＦＩ", "wi−fi"),
            ("㈱関所", "（株）関所"),
            ("第①会議室", "第1会議室"),
        ] {
            assert_eq!(search(a), search(b), "{a} {b}");
        }
        assert_ne!(search("ビル"), search("ビール"));
        assert_ne!(search("ハリ"), search("パリ"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in [
            "ｻｰﾊﾞｰ ①号機",
            "Ａ㈱№３",
            "ヴァイオリン",
            "か\u{3099}",
            "あーー－ ー①ー",
        ] {
            assert_eq!(search(&search(text)), search(text), "{text}");
            assert_eq!(width(&width(text)), width(text), "{text}");
        }
    }
}
