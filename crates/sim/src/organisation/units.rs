//! The units of the invented ministry.

/// A name in Japanese, kana and English.
pub(super) type Words = (&'static str, &'static str, &'static str);

/// The ministry. Nothing of the kind exists.
pub(super) const MINISTRY: Words = ("見本省", "みほんしょう", "Ministry of Samples (fictitious)");

/// The minister's secretariat and its divisions.
pub(super) const SECRETARIAT: Words = ("大臣官房", "だいじんかんぼう", "Minister's Secretariat");

/// Divisions of the secretariat.
pub(super) const SECRETARIAT_DIVISIONS: [Words; 8] = [
    ("総務課", "そうむか", "General Affairs Division"),
    ("人事課", "じんじか", "Personnel Division"),
    ("会計課", "かいけいか", "Accounts Division"),
    ("文書課", "ぶんしょか", "Documents Division"),
    ("広報室", "こうほうしつ", "Public Relations Office"),
    ("国際課", "こくさいか", "International Division"),
    (
        "情報システム課",
        "じょうほうしすてむか",
        "Information Systems Division",
    ),
    ("監査室", "かんさしつ", "Audit Office"),
];

/// The bureaux.
pub(super) const BUREAUX: [Words; 8] = [
    ("見本政策局", "みほんせいさくきょく", "Sample Policy Bureau"),
    (
        "標本管理局",
        "ひょうほんかんりきょく",
        "Specimen Management Bureau",
    ),
    (
        "試作振興局",
        "しさくしんこうきょく",
        "Prototype Promotion Bureau",
    ),
    (
        "模型産業局",
        "もけいさんぎょうきょく",
        "Model Industries Bureau",
    ),
    (
        "例示調整局",
        "れいじちょうせいきょく",
        "Example Coordination Bureau",
    ),
    (
        "雛形基盤局",
        "ひながたきばんきょく",
        "Template Infrastructure Bureau",
    ),
    (
        "仮想地域局",
        "かそうちいききょく",
        "Imaginary Regions Bureau",
    ),
    (
        "架空統計局",
        "かくうとうけいきょく",
        "Fictional Statistics Bureau",
    ),
];

/// Divisions that every bureau has.
pub(super) const DIVISIONS: [Words; 6] = [
    ("総務課", "そうむか", "General Affairs Division"),
    ("企画課", "きかくか", "Planning Division"),
    ("調査課", "ちょうさか", "Research Division"),
    ("指導課", "しどうか", "Guidance Division"),
    ("業務課", "ぎょうむか", "Operations Division"),
    ("調整課", "ちょうせいか", "Coordination Division"),
];

/// A seventh division of the first bureaux, so that they are not all alike.
pub(super) const OFFICES: [Words; 4] = [
    ("見本審査室", "みほんしんさしつ", "Sample Review Office"),
    (
        "標本保存室",
        "ひょうほんほぞんしつ",
        "Specimen Preservation Office",
    ),
    (
        "試作評価室",
        "しさくひょうかしつ",
        "Prototype Evaluation Office",
    ),
    (
        "模型流通室",
        "もけいりゅうつうしつ",
        "Model Distribution Office",
    ),
];
