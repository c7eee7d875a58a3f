//! A rule: drafted by one officer, with an opinion of the promotion body, approved by another; read, compared,
//! looked at and exported.

use serde_json::{Value, json};

use super::{Pair, id, tables};

const RULES: &str = "/api/v1/rules";
const RULE: &str = "/api/v1/rules/{id}";
const DRAFT: &str = "/api/v1/rules/{id}/draft";
const ACTS: &str = "/api/v1/rules/{id}/draft/acts";
const OPINION: &str = "/api/v1/opinions/{subject}";

fn content(owner: &str, clauses: &Value) -> Value {
    json!({
        "head": { "title": "持ち出しに関する規程", "owner": owner, "acknowledge": true },
        "clauses": clauses,
    })
}

pub fn walk(hiso: &mut Pair, ciso: &mut Pair, body: &mut Pair) {
    let posts = hiso.read("/api/v1/posts?limit=200", &[]);
    let all = posts["items"].as_array().expect("a list");
    let is_head = |it: &&Value| it["roles"] == json!(["hiso"]);
    let owner = id(all.iter().find(is_head).expect("the head officer's post"));
    let first = json!({ "text": "職員等は、許可を得る。", "terms": { "label": "第1条" } });
    let begun = hiso.command(RULES, &[], &content(&owner, &json!([first])));
    let rule = id(&begun);
    assert_eq!(begun["draft"]["clauses"][0]["number"], 1);
    by_table(hiso, &rule);
    let seen = hiso.may.get(RULE, &[&rule]).with_status(200);
    let wrong = json!([{ "text": "", "terms": { "label": "第1条", "highest": "C9" } }]);
    let wrong = content(&owner, &wrong);
    let wrong = hiso
        .may
        .command(DRAFT, &[&rule], seen.header("etag"), &wrong);
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let pointers: Vec<Value> = wrong.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|it| it["pointer"].clone())
        .collect();
    assert_eq!(
        pointers,
        ["/clauses/0/text", "/clauses/0/terms/highest"].map(Value::from)
    );
    let ceiling = json!({ "label": "第1条", "highest": "C1I1A1" });
    let other = json!({ "label": "第2条", "highest": "C2I1A1", "permits": ["pt"] });
    let clauses = json!([
        { "number": 1, "text": "職員等は、許可を得る。", "terms": ceiling },
        { "text": "テレワークでは機密性2まで扱える。", "terms": other },
    ]);
    let seen = hiso.change(DRAFT, &[&rule], &seen, &content(&owner, &clauses));
    assert_eq!(seen.json()["draft"]["clauses"][1]["number"], 2);
    let seen = hiso.change(ACTS, &[&rule], &seen, &json!({ "act": "propose" }));
    let approve = json!({ "act": "approve", "answer": "次の改定で整理するため" });
    let own = hiso
        .may
        .command(ACTS, &[&rule], seen.header("etag"), &approve);
    assert_eq!(own.json()["code"], "rule.own-proposal");
    let back = json!({ "act": "send_back", "reason": "上限を確認すること" });
    let seen = ciso.change(ACTS, &[&rule], &seen, &back);
    let seen = hiso.change(ACTS, &[&rule], &seen, &json!({ "act": "propose" }));
    let early = ciso
        .may
        .command(ACTS, &[&rule], seen.header("etag"), &approve);
    assert_eq!(early.json()["code"], "opinion.lacking", "{}", early.text());
    opinion(body, &rule);
    let seen = ciso.change(ACTS, &[&rule], &seen, &approve);
    assert_eq!(seen.json()["version"], 1);
    let read = json!({ "version": 1 });
    let read = hiso.command(&format!("{RULE}/acknowledge"), &[&rule], &read);
    assert_eq!(read["readers"]["read"], 1);
    after(hiso, &rule);
    gate(hiso);
}

/// The clauses of a table take the place of those of the draft.
fn by_table(hiso: &mut Pair, rule: &str) {
    let clause = |text: &str| format!("条項番号,見出し,条文\r\n1,第1条,{text}\r\n");
    let (table, faulty) = (clause("職員等は、承認を得る。"), clause(""));
    let path = format!("{DRAFT}/table");
    let done = tables::into_draft(hiso, (&path, &[rule]), &table, (&faulty, "C2"));
    let shown = done.json();
    let draft = &shown["draft"]["clauses"];
    assert_eq!(
        (&draft[0]["number"], &draft[0]["text"]),
        (&json!(1), &json!("職員等は、承認を得る。"))
    );
}

fn opinion(body: &mut Pair, rule: &str) {
    let all = body.read("/api/v1/opinions", &[]);
    let waiting = all["waiting"].as_array().expect("a list");
    assert!(waiting.iter().any(|it| it["subject"] == rule), "{all}");
    let about = body.read(OPINION, &[rule]);
    // A special provision of the same rule, and no contradiction.
    let code = |it: &Value| it["code"] == "special" && it["contradiction"] == false;
    let conflicts = about["conflicts"].as_array().expect("a list");
    assert!(conflicts.iter().any(code), "{about}");
    let old = json!({
        "state": about["state"],
        "stance": "agree",
        "sentence": "確認した",
        "seen": "0",
    });
    let old = body.may.command(OPINION, &[rule], None, &old);
    assert_eq!(old.json()["code"], "opinion.exhibits-changed");
    let given = json!({
        "state": about["state"],
        "stance": "object",
        "sentence": "上限の格付を整理すること",
    });
    let given = body.command(OPINION, &[rule], &given);
    assert_eq!(given["opinion"]["stance"], "object");
    let file = body.reading("/api/v1/opinions/table?format=csv-utf8", &[]);
    assert!(
        file.text().contains("上限の格付を整理すること"),
        "{}",
        file.text()
    );
}

fn after(hiso: &mut Pair, rule: &str) {
    hiso.read(&format!("{RULES}?limit=1"), &[]);
    hiso.reading(RULE, &[rule]);
    let changes = hiso.read(&format!("{RULE}/changes?to=1"), &[rule]);
    assert_eq!(changes["clauses"][0]["change"], "added");
    let effect = format!("{RULE}/effect");
    let counted = hiso.read(&format!("{effect}?days=91"), &[rule]);
    assert_eq!(counted["clauses"][1]["unused"], true, "{counted}");
    let works = json!({ "finding": "works", "note": "実績を確認した" });
    hiso.command(&effect, &[rule], &works);
    let file = hiso.reading(&format!("{RULE}/table?format=csv-utf8"), &[rule]);
    assert!(file.text().contains("第2条"), "{}", file.text());
    hiso.read("/api/v1/conflicts", &[]);
}

fn gate(hiso: &mut Pair) {
    for required in [false, true] {
        let gate = json!({ "required": required, "note": "体制の改組のため" });
        let set = hiso.command("/api/v1/opinions/gate", &[], &gate);
        assert_eq!(set["required"], required);
    }
}

/// The promotion body agrees to what is proposed.
pub fn heard(body: &mut Pair, about: &str) {
    let proposed = body.read(OPINION, &[about]);
    let opinion = json!({
        "state": proposed["state"],
        "stance": "agree",
        "sentence": "規程と整合している",
    });
    body.command(OPINION, &[about], &opinion);
}
